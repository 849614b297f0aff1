//! Pressure: it belongs to the queue, whoever fills it and whoever reads. At the mark no input of
//! the channel is handled; whoever pushes to another one's full queue waits.

use super::Connection;
use crate::channel::io::{stop, Io};
use crate::channel::produce::PRODUCERS_LOW;
use crate::channel::Channel;
use crate::vocabulary::counters::Limit;
use crate::vocabulary::error::Error;

impl<T: Channel> Connection<T> {
    /// When a handler has returned, and before anything is written: so that a bound means the same
    /// whatever the system takes at once.
    #[inline(always)]
    pub(super) fn check_output(&mut self, queued_before: usize) {
        // What failed, or is a datagram, is in no open queue. Most often there is nothing, and the
        // limit need not be looked up.
        let queue = &self.io.out.queue;
        let queued = queue.len();
        if !queue.is_open() || queued > 0 && queued > self.io.limits().max_output {
            self.check_pushed(queued_before);
        }
    }

    #[inline(never)]
    fn check_pushed(&mut self, queued_before: usize) {
        self.check_cap(queued_before);
        if self.io.out.queue.has_failed() {
            self.pushes_failed();
        }
        if self.io.state.is_shared {
            self.tell_unaddressed();
        }
    }

    /// Whether the channel itself has pushed more than it may. A handler is called below the mark, and
    /// what stood in the queue by then is not held against its reply.
    pub(super) fn check_cap(&mut self, queued_before: usize) {
        let limits = self.io.limits();
        let limit = limits.max_output;
        let most = limit.saturating_add(queued_before.min(limits.output_high));
        if self.io.own_queued() > most {
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

    /// Nobody is there any more who could take what is queued: it counts as unsent, and what it held up
    /// goes on.
    pub(crate) fn output_is_lost(&mut self) {
        let lost = self.io.out.clear();
        let unsent = &mut self.io.extra().unaddressed;
        *unsent = unsent.saturating_add(lost);
        self.queue_got_lower();
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
        let is_low = self.io.out.queued() <= self.io.limits().output_low;
        if is_low && self.io.out.producers() <= PRODUCERS_LOW {
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
