//! The reading half of a turn: bytes to frames, frames to handlers.

use bytes::{Buf, BytesMut};
use std::io;

use super::Entry;
use crate::channel::io::{stop, Phase};
use crate::channel::Channel;
use crate::error::{Error, Result};
use crate::framing::frame::Frame;
use crate::framing::until::{Ends, Take, Terminator, Until};
use crate::framing::Step;
use crate::limits::Limit;
use crate::scheduler::scratch::{Scratch, HEAD, READ};
use crate::transport::link::Link;

/// Datagrams read in one turn before the others have theirs.
const DATAGRAMS_PER_TURN: usize = 64;

impl<T: Channel> Entry<T> {
    pub(super) fn read_phase(&mut self, scratch: &mut Scratch) {
        if matches!(self.io.link, Link::Acceptor(_)) {
            self.accept_phase();
        } else if matches!(self.io.link, Link::Udp(_)) {
            self.datagram_phase(scratch);
        } else if T::RAW {
            self.raw_phase();
        } else {
            self.stream_phase(scratch);
        }
        let state = &self.io.state;
        if state.eof && !state.eof_told && state.stop & !stop::ENDING == 0 && !state.look_again {
            self.ended();
        }
    }

    fn stream_phase(&mut self, scratch: &mut Scratch) {
        let mut read = 0;
        loop {
            if self.is_choked() {
                self.flush_again();
            }
            if !self.may_read() {
                break;
            }
            if self.io.state.look_again {
                if self.frames_left == 0 {
                    break;
                }
                self.feed_kept();
                if self.io.state.look_again && !self.is_choked() {
                    break;
                }
                continue;
            }
            if !self.io.state.ready.readable {
                break;
            }
            let most = self.io.limits().bytes_per_turn.max(1).saturating_sub(read).min(READ);
            if most == 0 {
                self.hit(Limit::Turn);
                break;
            }
            match self.read_some(scratch, most) {
                Some(len) => read += len,
                None => break,
            }
        }
    }

    fn is_choked(&self) -> bool {
        self.io.state.stop & stop::CHOKED != 0
    }

    /// Whether the channel takes input: after `close_when_done` it does, to drop it.
    fn may_read(&self) -> bool {
        let state = &self.io.state;
        state.stop & !stop::ENDING == 0 && state.wants_read && state.phase == Phase::Open
    }

    /// One read, with what is kept in front of it; `None` if there was nothing. A frame that
    /// outgrew the head of the loop's buffer is gathered in its own.
    fn read_some(&mut self, scratch: &mut Scratch, most: usize) -> Option<usize> {
        let is_large = self.kept.len() > HEAD;
        let head = if is_large { 0 } else { self.kept.len() };
        let len = self.read_into(scratch.input.get_mut(head..head + most)?)?;
        if is_large {
            self.kept.extend_from_slice(scratch.input.get(..len)?);
            self.feed_large();
        } else {
            scratch.input.get_mut(..head)?.copy_from_slice(&self.kept);
            let input = scratch.input.get(..head + len)?;
            let used = self.feed(input);
            self.keep(input.get(used..).unwrap_or(&[]));
        }
        Some(len)
    }

    fn read_into(&mut self, buf: &mut [u8]) -> Option<usize> {
        match self.io.read_link(buf) {
            Ok(0) => None,
            Ok(len) => {
                crate::trace!(self.io, "handle_read", "{len} bytes");
                Some(len)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::WouldBlock {
                    self.fail(Error::io("read", error));
                }
                None
            }
        }
    }

    /// Keeps what is in no frame; nothing is held for nothing.
    #[inline]
    fn keep(&mut self, rest: &[u8]) {
        if rest.is_empty() {
            if self.kept.capacity() > 0 {
                self.kept = BytesMut::new();
            }
        } else {
            self.kept.clear();
            self.kept.extend_from_slice(rest);
        }
    }

    /// Looks again at what was read before.
    fn feed_kept(&mut self) {
        let mut kept = std::mem::take(&mut self.kept);
        self.io.state.look_again = false;
        let used = self.feed(&kept);
        kept.advance(used.min(kept.len()));
        if !kept.is_empty() {
            self.kept = kept;
        }
    }

