#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
enum Chat {
    Open,
}

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {}
}

fn main() {}
