#![allow(unused)]

use asyncore_runtime::channel;

const SECONDS: u64 = 10;

#[channel(idle_timeout = SECONDS)]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n", within = SECONDS)]
    fn line(&mut self, line: &str) {}
}

fn main() {}
