#![deny(deprecated, dead_code)]

use asyncore_runtime::{channel, Io};

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str, io: &mut Io<Self>) {
        if let ChatTerminator::Trailer = io.terminator() {
            io.close();
        }
    }

    #[terminator(b"\0")]
    fn trailer(&mut self, _trailer: &str) {}
}

fn main() {
    let _ = asyncore_runtime::testing::Session::new(Chat);
}
