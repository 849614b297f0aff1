//! `Io`: what a handler does things with.

use bytes::Bytes;
use core::fmt;
use core::task::Poll;
use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use crate::channel::{Channel, OnTimer, Unframed};
use crate::error::Result;
use crate::key::RawKey;
use crate::limits::{Counters, Limits};
use crate::output::push::{whole, Push, Sink};
use crate::output::Output;
use crate::scheduler::shared::Shared;
use crate::scheduler::timers::{Due, TimerId};
use crate::transport::addr::Addr;
use crate::transport::link::Link;
use crate::transport::listening::Seat;

pub(crate) use super::state::{stop, Extra, Half, Phase, State, Waiter};

/// A channel's side of its connection, and its way to the others: the context of every handler.
///
/// Nothing here runs a handler. What is pushed is written at the end of the channel's turn, in one
/// write; closing, a new terminator and what was told to other channels take effect when the
/// handler has returned.
pub struct Io<T: Channel> {
    pub(crate) shared: Rc<Shared>,
    pub(crate) key: RawKey,
    pub(crate) link: Link,
    pub(crate) at: T::Terminator,
    pub(crate) next: Option<T::Terminator>,
    pub(crate) out: Output<Pull<T>>,
    pub(crate) state: State,
    pub(crate) extra: Option<Box<Extra<Timed<T>>>>,
    /// Its place among the connections of its listener.
    pub(crate) seat: Option<Seat>,
}

/// A producer in the output queue.
pub(crate) struct Pull<T: Channel> {
    pub(crate) ask: Ask<T>,
    /// Its place is in the channel itself: the next frame must not move it.
    pub(crate) holds_input: bool,
}

pub(crate) type Ask<T> = Box<dyn FnMut(&mut T, &mut Io<T>) -> Result<Poll<Option<Bytes>>>>;

/// What to run when a timer is due.
pub(crate) type Timed<T> = Box<dyn FnOnce(&mut T, &mut Io<T>) -> Result>;

impl<T: Channel> Io<T> {
    pub(crate) fn new(shared: Rc<Shared>, key: RawKey, link: Link) -> Self {
        let mut out = Output::default();
        if matches!(link, Link::Udp(_)) {
            out.queue.set_aside();
        }
        Self {
            shared,
            key,
            link,
            at: T::Terminator::default(),
            next: None,
            out,
            state: State { wants_read: true, ..State::default() },
            extra: None,
            seat: None,
        }
    }

    pub(crate) fn extra(&mut self) -> &mut Extra<Timed<T>> {
        self.extra.get_or_insert_default()
    }

    // -- output

    /// Queues bytes: `&[u8]`, `&str`, `String`, `Vec<u8>`, `Bytes`, `format_args!(..)`, ..
    ///
    /// They are written at the end of the turn, with everything else. A queue that is longer than
    /// [`Limits::max_output`] when the handler has returned closes the channel. After `close_when_done` or
    /// `close` took effect they are dropped, and counted in the reason of the close event. On a
    /// datagram channel each push is one datagram, to the sender of the one being handled.
    #[inline]
    pub fn push(&mut self, data: impl Push) {
        if self.out.queue.is_open() {
            data.push_to(&mut Sink::new(&mut self.out.queue));
        } else {
            self.push_otherwise(data);
        }
    }

    /// From now on what is pushed is too late.
    pub(crate) fn refuse_output(&mut self) {
        self.state.late = true;
        self.out.queue.set_aside();
    }

    /// Pushes that do not simply go to the end of what is queued.
    #[inline(never)]
    fn push_otherwise(&mut self, data: impl Push) {
        if self.state.late {
            self.extra().pushed_late += whole(data).len();
        } else if !self.out.queue.is_aside() {
            data.push_to(&mut Sink::new(&mut self.out.queue));
        } else if let Some(to) = self.sender().or_else(|| self.peer_addr()?.inet()) {
            self.push_to_addr(to, data);
        }
    }

    /// The producer that answered `Poll::Pending` has something now.
    pub fn wake_producer(&mut self) {
        if self.out.wake() {
            self.state.written_at = self.shared.clock.now();
            self.shared.make_ready(self.key);
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
        self.state.stop = (self.state.stop & !stop::HOLDING) | stop::DISCARD;
    }

    // -- the end

    /// Closes when all that is queued was written, the reply of this handler included. Input that
    /// still comes is read and dropped.
    pub fn close_when_done(&mut self) {
        self.state.stop |= stop::ENDING;
    }

    /// Says no more when all that is queued was written, and goes on reading: the half-close of a
    /// client that sends its request, ends it, and reads the answer. What is pushed when this
    /// handler has returned is dropped.
    pub fn end_output(&mut self) {
        if self.state.half == Half::No {
            self.state.half = Half::Asked;
        }
    }

    /// Closes when this handler has returned, after one attempt to write what is queued.
    pub fn close(&mut self) {
        self.state.stop |= stop::CLOSING;
    }

    /// In `#[on_close]`: connects again, `after` some time, with the same struct and key and empty
    /// queues. `#[on_connect]` is called again. Nothing happens on a channel that was accepted.
    pub fn reconnect(&mut self, after: Duration) {
        if self.extra.as_ref().is_some_and(|extra| !extra.target.is_empty()) {
            self.extra().reconnect = Some(after);
        }
    }

    // -- input

    /// What the channel waits for.
    #[inline]
    #[must_use]
    pub fn terminator(&self) -> &T::Terminator {
        &self.at
    }

    /// Handles no more frames, not even those already read, until [`resume`](Io::resume).
    pub fn pause(&mut self) {
        self.state.stop |= stop::PAUSED;
    }

    /// Ends a [`pause`](Io::pause); frames already read come first.
    pub fn resume(&mut self) {
        if self.state.stop & stop::PAUSED != 0 {
            self.state.stop &= !stop::PAUSED;
            self.state.begin_anew();
            self.shared.make_ready(self.key);
        }
    }

    // -- time

    /// The time of this pass, on a monotonic clock; in tests, the test's.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.shared.clock.instant()
    }

