//! The buffers of one loop, lent to whichever channel has its turn.

pub(crate) use crate::vocabulary::limits::READ;

/// A begun frame of up to this size is moved in front of the next read, so that all frames of a
/// read lie in one piece; a larger one is gathered in a buffer of its own.
pub(crate) const HEAD: usize = 4 * 1024;

/// An output buffer that grew beyond this is not kept for the next channel.
const KEPT: usize = 256 * 1024;

/// One read buffer and one output buffer a loop: a channel at rest holds neither.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) input: Box<[u8]>,
    pub(crate) output: Vec<u8>,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { input: vec![0; HEAD + READ].into(), output: Vec::with_capacity(READ) }
    }

    /// Room for so many bytes in one piece: a datagram of a Unix socket can be longer than a read.
    pub(crate) fn make_room(&mut self, len: usize) {
        if len > self.input.len() {
            self.input = vec![0; len].into();
        }
    }

    /// After a pass.
    #[inline]
    pub(crate) fn trim(&mut self) {
        if self.output.capacity() > KEPT {
            self.output.shrink_to(READ);
        }
    }
}
