#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[on_connect]
    fn up(&mut self, count: &mut u32) {}
}

fn main() {}
