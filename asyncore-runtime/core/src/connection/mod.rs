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
#[cfg(test)]
mod connection_tests;
mod deadlines;
#[cfg(test)]
mod deadlines_tests;
mod ending;
mod errors;
mod field;
mod frames;
mod input;
mod pressure;
mod producers;

use bytes::BytesMut;

use crate::channel::io::{stop, Half, Io, Phase, Pull};
use crate::channel::Channel;
use crate::framing::until::Ends;
use crate::framing::Framer;
use crate::output::Output;
use crate::scheduler::timers::TimerId;
use crate::transport::readiness::Ready;
use crate::vocabulary::counters::{Counters, Limit};
use crate::vocabulary::error::{Error, Result};
use crate::vocabulary::guard::guarded;
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
    /// Its socket goes to whoever asked for it.
    Detach,
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

    /// The channel and what it does things with.
    pub(crate) fn parts(&mut self) -> (&mut T, &mut Io<T>) {
        (&mut self.user, &mut self.io)
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
        self.begin_to_age();
        crate::trace!(self.io, "handle_connect");
        let before = if self.io.out.is_empty() { None } else { Some(self.take_output()) };
        // Guarded by itself: what waits behind it must not go with a panic.
        match guarded(|| self.user.on_connect(&mut self.io)) {
            Ok(result) => self.handled(result),
            Err(text) => self.panicked(text),
        }
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
        self.settled(result, 0);
    }

    /// As [`handled`](Self::handled), where the terminator is seen to elsewhere; so much was queued
    /// before.
    #[inline(always)]
    fn settled(&mut self, result: Result, queued_before: usize) {
        self.obey();
        self.check_output(queued_before);
        if let Err(error) = result {
            self.fail(error);
        }
    }

    fn change_terminator(&mut self) {
        if let Some(next) = self.io.next.take() {
            self.io.terminator = next;
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
            self.begin_to_collect();
            self.io.state.forget_frame();
            // Nothing is queued any more: whoever waited for room goes on.
            self.queue_got_lower();
        }
    }

    /// What lies over the stream stands. If it began in the middle of the conversation, the channel
    /// is told; else `opened` follows.
    pub(crate) fn begun(&mut self) {
        self.io.state.is_beginning = false;
        self.io.extra().beginning.is_over();
        Counters::bump(&self.io.scheduler.counters.handshakes);
        // The first frame has its time from here.
        self.io.state.frame_at.is_over();
        if self.io.state.phase == Phase::Open {
            crate::trace!(self.io, "tls");
            let result = self.user.on_tls(&mut self.io);
            self.handled(result);
        }
    }

    /// It does not begin.
    pub(crate) fn not_begun(&mut self, source: std::io::Error) {
        Counters::bump(&self.io.scheduler.counters.failed_handshakes);
        let dialled = || {
            let extra = self.io.extra.as_ref()?;
            extra.target.addrs.get(extra.trying).cloned()
        };
        let peer = self.io.peer_addr().or_else(dialled);
        self.fail(Error::Handshake { peer, source });
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

    /// `#[on_idle]`: nothing came or went for a while.
    pub(crate) fn idle(&mut self) {
        self.io.state.idle_told = true;
        crate::trace!(self.io, "idle");
        let result = self.user.on_idle(&mut self.io);
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
        if marks & stop::DETACHING != 0 && !self.has_output() {
            return Verdict::Detach;
        }
        let is_done = marks & stop::ENDING != 0 && !self.has_output();
        if is_done && self.was_connected() || self.is_done_draining() {
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

    /// Whether it was connected: it is now, or is between two connections. One that is to connect
    /// for the first time does so, although it is to end then.
    fn was_connected(&self) -> bool {
        let is_between = || self.io.extra.as_ref().is_some_and(|extra| extra.is_between);
        self.io.state.phase != Phase::Connecting || is_between()
    }

    /// Whether something is still to be written, or answered.
    pub(crate) fn has_output(&self) -> bool {
        let state = &self.io.state;
        !self.io.out.is_empty() || state.field_left || state.has_backlog || self.owes()
    }

    /// Whether the map drains, or this channel by itself, and it has nothing to do.
    fn is_done_draining(&mut self) -> bool {
        if !(self.io.scheduler.is_draining() || self.io.state.is_old) || self.has_output() {
            return false;
        }
        let is_busy = self.user.until(&self.io.terminator).rule.is_busy;
        let awaits_more = is_busy || self.awaits_the_end_of_a_frame();
        let state = &self.io.state;
        let is_at_rest = state.phase == Phase::Open
            && !state.ready.has(Ready::READABLE)
            && !state.look_again
            && state.stop & !stop::PAUSED == 0
            && !awaits_more;
        let waits_to_connect =
            self.io.extra.as_ref().is_some_and(|extra| extra.dial_at.get().is_some());
        state.is_shared || is_at_rest || waits_to_connect
    }

    /// Whether a frame has begun that has an end to wait for: what is given out as it comes has none.
    pub(super) fn awaits_the_end_of_a_frame(&mut self) -> bool {
        if T::HAS_TERMINATOR {
            return self.is_in_a_frame() && self.has_frames();
        }
        let until = self.user.until(&self.io.terminator);
        self.is_in_a_frame() && !matches!(until.rule.ends, Ends::Nothing)
    }

    /// Whether a frame has begun: bytes of it are kept, or were given out.
    pub(super) fn is_in_a_frame(&self) -> bool {
        !self.kept.is_empty() || self.framer.mid_frame() || self.collected.has_begun()
    }

    /// Whether it stops here of its own will, so that nobody else will wake it.
    fn is_runnable(&self) -> bool {
        let state = &self.io.state;
        if state.phase != Phase::Open || state.is_beginning {
            // What lies over the stream has to begin first: room to write is no reason for a turn.
            return state.phase != Phase::Connecting && state.ready.has(Ready::READABLE);
        }
        // A stream that ends is read to be dropped; nothing else is.
        let stopped = if state.is_shared { state.stop } else { state.stop & !stop::ENDING };
        let can_read = stopped == 0 && state.wants_read;
        can_read
            && (state.look_again
                || state.ready.has(Ready::READABLE)
                || state.eof && !state.eof_told)
            || state.ready.has(Ready::WRITABLE)
                && (self.io.out.is_waiting_for_room()
                    || state.wants_write
                    || state.field_left && self.io.out.is_empty())
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

    /// It holds most, and all channels together hold too much.
    pub(crate) fn shed(&mut self) {
        let limit = self.io.scheduler.most_bytes.get();
        self.fail(Error::Shed { limit });
        self.io.state.stop |= stop::CLOSING;
    }

    /// How many bytes the runtime holds for it.
    #[inline]
    pub(crate) fn held(&self) -> usize {
        self.io.out.queued().saturating_add(self.kept.len())
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
