//! One channel's life without I/O: bytes in, bytes out, deadlines, and the order of events.
//!
//! A driver reads, writes, dials and closes; what comes of it is decided here. In go
//! [`received`](Connection::received) bytes, an [end](Connection::end_of_input), an
//! [error](Connection::fail); out come a queue to be written, [what is wanted](Connection::takes_input)
//! and a [verdict](Connection::verdict). Knows the rooms below; of the endpoint in its `Io` it knows
//! what `State` says of it, and it names neither sockets nor mio nor the map.
//!
//! User code is called in here, always through [`handled`](Connection::handled), and always with the
//! channel out of its slot.

mod answers;
mod collected;
mod deadlines;
mod errors;
mod field;
mod frames;
mod input;
mod pressure;
mod producers;

use bytes::BytesMut;
use core::time::Duration;

use crate::channel::io::{stop, Half, Io, Phase, Pull, State};
use crate::channel::Channel;
use crate::framing::Framer;
use crate::output::Output;
use crate::scheduler::timers::TimerId;
use crate::transport::readiness::Ready;
use crate::vocabulary::counters::{Counters, Limit};
use crate::vocabulary::error::{Cause, Closed, Error, Result};
use crate::vocabulary::guard::{dispose, dispose_each, guarded};
use collected::Collected;

/// A channel with what the runtime knows of it.
pub(crate) struct Connection<T: Channel> {
    pub(crate) user: T,
    pub(crate) io: Io<T>,
    framer: Framer,
    /// Bytes read and not handled: the start of a frame, or what a pause or a budget left.
    kept: BytesMut,
    /// Frames that may still be handled in this turn.
    frames_left: usize,
    /// Where the terminator is a field: payload given out since the last frame ended.
    collected: Collected,
}

/// What is to become of a connection after a turn.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It waits.
    Rest,
    /// It stopped of its own will: nobody else would wake it.
    Again,
    /// It closes now, after one attempt to write.
    Close,
    /// It is done.
    Done,
}

impl<T: Channel> Connection<T> {
    pub(crate) fn new(user: T, io: Io<T>) -> Self {
        let () = T::CHECK;
        Self {
            user,
            io,
            framer: Framer::default(),
            kept: BytesMut::new(),
            frames_left: 0,
            collected: Collected::default(),
        }
    }

    /// A turn begins: the others have theirs after so many frames.
    #[inline]
    pub(crate) fn begin_turn(&mut self) {
        self.frames_left = self.io.limits().frames_per_turn.max(1);
    }

    /// It stands, and is told so. What was pushed before waits behind what it says now.
    pub(crate) fn opened(&mut self) {
        self.io.state.phase = Phase::Open;
        self.io.state.active_at = self.io.scheduler.clock.now();
        self.io.scheduler.opened(self.io.key);
        if !self.io.state.has_peer {
            return;
        }
        crate::trace!(self.io, "handle_connect");
        let before = if self.io.out.is_empty() { None } else { Some(self.take_output()) };
        let result = self.user.on_connect(&mut self.io);
        self.handled(result);
        if let Some(before) = before {
            self.io.out.append(before);
        }
    }

    fn take_output(&mut self) -> Output<Pull<T>> {
        std::mem::replace(&mut self.io.out, Output::open())
    }

    /// After any user code: what it asked for takes effect, and the bounds are looked at before
    /// anything is written.
    #[inline(always)]
    pub(crate) fn handled(&mut self, result: Result) {
        if self.io.next.is_some() || T::HAS_TERMINATOR {
            self.change_terminator();
        }
        self.settled(result);
    }

    /// As [`handled`](Self::handled), where the terminator is seen to elsewhere.
    #[inline(always)]
    fn settled(&mut self, result: Result) {
        self.obey();
        self.check_output();
        if let Err(error) = result {
            self.fail(error);
        }
    }

    fn change_terminator(&mut self) {
        if let Some(next) = self.io.next.take() {
            self.io.at = next;
            self.framer.restart();
            self.io.state.forget_frame();
        }
        self.io.state.look_again = true;
    }

    /// Marks that a handler left take effect.
    #[inline(always)]
    fn obey(&mut self) {
        if self.io.state.stop & (stop::ENDING | stop::CLOSING | stop::DISCARD) != 0 {
            self.obey_marks();
        }
    }

    #[cold]
    fn obey_marks(&mut self) {
        if self.io.state.stop & (stop::ENDING | stop::CLOSING) != 0 {
            self.io.refuse_output();
        }
        if self.io.state.stop & stop::DISCARD != 0 {
            // What was read is dropped; the loop over frames drops the rest of what it is at.
            self.kept = BytesMut::new();
            self.framer.restart();
            self.io.state.forget_frame();
        }
    }

    /// `#[on_write]`: there is room.
    pub(crate) fn has_room(&mut self) {
        self.io.state.room = false;
        if T::ASKED || T::RAW {
            crate::trace!(self.io, "handle_write");
        }
        let result = self.user.on_write(&mut self.io);
        self.handled(result);
    }

    /// `#[on_expt]`: out-of-band data.
    pub(crate) fn urgent(&mut self) {
        if !self.io.state.late {
            crate::trace!(self.io, "handle_expt");
            let result = self.user.on_expt(&mut self.io);
            self.handled(result);
        }
    }

    /// `#[readable]` and `#[writable]`.
    pub(crate) fn ask(&mut self) {
        self.io.state.wants_read = self.user.readable();
        self.io.state.wants_write = self.user.writable();
        crate::trace!(self.io, "readable", "{}", self.io.state.wants_read);
        crate::trace!(self.io, "writable", "{}", self.io.state.wants_write);
    }

