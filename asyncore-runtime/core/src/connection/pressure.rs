//! Pressure: it belongs to the queue, whoever fills it and whoever reads. At the mark no input of
//! the channel is handled; whoever pushes to another one's full queue waits.

use super::Connection;
use crate::channel::io::{stop, Io};
use crate::channel::Channel;
use crate::vocabulary::counters::Limit;
use crate::vocabulary::error::Error;

impl<T: Channel> Connection<T> {
    /// When a handler has returned, and before anything is written: so that a bound means the same
    /// whatever the system takes at once.
    #[inline(always)]
    pub(super) fn check_output(&mut self) {
        // What failed, or is a datagram, is in no open queue. Most often there is nothing, and the
        // limit need not be looked up.
        let queue = &self.io.out.queue;
        let queued = queue.len();
        if !queue.is_open() || queued > 0 && queued > self.io.limits().max_output {
            self.check_pushed();
        }
    }

    #[inline(never)]
    fn check_pushed(&mut self) {
        self.check_cap();
        if self.io.out.queue.has_failed() {
            self.pushes_failed();
        }
        if self.io.state.is_shared {
            self.tell_unaddressed();
        }
    }

    /// Whether the channel itself has pushed more than it may.
    pub(super) fn check_cap(&mut self) {
        let limit = self.io.limits().max_output;
        if self.io.out.queued() > limit && self.io.own_queued() > limit {
            self.output_too_long(limit);
        }
    }

    #[cold]
    fn output_too_long(&mut self, limit: usize) {
        // Of datagrams none is queued beyond the bound.
        if !self.io.state.is_shared {
            self.fail(Error::OutputTooLong { limit });
        }
    }

    /// Its own queue is high: it reads no further.
    #[inline]
    pub(crate) fn choke_if_high(&mut self) {
        if self.io.is_high() {
            self.io.choke();
        }
    }

    pub(crate) fn is_choked(&self) -> bool {
        self.io.state.stop & stop::CHOKED != 0
    }

    /// Something was written: whoever waited for room goes on.
    #[inline(always)]
    pub(crate) fn queue_got_lower(&mut self) {
        self.io.state.foreign = self.io.state.foreign.min(self.io.out.queued());
        // Waiters are among what few channels have.
        if self.io.extra.is_some() || self.is_choked() {
            self.let_go_on();
        }
    }

    #[inline(never)]
    fn let_go_on(&mut self) {
        if self.io.out.queued() <= self.io.limits().output_low {
            self.io.state.go_on(stop::CHOKED);
            self.release_waiters();
        }
    }

    pub(super) fn release_waiters(&mut self) {
        let Some(extra) = &mut self.io.extra else { return };
        for waiter in extra.waiters.drain(..) {
            self.io.scheduler.add_task(waiter.key, (waiter.task)(false));
        }
    }
}

impl<T: Channel> Io<T> {
    /// A producer gives so much, of which it was asked for one piece: not what a handler pushed, and
    /// not held against the channel.
    pub(super) fn excuse(&mut self, len: usize) {
        self.state.foreign = self.state.foreign.saturating_add(len);
    }

    /// Another channel's queue is full with what this one pushed, or no longer.
    pub(crate) fn wait(&mut self, waits: bool) {
        let count = &mut self.state.waits;
        *count = if waits { count.saturating_add(1) } else { count.saturating_sub(1) };
        if waits {
            self.scheduler.counters.hit(Limit::OutputHigh);
        }
        if *count > 0 {
            self.state.stop |= stop::WAITING;
        } else {
            self.state.go_on(stop::WAITING);
        }
    }
}
