#![allow(unused)]

use asyncore_runtime::channel;

#[channel(max_frame = 8u8)]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n", max = 'x' as u8)]
    fn line(&mut self, line: &str) {}
}

fn main() {}