    pub(crate) fn timer(&mut self, id: TimerId) {
        if let Some(run) = self.io.take_timer(id) {
            crate::trace!(self.io, "handle_timer");
            let result = run(&mut self.user, &mut self.io);
            self.handled(result);
        }
    }

    /// The time to drain is over.
    pub(crate) fn cut_off(&mut self) {
        self.io.state.is_cut_off = true;
        self.io.state.stop |= stop::CLOSING;
    }

    // -- what becomes of it

    /// At the end of every turn.
    pub(crate) fn verdict(&mut self) -> Verdict {
        // Whoever was at the input has dropped it; asked for elsewhere there was none to drop.
        self.io.state.stop &= !stop::DISCARD;
        let marks = self.io.state.stop;
        if marks & stop::CLOSING != 0 {
            return Verdict::Close;
        }
        let is_done = marks & stop::ENDING != 0 && !self.has_output();
        if is_done && self.io.state.phase != Phase::Connecting || self.is_drained() {
            return Verdict::Done;
        }
        self.mark_times();
        self.arm();
        if self.is_runnable() {
            Verdict::Again
        } else {
            Verdict::Rest
        }
    }

    /// Whether something is still to be written, or answered.
    pub(crate) fn has_output(&self) -> bool {
        let state = &self.io.state;
        !self.io.out.is_empty() || state.field_left || state.has_backlog || self.owes()
    }

    /// Whether the map drains and this channel has nothing to do.
    fn is_drained(&self) -> bool {
        if !self.io.scheduler.is_draining() || self.has_output() {
            return false;
        }
        let state = &self.io.state;
        let is_at_rest = state.phase == Phase::Open
            && !state.ready.has(Ready::READABLE)
            && !state.look_again
            && state.stop == 0
            && self.kept.is_empty();
        let waits_to_connect =
            self.io.extra.as_ref().is_some_and(|extra| extra.dial_at.get().is_some());
        !state.has_peer || is_at_rest || waits_to_connect
    }

    /// Whether it stops here of its own will, so that nobody else will wake it.
    fn is_runnable(&self) -> bool {
        let state = &self.io.state;
        if state.phase != Phase::Open {
            // What lies over the stream has to begin first: room to write is no reason for a turn.
            return state.phase == Phase::Fresh && state.ready.has(Ready::READABLE);
        }
        let can_read = state.stop & !stop::ENDING == 0 && state.wants_read;
        can_read
            && (state.look_again
                || state.ready.has(Ready::READABLE)
                || state.eof && !state.eof_told)
            || state.ready.has(Ready::WRITABLE)
                && (self.io.out.is_waiting_for_room() || state.wants_write || state.field_left)
    }

    /// Whether this direction is to be ended now: `end_output`, and all was written.
    pub(crate) fn ends_output(&mut self) -> bool {
        if self.io.state.half != Half::Asked {
            return false;
        }
        self.io.refuse_output();
        let is_due = !self.has_output() && self.io.is_connected();
        if is_due {
            self.io.state.half = Half::Done;
        }
        is_due
    }

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
        self.io.scheduler.system.ended(self.io.key, why);
        let again = self.io.extra.as_mut().and_then(|extra| extra.reconnect.take());
        again.filter(|_| self.io.scheduler.admits_anew().is_ok())
    }

    fn reason(&mut self) -> Closed {
        let state = &self.io.state;
        let ends_by_itself = state.stop & (stop::CLOSING | stop::ENDING) == 0;
        let is_drained = ends_by_itself || state.is_cut_off;
        let cause = if is_drained { Cause::Drained } else { Cause::ByUs };
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
        let dial_at = self.io.scheduler.clock.after(after);
        let held = self.io.state.held;
        self.forget_state();
        self.io.out.clear();
        self.io.out = Output::default();
        self.io.state = State {
            phase: Phase::Connecting,
            wants_read: true,
            has_peer: true,
            active_at: dial_at,
            held,
            ..Default::default()
        };
        let extra = self.io.extra();
        (extra.trying, extra.refused, extra.pushed_late) = (0, None, 0);
        (extra.owed.first, extra.owed.open) = (extra.owed.next, 0);
        extra.owed.since.is_over();
        extra.is_between = true;
        extra.dial_at.is_over();
        extra.dial_at.goes_on(dial_at);
        self.framer = Framer::default();
        self.kept = BytesMut::new();
        self.collected = Collected::default();
        self.set_deadline(dial_at);
    }

    /// It holds most, and all channels together hold too much.
    pub(crate) fn shed(&mut self) {
        let limit = self.io.scheduler.most_bytes.get();
        self.fail(Error::Shed { limit });
        self.io.state.stop |= stop::CLOSING;
    }

    /// Ends without a word: it was told of the end of its last connection, and has no other.
    pub(crate) fn forget(&mut self) {
        self.forget_timers();
        self.release_waiters();
        self.io.out.clear();
    }

    /// How many bytes the runtime holds for it.
    #[inline]
    pub(crate) fn held(&self) -> usize {
        self.io.out.queued().saturating_add(self.kept.len())
    }

    /// The state it is in, and the one it would go to, hold what is the user's.
    fn forget_state(&mut self) {
        dispose(std::mem::take(&mut self.io.at));
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

    fn hit(&self, limit: Limit) {
        self.io.scheduler.counters.hit(limit);
    }
}

impl<T: Channel> Connection<T> {
    /// User code panicked: that costs this channel, or what it was at.
    #[cold]
    pub(crate) fn panicked(&mut self, text: String) {
        self.io.scheduler.count_panic();
        self.fail(Error::Panic(text));
    }
}
