//! Connections in memory.

use bytes::Bytes;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use crate::transport::addr::Addr;

/// One end of a connection in memory.
pub(crate) type End = Rc<RefCell<Pipe>>;

/// One end of a connection in memory, for [`testing`](crate::testing): the other end is a test.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    /// What the peer sent; each chunk is one read.
    pub(crate) incoming: VecDeque<Bytes>,
    pub(crate) incoming_ended: bool,
    /// The peer has gone without a word: reads fail once all is read, writes at once.
    pub(crate) is_reset: bool,
    /// What the channel wrote.
    pub(crate) outgoing: Vec<u8>,
    pub(crate) outgoing_ended: bool,
    /// So many more bytes can be written.
    pub(crate) window: usize,
    /// The peer's.
    pub(crate) addr: Option<Addr>,
    /// Whose end this is, once a channel has it.
    pub(crate) key: Option<crate::key::RawKey>,
}

impl Pipe {
    pub(crate) fn new() -> Self {
        Self { window: usize::MAX, ..Self::default() }
    }
}

impl Pipe {
    pub(crate) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(chunk) = self.incoming.front_mut() else {
            return match (self.is_reset, self.incoming_ended) {
                (true, _) => Err(io::ErrorKind::ConnectionReset.into()),
                (false, true) => Ok(0),
                (false, false) => Err(io::ErrorKind::WouldBlock.into()),
            };
        };
        let part = chunk.split_to(buf.len().min(chunk.len()));
        if chunk.is_empty() {
            self.incoming.pop_front();
        }
        if let Some(buf) = buf.get_mut(..part.len()) {
            buf.copy_from_slice(&part);
        }
        Ok(part.len())
    }

    pub(crate) fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.outgoing_ended || self.is_reset {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let len = buf.len().min(self.window);
        if len == 0 && !buf.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.window -= if self.window == usize::MAX { 0 } else { len };
        self.outgoing.extend_from_slice(buf.get(..len).unwrap_or(buf));
        Ok(len)
    }
}

/// A listener's queue.
#[derive(Debug, Clone)]
pub(crate) struct Arrivals {
    pub(crate) addr: Addr,
    pub(crate) waiting: Rc<RefCell<VecDeque<End>>>,
}
