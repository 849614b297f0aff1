#![allow(unused)]

use asyncore_runtime::{channel, Error};

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[on_error]
    fn failed(&mut self, error: Error) {}
}

fn main() {}
