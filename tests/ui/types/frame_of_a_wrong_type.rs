#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, line: u32) {}
}

fn main() {}
