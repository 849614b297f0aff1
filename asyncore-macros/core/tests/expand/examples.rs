//! `#[example]`: a test, a block in the docs, a seed.

use asyncore_runtime::{channel, Io};

#[channel]
pub struct Echo;

#[channel]
impl Echo {
    /// Sends each line back.
    #[terminator(b"\n")]
    #[example(b"a\n" => b"a", b"b\nc\n" => b"bc")]
    fn line(line: &[u8]) -> &[u8] {
        line
    }
}

#[channel]
pub struct Counter {
    left: u32,
}

#[channel]
impl Counter {
    #[terminator(b"\n")]
    #[example(b"a\n" => b"1 ", b"b\n" => b"0 ", with = Counter { left: 2 })]
    fn line(&mut self, io: &mut Io<Self>, _line: &str) -> String {
        self.left -= 1;
        if self.left == 0 {
            io.close_when_done();
        }
        format!("{} ", self.left)
    }
}
