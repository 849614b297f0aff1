//! Sockets that are listened on.

use core::time::Duration;
use mio::net::TcpListener;
use mio::{Interest, Registry, Token};
use socket2::{Domain, Protocol, SockAddr, SockRef, TcpKeepalive, Type};
use std::io;
use std::sync::Arc;

use super::family::{unfit, Family};
use super::network::Arrivals;
use super::os::{self, OwnPath, UnixListener};
use super::over::Over;
use super::seat::Seats;
use super::socket::SocketKind;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::limits::{Limits, NEVER};

/// What is listened on.
#[derive(Debug)]
pub(crate) enum ListenSocket {
    Tcp(TcpListener),
    /// With the file to remove when this is dropped.
    Unix(UnixListener, #[allow(dead_code)] Option<OwnPath>),
    Memory(Arrivals),
}

/// A listening socket, and what there is to know of its connections.
#[derive(Debug)]
pub(crate) struct Acceptor {
    pub(crate) socket: ListenSocket,
    pub(crate) addr: Addr,
    pub(crate) seats: Seats,
    pub(crate) accept_batch: usize,
    pub(crate) when_full: &'static [u8],
    pub(crate) limits: Option<Limits>,
    /// What lies over its connections.
    pub(crate) over: Option<Arc<Over>>,
    /// It ends when one connection has become a channel.
    pub(crate) once: bool,
    /// It pauses until then, and has one timer for it.
    pub(crate) paused_until: u64,
    /// Connections tried in this batch, and how many of these failed on the way.
    pub(crate) tried: usize,
    pub(crate) failed: usize,
}

impl Acceptor {
    pub(crate) fn begin_batch(&mut self) {
        (self.tried, self.failed) = (0, 0);
        // What cannot be asked will fail to accept, and says why.
        let _ = self.socket.sock_ref().map(|socket| os::keep_nonblocking(&socket));
    }
}

/// How to listen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListenOptions {
    pub(crate) backlog: i32,
    pub(crate) reuse_port: bool,
}

/// Probes of a silent peer, once it was silent for the time set: so many seconds apart.
const PROBE_EVERY: Duration = Duration::from_secs(15);

/// The system counts in seconds, and takes no 0.
const SECOND: Duration = Duration::from_secs(1);

impl ListenSocket {
    pub(crate) fn bind(addr: &Addr, options: ListenOptions) -> io::Result<Self> {
        match addr {
            Addr::Inet(addr) => {
                let socket = socket2::Socket::new(
                    Domain::for_address(*addr),
                    Type::STREAM,
                    Some(Protocol::TCP),
                )?;
                // A server that restarts must not wait for the old connections' TIME_WAIT.
                if os::REUSES_ADDRESS {
                    socket.set_reuse_address(true)?;
                }
                if options.reuse_port {
                    os::set_reuse_port(&socket)?;
                }
                socket.set_nonblocking(true)?;
                socket.bind(&SockAddr::from(*addr))?;
                socket.listen(options.backlog)?;
                Ok(Self::Tcp(TcpListener::from_std(socket.into())))
            }
            Addr::Unix(Some(path)) => {
                let (listener, own) = os::bind_unix(path, options.backlog)?;
                Ok(Self::Unix(listener, Some(own)))
            }
            Addr::Unix(None) => Err(io::ErrorKind::AddrNotAvailable.into()),
        }
    }

    /// A socket that listens already, made elsewhere; one that does not is refused.
    pub(crate) fn from_socket(socket: socket2::Socket) -> io::Result<Self> {
        if !os::is_listener(&socket)? {
            return Err(unfit("it does not listen"));
        }
        socket.set_nonblocking(true)?;
        Ok(match Family::of(&socket)? {
            Family::Inet => Self::Tcp(TcpListener::from_std(socket.into())),
            Family::Unix => Self::Unix(os::unix_listener(socket)?, None),
        })
    }

    /// Has the system notice, after a time of silence, that the peers of accepted connections have
    /// vanished. Set here, once: they inherit it.
    pub(crate) fn set_keepalive(&self, after: Duration) -> io::Result<()> {
        match self {
            Self::Tcp(listener) if after != NEVER => SockRef::from(listener).set_tcp_keepalive(
                &TcpKeepalive::new().with_time(after.max(SECOND)).with_interval(PROBE_EVERY),
            ),
            _ => Ok(()),
        }
    }

