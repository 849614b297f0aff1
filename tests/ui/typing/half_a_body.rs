#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) -> String {
        let upper = line.
    }

    fn helper(&self) {}
}

fn main() {
    Chat.helper();
    asyncore_runtime::testing::Session::new(Chat);
}
