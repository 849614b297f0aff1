#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat {
    #[on_read]
    inbox: Vec<u8>,
}

#[channel]
impl Chat {
    #[on_read]
    fn data(&mut self, data: &[u8]) {}
}

fn main() {}
