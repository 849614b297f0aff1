#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[on_connect]
    fn up(&mut self) {}
}

#[channel]
impl Chat {
    #[on_eof]
    fn end(&mut self) {}
}

fn main() {}
