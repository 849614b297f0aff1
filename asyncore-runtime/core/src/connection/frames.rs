//! Frames to handlers: the loop that a server spends its time in.

use super::Connection;
use crate::channel::io::stop;
use crate::channel::Channel;
use crate::framing::frame::Frame;
use crate::framing::until::{Delivery, Rule};
use crate::framing::Step;
use crate::vocabulary::counters::Limit;
use crate::vocabulary::error::Error;

impl<T: Channel> Connection<T> {
    /// Handles all frames of `input`; how many bytes are done with.
    pub(super) fn feed(&mut self, input: &[u8]) -> usize {
        if T::HAS_TERMINATOR {
            return self.feed_field(input);
        }
        let mut at = 0;
        while let Some(rest) = input.get(at..) {
            let rest = if self.awaits_whole() { self.feed_whole(rest) } else { rest };
            at = input.len() - rest.len();
            if self.must_stop() {
                return self.stopped(at, input.len());
            }
            if rest.is_empty() && !self.user.until(&self.io.terminator).rule.may_take_nothing() {
                break;
            }
            let Some(used) = self.step(rest) else { break };
            at += used;
        }
        at
    }

    /// Whether a frame begins here that is given out in one.
    #[inline(always)]
    fn awaits_whole(&self) -> bool {
        self.framer.is_fresh()
            && self.user.until(&self.io.terminator).rule.delivery == Delivery::Whole
    }

    /// Handles the frames at the head of `input` that are whole and have nothing special about
    /// them, which most have; what is behind them. What it need not ask for each frame, it does not.
    #[inline(never)]
    fn feed_whole<'i>(&mut self, mut input: &'i [u8]) -> &'i [u8] {
        let limits = self.io.limits();
        let (text, declared) = (limits.max_frame, limits.max_length);
        let high = limits.output_high;
        let (frames_before, mut queued_before) = (self.frames_left, 0);
        loop {
            let queued = self.io.out.queued();
            if queued >= high || self.io.state.stop != 0 || self.frames_left == 0 {
                break;
            }
            let until = self.user.until(&self.io.terminator);
            let Some((frame, rest)) = until.rule.whole_frame(text, declared, input) else { break };
            let next = until.next;
            self.frames_left -= 1;
            queued_before = queued;
            crate::trace!(self.io, "found_terminator");
            let result = self.user.found_terminator(Frame::slice(frame), &mut self.io);
            self.go_on(rest.len() < input.len(), next);
            input = rest;
            if let Err(error) = result {
                self.handler_failed(error);
            }
        }
        if self.frames_left < frames_before {
            self.fed(queued_before);
        }
        input
    }

    #[cold]
    #[inline(never)]
    fn handler_failed(&mut self, error: Error) {
        self.obey();
        self.fail(error);
    }

    /// After frames that were handled in one go.
    #[inline(never)]
    fn fed(&mut self, queued_before: usize) {
        self.io.state.frame_ended();
        self.obey();
        self.check_output(queued_before);
    }

    /// One step of any other kind; how many bytes are done with, or `None` if more are needed.
    #[inline(never)]
    fn step(&mut self, rest: &[u8]) -> Option<usize> {
        let mut rule = self.user.until(&self.io.terminator).rule;
        if T::COLLECTS && rule.delivery == Delivery::Collected {
            // What goes into a field is held all the same.
            rule.max = rule.max.or(Some(self.most_collected(&rule)));
        }
        match self.framer.step(&rule, self.io.limits(), rest) {
            Step::Need => None,
            step => {
                let delivery = rule.delivery;
                Some(self.apply(step, delivery, rest))
            }
        }
    }

    pub(super) fn must_stop(&self) -> bool {
        self.io.state.stop != 0 || self.frames_left == 0 || self.io.is_high()
    }

    /// The loop over frames ends early: what is left is looked at again, or dropped.
    #[cold]
    pub(super) fn stopped(&mut self, at: usize, len: usize) -> usize {
        self.choke_if_high();
        let state = &mut self.io.state;
        if state.stop & (stop::DISCARD | stop::ENDING) != 0 {
            state.stop &= !stop::DISCARD;
            return len;
        }
        if state.stop == 0 {
            self.hit(Limit::Turn);
        }
        self.io.state.look_again = true;
        at
    }

    #[inline(never)]
    pub(super) fn found(&mut self, frame: Frame<'_>, used: usize) {
        self.frames_left = self.frames_left.saturating_sub(1);
        crate::trace!(self.io, "found_terminator");
        let queued = self.io.out.queued();
        let result = self.user.found_terminator(frame, &mut self.io);
        self.frame_done(used > 0);
        self.settled(result, queued);
    }

    fn frame_done(&mut self, took: bool) {
        self.framer.restart();
        self.begin_to_collect();
        self.io.state.frame_ended();
        let next = self.user.until(&self.io.terminator).next;
        self.go_on(took, next);
    }

    /// The state goes where the handler said, or to the one that follows by itself, or stays.
    #[inline(always)]
    fn go_on(&mut self, took: bool, next: Option<T::Terminator>) {
        match self.io.next.take().or(next) {
            Some(next) => self.io.terminator = next,
            // The same state on the same bytes would go on for ever.
            None if !took && !T::HAS_TERMINATOR => self.fail(Error::Stuck),
            None => {}
        }
    }

    /// Does what the framer says; how many bytes are done with.
    pub(super) fn apply(&mut self, step: Step, delivery: Delivery, rest: &[u8]) -> usize {
        match step {
            Step::Need => 0,
            Step::Take { start, len, used, last } => {
                let data = rest.get(start..start + len).unwrap_or(&[]);
                if delivery == Delivery::Whole {
                    self.found(Frame::slice(data), used);
                    return used;
                }
                self.piece(delivery, data, start + len, used, last)
            }
            Step::Skip { used, last } => {
                if last {
                    self.frame_done(true);
                }
                used
            }
            Step::Bad { error, used } => {
                self.take_back_collected();
                if !self.framer.is_skipping() {
                    self.frame_done(true);
                }
                self.fail(error);
                used
            }
        }
    }

    /// A piece of a frame; if the end comes with it, `used` bytes are done with.
    pub(super) fn piece(
        &mut self,
        delivery: Delivery,
        data: &[u8],
        payload: usize,
        used: usize,
        last: bool,
    ) -> usize {
        self.frames_left = self.frames_left.saturating_sub(1);
        let result = match delivery {
            Delivery::Pieces | Delivery::Whole => {
                self.user.found_terminator(Frame::piece(data, last), &mut self.io)
            }
            Delivery::Collected if !data.is_empty() => {
                self.collected(data.len());
                self.user.on_read(Frame::slice(data), &mut self.io)
            }
            Delivery::Collected | Delivery::Dropped => Ok(()),
        };
        let has_moved = self.io.next.is_some();
        if delivery == Delivery::Pieces && last {
            self.frame_done(used > 0);
        }
        self.handled(result);
        if matches!(delivery, Delivery::Whole | Delivery::Pieces) || !last {
            return used;
        }
        // `on_read` may have changed its mind: then the end is not one any more.
        if has_moved || self.io.state.stop & (stop::CLOSING | stop::ENDING | stop::DISCARD) != 0 {
            return payload;
        }
        self.found(Frame::slice(&[]), used);
        used
    }

    /// How much a field marked `#[on_read]` may collect for one frame.
    pub(super) fn most_collected(&self, rule: &Rule<'_>) -> usize {
        let limits = self.io.limits();
        if rule.is_text() {
            limits.max_frame
        } else {
            limits.max_length
        }
    }
}
