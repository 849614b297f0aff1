//! Sockets that are listened on.

use mio::net::{TcpListener, UnixListener};
use mio::{Interest, Registry, Token};
use socket2::SockRef;
use std::cell::Cell;
use std::io;
use std::rc::Rc;

use crate::limits::Limits;
use crate::transport::addr::Addr;
use crate::transport::pipe::Arrivals;

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

    /// Whether it stopped because the batch was full; the next one may begin.
    pub(crate) fn has_more(&self) -> bool {
        self.in_batch >= self.accept_batch
    }

    pub(crate) fn begin_batch(&mut self) {
        self.in_batch = 0;
    }

    pub(crate) fn seat(&self) -> Seat {
        self.seats.set(self.seats.get() + 1);
        Seat(self.seats.clone())
    }
}
