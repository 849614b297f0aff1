#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat {
    #[on_read]
    inbox: Vec<u8>,
    name:
}

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {}
}

fn main() {}
