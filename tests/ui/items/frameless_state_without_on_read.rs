#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn done(&mut self) {}
}

fn main() {}
