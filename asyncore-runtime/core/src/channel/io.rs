//! `Io`: what a handler does things with.

use bytes::Bytes;
use core::fmt;
use core::task::Poll;
use core::time::Duration;

use std::rc::Rc;
use std::time::Instant;

use super::{Channel, Expires};
use crate::output::Output;
use crate::scheduler::timers::{Due, TimerId};
use crate::scheduler::Scheduler;
use crate::transport::endpoint::Endpoint;
use crate::transport::proxy::ProxyHeader;
use crate::transport::stream::Stream;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::counters::Counters;
use crate::vocabulary::error::Result;
use crate::vocabulary::guard::dispose;
use crate::vocabulary::key::RawKey;
use crate::vocabulary::limits::Limits;

pub(crate) use super::state::{stop, Extra, Half, Phase, State, Waiter};

/// A channel's side of its connection, and its way to the others: the context of every handler.
///
/// Nothing here runs a handler. What is pushed is written at the end of the channel's turn, in one
/// write; closing, a new terminator and what was told to other channels take effect when the
/// handler has returned.
pub struct Io<T: Channel> {
    pub(crate) scheduler: Rc<Scheduler>,
    pub(crate) key: RawKey,
    pub(crate) endpoint: Endpoint,
    pub(crate) terminator: T::Terminator,
    pub(crate) next: Option<T::Terminator>,
    pub(crate) out: Output<Pull<T>>,
    pub(crate) state: State,
    pub(crate) extra: Option<Box<Extra<Timed<T>>>>,
}

/// A producer in the output queue.
pub(crate) struct Pull<T: Channel> {
    pub(crate) ask: Ask<T>,
    /// Its place is in the channel itself: the next frame must not move it.
    pub(crate) holds_input: bool,
    /// Whom its datagrams are for.
    pub(crate) to: Option<Addr>,
}

pub(crate) type Ask<T> = Box<dyn FnMut(&mut T, &mut Io<T>) -> Result<Poll<Option<Bytes>>>>;

/// What to run when a timer is due.
pub(crate) type Timed<T> = Box<dyn FnOnce(&mut T, &mut Io<T>) -> Result>;

impl<T: Channel> Io<T> {
    pub(crate) fn new(scheduler: Rc<Scheduler>, key: RawKey, endpoint: Endpoint) -> Self {
        let mut io = Self {
            scheduler,
            key,
            endpoint: Endpoint::None,
            terminator: T::Terminator::default(),
            next: None,
            out: Output::default(),
            state: State { wants_read: true, ..State::default() },
            extra: None,
        };
        io.attach(endpoint);
        if const { !T::LIMITS.is_consistent() } {
            io.extra().limits = Some(T::LIMITS.consistent());
        }
        io
    }

    /// Takes an endpoint, and notes what has to be known of it.
    pub(crate) fn attach(&mut self, endpoint: Endpoint) {
        let state = &mut self.state;
        (state.has_peer, state.is_shared) = match &endpoint {
            Endpoint::None => (true, false),
            Endpoint::Stream(stream) => (stream.has_peer(), false),
            Endpoint::Datagrams(_) | Endpoint::Listening(_) => (false, true),
        };
        if state.is_shared {
            self.out.queue.set_aside();
        }
        state.is_beginning = endpoint.stream().is_some_and(Stream::is_layered);
        self.endpoint = endpoint;
        if self.state.is_beginning {
            // The last pass may be long ago.
            let now = self.scheduler.clock.after(Duration::ZERO);
            self.extra().beginning.begins(now);
        }
    }

    pub(crate) fn extra(&mut self) -> &mut Extra<Timed<T>> {
        self.extra.get_or_insert_default()
    }

    // -- the end

    /// In `#[on_close]`: connects again, `after` some time, with the same struct and key and empty
    /// queues. `#[on_connect]` is called again. Nothing happens elsewhere, on a channel that was
    /// accepted, and while the map drains or closes.
    pub fn reconnect(&mut self, after: Duration) {
        let has_target = self.extra.as_ref().is_some_and(|extra| extra.target.is_given());
        if has_target && self.state.phase == Phase::Ending {
            self.extra().reconnect = Some(after);
        }
    }

