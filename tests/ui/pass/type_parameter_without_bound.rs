#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat<T> {
    value: T,
}

#[channel]
impl<T> Chat<T> {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {}
}

fn main() {
    asyncore_runtime::testing::Session::new(Chat { value: 1 }).feed(b"line\n");
}
