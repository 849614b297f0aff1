use asyncore_runtime::{channel, terminator as until};

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[until(b"\n", max = 80)]
    fn line(&mut self, _line: &str) {}
}

use asyncore_runtime::on_close as gone;

#[channel]
struct Other;

#[channel]
impl Other {
    #[asyncore_runtime::on_read]
    fn data(&mut self, _data: &[u8]) {}

    #[gone]
    fn bye(&mut self) {}
}

fn main() {}
