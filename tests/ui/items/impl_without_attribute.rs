#![allow(unused)]

use asyncore_runtime::channel;
use asyncore_runtime::testing::Session;

#[channel]
struct Chat;

impl Chat {
    fn line(&mut self, line: &str) {}
}

fn main() {
    Session::new(Chat);
}
