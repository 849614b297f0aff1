//! One channel in the map: the turns it has, and what it does in one.
//!
//! A turn goes: connecting, `on_connect`, reading (all frames of what was read), writing (once),
//! out-of-band data; then what ends the connection. User code is called in here and in the
//! modules below, always with the channel out of its slot.

use bytes::BytesMut;
use core::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

use crate::channel::io::{stop, Io, Phase};
use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::connection::linger::Linger;
use crate::error::{Cause, Closed, Error, Result};
use crate::framing::Framer;
use crate::limits::{Counters, Limit};
use crate::scheduler::scratch::Scratch;
use crate::scheduler::timers::{Due, TimerId};
use crate::scheduler::turn::{After, Driven, Ready, TaskFn, Wake};
use crate::transport::link::Link;

pub(crate) mod acceptor;
mod connecting;
mod deadlines;
pub(crate) mod handle;
pub(crate) mod linger;
mod others;
pub(crate) mod reach;
mod reading;
pub(crate) mod start;
mod writing;

pub(crate) struct Entry<T: Channel> {
    pub(crate) user: T,
    pub(crate) io: Io<T>,
    framer: Framer,
    /// Bytes read and not handled: the start of a frame, or what a pause or a budget left.
    kept: BytesMut,
    /// Frames that may still be handled in this turn.
    frames_left: usize,
    /// Where the terminator is a field: payload given out since the last frame ended.
    collected: usize,
}

impl<T: Channel> Entry<T> {
    pub(crate) fn new(user: T, io: Io<T>) -> Self {
        let () = T::CHECK;
        Self {
            user,
            io,
            framer: Framer::default(),
            kept: BytesMut::new(),
            frames_left: 0,
            collected: 0,
        }
    }

    /// Runs what another channel, a thread or a test wants done.
    pub(crate) fn run_task<R: Reply<T>>(
        any: &mut dyn Any,
        scratch: &mut Scratch,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R,
    ) -> After {
        // Something else may stand here: what lingers after the channel has the same slot.
        let Some(entry) = any.downcast_mut::<Self>() else { return After::Rest };
        entry.event(scratch, |entry, _| {
            let result = Reply::send(f(&mut entry.user, &mut entry.io), &mut entry.io);
            entry.handled(result);
        })
    }

    /// The task that makes this channel wait for another's queue, or no longer.
    pub(crate) fn wait_task(waits: bool) -> TaskFn {
        Box::new(move |any, scratch| {
            let Some(entry) = any.downcast_mut::<Self>() else { return After::Rest };
            entry.event(scratch, |entry, _| entry.io.wait(waits))
        })
    }

