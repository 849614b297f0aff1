//! The writing half of a turn: the queue to the descriptor, producers to the queue.

use core::task::Poll;
use std::io;

use super::Entry;
use crate::channel::io::{stop, Half, Io, Phase};
use crate::channel::Channel;
use crate::error::Error;
use crate::limits::Limit;
use crate::output::Front;
use crate::transport::link::Link;

/// Written in one turn before the others have theirs: a producer and a fast peer could go on for
/// ever.
const WRITE_BUDGET: usize = 256 * 1024;

/// Small chunks of a producer are gathered up to this size, to leave in one write.
const GATHER: usize = 16 * 1024;

impl<T: Channel> Entry<T> {
    pub(super) fn write_phase(&mut self) {
        self.flush();
        let state = &mut self.io.state;
        if state.late || state.phase != Phase::Open || !state.ready.writable {
            return;
        }
        let is_due =
            if T::ASKED { state.wants_write } else { self.io.out.is_empty() && state.room };
        if is_due {
            state.room = false;
            if T::ASKED || T::RAW {
                crate::trace!(self.io, "handle_write");
            }
            let result = self.user.on_write(&mut self.io);
            self.handled(result);
            self.flush_again();
        }
    }

    /// As [`flush`](Self::flush), once more in a turn or outside of one.
    #[inline(never)]
    pub(super) fn flush_again(&mut self) {
        self.flush();
    }

    /// Writes what the system takes, asking producers as room comes. Inlined down to the system
    /// call, for the reason at `Shared::with_taken`.
    #[inline(always)]
    fn flush(&mut self) {
        let mut budget = WRITE_BUDGET;
        while budget > 0 && self.may_write() && self.has_output_to_try() {
            if self.has_sources() && self.io.out.may_gather(GATHER) && self.pull() {
                continue;
            }
            match self.write_front() {
                Some(len) => budget = budget.saturating_sub(len),
                None => break,
            }
        }
        self.queue_got_lower();
    }

    /// Whether there is something to write, or somebody to ask for it.
    fn has_output_to_try(&self) -> bool {
        T::PRODUCES || self.io.out.is_waiting_for_room()
    }

    /// Whether anybody could be asked for more.
    fn has_sources(&self) -> bool {
        T::PRODUCES || self.io.out.has_producers()
    }

    fn may_write(&self) -> bool {
        let state = &self.io.state;
        state.ready.writable && state.phase != Phase::Connecting && state.stop & stop::CLOSING == 0
    }

    /// One write; how much went, if anything.
    #[inline(always)]
    fn write_front(&mut self) -> Option<usize> {
        let Io { link, state, shared, out, .. } = &mut self.io;
        let now = shared.clock.now();
        let result = match out.front() {
            Some(Front::Bytes(bytes)) => state.write(link, now, bytes),
            Some(Front::Datagram(to, bytes)) => {
                let result = state.write_to(link, now, to, bytes);
                return self.datagram_sent(to, result);
            }
            None => return None,
        };
        match result {
            Ok(len) => {
                out.advance(len);
                crate::trace!(self.io, "handle_write", "{len} bytes");
                Some(len)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(error) => {
                self.fail(Error::io("write", error));
                None
            }
        }
    }

    /// A datagram that cannot be sent is dropped, and the others go on.
    fn datagram_sent(
        &mut self,
        to: std::net::SocketAddr,
        result: io::Result<usize>,
    ) -> Option<usize> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
            // What an earlier datagram met (ICMP): not this one's fault, nor the socket's.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Some(0),
            Err(source) => self.fail(Error::Datagram { to, source }),
            Ok(_) => {}
        }
        self.io.out.datagram_done();
        Some(1)
    }

    /// Asks the producer whose turn it is. Whether there was one that was ready.
    fn pull(&mut self) -> bool {
        let Some(mut pull) = self.io.out.take_producer() else {
            return T::PRODUCES && self.pull_field();
        };
        let answer = (pull.ask)(&mut self.user, &mut self.io);
        let is_ready = match answer {
            Ok(Poll::Ready(Some(chunk))) if !chunk.is_empty() => {
                self.io.out.put_back(pull, Some(chunk));
                true
            }
            Ok(Poll::Pending) => {
                self.io.out.put_back(pull, None);
                false
            }
            ended => {
                self.io.out.ended(pull.holds_input);
                self.producer_ended();
                self.handled(ended.map(|_| ()));
                return true;
            }
        };
        self.handled(Ok(()));
        is_ready
    }

    /// The field marked `#[producer]` comes after everything that was pushed.
    fn pull_field(&mut self) -> bool {
        if !self.io.out.is_empty() {
            return false;
        }
        let chunk = self.user.producer_field().and_then(crate::Producer::more);
        let chunk = chunk.filter(|chunk| !chunk.is_empty());
        self.io.state.field_left = chunk.is_some();
        let Some(chunk) = chunk else { return false };
        self.io.out.queue.put_bytes(chunk);
        true
    }

    /// Whether something is still to be written.
    pub(super) fn has_output(&self) -> bool {
        !self.io.out.is_empty() || self.io.state.field_left
    }

    fn producer_ended(&mut self) {
        if !self.io.out.holds_input() && self.io.state.stop & stop::HOLDING != 0 {
            self.io.state.stop &= !stop::HOLDING;
            self.io.state.begin_anew();
        }
    }

    /// Whoever waited for room goes on.
    #[inline]
    fn queue_got_lower(&mut self) {
        self.io.state.foreign = self.io.state.foreign.min(self.io.out.queued());
        let has_waiters = self.io.extra.as_ref().is_some_and(|extra| !extra.waiters.is_empty());
        let is_waited_for = has_waiters || self.io.state.stop & stop::CHOKED != 0;
        if is_waited_for && self.io.out.queued() <= self.io.limits().output_low {
            self.go_on_reading();
        }
    }

    #[inline(never)]
    fn go_on_reading(&mut self) {
        if self.io.state.stop & stop::CHOKED != 0 {
            self.io.state.stop &= !stop::CHOKED;
            self.io.state.begin_anew();
        }
        self.io.release_waiters();
    }

    /// Ends this direction once everything was written: `end_output`.
    pub(super) fn end_output_if_asked(&mut self) {
        if self.io.state.half != Half::Asked {
            return;
        }
        self.io.refuse_output();
        if !self.has_output() && self.io.is_connected() {
            self.io.state.half = Half::Done;
            if let Err(error) = self.io.link.shutdown_write() {
                self.fail(Error::io("shutdown", error));
            }
        }
    }
}