    /// As [`feed`](Self::feed), but a whole frame gets the buffer it lies in.
    fn feed_large(&mut self) {
        let until = self.user.until(&self.io.at);
        if T::HAS_TERMINATOR || until.take != Take::Whole {
            return self.feed_kept();
        }
        match self.framer.step(&until, self.io.limits(), &self.kept) {
            Step::Need => {}
            Step::Take { start, len, used, .. } => {
                let mut frame = self.kept.split_to(used);
                frame.advance(start);
                frame.truncate(len);
                self.whole(Frame::owned(&mut frame), used);
                self.io.state.look_again = true;
            }
            step => {
                let mut kept = std::mem::take(&mut self.kept);
                let used = self.apply(step, Take::Whole, &kept);
                kept.advance(used.min(kept.len()));
                self.kept = kept;
                self.io.state.look_again = true;
            }
        }
    }

    /// Handles all frames of `input`; how many bytes are done with.
    fn feed(&mut self, input: &[u8]) -> usize {
        if T::HAS_TERMINATOR {
            return self.feed_field(input);
        }
        let mut at = 0;
        while let Some(rest) = input.get(at..) {
            let rest = if self.framer.is_fresh() { self.feed_whole(rest) } else { rest };
            at = input.len() - rest.len();
            if self.must_stop() {
                return self.stopped(at, input.len());
            }
            if rest.is_empty() && !self.user.until(&self.io.at).may_take_nothing() {
                break;
            }
            let Some(used) = self.step(rest) else { break };
            at += used;
        }
        at
    }

