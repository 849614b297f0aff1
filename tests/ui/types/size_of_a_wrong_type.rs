#![allow(unused)]

use asyncore_runtime::channel;

const NAME: &str = "eight";
const HALF: f32 = 0.5;

#[channel(max_frame = 8u8)]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n", max = NAME)]
    fn line(&mut self, line: &str) {}

    #[terminator(len = HALF, next = flag)]
    fn half(&mut self, half: &[u8]) {}

    #[terminator(len = true as bool, next = half)]
    fn flag(&mut self, flag: &[u8]) {}
}

fn main() {}
