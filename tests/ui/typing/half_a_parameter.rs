#![allow(unused)]

use asyncore_runtime::{channel, Io};

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, line: , io: &mut Io<Self>) {
        io.set_terminator(ChatTerminator::Body(3));
    }

    #[terminator(len, next = line)]
    fn body(&mut self, body: &[u8]) {}
}

fn main() {
    asyncore_runtime::testing::Session::new(Chat);
}
