#![allow(unused)]

use asyncore_runtime::{channel, Error};

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[on_close]
    fn gone(&mut self, why: &Error) {}
}

fn main() {}
