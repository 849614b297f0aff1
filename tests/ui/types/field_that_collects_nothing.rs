#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat {
    #[on_read]
    inbox: u32,
}

#[channel]
impl Chat {}

fn main() {}