    // -- input

    /// What the channel waits for.
    #[inline]
    #[must_use]
    pub fn terminator(&self) -> &T::Terminator {
        &self.terminator
    }

    /// Handles no more frames, not even those already read, until [`resume`](Io::resume), for
    /// [`Limits::stopped_timeout`] at most.
    pub fn pause(&mut self) {
        self.state.stop |= stop::PAUSED;
    }

    /// Ends a [`pause`](Io::pause); frames already read come first.
    pub fn resume(&mut self) {
        if self.state.stop & stop::PAUSED != 0 {
            self.state.go_on(stop::PAUSED);
            self.scheduler.make_ready(self.key);
        }
    }

    // -- time

    /// The time of this pass, on a monotonic clock; in tests, the test's.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.scheduler.clock.instant()
    }

    /// Calls `#[on_timer]` with `value` after `delay`. A timer of a channel that closed, or
    /// connects again, never comes.
    pub fn set_timer<V: Expires<T>>(&mut self, delay: Duration, value: V) -> TimerId {
        self.set_timed(
            delay,
            Box::new(|channel, io| {
                crate::trace!(io, "handle_timer");
                value.expire(channel, io)
            }),
        )
    }

    /// Runs `timed` after `delay`, unless the connection has ended by then.
    pub(crate) fn set_timed(&mut self, delay: Duration, timed: Timed<T>) -> TimerId {
        let at = self.scheduler.clock.after(delay);
        let id = self.scheduler.timers.borrow_mut().set(at, self.key, Due::Timer);
        self.extra().timers.insert(id, timed);
        id
    }

    /// Takes a timer back; whether it was still to come.
    pub fn cancel(&mut self, timer: TimerId) -> bool {
        let timed = self.take_timer(timer);
        let was_set = timed.is_some();
        if was_set {
            self.scheduler.timers.borrow_mut().cancel(timer);
        }
        dispose(timed);
        was_set
    }

    pub(crate) fn take_timer(&mut self, timer: TimerId) -> Option<Timed<T>> {
        self.extra.as_mut()?.timers.remove(&timer)
    }

    // -- facts

    /// The channel's type, as its author calls it.
    #[cfg(feature = "tracing")]
    pub(crate) fn type_name(&self) -> &'static str {
        crate::vocabulary::log::name::<T>()
    }

    /// The peer's address; none for a file, and for a peer that was gone before it was accepted. Of
    /// a datagram channel the sender of the datagram that is being handled, or its only peer.
    #[must_use]
    pub fn peer_addr(&self) -> Option<Addr> {
        let sender = self.extra.as_ref().and_then(|extra| extra.sender.clone());
        sender.or_else(|| self.endpoint.peer_addr())
    }

    /// What a proxy has said of the connection, where its listener asks for that
    /// ([`Listen::proxy_protocol`](crate::Listen::proxy_protocol)).
    #[must_use]
    pub fn proxy(&self) -> Option<&ProxyHeader> {
        self.endpoint.stream()?.proxy()
    }

    /// This end's address; a listening channel's own.
    #[must_use]
    pub fn local_addr(&self) -> Option<Addr> {
        self.endpoint.local_addr()
    }

    /// Whether the connection stands: asyncore's `connected`.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.state.phase != Phase::Connecting && !matches!(self.endpoint, Endpoint::None)
    }

    /// Whether the channel is a listening one: asyncore's `accepting`.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        matches!(self.endpoint, Endpoint::Listening(_))
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
        &self.scheduler.counters
    }

    /// Options of the socket; none for a file.
    #[must_use]
    pub fn socket_options(&self) -> Option<socket2::SockRef<'_>> {
        self.endpoint.sock_ref()
    }

    /// Starts to drain the whole map: [`Map::drain`](crate::Map::drain).
    pub fn drain(&mut self, deadline: Duration) {
        self.scheduler.drain(deadline);
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

impl<T: Channel> fmt::Debug for Io<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Io")
            .field("key", &self.key())
            .field("endpoint", &self.endpoint)
            .field("queued", &self.out.queued())
            .finish_non_exhaustive()
    }
}
