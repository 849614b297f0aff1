//! Time: which deadline of a channel comes next, and what happens when one has passed.
//!
//! No timer is touched for a frame, a read or a write. A channel notes when things happened; the
//! loop's timers hold at most one entry for it, which may be early, and is set anew when it comes.

use core::time::Duration;

use super::Connection;
use crate::channel::io::{stop, Io, Phase};
use crate::channel::Channel;
use crate::framing::until::Ends;
use crate::scheduler::clock::nanos;
use crate::scheduler::timers::{Due, Tick};
use crate::vocabulary::counters::Limit;
use crate::vocabulary::error::{Error, Result};
use crate::vocabulary::key::RawKey;
use crate::vocabulary::limits::NEVER;

/// A frame's deadline moves a second for so many bytes: Postfix's minimum data rate.
const BYTES_PER_SECOND: u64 = 500;

/// A deadline: when, which, and how long it was.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: Tick,
    limit: Limit,
    after: Duration,
}

impl Deadline {
    /// `None` if it never comes.
    fn new(since: Tick, limit: Limit, after: Duration) -> Option<Self> {
        let at = since.checked_add(nanos(after))?;
        (at != Tick::MAX).then_some(Self { at, limit, after })
    }

    fn earlier(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) if other.at < one.at => Some(other),
            (one, other) => one.or(other),
        }
    }
}

impl<T: Channel> Connection<T> {
    /// At the start of a turn: what is pushed in it waits for the system from now on.
    #[inline]
    pub(crate) fn mark_output(&mut self) {
        if !self.io.out.is_waiting_for_room() && !self.io.state.has_backlog {
            self.io.state.written_at = self.io.scheduler.clock.now();
        }
    }

    /// At the end of a turn: since when what goes on goes on. A frame that ended has cleared it.
    pub(super) fn mark_times(&mut self) {
        let (now, low) = (self.io.scheduler.clock.now(), self.io.limits().output_low);
        let is_in_a_frame = self.io.state.first_frame_due || self.is_in_a_frame();
        let is_timed = is_in_a_frame && (!T::HAS_TERMINATOR || self.has_frames());
        let state = &mut self.io.state;
        if T::HEARS_IDLE && state.active_at == now {
            state.idle_told = false;
        }
        if is_timed {
            state.frame_at.goes_on(now);
        } else {
            state.frame_at.is_over();
        }
        // Below the low mark nobody waits for it.
        if self.io.out.is_waiting_for_room() && self.io.out.queued() > low {
            state.draining_at.goes_on(now);
        } else {
            state.draining_at.is_over();
            state.drained = 0;
        }
        if state.stop & !stop::ENDING != 0 || !self.io.out.is_empty() {
            state.stopped_at.goes_on(now);
        } else {
            state.stopped_at.is_over();
        }
    }

    /// Sees to it that the loop looks at this channel in time.
    pub(super) fn arm(&mut self) {
        let Some(next) = self.deadline() else { return };
        let at = self.idle_event(&next).unwrap_or(next.at);
        if self.io.state.deadline.is_none_or(|id| id.at() > at) {
            self.set_deadline(at);
        }
    }

    /// When the channel is to be told that it is idle: once in each silence, half way to the
    /// deadline that would end it.
    #[inline]
    fn idle_event(&self, next: &Deadline) -> Option<Tick> {
        let is_silent = next.limit == Limit::Idle && self.io.state.stop == 0;
        let is_untold = T::HEARS_IDLE && is_silent && !self.io.state.idle_told;
        is_untold.then(|| next.at.saturating_sub(nanos(next.after / 2)))
    }

    /// Whether it is time for that.
    pub(crate) fn is_idle(&self) -> bool {
        let now = self.io.scheduler.clock.now();
        let event = self.deadline().and_then(|next| self.idle_event(&next));
        event.is_some_and(|at| at <= now)
    }

    pub(super) fn set_deadline(&mut self, at: Tick) {
        let mut timers = self.io.scheduler.timers.borrow_mut();
        if let Some(id) = self.io.state.deadline {
            timers.cancel(id);
        }
        self.io.state.deadline = Some(timers.set(at, self.io.key, Due::Deadline));
    }

    /// The deadline that comes next as things stand now: always one, for whatever has a peer.
    fn deadline(&self) -> Option<Deadline> {
        let state = &self.io.state;
        let limits = self.io.limits();
        if state.phase == Phase::Connecting {
            return self.connect_deadline();
        }
        if !state.has_peer {
            return None;
        }
        if state.is_beginning {
            let since = self.io.extra.as_ref().and_then(|extra| extra.beginning.get())?;
            return Deadline::new(since, Limit::Handshake, limits.handshake_timeout);
        }
        if self.io.out.is_waiting_for_room() || state.has_backlog {
            let stall = Deadline::new(state.written_at, Limit::WriteStall, limits.write_timeout);
            return Deadline::earlier(stall, self.drain_deadline());
        }
        if let Some(since) = self.owing_since() {
            return Deadline::new(since, Limit::Answer, limits.answer_timeout);
        }
        // While it is us who wait, the peer has no deadline; we have.
        if let Some(since) = state.stopped_at.get() {
            let since = since.max(state.active_at);
            return Deadline::new(since, Limit::Stopped, limits.stopped_timeout);
        }
        self.frame_deadline()
            .or_else(|| Deadline::new(state.active_at, Limit::Idle, limits.idle_timeout))
    }

