//! The bytes' way between a channel and its endpoint, with the readiness kept true.
//!
//! The one place where it is decided what a read or a write says of the readiness.

use std::io;

use super::io::Io;
use super::{Channel, Unframed};
use crate::output::Front;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::stream::Stream;

/// Written in one turn before the others have theirs: a producer and a fast peer could go on for
/// ever.
pub(crate) const WRITE_BUDGET: usize = 256 * 1024;

impl<T: Channel> Io<T> {
    /// Reads from the stream.
    #[inline]
    pub(crate) fn read_stream(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.state.has_read = true;
        let Endpoint::Stream(stream) = &mut self.endpoint else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let result = stream.read(buf);
        let state = &mut self.state;
        match &result {
            Ok(0) if !buf.is_empty() => {
                state.eof = true;
                state.ready.remove(Ready::READABLE);
            }
            Ok(len) => {
                state.active_at = self.scheduler.clock.now();
                // Behind a hang-up the end is still to be read, and mio will not say so again.
                if !state.ready.has(Ready::READ_CLOSED) && stream.is_all(*len, buf.len())
                    || stream.is_once()
                {
                    state.ready.remove(Ready::READABLE);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                state.ready.remove(Ready::READABLE);
            }
            Err(_) => {}
        }
        result
    }

    /// Writes to the stream, once.
    #[inline(always)]
    pub(crate) fn write_stream(
        state: &mut super::state::State,
        stream: &mut Stream,
        now: u64,
        bytes: &[u8],
    ) -> io::Result<usize> {
        let result = stream.write(bytes);
        match &result {
            Ok(len) => {
                (state.active_at, state.written_at) = (now, now);
                state.drained = state.drained.saturating_add(*len);
                if stream.is_layered() {
                    state.has_backlog = stream.has_backlog();
                }
                if stream.is_full(*len, bytes.len()) {
                    state.ready.remove(Ready::WRITABLE);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                state.ready.remove(Ready::WRITABLE)
            }
            Err(_) => {}
        }
        result
    }

    /// Whether it is a stream that can be used once a readiness, and has been: once more could wait
    /// for ever.
    fn is_used_up(&self, direction: Ready) -> bool {
        self.endpoint.stream().is_some_and(Stream::is_once) && !self.state.ready.has(direction)
    }

    /// One attempt to write what is ready; nobody is asked for more. What fails here, the next
    /// turn will find.
    pub(crate) fn write_ready(&mut self) {
        if let Endpoint::Datagrams(datagrams) = &self.endpoint {
            return self.out.send_ready(|to, bytes| datagrams.send(to, bytes).is_ok());
        }
        let Endpoint::Stream(stream) = &mut self.endpoint else { return };
        let is_early = self.state.phase == super::io::Phase::Connecting || self.state.is_beginning;
        if !self.state.ready.has(Ready::WRITABLE) || is_early {
            return;
        }
        let (now, mut most) = (self.scheduler.clock.now(), WRITE_BUDGET);
        while let Some(Front::Bytes(bytes)) = self.out.front() {
            let Ok(len) = Self::write_stream(&mut self.state, stream, now, bytes) else { return };
            self.out.advance(len);
            most = most.saturating_sub(len);
            if most == 0 || len == 0 || !self.state.ready.has(Ready::WRITABLE) {
                return;
            }
        }
    }

    /// Has the system say again whether a stream is ready that can be used once a readiness, or
    /// that somebody else reads: its flags, and what it holds, are not ours alone.
    pub(crate) fn ask_again(&mut self, wanted: Ready) -> io::Result<()> {
        self.scheduler.system.ask_again(self.key, &mut self.endpoint, wanted)
    }

    /// One datagram, whose [`sender`](Io::sender) is known from then on; what is longer than `buf`
    /// is cut.
    pub(crate) fn receive(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.state.has_read = true;
        let Endpoint::Datagrams(datagrams) = &self.endpoint else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let result = datagrams.receive(buf);
        if matches!(&result, Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
            self.state.ready.remove(Ready::READABLE);
        }
        let (len, from) = result?;
        self.state.active_at = self.scheduler.clock.now();
        self.extra().sender = Some(from);
        Ok(len)
    }
}

/// Dispatchers, which have no framing between them and the socket.
impl<T: Channel<Terminator = Unframed>> Io<T> {
    /// Reads into `buf`; `Ok(0)` is the end, and closes the channel when the handler has returned.
    /// Of a datagram channel one datagram, which may be empty, and whose
    /// [`sender`](Io::sender) is known from then on.
    ///
    /// # Errors
    /// What the system says. `WouldBlock` is that nothing is there yet: a handler that returns it
    /// is called again. A pipe or a terminal says so to a second `recv` in one call.
    pub fn recv(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if matches!(self.endpoint, Endpoint::Datagrams(_)) {
            return self.receive(buf);
        }
        if buf.is_empty() {
            return Ok(0);
        }
        if self.is_used_up(Ready::READABLE) {
            self.state.has_read = true;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.read_stream(buf)
    }

    /// Writes at once, past the queue; how much of `data` the system took, 0 if it has no room. A
    /// datagram channel sends to its only peer, or to the sender of the datagram that is handled.
    ///
    /// # Errors
    /// What the system says, but for `WouldBlock`.
    pub fn send(&mut self, data: &[u8]) -> io::Result<usize> {
        let now = self.scheduler.clock.now();
        if self.state.is_beginning || self.is_used_up(Ready::WRITABLE) {
            return Ok(0);
        }
        let result = match &mut self.endpoint {
            Endpoint::Stream(stream) => Self::write_stream(&mut self.state, stream, now, data),
            Endpoint::Datagrams(datagrams) => {
                let sender = self.extra.as_ref().and_then(|extra| extra.sender.as_ref());
                match datagrams.peer.as_ref().or(sender) {
                    Some(to) => datagrams.send(to, data),
                    None => Err(io::ErrorKind::NotConnected.into()),
                }
            }
            _ => Err(io::ErrorKind::NotConnected.into()),
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            result => result,
        }
    }
}