    /// Calls `#[on_timer]` with `value` after `delay`. A timer of a channel that closed, or
    /// connects again, never comes.
    pub fn set_timer<V: 'static>(&mut self, delay: Duration, value: V) -> TimerId
    where
        T: OnTimer<V>,
    {
        let at = self.shared.clock.after(delay);
        let id = self.shared.timers.borrow_mut().set(at, self.key, Due::Timer);
        self.extra().timers.push((id, Box::new(|channel, io| channel.on_timer(value, io))));
        id
    }

    /// Takes a timer back; whether it was still to come.
    pub fn cancel(&mut self, timer: TimerId) -> bool {
        self.take_timer(timer).is_some()
    }

    pub(crate) fn take_timer(&mut self, timer: TimerId) -> Option<Timed<T>> {
        let timers = &mut self.extra.as_mut()?.timers;
        let at = timers.iter().position(|(id, _)| *id == timer)?;
        self.shared.timers.borrow_mut().cancel(timer);
        Some(timers.swap_remove(at).1)
    }

    // -- facts

    /// The peer's address; none for a file, and for a peer that was gone before it was accepted.
    #[must_use]
    pub fn peer_addr(&self) -> Option<Addr> {
        self.link.peer_addr()
    }

    /// This end's address; a listening channel's own.
    #[must_use]
    pub fn local_addr(&self) -> Option<Addr> {
        self.link.local_addr()
    }

    /// Whether the connection stands: asyncore's `connected`.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.state.phase != Phase::Connecting && !matches!(self.link, Link::None)
    }

    /// Whether the channel is a listening one: asyncore's `accepting`.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        matches!(self.link, Link::Acceptor(_))
    }

    /// The bounds of this channel.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        match self.extra.as_ref().and_then(|extra| extra.limits.as_ref()) {
            Some(limits) => limits,
            None => &T::LIMITS,
        }
    }

    /// How often things happened in this map.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// Options of the socket; none for a file.
    #[must_use]
    pub fn socket_options(&self) -> Option<socket2::SockRef<'_>> {
        self.link.sock_ref()
    }

    /// Starts to drain the whole map: [`Map::drain`](crate::Map::drain).
    pub fn drain(&mut self, deadline: Duration) {
        self.shared.drain(deadline);
    }

    // -- datagrams

    /// Who sent the datagram that is being handled; none elsewhere.
    #[must_use]
    pub fn sender(&self) -> Option<SocketAddr> {
        self.extra.as_ref().and_then(|extra| extra.sender)
    }

    /// Queues one datagram, which may be empty. Dropped on what is no datagram channel.
    pub fn push_to_addr(&mut self, to: SocketAddr, data: impl Push) {
        if matches!(self.link, Link::Udp(_)) && !self.state.late {
            self.out.queue.put_datagram(to, whole(data));
        }
    }

    // -- for the runtime

    /// Reads, and keeps the readiness true.
    #[inline]
    pub(crate) fn read_link(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let result = self.link.read(buf);
        match &result {
            Ok(0) if !buf.is_empty() => {
                self.state.eof = true;
                self.state.ready.readable = false;
            }
            Ok(len) => {
                self.state.active_at = self.shared.clock.now();
                // Behind a hang-up the end is still to be read, and mio will not say so again.
                if !self.state.ready.hung_up && self.link.is_drained(*len, buf.len()) {
                    self.state.ready.readable = false;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.state.ready.readable = false;
            }
            Err(_) => {}
        }
        result
    }
}

/// Channels whose states are `#[terminator]` methods.
impl<T: Channel> Io<T> {
    /// Waits for something else, from the end of this handler on, on the bytes already read: from
    /// any handler, timer or task.
    #[inline]
    pub fn set_terminator(&mut self, terminator: T::Terminator) {
        self.next = Some(terminator);
    }
}

/// Dispatchers, which have no framing between them and the socket.
impl<T: Channel<Terminator = Unframed>> Io<T> {
    /// Reads into `buf`; `Ok(0)` is the end, and closes the channel when the handler has returned.
    ///
    /// # Errors
    /// What the system says. `WouldBlock` is that nothing is there yet: a handler that returns it
    /// is called again.
    pub fn recv(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.read_link(buf)
    }

    /// Writes at once, past the queue; how much of `data` the system took, 0 if it has no room.
    ///
    /// # Errors
    /// What the system says, but for `WouldBlock`.
    pub fn send(&mut self, data: &[u8]) -> io::Result<usize> {
        match self.state.write(&mut self.link, self.shared.clock.now(), data) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            result => result,
        }
    }
}

impl<T: Channel> fmt::Debug for Io<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io")
            .field("key", &self.key())
            .field("link", &self.link)
            .field("queued", &self.out.queued())
            .finish_non_exhaustive()
    }
}
