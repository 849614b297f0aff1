#![deny(dead_code)]

use asyncore_runtime::{channel, Bytes};

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str) {}

    #[producer]
    fn rows(&mut self) -> Option<Bytes> {
        None
    }
}

fn main() {
    let _ = asyncore_runtime::testing::Session::new(Chat);
}
