//! Accepting connections: one batch at a time, and what to do when it fails.

use core::time::Duration;
use std::io;

use crate::key::RawKey;
use crate::limits::{Counters, Limit};
use crate::scheduler::shared::Shared;
use crate::scheduler::timers::Due;
use crate::transport::addr::Addr;
use crate::transport::link::Link;
use crate::transport::listening::Acceptor;
use crate::transport::socket::Socket;

/// How long a listener without descriptors waits, unless this loop closes something before:
/// `HAProxy`'s and ranch's answer.
const PAUSE: Duration = Duration::from_millis(100);

impl Acceptor {
    /// The next connection, if there is one and the batch is not full.
    ///
    /// # Errors
    /// The listener is no use any more.
    pub(crate) fn next(
        &mut self,
        shared: &Shared,
        key: RawKey,
    ) -> io::Result<Option<(Socket, Addr)>> {
        loop {
            if self.has_more() {
                shared.counters.hit(Limit::AcceptBatch);
                return Ok(None);
            }
            match Link::accept(&self.socket) {
                Ok((link, addr)) => {
                    let arrival = (Socket(link), addr);
                    self.in_batch += 1;
                    Counters::bump(&shared.counters.accepted);
                    match self.seated(shared, arrival) {
                        None => {}
                        some => return Ok(some),
                    }
                }
                Err(error) => match Trouble::of(&error) {
                    Trouble::Nobody => return Ok(None),
                    Trouble::Theirs => self.in_batch += 1,
                    Trouble::Ours => return Err(error),
                    Trouble::Descriptors => {
                        self.starve(shared, key, &error);
                        return Ok(None);
                    }
                },
            }
        }
    }

    /// The connection, unless it is one too many.
    fn seated(&self, shared: &Shared, mut arrival: (Socket, Addr)) -> Option<(Socket, Addr)> {
        if self.seats.get() < self.max_connections {
            return Some(arrival);
        }
        shared.counters.hit(Limit::Connections);
        crate::log::note(&format_args!(
            "{}: more than {} connections, {} is turned away",
            self.addr, self.max_connections, arrival.1
        ));
        // One attempt: a fresh socket has room, and a peer that is gone does not care.
        let _ = arrival.0 .0.write(self.when_full);
        None
    }

    /// Stops until a descriptor comes back, here or, as far as we know, elsewhere: the kernel
    /// keeps the connections, and mio will not mention them again.
    fn starve(&self, shared: &Shared, key: RawKey, error: &io::Error) {
        shared.counters.hit(Limit::Descriptors);
        crate::log::note(&format_args!("{}: cannot accept: {error}; paused", self.addr));
        shared.starve(key);
        shared.timers.borrow_mut().set(shared.clock.after(PAUSE), key, Due::Retry);
    }
}

/// Whose fault it is that accept failed.
enum Trouble {
    Nobody,
    /// The connection is gone, or the network below it: the listener is as good as before.
    Theirs,
    /// The listener is shut.
    Ours,
    /// EMFILE, ENFILE, ENOBUFS, ENOMEM: pausing is right for them, and safe for all we do not know.
    Descriptors,
}

impl Trouble {
    fn of(error: &io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::WouldBlock => Self::Nobody,
            Kind::ConnectionAborted
            | Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::HostUnreachable
            | Kind::Interrupted
            | Kind::NetworkDown
            | Kind::NetworkUnreachable
            | Kind::NotConnected
            | Kind::PermissionDenied
            | Kind::TimedOut => Self::Theirs,
            Kind::InvalidInput => Self::Ours,
            _ => Self::Descriptors,
        }
    }
}
