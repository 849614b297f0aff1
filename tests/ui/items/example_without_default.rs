#![allow(unused)]

use asyncore_runtime::channel;

#[channel]
struct Chat {
    lines: u32,
}

#[channel]
impl Chat {
    #[terminator(b"\n", maxx = 3)]
    #[example(b"a\n" => b"A\n")]
    fn line(&mut self, line: &str) {
        self.lines += 1;
    }
}

fn main() {}
