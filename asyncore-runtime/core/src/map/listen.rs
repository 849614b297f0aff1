//! Where to listen, and how: what `listen` and `serve` take.

use core::time::Duration;
use std::io;
use std::sync::Arc;

use crate::scheduler::timers::Due;
use crate::scheduler::Scheduler;
use crate::transport::listening::{Acceptor, ListenOptions, ListenSocket};
use crate::transport::os;
use crate::transport::over::Over;
use crate::transport::proxy::Networks;
use crate::transport::seat::Seats;
use crate::vocabulary::addr::{resolve, Addr, ToAddr};
use crate::vocabulary::error::OpenError;
use crate::vocabulary::key::RawKey;
use crate::vocabulary::limits::Limits;

/// What [`Map::listen`](crate::Map::listen) takes: an address, a path, a ready-made listener of
/// `std`, or a [`Listen`] with options.
pub trait Bind {
    /// The listener to be, with its options.
    fn listen(self) -> Listen;
}

impl<A: ToAddr> Bind for A {
    fn listen(self) -> Listen {
        Listen::new(Target::Addr(self.describe(), resolve("listen on", &self)))
    }
}

impl Bind for Listen {
    fn listen(self) -> Listen {
        self
    }
}

impl Bind for std::net::TcpListener {
    fn listen(self) -> Listen {
        Listen::new(Target::Ready(self.into()))
    }
}

#[cfg(unix)]
impl Bind for os::StdUnixListener {
    fn listen(self) -> Listen {
        Listen::new(Target::Ready(self.into()))
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
    target: Target,
    max_connections: usize,
    accept_batch: usize,
    backlog: i32,
    reuse_port: bool,
    keepalive: Duration,
    limits: Option<Limits>,
    when_full: &'static [u8],
    once: bool,
    within: Option<Duration>,
    over: Option<Over>,
    /// An option that is none.
    unfit: Option<io::Error>,
}

#[derive(Debug)]
enum Target {
    /// As given, and as resolved.
    Addr(String, io::Result<Vec<Addr>>),
    Ready(socket2::Socket),
}

impl Listen {
    fn new(target: Target) -> Self {
        Self {
            target,
            max_connections: 10_000,
            accept_batch: 32,
            backlog: 1024,
            reuse_port: false,
            keepalive: Duration::from_secs(60),
            limits: None,
            when_full: b"",
            once: false,
            within: None,
            over: None,
            unfit: None,
        }
    }

    /// So many connections of this listener at a time; 10,000 by default. One more is accepted,
    /// told [`when_full`](Self::when_full), closed, and counted. A connection counts as long as its
    /// descriptor is open: also while it lingers, and in another map or thread.
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

    /// Lets several sockets listen on one port, one loop each, among which the kernel chooses
    /// (`SO_REUSEPORT`): for those whom the thread that accepts for [`Workers`](crate::Workers) limits.
    #[must_use]
    pub fn reuse_port(mut self) -> Self {
        self.reuse_port = true;
        self
    }

    /// After so long without a sign of a peer the system asks whether it is still there, every 15 s
    /// from then on, and closes a connection whose peer has vanished; 60 s by default,
    /// [`NEVER`](crate::NEVER) for not at all. TCP only.
    #[must_use]
    pub fn keepalive(mut self, after: Duration) -> Self {
        self.keepalive = after;
        self
    }

    /// Listens until one connection has become a channel, and no longer: for an FTP server's data,
    /// say; with [`within`](Self::within) it does not wait for ever for somebody to come. A peer whom
    /// the closure refuses is none. Connections that wait behind it are reset.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// Listens for so long, and no longer. Its connections live on.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.within = Some(time);
        self
    }

    /// TLS over each connection, from its first byte: `#[on_connect]` comes after the handshake,
    /// which has [`Limits::handshake_timeout`](crate::Limits::handshake_timeout). Unix sockets too.
    ///
    /// A handshake that fails is [`Error::Handshake`](crate::Error::Handshake) to the channel, and the
    /// end of that connection.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, config: impl Into<crate::transport::tls::ServerTls>) -> Self {
        self.over.get_or_insert_default().tls = Some(config.into().into());
        self
    }

    /// Each connection comes from a proxy, which says whose it is by the PROXY protocol, version 1 or
    /// 2, before anything else: [`Io::peer_addr`](crate::Io::peer_addr) is the client's from
    /// `#[on_connect]` on, and [`Io::proxy`](crate::Io::proxy) has the rest. It lies below TLS.
    ///
    /// A header is required, and taken from these networks only (`"10.0.0.0/8"`, `"127.0.0.1"`); of
    /// a Unix socket from everybody who can reach it. Anything else is
    /// [`Error::Handshake`](crate::Error::Handshake) and the end of the connection. It has
    /// [`Limits::handshake_timeout`](crate::Limits::handshake_timeout). The closure of `listen` runs at
    /// accept, before the header, and is given the proxy's address.
    ///
    /// # Errors
    /// What is no network is an error of `listen`.
    #[must_use]
    pub fn proxy_protocol<S: AsRef<str>>(mut self, trusted: impl IntoIterator<Item = S>) -> Self {
        match Networks::parse(trusted) {
            Ok(networks) => {
                self.over.get_or_insert_default().proxies = Some(Arc::new(networks));
            }
            Err(error) => self.unfit = Some(error),
        }
        self
    }

    /// Bounds for the channels of this listener, where they are tighter than the channel's own.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    pub(crate) fn open(self, scheduler: &Scheduler, key: RawKey) -> io::Result<Acceptor> {
        if let Some(error) = self.unfit {
            return Err(OpenError::wrap("listen", "behind a proxy", error));
        }
        let options = ListenOptions { backlog: self.backlog, reuse_port: self.reuse_port };
        let listening = match self.target {
            Target::Addr(given, addrs) => bind_any(scheduler, key, &addrs?, options)
                .map_err(|error| OpenError::wrap("listen on", given, error))?,
            Target::Ready(socket) => {
                let given = os::number(&socket);
                ListenSocket::from_socket(socket).map_err(|error| {
                    OpenError::wrap_given("listen on", "the socket", given, error)
                })?
            }
        };
        listening.set_keepalive(self.keepalive)?;
        if let Some(time) = self.within {
            let at = scheduler.clock.after(time);
            scheduler.timers.borrow_mut().set(at, key, Due::Close);
        }
        Ok(Acceptor {
            addr: listening.local_addr()?,
            socket: listening,
            seats: Seats::new(self.max_connections),
            accept_batch: self.accept_batch,
            when_full: self.when_full,
            once: self.once,
            paused_until: 0,
            limits: self.limits,
            over: self.over.map(Arc::new),
            tried: 0,
            failed: 0,
        })
    }
}

fn bind_any(
    scheduler: &Scheduler,
    key: RawKey,
    addrs: &[Addr],
    options: ListenOptions,
) -> io::Result<ListenSocket> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for addr in addrs {
        match scheduler.system.listen(key, addr, options) {
            Ok(listening) => return Ok(listening),
            Err(error) => last = error,
        }
    }
    Err(last)
}
