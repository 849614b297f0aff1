//! Connections in memory, for [`testing`](crate::testing).

use bytes::Bytes;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use crate::vocabulary::addr::Addr;
use crate::vocabulary::key::RawKey;

/// One end of a connection in memory, as the test sees it.
pub(crate) type SharedPipe = Rc<RefCell<Pipe>>;

/// One end of a connection in memory; what is at the other, a test or a cable decides.
#[derive(Debug)]
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
    pub(crate) key: Option<RawKey>,
}

impl Pipe {
    pub(crate) fn new(addr: Option<Addr>) -> SharedPipe {
        Rc::new(RefCell::new(Self {
            incoming: VecDeque::new(),
            incoming_ended: false,
            is_reset: false,
            outgoing: Vec::new(),
            outgoing_ended: false,
            window: usize::MAX,
            addr,
            key: None,
        }))
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
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

    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
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

/// The end that a channel has. Dropping it closes this direction, as of a socket.
#[derive(Debug)]
pub(crate) struct PipeEnd(pub(crate) SharedPipe);

impl PipeEnd {
    /// The end of a connection that is gone.
    pub(crate) fn closed() -> Self {
        let end = Pipe::new(None);
        end.borrow_mut().is_reset = true;
        Self(end)
    }

    #[inline]
    pub(crate) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(buf)
    }

    pub(crate) fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(buf)
    }

    /// Whether there is nothing to read, not even an end.
    pub(crate) fn has_nothing_to_say(&self) -> bool {
        let pipe = self.0.borrow();
        pipe.incoming.is_empty() && !pipe.incoming_ended && !pipe.is_reset
    }

    pub(crate) fn has_unread(&self) -> bool {
        !self.0.borrow().incoming.is_empty()
    }

    pub(crate) fn pending_error(&self) -> Option<io::Error> {
        self.0.borrow().is_reset.then(|| io::ErrorKind::ConnectionReset.into())
    }

    pub(crate) fn shutdown_write(&self) {
        self.0.borrow_mut().outgoing_ended = true;
    }

    pub(crate) fn addr(&self) -> Option<Addr> {
        self.0.borrow().addr.clone()
    }
}

impl Drop for PipeEnd {
    fn drop(&mut self) {
        self.shutdown_write();
    }
}
