#![allow(unused)]

use asyncore_runtime::{channel, Io};

#[channel]
struct Chat;

#[channel]
struct Other;

#[channel]
impl Other {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {}
}

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Other>) {}
}

fn main() {}
