//! One of two that stand under `#[cfg]`: a start, a state, a field.

use asyncore_runtime::{channel, Bytes, Io};

#[channel]
#[derive(Default)]
pub struct Ported {
    #[cfg(unix)]
    #[on_read]
    inbox: Vec<u8>,
    #[cfg(not(unix))]
    #[on_read]
    inbox: String,
}

#[channel]
impl Ported {
    #[cfg(unix)]
    #[terminator(b"\n")]
    fn line(&mut self, line: &[u8], io: &mut Io<Self>) -> Vec<u8> {
        if line == b"block" {
            io.set_terminator(PortedTerminator::Block(4));
        }
        line.to_vec()
    }

    #[cfg(not(unix))]
    #[terminator(b"\r\n")]
    fn line(&mut self, line: &[u8]) -> Vec<u8> {
        line.to_vec()
    }

    #[terminator(len, next = line)]
    fn block(&mut self) -> Bytes {
        std::mem::take(&mut self.inbox).into()
    }
}
