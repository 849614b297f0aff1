//! Where to listen, and how: what `listen` and `serve` take.

use mio::net::{TcpListener, UnixListener};
use socket2::{Domain, Protocol, SockAddr, Type};
use std::io;
use std::rc::Rc;

use crate::error::OpenError;
use crate::key::RawKey;
use crate::limits::Limits;
use crate::scheduler::shared::Shared;
use crate::transport::addr::{resolve, Addr, ToAddr};
use crate::transport::listening::{Acceptor, Listening};

/// What [`Map::listen`](crate::Map::listen) takes: an address, a path, a ready-made listener of
/// `std`, or a [`Listen`] with options.
pub trait Bind {
    /// The listener to be, with its options.
    fn listen(self) -> Listen;
}

impl<A: ToAddr> Bind for A {
    fn listen(self) -> Listen {
        Listen::new(Place::Addr(self.describe(), resolve("listen on", &self)))
    }
}

impl Bind for Listen {
    fn listen(self) -> Listen {
        self
    }
}

impl Bind for std::net::TcpListener {
    fn listen(self) -> Listen {
        Listen::new(Place::Tcp(self))
    }
}

impl Bind for std::os::unix::net::UnixListener {
    fn listen(self) -> Listen {
        Listen::new(Place::Unix(self))
    }
}

/// A TCP address to listen on, with options.
///
/// ```
/// use asyncore_runtime::tcp;
/// let listen = tcp("127.0.0.1:0").max_connections(1000).backlog(128);
/// # let _ = listen;
/// ```
pub fn tcp(addr: impl ToAddr) -> Listen {
    addr.listen()
}

/// A place to listen at, with options.
#[derive(Debug)]
pub struct Listen {
    place: Place,
    max_connections: usize,
    accept_batch: usize,
    backlog: i32,
    reuse_port: bool,
    limits: Option<Limits>,
    when_full: &'static [u8],
}

#[derive(Debug)]
enum Place {
    /// As given, and as resolved.
    Addr(String, io::Result<Vec<Addr>>),
    Tcp(std::net::TcpListener),
    Unix(std::os::unix::net::UnixListener),
}

impl Listen {
    fn new(place: Place) -> Self {
        Self {
            place,
            max_connections: 10_000,
            accept_batch: 32,
            backlog: 1024,
            reuse_port: false,
            limits: None,
            when_full: b"",
        }
    }

    /// So many connections of this listener at a time; 10,000 by default. One more is accepted,
    /// told [`when_full`](Self::when_full), closed, and counted.
    #[must_use]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// What a connection too many is told before it is closed; nothing by default.
    #[must_use]
    pub fn when_full(mut self, message: &'static [u8]) -> Self {
        self.when_full = message;
        self
    }

    /// So many connections are accepted before the other channels have their turn; 32 by default.
    #[must_use]
    pub fn accept_batch(mut self, connections: usize) -> Self {
        self.accept_batch = connections.max(1);
        self
    }

    /// So many connections wait in the kernel; 1024 by default. Not for ready-made listeners.
    #[must_use]
    pub fn backlog(mut self, connections: u16) -> Self {
        self.backlog = i32::from(connections);
        self
    }

    /// Lets several sockets listen on one port, one loop each (`SO_REUSEPORT`).
    #[must_use]
    pub fn reuse_port(mut self) -> Self {
        self.reuse_port = true;
        self
    }

    /// Bounds for the channels of this listener, where they are tighter than the channel's own.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    pub(crate) fn open(self, shared: &Shared, key: RawKey) -> io::Result<Acceptor> {
        let (place, backlog, reuse_port) = (self.place, self.backlog, self.reuse_port);
        let socket = match place {
            Place::Addr(given, addrs) => bind_any(shared, key, &addrs?, backlog, reuse_port)
                .map_err(|error| OpenError::wrap("listen on", given, error))?,
            Place::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                Listening::Tcp(TcpListener::from_std(listener))
            }
            Place::Unix(listener) => {
                listener.set_nonblocking(true)?;
                Listening::Unix(UnixListener::from_std(listener))
            }
        };
        Ok(Acceptor {
            addr: socket.local_addr()?,
            socket,
            max_connections: self.max_connections,
            accept_batch: self.accept_batch,
            when_full: self.when_full,
            limits: self.limits,
            seats: Rc::default(),
            in_batch: 0,
        })
    }
}

fn bind_any(
    shared: &Shared,
    key: RawKey,
    addrs: &[Addr],
    backlog: i32,
    reuse_port: bool,
) -> io::Result<Listening> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for addr in addrs {
        let bound = match &shared.network {
            Some(network) => network.borrow_mut().listen(addr, key).map(Listening::Memory),
            None => bind(addr, backlog, reuse_port),
        };
        match bound {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn bind(addr: &Addr, backlog: i32, reuse_port: bool) -> io::Result<Listening> {
    let (addr, protocol) = match addr {
        Addr::Inet(addr) => (SockAddr::from(*addr), Some(Protocol::TCP)),
        Addr::Unix(Some(path)) => (SockAddr::unix(path)?, None),
        Addr::Unix(None) => return Err(io::ErrorKind::AddrNotAvailable.into()),
    };
    let socket =
        socket2::Socket::new(Domain::from(i32::from(addr.family())), Type::STREAM, protocol)?;
    if protocol.is_some() {
        // A server that restarts must not wait for the old connections' TIME_WAIT.
        socket.set_reuse_address(true)?;
        if reuse_port {
            socket.set_reuse_port(true)?;
        }
    }
    socket.set_nonblocking(true)?;
    socket.bind(&addr)?;
    socket.listen(backlog)?;
    Ok(match protocol {
        Some(_) => Listening::Tcp(TcpListener::from_std(socket.into())),
        None => Listening::Unix(UnixListener::from_std(socket.into())),
    })
}
