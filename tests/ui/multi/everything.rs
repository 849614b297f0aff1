#![allow(unused)]

use asyncore_runtime::{channel, Closed, Io};

#[channel(max_fram = 3, idle_timeout = 10)]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"")]
    fn line(&mut self, line: &mut [u8], io: &mut Io<Self>) {
        io.set_terminator(ChatTerminator::Body(3));
    }

    #[terminator(len, next = lime)]
    async fn body(&mut self, body: &[u8]) {}

    #[on_close]
    fn gone(self, why: &Closed) -> u8 {
        0
    }
}

fn main() {
    asyncore_runtime::testing::Session::new(Chat);
}
