#![allow(unused)]

use asyncore_runtime::channel;

struct ChatTerminator;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {}
}

fn main() {}
