#![deny(dead_code)]

use asyncore_runtime::{channel, Io};

#[channel]
pub struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str) {}

    // Nothing leads to the first of a ring, and to the others only the ring.
    #[terminator(b"\0", next = back)]
    fn forth(&mut self, _frame: &[u8]) {}

    #[terminator(b"\0")]
    fn back(&mut self, _frame: &[u8], io: &mut Io<Self>) {
        io.set_terminator(ChatTerminator::Forth);
    }

    #[terminator(b"\r")]
    fn again(&mut self, _frame: &[u8], io: &mut Io<Self>) {
        self.once_more(io);
    }

    fn once_more(&mut self, io: &mut Io<Self>) {
        io.set_terminator(ChatTerminator::Again);
    }

    // Of a chain the one that begins it is to blame.
    #[terminator(b"\t", next = last)]
    fn first(&mut self, _frame: &[u8]) {}

    #[terminator(b"\t")]
    fn last(&mut self, _frame: &[u8]) {}
}

fn main() {
    let _ = asyncore_runtime::testing::Session::new(Chat);
}