    pub(crate) fn local_addr(&self) -> io::Result<Addr> {
        Ok(match self {
            Self::Tcp(listener) => listener.local_addr()?.into(),
            Self::Unix(listener, _) => {
                os::addr_of(SockRef::from(listener).local_addr()).unwrap_or(Addr::Unix(None))
            }
            Self::Memory(arrivals) => arrivals.addr.clone(),
        })
    }

    /// The next connection, if there is one.
    pub(crate) fn accept(&self) -> io::Result<(SocketKind, Addr)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, addr) = listener.accept()?;
                Ok((SocketKind::Tcp(stream), addr.into()))
            }
            Self::Unix(listener, _) => {
                let (stream, _) = listener.accept()?;
                let addr = os::addr_of(SockRef::from(&stream).peer_addr());
                Ok((SocketKind::Unix(stream), addr.unwrap_or(Addr::Unix(None))))
            }
            Self::Memory(arrivals) => {
                let ticket = arrivals.next().ok_or(io::ErrorKind::WouldBlock)?;
                let addr = ticket.addr.clone();
                Ok((SocketKind::Memory(ticket), addr))
            }
        }
    }

    pub(crate) fn sock_ref(&self) -> Option<SockRef<'_>> {
        match self {
            Self::Tcp(listener) => Some(listener.into()),
            Self::Unix(listener, _) => Some(listener.into()),
            Self::Memory(_) => None,
        }
    }

    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => registry.register(listener, token, Interest::READABLE),
            Self::Unix(listener, _) => registry.register(listener, token, Interest::READABLE),
            Self::Memory(_) => Ok(()),
        }
    }

    pub(crate) fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => registry.deregister(listener),
            Self::Unix(listener, _) => registry.deregister(listener),
            Self::Memory(_) => Ok(()),
        }
    }
}

/// Whose fault it is that accept failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AcceptFailure {
    Nobody,
    /// The connection is gone, or the network below it: the listener is as good as before.
    Theirs,
    /// The listener is shut.
    Ours,
    /// EMFILE, ENFILE, ENOBUFS, ENOMEM: pausing is right for them, and safe for all we do not know.
    Exhausted,
}

impl From<&io::Error> for AcceptFailure {
    fn from(error: &io::Error) -> Self {
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
            _ => Self::Exhausted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: ListenOptions = ListenOptions { backlog: 8, reuse_port: false };

    #[test]
    fn accepted_connections_inherit_the_keepalive_of_their_listener() {
        let listening = ListenSocket::bind(&Addr::Inet(([127, 0, 0, 1], 0).into()), OPTIONS);
        let listening = listening.expect("a listener");
        listening.set_keepalive(Duration::from_secs(42)).expect("a socket");
        let addr = listening.local_addr().expect("bound").inet().expect("an IP address");
        let _peer = std::net::TcpStream::connect(addr).expect("connected");
        let (kind, _) = loop {
            match listening.accept() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::yield_now(),
                result => break result.expect("a peer"),
            }
        };
        let SocketKind::Tcp(stream) = kind else { panic!("a TCP stream") };
        let options = SockRef::from(&stream);
        assert!(options.keepalive().expect("a socket"));
        assert_eq!(options.tcp_keepalive_time().expect("a socket"), Duration::from_secs(42));
    }

    #[test]
    fn whose_fault_a_failure_is() {
        let failure = |errno| AcceptFailure::from(&io::Error::from_raw_os_error(errno));
        // ECONNABORTED, EPERM; EMFILE, ENFILE, ENOBUFS, ENOMEM; EINVAL; EAGAIN: of Linux.
        for errno in [103, 1] {
            assert_eq!(failure(errno), AcceptFailure::Theirs, "{errno}");
        }
        for errno in [24, 23, 105, 12, 9_999] {
            assert_eq!(failure(errno), AcceptFailure::Exhausted, "{errno}");
        }
        assert_eq!(failure(22), AcceptFailure::Ours);
        assert_eq!(failure(11), AcceptFailure::Nobody);
    }
}