    /// Everything that calls user code goes through here: a panic costs this channel only.
    fn event(
        &mut self,
        scratch: &mut Scratch,
        work: impl FnOnce(&mut Self, &mut Scratch),
    ) -> After {
        self.io.out.borrow(&mut scratch.output);
        self.mark_output();
        let work = |entry: &mut Self| {
            work(entry, scratch);
            if T::PRODUCES {
                // The event may have filled the field: nobody else would look.
                entry.flush_again();
            }
        };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(self))) {
            self.fail(Error::Panic(panic_text(&*panic)));
        }
        let after = self.finish();
        self.io.out.give_back(&mut scratch.output);
        after
    }

    fn turn(&mut self, scratch: &mut Scratch) {
        self.frames_left = self.io.limits().frames_per_turn.max(1);
        if self.io.state.phase == Phase::Connecting && !self.is_connected_now() {
            return;
        }
        if self.io.state.phase == Phase::Fresh {
            self.opened();
        }
        self.read_phase(scratch);
        self.write_phase();
        if std::mem::take(&mut self.io.state.ready.urgent) && !self.io.state.late {
            crate::trace!(self.io, "handle_expt");
            let result = self.user.on_expt(&mut self.io);
            self.handled(result);
        }
    }

    fn opened(&mut self) {
        self.io.state.phase = Phase::Open;
        self.io.state.active_at = self.io.shared.clock.now();
        if self.io.link.has_peer() {
            crate::trace!(self.io, "handle_connect");
            let result = self.user.on_connect(&mut self.io);
            self.handled(result);
        }
    }

    /// After any user code: what it asked for takes effect.
    #[inline]
    fn handled(&mut self, result: Result) {
        if self.io.next.is_some() || T::HAS_TERMINATOR {
            self.change_terminator();
        }
        self.obey();
        if let Err(error) = result {
            self.fail(error);
        }
    }

    fn change_terminator(&mut self) {
        if let Some(next) = self.io.next.take() {
            self.io.at = next;
            self.framer.restart();
            self.io.state.begin_anew();
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
            if !self.io.state.first_frame_due {
                self.io.state.frame_at = None;
            }
        }
    }

    /// Shows an error to `#[on_error]`, once, and closes after it if it has to be.
    #[cold]
    fn fail(&mut self, error: Error) {
        let is_ending = self.io.extra.as_ref().is_some_and(|extra| extra.error.is_some());
        if is_ending || self.io.state.stop & stop::CLOSING != 0 {
            self.io.state.stop |= stop::CLOSING;
            return;
        }
        if let Some(limit) = error.limit() {
            self.io.shared.counters.hit(limit);
        }
        crate::trace!(self.io, "handle_error", "{error}");
        let shown = catch_unwind(AssertUnwindSafe(|| self.user.on_error(&error, &mut self.io)));
        if !matches!(shown, Ok(Ok(()))) {
            self.io.state.stop |= stop::CLOSING;
        }
        self.after_error(error);
    }

    fn after_error(&mut self, error: Error) {
        // Whoever has something to say about a deadline or bad input can still say it.
        let may_say = matches!(
            error,
            Error::Timeout { .. } | Error::Scan(_) | Error::BadPrefix | Error::Stuck
        ) && self.io.state.stop & stop::ENDING != 0;
        if error.is_fatal() && !may_say {
            self.io.state.stop |= stop::CLOSING;
        }
        if self.io.state.stop & (stop::CLOSING | stop::ENDING) != 0 {
            self.io.extra().error = Some(error);
        } else if self.io.next.is_some() && !self.framer.is_skipping() {
            self.change_terminator();
        }
        self.obey();
    }

    /// The end of every turn: what ends the connection, what the timers must know, what is left.
    fn finish(&mut self) -> After {
        let limit = self.io.limits().max_output;
        if self.io.out.queued() > limit {
            self.fail(Error::OutputTooLong { limit });
        }
        // Whoever was at the input has dropped it; asked for elsewhere there was none to drop.
        self.io.state.stop &= !stop::DISCARD;
        let marks = self.io.state.stop;
        if marks & stop::CLOSING != 0 {
            // Any close makes one attempt to write what is ready.
            self.io.write_ready();
            return self.end();
        }
        let is_done = marks & stop::ENDING != 0 && !self.has_output();
        if is_done && self.io.state.phase != Phase::Connecting || self.is_drained() {
            return self.end();
        }
        self.end_output_if_asked();
        self.mark_times();
        self.arm();
        if self.is_runnable() {
            After::Again
        } else {
            After::Rest
        }
    }

    /// Whether the map drains and this channel has nothing to do.
    fn is_drained(&self) -> bool {
        let state = &self.io.state;
        self.io.shared.is_draining.get()
            && (!self.io.link.has_peer() && !self.has_output()
                || state.phase == Phase::Open
                    && !state.ready.readable
                    && !state.look_again
                    && state.stop == 0
                    && self.kept.is_empty()
                    && !self.has_output())
    }

    /// Whether it stops here of its own will, so that nobody else will wake it.
    fn is_runnable(&self) -> bool {
        let state = &self.io.state;
        if state.phase == Phase::Connecting {
            return false;
        }
        let can_read = state.stop & !stop::ENDING == 0 && state.wants_read;
        can_read && (state.look_again || state.ready.readable || state.eof && !state.eof_told)
            || state.ready.writable
                && (self.io.out.is_waiting_for_room() || state.wants_write || state.field_left)
    }

    /// Exactly one close event for each connection, and nothing after it.
    fn end(&mut self) -> After {
        let why = self.reason();
        crate::trace!(self.io, "handle_close", "{why}");
        Counters::bump(&self.io.shared.counters.closed);
        self.forget_timers();
        self.io.release_waiters();
        self.io.refuse_output();
        // A panic here has nobody left to be told; the hook has printed it.
        let _ = catch_unwind(AssertUnwindSafe(|| self.user.on_close(&why, &mut self.io)));
        self.forget_timers();
        if let Some(network) = &self.io.shared.network {
            network.borrow_mut().closed.insert(self.io.key, why);
        }
        if let Some(after) = self.io.extra.as_mut().and_then(|extra| extra.reconnect.take()) {
            self.start_over(after);
            return After::Rest;
        }
        self.leave()
    }

    /// Gives up the descriptor, at once or after the peer has read the end.
    fn leave(&mut self) -> After {
        let state = &self.io.state;
        // `close` is now; everything else lets the peer read what was sent.
        let in_peace = state.stop & stop::CLOSING == 0;
        if in_peace && !state.eof && matches!(self.io.link, Link::Tcp(_)) {
            let timeout = self.io.limits().linger_timeout;
            let link = std::mem::replace(&mut self.io.link, Link::None);
            let lingering = Linger::new(self.io.shared.clone(), self.io.key, link, timeout);
            return After::Replaced(Box::new(lingering));
        }
        if matches!(self.io.link, Link::Memory(_)) {
            // Nothing can fail in memory.
            let _ = self.io.link.shutdown_write();
        }
        self.io.shared.close(&mut self.io.link);
        After::Gone
    }

    fn reason(&mut self) -> Closed {
        let state = &self.io.state;
        let ends_by_itself = state.stop & (stop::CLOSING | stop::ENDING) == 0;
        let is_drained = ends_by_itself || state.is_cut_off;
        let cause = if is_drained { Cause::Drained } else { Cause::ByUs };
        let cause = if state.eof { Cause::ByPeer } else { cause };
        let unsent = self.io.out.clear();
        let extra = self.io.extra.as_mut();
        let error = extra.and_then(|extra| extra.error.take());
        let pushed_late = self.io.extra.as_ref().map_or(0, |extra| extra.pushed_late);
        Closed {
            cause: error.map_or(cause, Cause::Error),
            unsent,
            unread: self.kept.len(),
            pushed_late,
        }
    }

    fn forget_timers(&mut self) {
        let mut timers = self.io.shared.timers.borrow_mut();
        if let Some(id) = self.io.state.deadline.take() {
            timers.cancel(id);
        }
        for (id, _) in self.io.extra.iter_mut().flat_map(|extra| extra.timers.drain(..)) {
            timers.cancel(id);
        }
    }

    fn timer(&mut self, id: TimerId) {
        if let Some(run) = self.io.take_timer(id) {
            crate::trace!(self.io, "handle_timer");
            let result = run(&mut self.user, &mut self.io);
            self.handled(result);
        }
    }
}

