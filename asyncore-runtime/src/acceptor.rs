//! Listening sockets.

use core::fmt;
use core::time::Duration;
use mio::net::{TcpListener, UnixListener};
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, SockAddr, Type};
use std::cell::Cell;
use std::io;
use std::rc::Rc;

use crate::addr::{resolve, Addr, Socket, ToAddr};
use crate::channel::Channel;
use crate::error::OpenError;
use crate::key::RawKey;
use crate::limits::{Counters, Limit, Limits};
use crate::link::Link;
use crate::network::Arrivals;
use crate::open;
use crate::scratch::Scratch;
use crate::shared::{After, Driven, Ready, Shared, Wake};
use crate::timers::Due;

/// How long a listener without descriptors waits, unless this loop closes something before:
/// `HAProxy`'s and ranch's answer.
const PAUSE: Duration = Duration::from_millis(100);

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

#[derive(Debug)]
enum Listening {
    Tcp(TcpListener),
    Unix(UnixListener),
    Memory(Arrivals),
}

impl Listening {
    fn local_addr(&self) -> io::Result<Addr> {
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
    socket: Listening,
    addr: Addr,
    max_connections: usize,
    accept_batch: usize,
    when_full: &'static [u8],
    limits: Option<Limits>,
    seats: Rc<Cell<usize>>,
    in_batch: usize,
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

/// What the closure of `listen` can return: a channel, or `None` to refuse the peer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no channel to take a connection",
    label = "the closure of `listen` returns this",
    note = "return a type with `#[channel]` on its struct and its impl block, or an `Option` of one"
)]
pub trait Accept {
    /// The type of the channel.
    type Channel: Channel;
    /// The channel, if there is to be one.
    fn accept(self) -> Option<Self::Channel>;
}

impl<T: Channel> Accept for T {
    type Channel = T;
    fn accept(self) -> Option<T> {
        Some(self)
    }
}

impl<T: Channel> Accept for Option<T> {
    type Channel = T;
    fn accept(self) -> Self {
        self
    }
}

/// A listener whose connections a closure makes channels of.
pub(crate) struct Reception<F> {
    pub(crate) shared: Rc<Shared>,
    pub(crate) key: RawKey,
    pub(crate) link: Link,
    pub(crate) accept: F,
}

impl<F, A> Reception<F>
where
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    fn receive(&mut self) -> After {
        let Link::Acceptor(acceptor) = &mut self.link else { return After::Gone };
        acceptor.begin_batch();
        loop {
            match acceptor.next(&self.shared, self.key) {
                Ok(Some((socket, peer))) => {
                    if let Some(channel) = (self.accept)(peer).accept() {
                        open::seat(&self.shared, socket, channel, acceptor.seat(), acceptor.limits);
                    }
                }
                Ok(None) if acceptor.has_more() => return After::Again,
                Ok(None) => return After::Rest,
                Err(error) => {
                    crate::log::note(&format_args!(
                        "{}: no longer listening: {error}",
                        acceptor.addr
                    ));
                    return self.end();
                }
            }
        }
    }

    fn end(&mut self) -> After {
        self.shared.close(&mut self.link);
        After::Gone
    }
}

impl<F, A> Driven for Reception<F>
where
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    fn note(&mut self, _: Ready) {}

    fn run(&mut self, wake: Wake, _: &mut Scratch) -> After {
        if self.shared.is_draining.get() || wake != Wake::Ready {
            return self.end();
        }
        let received = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.receive()));
        // The closure panicked (the hook has printed it): that connection is lost, no other.
        received.unwrap_or(After::Again)
    }

    fn ask(&mut self, _: &mut Scratch) -> After {
        After::Rest
    }
}

/// A listener in a map: where it listens, and a way to end it. Dropping it changes nothing.
#[derive(Clone)]
pub struct Listener {
    pub(crate) shared: Rc<Shared>,
    pub(crate) key: RawKey,
    pub(crate) addr: Addr,
}

impl Listener {
    /// Where it listens: with port 0 asked for, the port the kernel chose.
    #[must_use]
    pub fn local_addr(&self) -> Addr {
        self.addr.clone()
    }

    /// Listens no more. Its connections live on.
    pub fn close(&self) {
        self.shared.timers.borrow_mut().set(0, self.key, Due::Close);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("addr", &self.addr).finish_non_exhaustive()
    }
}
