#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat {
    #[on_read]
    inbox: Vec<u8>,
}

#[channel]
impl Chat {
    #[terminator]
    fn found(&mut self) {}
}

fn main() {}
