//! Accepting connections: one batch at a time, and what to do when it fails.

use core::time::Duration;
use mio::net::{TcpListener, UnixListener};
use mio::{Interest, Registry, Token};
use socket2::SockRef;
use std::cell::Cell;
use std::io;
use std::rc::Rc;

use crate::addr::{Addr, Socket};
use crate::key::RawKey;
use crate::limits::{Counters, Limit, Limits};
use crate::link::Link;
use crate::network::Arrivals;
use crate::shared::Shared;
use crate::timers::Due;

/// How long a listener without descriptors waits, unless this loop closes something before:
/// `HAProxy`'s and ranch's answer.
const PAUSE: Duration = Duration::from_millis(100);

/// What is listened on.
#[derive(Debug)]
pub(crate) enum Listening {
    Tcp(TcpListener),
    Unix(UnixListener),
    Memory(Arrivals),
}

impl Listening {
    pub(crate) fn local_addr(&self) -> io::Result<Addr> {
        Ok(match self {
            Self::Tcp(listener) => listener.local_addr()?.into(),
            Self::Unix(listener) => Addr::from_unix(&listener.local_addr()?),
            Self::Memory(arrivals) => arrivals.addr.clone(),
        })
    }

    fn accept(&self) -> io::Result<(Socket, Addr)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, addr) = listener.accept()?;
                // See `connected`: without this every second reply waits for a delayed ACK. Of a
                // connection that was reset meanwhile it fails, and its first read will say so.
                let _ = stream.set_nodelay(true);
                Ok((Socket(Link::Tcp(stream)), addr.into()))
            }
            Self::Unix(listener) => {
                let (stream, addr) = listener.accept()?;
                Ok((Socket(Link::Unix(stream)), Addr::from_unix(&addr)))
            }
            Self::Memory(arrivals) => {
                let pipe = arrivals.waiting.borrow_mut().pop_front();
                let pipe = pipe.ok_or(io::ErrorKind::WouldBlock)?;
                let addr = pipe.borrow().addr.clone().unwrap_or(Addr::Unix(None));
                Ok((Socket(Link::Memory(pipe)), addr))
            }
        }
    }
}

/// A listening socket, and what there is to know about its connections.
#[derive(Debug)]
pub(crate) struct Acceptor {
    pub(crate) socket: Listening,
    pub(crate) addr: Addr,
    pub(crate) max_connections: usize,
    pub(crate) accept_batch: usize,
    pub(crate) when_full: &'static [u8],
    pub(crate) limits: Option<Limits>,
    pub(crate) seats: Rc<Cell<usize>>,
    pub(crate) in_batch: usize,
}

/// One connection of a listener, counted as long as it lives.
#[derive(Debug)]
pub(crate) struct Seat(Rc<Cell<usize>>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

impl Acceptor {
    pub(crate) fn local_addr(&self) -> Addr {
        self.addr.clone()
    }

    pub(crate) fn sock_ref(&self) -> Option<SockRef<'_>> {
        match &self.socket {
            Listening::Tcp(listener) => Some(listener.into()),
            Listening::Unix(listener) => Some(listener.into()),
            Listening::Memory(_) => None,
        }
    }

    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match &mut self.socket {
            Listening::Tcp(listener) => registry.register(listener, token, Interest::READABLE),
            Listening::Unix(listener) => registry.register(listener, token, Interest::READABLE),
            Listening::Memory(_) => Ok(()),
        }
    }

    pub(crate) fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        match &mut self.socket {
            Listening::Tcp(listener) => registry.deregister(listener),
            Listening::Unix(listener) => registry.deregister(listener),
            Listening::Memory(_) => Ok(()),
        }
    }

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
            match self.socket.accept() {
                Ok(arrival) => {
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

    /// Whether it stopped because the batch was full; the next one may begin.
    pub(crate) fn has_more(&self) -> bool {
        self.in_batch >= self.accept_batch
    }

    pub(crate) fn begin_batch(&mut self) {
        self.in_batch = 0;
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

    pub(crate) fn seat(&self) -> Seat {
        self.seats.set(self.seats.get() + 1);
        Seat(self.seats.clone())
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