impl<T: Channel> Io<T> {
    /// One attempt to write what is ready; nobody is asked for more. What fails here, the next
    /// turn will find.
    pub(crate) fn write_ready(&mut self) {
        if self.state.phase != Phase::Connecting && self.state.ready.writable {
            if let Some(Front::Bytes(bytes)) = self.out.front() {
                if let Ok(len) = self.state.write(&mut self.link, self.shared.clock.now(), bytes) {
                    self.out.advance(len);
                }
            }
        }
    }

    /// Whether its queue is high with what the channel pushed itself.
    pub(crate) fn is_high(&self) -> bool {
        self.out.queued().saturating_sub(self.state.foreign) >= self.limits().output_high
    }

    /// The channel's own queue is high: it reads no further.
    pub(crate) fn choke(&mut self) {
        if self.state.stop & stop::CHOKED == 0 {
            self.state.stop |= stop::CHOKED;
            self.shared.counters.hit(Limit::OutputHigh);
        }
    }

    pub(crate) fn release_waiters(&mut self) {
        let Some(extra) = &mut self.extra else { return };
        for waiter in extra.waiters.drain(..) {
            self.shared.add_task(waiter.key, (waiter.task)(false));
        }
    }

    /// Another channel's queue is high with what this one pushed, or no longer.
    pub(crate) fn wait(&mut self, waits: bool) {
        let count = &mut self.state.waits;
        *count = if waits { count.saturating_add(1) } else { count.saturating_sub(1) };
        if *count > 0 {
            self.state.stop |= stop::WAITING;
            self.shared.counters.hit(Limit::OutputHigh);
        } else if self.state.stop & stop::WAITING != 0 {
            self.state.stop &= !stop::WAITING;
            self.state.begin_anew();
        }
    }
}

impl crate::channel::io::State {
    /// Writes, and keeps the readiness true.
    #[inline(always)]
    pub(crate) fn write(&mut self, link: &mut Link, now: u64, bytes: &[u8]) -> io::Result<usize> {
        let result = link.write(bytes);
        self.wrote(link, now, bytes.len(), &result);
        result
    }

    fn write_to(
        &mut self,
        link: &mut Link,
        now: u64,
        to: std::net::SocketAddr,
        bytes: &[u8],
    ) -> io::Result<usize> {
        let Link::Udp(datagrams) = link else { return Ok(bytes.len()) };
        let result = match datagrams.peer {
            Some(peer) if peer == to => datagrams.socket.send(bytes),
            _ => datagrams.socket.send_to(bytes, to),
        };
        self.wrote(link, now, bytes.len(), &result);
        result
    }

    #[inline]
    fn wrote(&mut self, link: &Link, now: u64, size: usize, result: &io::Result<usize>) {
        match result {
            Ok(len) => {
                (self.active_at, self.written_at) = (now, now);
                if *len < size && !link.is_always_ready() {
                    self.ready.writable = false;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.ready.writable = false,
            Err(_) => {}
        }
    }
}