    /// When the peer has to have taken its least.
    fn drain_deadline(&self) -> Option<Deadline> {
        let limits = self.io.limits();
        let since = self.io.state.draining_at.get().filter(|_| limits.min_drain_rate > 0)?;
        Deadline::new(since, Limit::DrainRate, limits.write_timeout)
    }

    /// Whether the peer has taken as much as it had to since this was looked at; then it is looked
    /// at anew.
    fn has_taken_enough(&mut self) -> bool {
        let limits = self.io.limits();
        let least = limits.write_timeout.as_millis().saturating_mul(limits.min_drain_rate as u128);
        let least = least / 1000;
        let state = &mut self.io.state;
        let has = state.drained as u128 >= least;
        state.draining_at.is_over();
        state.draining_at.goes_on(self.io.scheduler.clock.now());
        state.drained = 0;
        has
    }

    fn frame_deadline(&self) -> Option<Deadline> {
        let since = self.io.state.frame_at.get()?;
        let limits = self.io.limits();
        let rule = self.user.until(&self.io.terminator).rule;
        if let Some(within) = rule.within {
            return Deadline::new(since, Limit::FrameTime, within);
        }
        match rule.ends {
            Ends::Nothing | Ends::Eof if !T::HAS_TERMINATOR => None,
            _ if self.io.state.first_frame_due => {
                Deadline::new(since, Limit::FirstFrame, limits.first_frame_timeout)
            }
            _ => {
                let given =
                    if T::HAS_TERMINATOR { self.collected.len() } else { self.framer.taken() };
                let received = given.saturating_add(self.kept.len());
                let rate = Duration::from_secs(received as u64 / BYTES_PER_SECOND);
                Deadline::new(since, Limit::FrameTime, limits.frame_timeout.saturating_add(rate))
            }
        }
    }

    fn connect_deadline(&self) -> Option<Deadline> {
        let state = &self.io.state;
        let timeout = self.io.limits().connect_timeout;
        let connect = Deadline::new(state.active_at, Limit::Connect, timeout);
        let extra = self.io.extra.as_ref();
        let due = extra.and_then(|extra| extra.dial_at.get().or(extra.next_at.get()));
        let again = due.and_then(|at| Deadline::new(at, Limit::Connect, Duration::ZERO));
        Deadline::earlier(again, connect)
    }

    /// Whether it is time to connect, again or to the same address once more.
    pub(crate) fn takes_to_dial(&mut self) -> bool {
        let now = self.io.scheduler.clock.now();
        self.io.extra.as_mut().is_some_and(|extra| extra.dial_at.takes_what_is_due(now))
    }

    /// Whether it is time to try the next address, beside those that have not answered.
    pub(crate) fn takes_to_try_next(&mut self) -> bool {
        let now = self.io.scheduler.clock.now();
        self.io.extra.as_mut().is_some_and(|extra| extra.next_at.takes_what_is_due(now))
    }

    /// The loop's timer for this channel came.
    pub(crate) fn timer_came(&mut self) {
        self.io.state.deadline = None;
    }

    /// It stands: from now on it grows old, if it is to. A timer, and no deadline: nothing is looked at
    /// in each turn for it.
    pub(super) fn begin_to_age(&mut self) {
        let age = self.io.limits().max_connection_age;
        if age != NEVER {
            let age = spread(age, self.io.key);
            self.io.set_timed(age, Box::new(|_, io| io.grow_old()));
        }
    }

    /// Whether a queue has stalled. It is to be tried once more first: the system speaks of room
    /// only when a third of its buffer is free, and a slow peer may have taken less than that.
    pub(crate) fn is_stalled(&self) -> bool {
        let now = self.io.scheduler.clock.now();
        let writes = |limit| matches!(limit, Limit::WriteStall | Limit::DrainRate);
        self.deadline().is_some_and(|next| next.at <= now && writes(next.limit))
    }

    /// What has passed by now ends the channel.
    pub(crate) fn deadline_passed(&mut self) {
        let now = self.io.scheduler.clock.now();
        let Some(next) = self.deadline().filter(|next| next.at <= now) else { return };
        if next.limit == Limit::DrainRate && self.has_taken_enough() {
            return;
        }
        if next.limit == Limit::Answer {
            self.give_up_answers();
        }
        self.fail(Error::Timeout { limit: next.limit, after: next.after });
    }
}

impl<T: Channel> Io<T> {
    /// It drains by itself from now on. Whoever is at rest at no time would do so for ever.
    fn grow_old(&mut self) -> Result {
        self.state.is_old = true;
        self.scheduler.counters.hit(Limit::Age);
        let grace = self.limits().frame_timeout;
        self.set_timed(
            grace,
            Box::new(|_, io| {
                io.state.is_cut_off = true;
                io.close_when_done();
                Ok(())
            }),
        );
        Ok(())
    }
}

/// A time between nine tenths of `age` and all of it.
fn spread(age: Duration, key: RawKey) -> Duration {
    // Multiples of the golden ratio are spread evenly, however many of them there are.
    let place = key.index.wrapping_add(key.generation).wrapping_mul(0x9e37_79b9);
    age.saturating_sub((age / 10).mul_f64(f64::from(place) / f64::from(u32::MAX)))
}
