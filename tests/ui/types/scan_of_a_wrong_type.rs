#![allow(unused)]

use asyncore_runtime::channel;

fn scan(input: &[u8]) -> usize {
    input.len()
}

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(with = scan)]
    fn line(&mut self, line: &[u8]) {}
}

fn main() {}
