//! The reading half of a turn: from the endpoint into the connection.

use std::io;

use super::Driver;
use crate::channel::io::stop;
use crate::channel::Channel;
use crate::scheduler::scratch::{Scratch, READ};
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::stream::Stream;
use crate::vocabulary::error::Error;

impl<T: Channel> Driver<T> {
    pub(super) fn read(&mut self, scratch: &mut Scratch) {
        if T::RAW || !matches!(self.connection.io.endpoint, Endpoint::Stream(_)) {
            // Whoever reads for itself, a datagram at a time or connections keeps nothing that could
            // be looked at again: left standing, the mark would be a turn in every pass.
            self.connection.io.state.look_again = false;
        }
        match self.connection.io.endpoint {
            Endpoint::Listening(_) => return self.accept(),
            Endpoint::Datagrams(_) => return self.receive(scratch),
            // After `close_when_done` what comes is dropped, whoever would have read it.
            _ if T::RAW && self.connection.io.state.stop & stop::ENDING == 0 => self.read_by_hand(),
            _ => self.read_stream(scratch),
        }
        if self.connection.is_at_end() {
            self.connection.end_of_input();
        }
    }

    fn read_stream(&mut self, scratch: &mut Scratch) {
        let mut read = 0;
        loop {
            if self.connection.is_choked() {
                self.flush_again();
            }
            if !self.connection.takes_input() {
                break;
            }
            if self.connection.io.state.look_again {
                if self.connection.look_again() {
                    continue;
                }
                break;
            }
            if !self.connection.io.state.ready.has(Ready::READABLE) {
                break;
            }
            let most = self.connection.io.limits().bytes_per_turn.max(1);
            let most = most.saturating_sub(read).min(READ);
            if most == 0 {
                self.connection.read_enough();
                break;
            }
            match self.read_some(scratch, most) {
                Some(len) => read += len,
                None => break,
            }
        }
    }

    /// One read, with what is kept in front of it; `None` if there was nothing.
    fn read_some(&mut self, scratch: &mut Scratch, most: usize) -> Option<usize> {
        let head = self.connection.headroom();
        let len = self.read_into(scratch.input.get_mut(head..head + most)?)?;
        self.connection.received(scratch.input.get_mut(..head + len)?, head);
        Some(len)
    }

    fn read_into(&mut self, buf: &mut [u8]) -> Option<usize> {
        match self.connection.io.read_stream(buf) {
            Ok(0) => None,
            Ok(len) => Some(len),
            Err(error) => {
                if error.kind() != io::ErrorKind::WouldBlock {
                    self.cannot_read(error);
                }
                None
            }
        }
    }

    #[cold]
    fn cannot_read(&mut self, error: io::Error) {
        #[cfg(feature = "tls")]
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return self.connection.truncated();
        }
        self.connection.fail(Error::io("read", error));
    }

    /// The channel reads for itself, or a library of its own does: then what is left there is not
    /// ours to know, and the system is asked again instead of assumed to be ready.
    fn read_by_hand(&mut self) {
        if self.connection.is_choked() {
            self.flush_again();
        }
        self.connection.choke_if_high();
        let state = &self.connection.io.state;
        if !self.connection.takes_input() || !state.ready.has(Ready::READABLE) || state.stop != 0 {
            return;
        }
        self.connection.read_by_hand();
        self.ask_if_not_read();
    }

    /// After the channel had its chance to read, and did not by us.
    pub(super) fn ask_if_not_read(&mut self) {
        let io = &mut self.connection.io;
        let stream = io.endpoint.stream();
        if io.state.has_read || stream.is_some_and(Stream::is_always_ready) {
            return;
        }
        if stream.is_some_and(Stream::has_unread_inside) {
            // The system knows nothing of that.
            return;
        }
        // What can be used once a readiness is asked for at the end of the turn.
        let is_asked = stream.is_some_and(Stream::is_once);
        let was_ready = io.state.ready.has(Ready::READABLE);
        io.state.ready.remove(Ready::READABLE);
        // Behind what is there stands the end alone, which was told: asked again, the system would say so
        // for ever.
        let is_told = io.state.ready.has(Ready::READ_CLOSED)
            && !io.endpoint.stream().is_some_and(Stream::has_unread);
        if was_ready && !is_asked && !is_told {
            if let Err(error) = io.ask_again(Ready::READABLE) {
                self.connection.fail(Error::io("watch", error));
            }
        }
    }
}
