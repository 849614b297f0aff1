#![allow(unused)]

use asyncore_runtime::{on_read, producer, terminator};

struct Chat;

impl Chat {
    #[on_read]
    fn data(&mut self, data: &[u8]) {}

    #[terminator(b"\n")]
    fn line(&mut self, line: &[u8]) {}
}

#[producer]
fn rows() {}

fn main() {}
