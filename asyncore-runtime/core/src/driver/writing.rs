//! The writing half of a turn: the queue to the endpoint, producers to the queue.

use std::io;

use super::Driver;
use crate::channel::io::{stop, Io, Phase};
use crate::channel::raw::WRITE_BUDGET;
use crate::channel::Channel;
use crate::output::Front;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::stream::Stream;
use crate::vocabulary::error::Error;

impl<T: Channel> Driver<T> {
    pub(super) fn write(&mut self) {
        self.flush();
        let state = &self.connection.io.state;
        if state.late || state.phase != Phase::Open || !state.ready.has(Ready::WRITABLE) {
            return;
        }
        let is_due = if T::ASKED {
            state.wants_write
        } else {
            state.room && self.connection.io.out.is_empty()
        };
        if is_due {
            self.connection.has_room();
            self.flush_again();
        }
    }

    /// As [`flush`](Self::flush), once more in a turn or outside of one.
    #[inline(never)]
    pub(crate) fn flush_again(&mut self) {
        self.flush();
    }

    /// Writes what the system takes, asking producers as room comes. Inlined down to the system
    /// call, for the reason at `Scheduler::with_taken`.
    #[inline(always)]
    fn flush(&mut self) {
        let mut budget = WRITE_BUDGET;
        while budget > 0 && self.may_write() && self.connection.has_output_to_try() {
            if self.connection.gather() {
                continue;
            }
            match self.write_front() {
                Some(len) => budget = budget.saturating_sub(len),
                None => break,
            }
        }
        self.connection.queue_got_lower();
    }

    fn may_write(&self) -> bool {
        let state = &self.connection.io.state;
        state.ready.has(Ready::WRITABLE)
            && state.phase != Phase::Connecting
            && !state.is_beginning
            && state.stop & stop::CLOSING == 0
    }

    /// One write; how much went, if anything.
    #[inline(always)]
    fn write_front(&mut self) -> Option<usize> {
        let Io { endpoint, state, scheduler, out, .. } = &mut self.connection.io;
        let now = scheduler.clock.now();
        let result = match (out.front()?, endpoint) {
            (Front::Bytes(bytes), Endpoint::Stream(stream)) => {
                Io::<T>::write_stream(state, stream, now, bytes)
            }
            (Front::Datagram(to, bytes), Endpoint::Datagrams(datagrams)) => {
                let result = datagrams.send(to, bytes);
                let to = to.clone();
                return self.datagram_sent(to, result);
            }
            _ => return None,
        };
        match result {
            Ok(len) => {
                self.connection.io.out.advance(len);
                crate::trace!(self.connection.io, "handle_write", "{len} bytes");
                Some(len)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(error) => {
                self.cannot_write(error);
                None
            }
        }
    }

    /// The peer has gone. What it said before that is heard first, however the going was noticed:
    /// nothing more is queued, and the next turn, which reads before it writes, comes here again.
    #[cold]
    pub(super) fn cannot_write(&mut self, error: io::Error) {
        let is_unread = self.connection.io.endpoint.stream().is_some_and(Stream::has_unread);
        // Its own queue is no reason to stop any more: nobody will take from it.
        self.connection.io.state.go_on(stop::CHOKED);
        if T::RAW || !self.connection.takes_input() || !self.connection.will_hear(is_unread) {
            return self.connection.fail(Error::io("write", error));
        }
        self.connection.io.refuse_output();
    }
}
