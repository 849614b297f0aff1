//! What a handler says: pushes, and what becomes of those that cannot simply be queued.

use std::net::SocketAddr;

use super::io::{stop, Half, Io};
use super::Channel;
use crate::output::push::{bytes_of, Push, Sink};
use crate::output::Queue;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::counters::{Counters, Limit};

impl<T: Channel> Io<T> {
    /// Queues bytes: `&[u8]`, `&str`, `String`, `Vec<u8>`, `Bytes`, `format_args!(..)`, ..
    ///
    /// They are written at the end of the turn, with everything else. More than
    /// [`Limits::max_output`](crate::Limits::max_output) of them in the queue when the handler has
    /// returned close the channel: what stood there before a frame's handler was called, up to
    /// [`Limits::output_high`](crate::Limits::output_high), and producers' pieces do not count. After
    /// `close_when_done` or `close` took effect they are dropped, and counted in the reason of the
    /// close event. On a datagram channel each push is one datagram, to the only peer, or to the
    /// sender of the one being handled; elsewhere there it is
    /// [`Error::Unaddressed`](crate::Error::Unaddressed).
    #[inline]
    pub fn push<P: Push>(&mut self, data: P) {
        if self.out.queue.is_open() {
            data.push_to(&mut Sink::new(&mut self.out.queue));
        } else {
            self.push_otherwise(data);
        }
        if P::CAN_FAIL && self.out.queue.has_failed() {
            // What is said of it has to stand in its place: no further frame before.
            self.state.stop |= stop::BROKEN;
        }
    }

    /// Pushes that do not simply go to the end of what is queued.
    #[inline(never)]
    fn push_otherwise(&mut self, data: impl Push) {
        if self.state.late {
            let len = bytes_of(data).map_or(0, |bytes| bytes.len());
            let late = &mut self.extra().pushed_late;
            *late = late.saturating_add(len);
        } else if !self.out.queue.is_aside() {
            data.push_to(&mut Sink::new(&mut self.out.queue));
        } else if let Some(to) = self.peer_addr() {
            self.push_to_peer(&to, data);
        } else {
            self.is_unaddressed(bytes_of(data).map_or(1, |bytes| bytes.len().max(1)));
        }
    }

    /// So many bytes go nowhere.
    pub(super) fn is_unaddressed(&mut self, len: usize) {
        let unaddressed = &mut self.extra().unaddressed;
        *unaddressed = unaddressed.saturating_add(len);
        Counters::bump(&self.scheduler.counters.dropped);
    }

    /// From now on what is pushed is too late.
    pub(crate) fn refuse_output(&mut self) {
        self.state.late = true;
        self.out.queue.set_aside();
    }

    /// The producer that answered `Poll::Pending` has something now.
    pub fn wake_producer(&mut self) {
        if self.out.wake() {
            self.state.written_at = self.scheduler.clock.now();
            self.scheduler.make_ready(self.key);
        }
    }

    /// Bytes queued and not yet written.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.out.queued()
    }

    /// Drops what was read and not handled, and everything queued, producers included: asynchat's
    /// `discard_buffers`. What was pushed before and the system takes at once still goes out, as
    /// there.
    pub fn discard_buffers(&mut self) {
        self.write_ready();
        self.out.clear();
        // A push that failed is dropped with the others.
        self.state.stop = (self.state.stop & !(stop::HOLDING | stop::BROKEN)) | stop::DISCARD;
    }

    /// Closes when all that is queued was written, the reply of this handler and the answers owed
    /// included. Input that still comes is read and dropped.
    pub fn close_when_done(&mut self) {
        self.state.stop |= stop::ENDING;
    }

    /// Says no more when all that is queued was written, and goes on reading: the half-close of a
    /// client that sends its request, ends it, and reads the answer. What is pushed when this
    /// handler has returned is dropped. What can only be written, as the writing end of a pipe, is
    /// closed with it; a terminal, which has no such half, stays as it is.
    pub fn end_output(&mut self) {
        if self.state.half == Half::No {
            self.state.half = Half::Asked;
        }
    }

    /// Closes when this handler has returned, after one attempt to write what is queued.
    pub fn close(&mut self) {
        self.state.stop |= stop::CLOSING;
    }

    // -- datagrams

    /// Who sent the datagram that is being handled, if it has an IP address; none elsewhere. Of a
    /// Unix socket [`peer_addr`](Self::peer_addr) is the path.
    #[must_use]
    pub fn sender(&self) -> Option<SocketAddr> {
        self.extra.as_ref()?.sender.as_ref()?.inet()
    }

    /// Queues one datagram, which may be empty. One that finds [`Limits::max_output`](crate::Limits::max_output)
    /// bytes queued is dropped and counted. Nothing happens on what is no datagram channel.
    pub fn push_to_addr(&mut self, to: SocketAddr, data: impl Push) {
        self.push_to_peer(&to.into(), data);
    }

    /// As [`push_to_addr`](Self::push_to_addr), to an address of whatever kind: the path of a Unix
    /// socket, what [`peer_addr`](Self::peer_addr) was.
    pub fn push_to_peer(&mut self, to: &Addr, data: impl Push) {
        if !matches!(self.endpoint, Endpoint::Datagrams(_)) || self.state.late {
            return;
        }
        let Ok(data) = bytes_of(data) else { return self.out.queue.fail() };
        if self.out.queued().saturating_add(data.len()) > self.limits().max_output {
            self.scheduler.counters.hit(Limit::Output);
            return Counters::bump(&self.scheduler.counters.dropped);
        }
        self.out.queue.put_datagram(to.clone(), data);
    }

    // -- the marks

    /// Bytes queued that the channel has pushed itself.
    #[inline]
    pub(crate) fn own_queued(&self) -> usize {
        self.out.queued().saturating_sub(self.state.foreign)
    }

    /// Whether its queue is high with what the channel pushed itself.
    #[inline]
    pub(crate) fn is_high(&self) -> bool {
        // Where nothing more is queued there is no pressure to be had.
        !self.state.late && self.own_queued() >= self.limits().output_high
    }

    /// The channel's own queue is high: it reads no further.
    pub(crate) fn choke(&mut self) {
        if self.state.stop & stop::CHOKED == 0 {
            self.state.stop |= stop::CHOKED;
            self.scheduler.counters.hit(Limit::OutputHigh);
        }
    }

    /// Whether the queue has room for `len` bytes more from somebody else. Full is where the last
    /// write found no room and the queue is above its mark, or where the cap is near; that much was
    /// pushed within one pass is not.
    pub(crate) fn is_full_for(&self, len: usize) -> bool {
        let pending = self.extra.as_ref().map_or(0, |extra| extra.pending);
        let waiting = self.out.queued().saturating_add(pending);
        let limits = self.limits();
        let is_stuck = !self.state.ready.has(Ready::WRITABLE) && waiting >= limits.output_high;
        // What is larger than the bound finds room in an empty queue, or never.
        is_stuck || waiting > 0 && waiting.saturating_add(len) > limits.max_output
    }

    /// Queues what somebody else has pushed.
    pub(crate) fn take_foreign(&mut self, data: &mut Queue) {
        let queued = self.out.queued();
        if !self.out.is_waiting_for_room() {
            self.state.written_at = self.scheduler.clock.now();
        }
        if self.out.queue.is_aside() {
            let data = std::mem::take(data).into_bytes();
            self.push_otherwise(data);
        } else {
            self.out.queue.append(data);
        }
        let pushed = self.out.queued().saturating_sub(queued);
        self.state.foreign = self.state.foreign.saturating_add(pushed);
    }
}
