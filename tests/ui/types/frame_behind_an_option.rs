#![allow(unused)]

use asyncore_runtime::channel;

struct Head;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, line: Option<Head>) {}
}

fn main() {}
