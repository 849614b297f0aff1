#![allow(unused)]

use asyncore_runtime::channel;

const NAME: &str = "eight";
const HALF: f32 = 0.5;
const BYTES: [u8; 2] = [1, 2];

#[channel(max_frame = 8u8)]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n", max = NAME)]
    fn line(&mut self, line: &str) {}
}

#[channel]
struct Fraction;

#[channel]
impl Fraction {
    #[terminator(len = HALF)]
    fn half(&mut self, half: &[u8]) {}
}

#[channel]
struct Truth;

#[channel]
impl Truth {
    #[terminator(len = true as bool)]
    fn flag(&mut self, flag: &[u8]) {}
}

#[channel]
struct Parts;

#[channel]
impl Parts {
    #[terminator(prefix = u32, max = BYTES)]
    fn part(&mut self, part: &[u8]) {}
}

// Of several the first is told.
#[channel]
struct Several;

#[channel]
impl Several {
    #[terminator(len = 'a' as char, next = flag)]
    fn half(&mut self, half: &[u8]) {}

    #[terminator(prefix = u16, max = NAME, next = half)]
    fn flag(&mut self, flag: &[u8]) {}
}

fn main() {}
