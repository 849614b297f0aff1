#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat {
    #[producer]
    rows: u32,
}

#[channel]
impl Chat {}

fn main() {}
