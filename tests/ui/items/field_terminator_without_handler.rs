#![allow(unused)]

use asyncore_runtime::{channel, Terminator};

#[channel]
struct Chat {
    #[on_read]
    inbox: Vec<u8>,
    #[terminator]
    until: Terminator,
}

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self) {}
}

fn main() {}
