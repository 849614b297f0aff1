//! Accepting connections: one batch at a time, and what to do when it fails.
//!
//! The one way in, for a listener with a closure and for one with a channel of its own: the same
//! seats, limits and pauses. Nothing but the death of its own socket ends a listener.

use core::time::Duration;
use std::io;

use super::Driver;
use crate::channel::Channel;
use crate::scheduler::timers::Due;
use crate::scheduler::Scheduler;
use crate::transport::addr::Addr;
use crate::transport::endpoint::Endpoint;
use crate::transport::listening::{AcceptFailure, Acceptor};
use crate::transport::readiness::Ready;
use crate::transport::socket::{Socket, SocketKind};
use crate::vocabulary::counters::{Counters, Limit};
use crate::vocabulary::error::Error;
use crate::vocabulary::guard::guarded;
use crate::vocabulary::key::RawKey;

/// How long a listener that cannot accept waits, unless this loop closes something before:
/// `HAProxy`'s and ranch's answer.
const PAUSE: Duration = Duration::from_millis(100);

/// What one attempt to accept has come to.
pub(crate) enum Accepted {
    Connection(Socket, Addr),
    /// Nobody waits any more.
    Nobody,
    /// The batch is full: the rest comes a turn later.
    Enough,
    /// It pauses, and is made ready later.
    Paused,
}

impl Acceptor {
    /// The next connection, if there is one and the batch is not full.
    ///
    /// # Errors
    /// The listener is no use any more.
    pub(crate) fn next(&mut self, scheduler: &Scheduler, key: RawKey) -> io::Result<Accepted> {
        loop {
            if self.tried >= self.accept_batch {
                return Ok(self.batch_is_full(scheduler, key));
            }
            self.tried = self.tried.saturating_add(1);
            match self.socket.accept() {
                Ok((kind, peer)) => {
                    Counters::bump(&scheduler.counters.accepted);
                    if let Some(socket) = self.seated(scheduler, kind, &peer) {
                        return Ok(Accepted::Connection(socket, peer));
                    }
                }
                Err(error) => match AcceptFailure::from(&error) {
                    AcceptFailure::Nobody => return Ok(Accepted::Nobody),
                    AcceptFailure::Theirs => self.failed = self.failed.saturating_add(1),
                    AcceptFailure::Ours => return Err(error),
                    AcceptFailure::Exhausted => return Ok(self.pause(scheduler, key, &error)),
                },
            }
        }
    }

    /// A batch of failures alone would go on for ever, as fast as the processor can.
    fn batch_is_full(&self, scheduler: &Scheduler, key: RawKey) -> Accepted {
        if self.failed >= self.tried {
            return self.pause(scheduler, key, &"one connection after the other fails");
        }
        scheduler.counters.hit(Limit::AcceptBatch);
        Accepted::Enough
    }

    /// The connection, unless it is one too many.
    fn seated(&self, scheduler: &Scheduler, kind: SocketKind, peer: &Addr) -> Option<Socket> {
        if let Some(seat) = self.seats.take() {
            return Some(Socket { kind, seat: Some(seat), limits: self.limits.map(Box::new) });
        }
        scheduler.counters.hit(Limit::Connections);
        crate::vocabulary::log::note(&format_args!(
            "{}: more than {} connections, {peer} is turned away",
            self.addr,
            self.seats.most(),
        ));
        // One attempt: a fresh socket has room, and a peer that is gone does not care.
        let _ = scheduler.system.admit(kind).write(self.when_full);
        None
    }

    /// Stops until a descriptor comes back, here or, as far as we know, elsewhere: the kernel
    /// keeps the connections, and mio will not mention them again.
    fn pause(&self, scheduler: &Scheduler, key: RawKey, why: &dyn core::fmt::Display) -> Accepted {
        scheduler.counters.hit(Limit::Descriptors);
        crate::vocabulary::log::note(&format_args!("{}: cannot accept: {why}; paused", self.addr));
        scheduler.starve(key);
        scheduler.timers.borrow_mut().set(scheduler.clock.after(PAUSE), key, Due::Retry);
        Accepted::Paused
    }
}

impl<T: Channel> Driver<T> {
    /// A listening channel: `#[on_accepted]` for each connection.
    pub(super) fn accept(&mut self) {
        if let Endpoint::Listening(acceptor) = &mut self.connection.io.endpoint {
            acceptor.begin_batch();
        }
        if self.connection.io.scheduler.is_draining() {
            return self.connection.io.close();
        }
        while self.accepts() {
            match self.next_connection() {
                Ok(Accepted::Connection(socket, peer)) => self.take_in(socket, peer),
                Ok(Accepted::Enough) => return,
                Ok(Accepted::Nobody | Accepted::Paused) => {
                    self.connection.io.state.ready.remove(Ready::READABLE);
                    return;
                }
                Err(error) => return self.connection.fail(Error::io("accept", error)),
            }
        }
    }

    fn accepts(&self) -> bool {
        let state = &self.connection.io.state;
        state.stop == 0 && state.wants_read && state.ready.has(Ready::READABLE)
    }

    fn next_connection(&mut self) -> io::Result<Accepted> {
        let io = &mut self.connection.io;
        match &mut io.endpoint {
            Endpoint::Listening(acceptor) => acceptor.next(&io.scheduler, io.key),
            _ => Ok(Accepted::Nobody),
        }
    }

    /// A panic costs this connection, and no other.
    fn take_in(&mut self, socket: Socket, peer: Addr) {
        if let Err(panic) = guarded(|| self.connection.accepted(socket, peer)) {
            self.connection.panicked(panic);
        }
    }
}
