//! Reading where the terminator is a field: asynchat's own way, where it can change at any time.

use super::collected::Collected;
use super::Connection;
use crate::channel::io::stop;
use crate::channel::Channel;
use crate::framing::frame::Frame;
use crate::framing::until::Terminator;
use crate::framing::Step;
use crate::vocabulary::error::Error;

impl<T: Channel> Connection<T> {
    /// The terminator is a field: it may be another one after each call of user code.
    pub(super) fn feed_field(&mut self, input: &[u8]) -> usize {
        let mut at = 0;
        while let Some(rest) = input.get(at..) {
            if self.must_stop() {
                return self.stopped(at, input.len());
            }
            let Some(field) = self.user.terminator_field().map(|field| field.clone()) else {
                break;
            };
            self.framer.restart();
            match self.framer.step(&field.rule(), self.io.limits(), rest) {
                Step::Take { len, used, last, .. } => {
                    at += self.field_piece(&field, rest.get(..len).unwrap_or(&[]), used, last);
                }
                _ => break,
            }
        }
        at
    }

    /// One error for a frame that outgrows its limit; the rest is skipped. Whether this piece is.
    fn skips(&mut self, field: &Terminator, data: &[u8]) -> bool {
        if self.collected.is_skipping() || !T::COLLECTS {
            return self.collected.is_skipping();
        }
        let limit = self.most_collected(&field.rule());
        let is_too_much = self.collected.0.saturating_add(data.len()) > limit;
        if is_too_much {
            self.take_back_collected();
            self.collected = Collected::SKIPPING;
            self.fail(Error::FrameTooLong { limit });
        }
        is_too_much
    }

    /// Bytes of the frame under way went into the field.
    #[inline]
    pub(super) fn collected(&mut self, len: usize) {
        if T::COLLECTS || T::HAS_TERMINATOR {
            self.collected = Collected(self.collected.0.saturating_add(len));
        }
    }

    /// The frame under way is bad: what was collected of it is no part of the next one.
    pub(super) fn take_back_collected(&mut self) {
        let Collected(len) = std::mem::take(&mut self.collected);
        if T::COLLECTS && len > 0 {
            self.user.take_back(len);
        }
    }

    /// The frame under way has ended.
    #[inline]
    pub(super) fn begin_to_collect(&mut self) {
        if T::COLLECTS || T::HAS_TERMINATOR {
            self.collected = Collected::default();
        }
    }

    fn field_piece(&mut self, field: &Terminator, data: &[u8], used: usize, last: bool) -> usize {
        self.frames_left = self.frames_left.saturating_sub(1);
        if self.skips(field, data) {
            self.count_down(field, data.len());
            if last {
                self.begin_to_collect();
            }
            return used;
        }
        if !data.is_empty() {
            self.collected(data.len());
            let result = self.user.on_read(Frame::slice(data), &mut self.io);
            self.handled(result);
            let marks = stop::CLOSING | stop::ENDING | stop::DISCARD;
            let is_same = self.user.terminator_field().is_some_and(|now| now == field);
            if !is_same || self.io.state.stop & marks != 0 {
                return data.len();
            }
        }
        self.count_down(field, data.len());
        if last {
            self.found(Frame::slice(&[]), used);
        }
        used
    }

    /// Whether the field says that frames end.
    pub(super) fn has_frames(&mut self) -> bool {
        match self.user.terminator_field() {
            Some(Terminator::Len(len)) => *len > 0,
            Some(Terminator::Bytes(end)) => !end.is_empty(),
            Some(Terminator::None) | None => false,
        }
    }

    /// As in asynchat, the field says what is still to come.
    fn count_down(&mut self, field: &Terminator, taken: usize) {
        if let (Terminator::Len(len), Some(now)) = (field, self.user.terminator_field()) {
            if now == field {
                *now = Terminator::Len(len.saturating_sub(taken as u64));
            }
        }
    }
}
