//! The reading half of a turn: from the endpoint into the connection.

use std::io;

use super::Driver;
use crate::channel::Channel;
use crate::scheduler::scratch::{Scratch, READ};
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::vocabulary::error::Error;

impl<T: Channel> Driver<T> {
    pub(super) fn read(&mut self, scratch: &mut Scratch) {
        let endpoint = &self.connection.io.endpoint;
        if T::RAW || !matches!(endpoint, Endpoint::Stream(_)) {
            // Nothing is kept of what is not framed, so nothing is looked at again.
            self.connection.io.state.look_again = false;
        }
        match self.connection.io.endpoint {
            Endpoint::Listening(_) => return self.accept(),
            Endpoint::Datagrams(_) => return self.receive(scratch),
            _ if T::RAW => self.read_by_hand(),
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
                    self.connection.fail(Error::io("read", error));
                }
                None
            }
        }
    }

    /// The channel reads for itself, or a library of its own does: then what is left there is not
    /// ours to know, and the system is asked again instead of assumed to be ready.
    fn read_by_hand(&mut self) {
        if self.connection.is_choked() {
            self.flush_again();
        }
        let state = &self.connection.io.state;
        if !self.connection.takes_input() || !state.ready.has(Ready::READABLE) || state.stop != 0 {
            return;
        }
        self.connection.read_by_hand();
        let io = &mut self.connection.io;
        if !io.state.has_read && io.state.ready.has(Ready::READABLE) && self.is_watched() {
            self.connection.io.state.ready.remove(Ready::READABLE);
            if let Err(error) = self.connection.io.ask_again() {
                self.connection.fail(Error::io("watch", error));
            }
        }
    }

    /// Whether the system says when there is something to read.
    fn is_watched(&self) -> bool {
        self.connection.io.endpoint.stream().is_some_and(|stream| !stream.is_always_ready())
    }
}
