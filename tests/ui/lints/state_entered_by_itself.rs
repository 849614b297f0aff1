#![deny(dead_code)]

use asyncore_runtime::{channel, Io};

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str) {}

    #[terminator(b"\0", next = text)]
    fn text(&mut self, _text: &str) {}

    #[terminator(b"\r")]
    fn again(&mut self, _frame: &[u8], io: &mut Io<Self>) {
        Self::once_more(io);
    }

    fn once_more(io: &mut Io<Self>) {
        io.set_terminator(ChatTerminator::Again);
    }
}

fn main() {
    let _ = asyncore_runtime::testing::Session::new(Chat);
}
