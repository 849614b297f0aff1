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
    #[terminator(b"\n", max = ZERO, next = head)]
    fn line(&mut self, line: &str) {}

    #[terminator(len = DEBT, next = body)]
    fn head(&mut self, head: &[u8]) {}

    #[terminator(len = MORE, next = tail)]
    fn body(&mut self, body: &[u8]) {}

    #[terminator(len = FOUR, next = line)]
    fn tail(&mut self, tail: [u8; 5]) {}
}

fn main() {}
