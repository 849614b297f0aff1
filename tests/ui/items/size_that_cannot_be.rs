#![allow(unused)]

use asyncore_runtime::channel;

const ZERO: usize = 0;
const DEBT: i32 = -1;
const MORE: u128 = 1 << 64;
const FOUR: u8 = 4;

#[channel(output_high = ZERO)]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n", max = ZERO)]
    fn line(&mut self, line: &str) {}
}

#[channel]
struct Debt;

#[channel]
impl Debt {
    #[terminator(len = DEBT)]
    fn head(&mut self, head: &[u8]) {}
}

#[channel]
struct More;

#[channel]
impl More {
    #[terminator(len = MORE)]
    fn body(&mut self, body: &[u8]) {}
}

#[channel]
struct Tail;

#[channel]
impl Tail {
    #[terminator(len = FOUR)]
    fn tail(&mut self, tail: [u8; 5]) {}
}

fn main() {}
