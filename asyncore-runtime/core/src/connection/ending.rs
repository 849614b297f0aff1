//! The end of a connection: its one close event, what is dropped with it, and beginning anew.

use bytes::BytesMut;
use core::time::Duration;

use super::{Collected, Connection};
use crate::channel::io::{stop, Phase, State};
use crate::channel::Channel;
use crate::framing::Framer;
use crate::output::Output;
use crate::scheduler::timers::{Since, Tick};
use crate::vocabulary::closed::{Cause, Closed};
use crate::vocabulary::counters::Counters;
use crate::vocabulary::guard::{dispose, dispose_each, guarded};

impl<T: Channel> Connection<T> {
    /// Exactly one close event for each connection, and nothing after it. Whether it is to connect
    /// again, and when.
    pub(crate) fn end(&mut self) -> Option<Duration> {
        let why = self.reason();
        crate::trace!(self.io, "handle_close", "{why}");
        Counters::bump(&self.io.scheduler.counters.closed);
        self.forget_timers();
        self.release_waiters();
        self.io.refuse_output();
        self.io.state.phase = Phase::Ending;
        // A panic here has nobody left to be told; the hook has printed it.
        if guarded(|| self.user.on_close(&why, &mut self.io)).is_err() {
            self.io.scheduler.count_panic();
        }
        self.forget_timers();
        // What the dead held is given back.
        self.kept = BytesMut::new();
        dispose(self.io.extra.as_mut().and_then(|extra| extra.detach.take()));
        self.io.scheduler.system.ended(self.io.key, why);
        let again = self.io.extra.as_mut().and_then(|extra| extra.reconnect.take());
        again.filter(|_| self.io.scheduler.admits_anew().is_ok())
    }

    fn reason(&mut self) -> Closed {
        let state = &self.io.state;
        let ends_by_itself = state.stop & (stop::CLOSING | stop::ENDING | stop::DETACHING) == 0;
        let is_drained = ends_by_itself || state.is_cut_off;
        let is_by_age = state.is_old && !self.io.scheduler.is_draining();
        let drained = if is_by_age { Cause::Aged } else { Cause::Drained };
        let cause = if is_drained { drained } else { Cause::ByUs };
        let cause = if state.eof { Cause::ByPeer } else { cause };
        let unsent = self.io.out.clear();
        let extra = self.io.extra.as_mut();
        let (error, pushed_late, unaddressed) = extra.map_or((None, 0, 0), |extra| {
            (extra.error.take(), extra.pushed_late, std::mem::take(&mut extra.unaddressed))
        });
        Closed {
            cause: error.map_or(cause, Cause::Error),
            unsent: unsent.saturating_add(unaddressed),
            unread: self.kept.len(),
            pushed_late,
        }
    }

    fn forget_timers(&mut self) {
        let mut timers = self.io.scheduler.timers.borrow_mut();
        if let Some(id) = self.io.state.deadline.take() {
            timers.cancel(id);
        }
        let Some(extra) = &mut self.io.extra else { return };
        let timed = std::mem::take(&mut extra.timers);
        timed.keys().for_each(|id| timers.cancel(*id));
        drop(timers);
        dispose_each(timed.into_values());
    }

    /// `reconnect`: the same struct and key, and everything else as new.
    pub(crate) fn start_over(&mut self, after: Duration) {
        // The end of time would be no time.
        let dial_at = self.io.scheduler.clock.after(after).min(Tick::MAX - 1);
        let (held, waits) = (self.io.state.held, self.io.state.waits);
        self.forget_state();
        self.io.out.clear();
        self.io.out = Output::default();
        self.io.state = State {
            phase: Phase::Connecting,
            wants_read: true,
            has_peer: true,
            active_at: dial_at,
            held,
            // It still stands among those who wait for another one's queue.
            waits,
            stop: if waits > 0 { stop::WAITING } else { 0 },
            ..Default::default()
        };
        let extra = self.io.extra();
        (extra.trying, extra.refused, extra.pushed_late) = (0, None, 0);
        (extra.look_up, extra.next_at) = (None, Since::default());
        extra.target.forget();
        (extra.owed.first, extra.owed.open) = (extra.owed.next, 0);
        extra.owed.since.is_over();
        extra.is_between = true;
        extra.dial_at.is_over();
        extra.dial_at.goes_on(dial_at);
        self.framer = Framer::default();
        self.kept = BytesMut::new();
        self.collected = Collected::default();
        // Whoever waits to connect again can be told to stop, also if it never stood.
        self.io.scheduler.opened(self.io.key);
        self.set_deadline(dial_at);
    }

    /// Ends without a word: it was told of the end of its last connection, and has no other.
    pub(crate) fn forget(&mut self) {
        self.forget_timers();
        self.release_waiters();
        self.io.out.clear();
    }

    /// The state it is in, and the one it would go to, hold what is the user's.
    fn forget_state(&mut self) {
        dispose(std::mem::take(&mut self.io.terminator));
        dispose(self.io.next.take());
    }

    /// Drops all of the user's, one by one.
    pub(crate) fn dismantle(mut self) {
        self.forget_state();
        self.io.out.clear();
        self.forget_timers();
        let Self { user, io, .. } = self;
        dispose(io);
        dispose(user);
    }
}
