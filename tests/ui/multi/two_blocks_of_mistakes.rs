#![allow(unused)]

use asyncore_runtime::{channel, Io};

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    #[on_read]
    fn line(&mut self, line: &str) {}
}

#[channel]
struct Other {
    #[on_read]
    #[terminator]
    both: Vec<u8>,
}

#[channel(max = 3)]
impl Other {
    #[on_timer]
    fn late(&mut self, a: u8, b: u8) {}

    fn start(&mut self, io: &mut Io<Self>) {
        io.set_timer(std::time::Duration::ZERO, 1u8);
    }
}

fn main() {}
