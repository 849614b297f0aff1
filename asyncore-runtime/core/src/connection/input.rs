//! Bytes come in: what is kept, what is looked at again, and the end.

use bytes::{Buf, BytesMut};

use super::Connection;
use crate::channel::io::{stop, Phase};
use crate::channel::Channel;
use crate::framing::frame::Frame;
use crate::framing::until::{Delivery, Ends};
use crate::framing::Step;
use crate::scheduler::scratch::HEAD;
use crate::transport::readiness::Ready;
use crate::transport::socket::Socket;
use crate::vocabulary::addr::Addr;
#[cfg(feature = "tls")]
use crate::vocabulary::counters::Counters;
use crate::vocabulary::counters::Limit;
use crate::vocabulary::error::{Error, Result};

impl<T: Channel> Connection<T> {
    /// Whether the channel takes input: after `close_when_done` it does, to drop it.
    #[inline]
    pub(crate) fn takes_input(&self) -> bool {
        let state = &self.io.state;
        state.stop & !stop::ENDING == 0 && state.wants_read && state.phase == Phase::Open
    }

    /// Looks again at what was read before. Whether that has led anywhere: to the end of it, or to
    /// a queue that is to be written first.
    #[inline(never)]
    pub(crate) fn look_again(&mut self) -> bool {
        if self.frames_left == 0 {
            return false;
        }
        self.feed_kept();
        !self.io.state.look_again || self.is_choked()
    }

    /// What another channel has read of this connection and not used.
    pub(crate) fn heard_before(&mut self, unread: BytesMut) {
        self.io.state.look_again = !unread.is_empty();
        self.kept = unread;
    }

    /// What was read and not used, for whoever goes on.
    pub(crate) fn take_unread(&mut self) -> BytesMut {
        std::mem::take(&mut self.kept)
    }

    /// Whether there is more to hear: of what was read, or in the system, as is told here.
    pub(crate) fn will_hear(&mut self, is_unread: bool) -> bool {
        if is_unread {
            self.io.state.ready.add(Ready::READABLE);
        }
        is_unread || self.io.state.look_again
    }

    /// Whether something was read and is in no frame yet.
    pub(crate) fn has_kept(&self) -> bool {
        !self.kept.is_empty()
    }

    /// How much room a read has to leave in front of itself, for the frame that was begun. One that
    /// outgrew the head of the loop's buffer is gathered in its own.
    #[inline]
    pub(crate) fn headroom(&self) -> usize {
        if self.kept.len() > HEAD {
            0
        } else {
            self.kept.len()
        }
    }

    /// Bytes came, behind `head` bytes of [`headroom`](Self::headroom).
    #[inline]
    pub(crate) fn received(&mut self, input: &mut [u8], head: usize) {
        crate::trace!(self.io, "handle_read", "{} bytes", input.len().saturating_sub(head));
        if head < self.kept.len() {
            self.kept.extend_from_slice(input);
            return self.feed_large();
        }
        if let Some(room) = input.get_mut(..head) {
            room.copy_from_slice(&self.kept);
        }
        // It is in hand now: after a panic of the handler it is not unread as well.
        self.kept.clear();
        let used = self.feed(input);
        self.keep(input.get(used..).unwrap_or(&[]));
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
        let rule = self.user.until(&self.io.terminator).rule;
        if T::HAS_TERMINATOR || rule.delivery != Delivery::Whole {
            return self.feed_kept();
        }
        match self.framer.step(&rule, self.io.limits(), &self.kept) {
            Step::Need => {}
            Step::Take { start, len, used, .. } => {
                let mut frame = self.kept.split_to(used);
                frame.advance(start);
                frame.truncate(len);
                self.found(Frame::owned(&mut frame), used);
                self.io.state.look_again = true;
            }
            step => {
                let mut kept = std::mem::take(&mut self.kept);
                let used = self.apply(step, Delivery::Whole, &kept);
                kept.advance(used.min(kept.len()));
                self.kept = kept;
                self.io.state.look_again = true;
            }
        }
    }

