//! What wakes a channel, apart from what the system says of its endpoint: time, and what ends all.

use super::Driver;
use crate::channel::io::stop;
use crate::channel::Channel;
use crate::scheduler::clock::nanos;
use crate::scheduler::turn::{Driven, Wake};
use crate::transport::readiness::Ready;

impl<T: Channel> Driver<T> {
    /// Apart from what goes on all the time, which is one piece of code for the reason at
    /// `Scheduler::with_taken`.
    #[inline(never)]
    pub(super) fn woken_otherwise(&mut self, wake: Wake) {
        match wake {
            Wake::Ready(news) => self.heard(news),
            Wake::Timer(id) => self.connection.timer(id),
            Wake::Deadline => self.deadline(),
            Wake::Close => self.connection.io.state.stop |= stop::CLOSING,
            Wake::Drained => self.connection.cut_off(),
            Wake::Shed => self.connection.shed(),
        }
    }

    /// The loop's timer for this channel came.
    fn deadline(&mut self) {
        self.connection.timer_came();
        if self.connection.takes_to_dial() {
            return self.dial_again();
        }
        if self.connection.takes_to_try_next() {
            self.try_next();
        }
        if self.connection.is_stalled() {
            self.connection.io.state.ready.add(Ready::WRITABLE);
            self.flush_again();
            self.flush_layers();
        }
        if T::HEARS_IDLE && self.connection.is_idle() {
            self.idle();
        }
        self.connection.deadline_passed();
    }

    /// What is said of a silence does not end it: it is no sign of the peer's life. Who is told of it
    /// late, by a loop that was busy, has the other half of the time all the same.
    fn idle(&mut self) {
        let io = &self.connection.io;
        let half = nanos(io.limits().idle_timeout / 2);
        let since = io.state.active_at.max(io.scheduler.clock.now().saturating_sub(half));
        self.connection.idle();
        self.flush_again();
        self.connection.io.state.active_at = since;
    }
}