impl<T: Channel> Driven for Entry<T> {
    fn note(&mut self, ready: Ready) {
        let state = &mut self.io.state;
        state.room |= ready.writable && !state.ready.writable;
        state.ready.add(ready);
    }

    fn run(&mut self, wake: Wake, scratch: &mut Scratch) -> After {
        self.event(scratch, |entry, scratch| match wake {
            Wake::Ready(news) => {
                entry.note(news);
                entry.turn(scratch);
            }
            Wake::Timer(id) => entry.timer(id),
            Wake::Deadline => entry.deadline_passed(),
            Wake::Close => entry.io.state.stop |= stop::CLOSING,
            Wake::Drained => entry.cut_off(),
        })
    }

    fn ask(&mut self, scratch: &mut Scratch) -> After {
        if matches!(self.io.link, Link::None) {
            return After::Rest;
        }
        self.event(scratch, |entry, _| {
            entry.io.state.wants_read = entry.user.readable();
            entry.io.state.wants_write = entry.user.writable();
            crate::trace!(entry.io, "readable", "{}", entry.io.state.wants_read);
            crate::trace!(entry.io, "writable", "{}", entry.io.state.wants_write);
        })
    }
}

impl<T: Channel> Entry<T> {
    /// The time to drain is over.
    fn cut_off(&mut self) {
        self.io.state.is_cut_off = true;
        self.io.state.stop |= stop::CLOSING;
    }

    fn set_deadline(&mut self, at: u64) {
        let mut timers = self.io.shared.timers.borrow_mut();
        if let Some(id) = self.io.state.deadline {
            timers.cancel(id);
        }
        self.io.state.deadline = Some(timers.set(at, self.io.key, Due::Deadline));
    }

    fn hit(&self, limit: Limit) {
        self.io.shared.counters.hit(limit);
    }
}

/// What a panic said.
fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let owned = || panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(owned).unwrap_or("no text").to_owned()
}
