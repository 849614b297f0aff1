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
use crate::transport::endpoint::Endpoint;
use crate::transport::listening::{AcceptFailure, Acceptor};
use crate::transport::readiness::Ready;
use crate::transport::socket::{Socket, SocketKind};
use crate::vocabulary::addr::Addr;
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
    fn batch_is_full(&mut self, scheduler: &Scheduler, key: RawKey) -> Accepted {
        if self.failed >= self.tried {
            return self.pause(scheduler, key, &"one connection after the other fails");
        }
        scheduler.counters.hit(Limit::AcceptBatch);
        Accepted::Enough
    }

    /// The connection, unless it is one too many.
    fn seated(&self, scheduler: &Scheduler, kind: SocketKind, peer: &Addr) -> Option<Socket> {
        if let Some(seat) = self.seats.take() {
            let limits = self.limits.map(Box::new);
            let over = self.over.clone();
            return Some(Socket { seat: Some(seat), limits, over, ..Socket::new(kind) });
        }
        scheduler.counters.hit(Limit::Connections);
        crate::vocabulary::log::line(&format_args!(
            "{}: more than {} connections, {peer} is turned away",
            self.addr,
            self.seats.most(),
        ));
        if self.over.is_some() {
            // In the clear it would be no answer.
            drop(scheduler.system.admit(kind));
            return None;
        }
        // One attempt: a fresh socket has room, and a peer that is gone does not care.
        let _ = scheduler.system.admit(kind).write(self.when_full);
        None
    }

    /// Stops until a descriptor comes back, here or, as far as we know, elsewhere: the kernel
    /// keeps the connections, and mio will not mention them again.
    fn pause(
        &mut self,
        scheduler: &Scheduler,
        key: RawKey,
        why: &dyn core::fmt::Display,
    ) -> Accepted {
        scheduler.counters.hit(Limit::Descriptors);
        crate::vocabulary::log::line(&format_args!("{}: cannot accept: {why}; paused", self.addr));
        scheduler.starve(key);
        // A close woke it before its time: the timer that was set then still comes.
        if self.paused_until <= scheduler.clock.now() {
            self.paused_until = scheduler.clock.after(PAUSE);
            scheduler.timers.borrow_mut().set(self.paused_until, key, Due::Retry);
        }
        Accepted::Paused
    }
}

impl<T: Channel> Driver<T> {
    /// A listening channel: `#[on_accepted]` for each connection.
    pub(super) fn accept(&mut self) {
        if let Endpoint::Listening(acceptor) = &mut self.connection.io.endpoint {
            acceptor.begin_batch();
        }
        // What was pushed, to nobody.
        self.connection.tell_unaddressed();
        if self.connection.io.scheduler.is_draining() {
            return self.connection.cut_off();
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
            return self.connection.panicked(panic);
        }
        let io = &mut self.connection.io;
        if matches!(&io.endpoint, Endpoint::Listening(acceptor) if acceptor.once) {
            io.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::inbox::Inbox;
    use crate::transport::seat::Seats;
    use crate::transport::system::System;
    use std::cell::RefCell;
    use std::rc::Rc;

    /// A listener in memory, at which nobody waits.
    fn listener(seats: usize) -> (Rc<Scheduler>, RawKey, Acceptor) {
        let scheduler = Scheduler::new(System::Memory(RefCell::default()), Inbox::new(|| ()));
        let (key, addr) = (scheduler.reserve(), Addr::Inet(([10, 0, 0, 1], 7).into()));
        let network = scheduler.system.network().expect("in memory");
        let arrivals = network.borrow_mut().listen(&addr, key).expect("free");
        let acceptor = Acceptor {
            socket: crate::transport::listening::ListenSocket::Memory(arrivals),
            addr,
            seats: Seats::new(seats),
            accept_batch: 2,
            when_full: b"",
            limits: None,
            over: Default::default(),
            once: false,
            paused_until: 0,
            tried: 0,
            failed: 0,
        };
        (scheduler, key, acceptor)
    }

    fn arrive(scheduler: &Scheduler, acceptor: &Acceptor) {
        let network = scheduler.system.network().expect("in memory");
        network.borrow_mut().arrive(&acceptor.addr).expect("a listener");
    }

    #[test]
    fn a_batch_has_so_many_connections_and_the_rest_comes_a_turn_later() {
        let (scheduler, key, mut acceptor) = listener(10);
        (0..3).for_each(|_| arrive(&scheduler, &acceptor));
        let mut next = || acceptor.next(&scheduler, key).expect("it listens");
        let mut seats = vec![next(), next()];
        assert!(seats.iter().all(|taken| matches!(taken, Accepted::Connection(..))));
        assert!(matches!(next(), Accepted::Enough));
        acceptor.begin_batch();
        seats.push(acceptor.next(&scheduler, key).expect("it listens"));
        assert!(matches!(acceptor.next(&scheduler, key), Ok(Accepted::Nobody)));
        assert_eq!(scheduler.counters.hits(Limit::AcceptBatch), 1);
    }

    #[test]
    fn one_too_many_is_turned_away_and_the_next_one_is_looked_at() {
        let (scheduler, key, mut acceptor) = listener(1);
        (0..2).for_each(|_| arrive(&scheduler, &acceptor));
        let first = acceptor.next(&scheduler, key);
        assert!(matches!(first, Ok(Accepted::Connection(..))));
        assert!(matches!(acceptor.next(&scheduler, key), Ok(Accepted::Enough)));
        assert_eq!(scheduler.counters.hits(Limit::Connections), 1);
    }

    #[test]
    fn a_batch_of_failures_alone_pauses_and_so_does_not_go_on_for_ever() {
        let (scheduler, key, mut acceptor) = listener(10);
        (acceptor.tried, acceptor.failed) = (2, 2);
        assert!(matches!(acceptor.next(&scheduler, key), Ok(Accepted::Paused)));
        assert_eq!(scheduler.counters.hits(Limit::Descriptors), 1);
        assert_eq!(scheduler.next_due(), Some(crate::scheduler::clock::nanos(PAUSE)));
    }

    #[test]
    fn a_failure_among_connections_is_none_to_pause_for() {
        let (scheduler, key, mut acceptor) = listener(10);
        (acceptor.tried, acceptor.failed) = (2, 1);
        assert!(matches!(acceptor.next(&scheduler, key), Ok(Accepted::Enough)));
        assert_eq!(scheduler.next_due(), None);
    }
}