    /// Handles the frames at the head of `input` that are whole and have nothing special about
    /// them, which most have; what is behind them.
    ///
    /// This is the loop that a server spends its time in: what it need not ask for each frame, it
    /// does not.
    #[inline(never)]
    fn feed_whole<'i>(&mut self, mut input: &'i [u8]) -> &'i [u8] {
        let limits = self.io.limits();
        let sizes = (limits.max_frame, limits.max_length);
        let high = limits.output_high;
        let before = self.frames_left;
        while self.io.state.stop == 0 && self.frames_left > 0 && self.io.out.queued() < high {
            let until = self.user.until(&self.io.at);
            let Some((frame, rest)) = until.whole_frame(sizes, input) else { break };
            self.frames_left -= 1;
            crate::trace!(self.io, "found_terminator");
            let result = self.user.found_terminator(Frame::slice(frame), &mut self.io);
            self.go_on(rest.len() < input.len());
            input = rest;
            if let Err(error) = result {
                self.obey();
                self.fail(error);
            }
        }
        if self.frames_left < before {
            self.io.state.frame_ended();
        }
        self.obey();
        input
    }

    /// One step of any other kind; how many bytes are done with, or `None` if more are needed.
    #[inline(never)]
    fn step(&mut self, rest: &[u8]) -> Option<usize> {
        let mut until = self.user.until(&self.io.at);
        if T::COLLECTS && until.take == Take::Collected {
            // What goes into a field is held all the same.
            until.max = until.max.or(Some(self.most_collected(&until)));
        }
        match self.framer.step(&until, self.io.limits(), rest) {
            Step::Need => None,
            step => {
                let take = until.take;
                Some(self.apply(step, take, rest))
            }
        }
    }

    fn must_stop(&self) -> bool {
        self.io.state.stop != 0 || self.frames_left == 0 || self.io.is_high()
    }

    /// The loop over frames ends early: what is left is looked at again, or dropped.
    #[cold]
    fn stopped(&mut self, at: usize, len: usize) -> usize {
        if self.io.is_high() {
            self.io.choke();
        }
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
    fn whole(&mut self, frame: Frame<'_>, used: usize) {
        self.frames_left = self.frames_left.saturating_sub(1);
        crate::trace!(self.io, "found_terminator");
        let result = self.user.found_terminator(frame, &mut self.io);
        self.frame_done(used > 0);
        self.obey();
        if let Err(error) = result {
            self.fail(error);
        }
    }

    fn frame_done(&mut self, took: bool) {
        self.framer.restart();
        self.io.state.frame_ended();
        self.go_on(took);
    }

    /// The state goes where the handler said, or by itself, or stays.
    #[inline(always)]
    fn go_on(&mut self, took: bool) {
        match self.io.next.take() {
            Some(next) => self.io.at = next,
            None => match T::next(&self.io.at) {
                Some(next) => self.io.at = next,
                // The same state on the same bytes would go on for ever.
                None if !took && !T::HAS_TERMINATOR => self.fail(Error::Stuck),
                None => {}
            },
        }
    }

    /// Does what the framer says; how many bytes are done with.
    fn apply(&mut self, step: Step, take: Take, rest: &[u8]) -> usize {
        match step {
            Step::Need => 0,
            Step::Take { start, len, used, last } => {
                let data = rest.get(start..start + len).unwrap_or(&[]);
                if take == Take::Whole {
                    self.whole(Frame::slice(data), used);
                    return used;
                }
                self.piece(take, data, start + len, used, last)
            }
            Step::Skip { used, last } => {
                if last {
                    self.frame_done(true);
                }
                used
            }
            Step::Bad { error, used } => {
                if !self.framer.is_skipping() {
                    self.frame_done(true);
                }
                self.fail(error);
                used
            }
        }
    }

    /// A piece of a frame; if the end comes with it, `used` bytes are done with.
    fn piece(&mut self, take: Take, data: &[u8], payload: usize, used: usize, last: bool) -> usize {
        self.frames_left = self.frames_left.saturating_sub(1);
        let result = match take {
            Take::Pieces | Take::Whole => {
                self.user.found_terminator(Frame::piece(data, last), &mut self.io)
            }
            Take::Collected if !data.is_empty() => {
                self.user.on_read(Frame::slice(data), &mut self.io)
            }
            Take::Collected | Take::Dropped => Ok(()),
        };
        let has_moved = self.io.next.is_some();
        if take == Take::Pieces && last {
            self.frame_done(used > 0);
        }
        self.handled(result);
        if matches!(take, Take::Whole | Take::Pieces) || !last {
            return used;
        }
        // `on_read` may have changed its mind: then the end is not one any more.
        if has_moved || self.io.state.stop & (stop::CLOSING | stop::ENDING | stop::DISCARD) != 0 {
            return payload;
        }
        self.whole(Frame::slice(&[]), used);
        used
    }

    /// The terminator is a field: it may be another one after each call of user code.
    fn feed_field(&mut self, input: &[u8]) -> usize {
        let mut at = 0;
        while let Some(rest) = input.get(at..) {
            if self.must_stop() {
                return self.stopped(at, input.len());
            }
            let Some(field) = self.user.terminator_field().map(|field| field.clone()) else {
                break;
            };
            self.framer.restart();
            match self.framer.step(&field.until(), self.io.limits(), rest) {
                Step::Take { len, used, last, .. } => {
                    at += self.field_piece(&field, rest.get(..len).unwrap_or(&[]), used, last);
                }
                _ => break,
            }
        }
        at
    }

    /// How much a field marked `#[on_read]` may collect for one frame.
    fn most_collected(&self, until: &Until<'_>) -> usize {
        let limits = self.io.limits();
        match until.ends {
            Ends::Bytes(_) | Ends::Any(_) => limits.max_frame,
            _ => limits.max_length,
        }
    }

    /// Whether the field has collected too much for one frame.
    fn has_collected_too_much(&mut self, field: &Terminator, data: &[u8]) -> bool {
        self.collected += data.len();
        let limit = self.most_collected(&field.until());
        let is_too_much = T::COLLECTS && self.collected > limit;
        if is_too_much {
            self.collected = 0;
            self.fail(Error::FrameTooLong { limit });
        }
        is_too_much
    }

    fn field_piece(&mut self, field: &Terminator, data: &[u8], used: usize, last: bool) -> usize {
        self.frames_left = self.frames_left.saturating_sub(1);
        if self.has_collected_too_much(field, data) {
            return used;
        }
        if !data.is_empty() {
            let result = self.user.on_read(Frame::slice(data), &mut self.io);
            self.handled(result);
            let marks = stop::CLOSING | stop::ENDING | stop::DISCARD;
            let is_same = self.user.terminator_field().is_some_and(|now| now == field);
            if !is_same || self.io.state.stop & marks != 0 {
                return data.len();
            }
        }
        if let (Terminator::Len(len), Some(now)) = (field, self.user.terminator_field()) {
            *now = Terminator::Len(len.saturating_sub(data.len() as u64));
        }
        if last {
            self.collected = 0;
            self.whole(Frame::slice(&[]), used);
        }
        used
    }

    /// The channel reads for itself.
    fn raw_phase(&mut self) {
        if self.may_read() && self.io.state.ready.readable && self.io.state.stop == 0 {
            crate::trace!(self.io, "handle_read");
            let result = self.user.on_readable(&mut self.io);
            self.handled(result.or_else(nothing_there));
        }
    }

    fn datagram_phase(&mut self, scratch: &mut Scratch) {
        for _ in 0..DATAGRAMS_PER_TURN {
            let Link::Udp(datagrams) = &mut self.io.link else { return };
            if self.io.state.stop != 0 || !self.io.state.wants_read {
                return;
            }
            match datagrams.socket.recv_from(&mut scratch.input) {
                Ok((len, from)) => {
                    self.io.state.active_at = self.io.shared.clock.now();
                    self.io.extra().sender = Some(from);
                    crate::trace!(self.io, "handle_read", "{len} bytes from {from}");
                    let data = Frame::slice(scratch.input.get(..len).unwrap_or(&[]));
                    let result = self.user.on_read(data, &mut self.io);
                    self.io.extra().sender = None;
                    self.handled(result);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.io.state.ready.readable = false;
                    return;
                }
                // What came back for a datagram sent before (ICMP); the socket is none the worse.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) => return self.fail(Error::io("read", error)),
            }
        }
    }

    /// A listening channel: `#[on_accepted]` for each connection.
    fn accept_phase(&mut self) {
        if let Link::Acceptor(acceptor) = &mut self.io.link {
            acceptor.begin_batch();
        }
        loop {
            let Link::Acceptor(acceptor) = &mut self.io.link else { return };
            if self.io.state.stop != 0 || !self.io.state.wants_read || !self.io.state.ready.readable
            {
                return;
            }
            match acceptor.next(&self.io.shared, self.io.key) {
                Ok(Some((socket, peer))) => {
                    crate::trace!(self.io, "handle_accepted", "{peer}");
                    let result = self.user.on_accepted(socket, peer, &mut self.io);
                    self.handled(result);
                }
                Ok(None) => {
                    self.io.state.ready.readable = acceptor.has_more();
                    return;
                }
                Err(error) => return self.fail(Error::io("accept", error)),
            }
        }
    }

    /// The peer has closed its side, and all it sent was handled.
    fn ended(&mut self) {
        self.io.state.eof_told = true;
        let is_frame = matches!(self.user.until(&self.io.at).ends, Ends::Eof);
        if is_frame && self.io.state.stop & stop::ENDING == 0 && !self.framer.is_skipping() {
            let mut kept = std::mem::take(&mut self.kept);
            match self.user.until(&self.io.at).take {
                Take::Pieces => {
                    self.piece(Take::Pieces, &[], 0, 1, true);
                }
                _ => self.whole(Frame::owned(&mut kept), 1),
            }
        }
        if self.io.state.stop & (stop::ENDING | stop::CLOSING) == 0 {
            crate::trace!(self.io, "handle_eof");
            let result = self.user.on_eof(&mut self.io);
            self.handled(result);
        }
    }
}

/// A handler that read for itself may pass on that there was nothing: it is called again.
fn nothing_there(error: Error) -> Result {
    match &error {
        Error::Handler(source) => match source.downcast_ref::<io::Error>() {
            Some(source) if source.kind() == io::ErrorKind::WouldBlock => Ok(()),
            _ => Err(error),
        },
        _ => Err(error),
    }
}
