#![allow(unused)]

use asyncore_runtime::channel;

struct Bad;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) -> Result<String, Bad> {
        Err(Bad)
    }
}

fn main() {}