    /// Whether the end was read, and nothing of what came before it waits.
    pub(crate) fn is_at_end(&self) -> bool {
        let state = &self.io.state;
        state.eof && !state.eof_told && state.stop & !stop::ENDING == 0 && !state.look_again
    }

    /// The peer has closed its side, and all it sent was handled.
    pub(crate) fn end_of_input(&mut self) {
        self.io.state.eof_told = true;
        let is_frame = matches!(self.user.until(&self.io.terminator).rule.ends, Ends::Eof);
        if is_frame && self.io.state.stop & stop::ENDING == 0 && !self.framer.is_skipping() {
            let mut kept = std::mem::take(&mut self.kept);
            match self.user.until(&self.io.terminator).rule.delivery {
                Delivery::Pieces => {
                    self.piece(Delivery::Pieces, &[], 0, 1, true);
                }
                _ => self.found(Frame::owned(&mut kept), 1),
            }
        }
        if self.io.state.stop & (stop::ENDING | stop::CLOSING) == 0 {
            crate::trace!(self.io, "handle_eof");
            let result = self.user.on_eof(&mut self.io);
            self.handled(result);
        }
    }

    /// The peer's stream ended without its word for it (close_notify), as many leave it out. Between
    /// frames it is their end; inside one, or where the end is the frame's, anybody may have cut it.
    #[cfg(feature = "tls")]
    pub(crate) fn truncated(&mut self) {
        Counters::bump(&self.io.scheduler.counters.truncated);
        self.io.state.ready.remove(Ready::READABLE);
        let ends_frame = matches!(self.user.until(&self.io.terminator).rule.ends, Ends::Eof);
        let is_heard = self.io.state.stop & stop::ENDING == 0;
        if is_heard && (ends_frame || self.awaits_the_end_of_a_frame()) {
            self.fail(Error::Truncated);
        } else {
            self.io.state.eof = true;
        }
    }

    /// Whether the field holds the start of a frame.
    #[cfg(feature = "tls")]
    pub(crate) fn has_collected(&self) -> bool {
        self.collected.has_begun()
    }

    /// TLS begins: what was read of a frame in the clear is none of the next.
    #[cfg(feature = "tls")]
    pub(crate) fn begin_again(&mut self) {
        self.framer.restart();
        self.begin_to_collect();
        self.io.state.forget_frame();
    }

    // -- what is not framed

    /// The channel reads for itself.
    pub(crate) fn read_by_hand(&mut self) {
        crate::trace!(self.io, "handle_read");
        self.io.state.has_read = false;
        let result = self.user.on_readable(&mut self.io);
        self.handled(result.or_else(nothing_there));
        self.choke_if_high();
    }

    /// A datagram came; the sender is in the `Io`.
    pub(crate) fn datagram(&mut self, data: &[u8]) {
        crate::trace!(self.io, "handle_read", "{} bytes from {:?}", data.len(), self.io.sender());
        let result = self.user.on_read(Frame::slice(data), &mut self.io);
        self.handled(result);
        self.choke_if_high();
    }

    /// A datagram went.
    pub(crate) fn sent_datagram(&mut self, len: usize) {
        let now = self.io.scheduler.clock.now();
        (self.io.state.active_at, self.io.state.written_at) = (now, now);
        crate::trace!(self.io, "handle_write", "{len} bytes");
    }

    /// A connection was accepted.
    pub(crate) fn accepted(&mut self, socket: Socket, peer: Addr) {
        crate::trace!(self.io, "handle_accepted", "{peer}");
        let result = self.user.on_accepted(socket, peer, &mut self.io);
        self.handled(result);
        if T::ASKED {
            self.io.state.wants_read = self.user.readable();
        }
    }

    /// Output waits for room, or as many bytes were read as may be in one turn.
    pub(crate) fn read_enough(&self) {
        self.hit(Limit::Turn);
    }
}

/// A handler that read for itself may pass on that there was nothing: it is called again.
fn nothing_there(error: Error) -> Result {
    match &error {
        Error::Handler(source) => match source.downcast_ref::<std::io::Error>() {
            Some(source) if source.kind() == std::io::ErrorKind::WouldBlock => Ok(()),
            _ => Err(error),
        },
        _ => Err(error),
    }
}
