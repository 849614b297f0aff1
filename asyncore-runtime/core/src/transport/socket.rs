//! A connected socket on its way into a map.

use bytes::{Bytes, BytesMut};
use core::fmt;
use mio::net::TcpStream;
use socket2::{SockRef, Type};
use std::io;
use std::sync::Arc;

use super::family::{unfit, Family};
use super::os::{self, UnixStream};
#[cfg(unix)]
use super::os::{OwnedFd, StdUnixStream};
use super::over::Over;
use super::seat::Seat;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::error::OpenError;
use crate::vocabulary::limits::Limits;

/// A connected stream socket: what `#[on_accepted]` is given, and [`Io::add`](crate::Io::add) and
/// [`Map::add`](crate::Map::add) take. Dropping it closes the connection.
///
/// It is an OS stream, and goes where one goes: to another thread, into a `TcpStream` of `std`, to
/// a child. With it goes its seat among the [`max_connections`](crate::Listen::max_connections) of its
/// listener, until it is closed or made into something of `std`. With one that a channel
/// [gave up](crate::Io::detach) goes what was read of it and not used, and has to be
/// [taken](Socket::take_unread) before it is made into something of `std`.
///
/// ```no_run
/// # fn accepted(socket: asyncore_runtime::Socket) -> std::io::Result<()> {
/// if let Some(options) = socket.options() {
///     options.set_recv_buffer_size(1 << 20)?;
/// }
/// let stream: std::net::TcpStream = socket.try_into()?; // blocking again
/// # drop(stream); Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Socket {
    pub(crate) kind: SocketKind,
    pub(crate) seat: Option<Seat>,
    /// What the listener bounds its connections by.
    pub(crate) limits: Option<Box<Limits>>,
    /// What a channel has read of it and not used.
    pub(crate) unread: BytesMut,
    /// What is to lie over it.
    pub(crate) over: Option<Arc<Over>>,
}

#[derive(Debug)]
pub(crate) enum SocketKind {
    Tcp(TcpStream),
    Unix(UnixStream),
    /// A connection of a [`testing::Net`](crate::testing::Net).
    Memory(Ticket),
}

/// Stands for a connection in memory, which cannot leave its thread.
#[derive(Debug)]
pub(crate) struct Ticket {
    pub(crate) number: u64,
    pub(crate) addr: Addr,
    /// The network holds the other one, and sees when this is dropped.
    pub(crate) held: Arc<()>,
}

impl Socket {
    pub(crate) fn new(kind: SocketKind) -> Self {
        Self { kind, seat: None, limits: None, unread: BytesMut::new(), over: None }
    }

    /// Has TLS begin on it, as a server or as a client, before the channel that it is added to is told
    /// that it stands.
    ///
    /// Made into something of `std` it is the socket and nothing else.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: impl Into<super::tls::Tls>) -> Self {
        Arc::make_mut(self.over.get_or_insert_default()).tls = Some(tls.into());
        self
    }

    /// The peer's address; none if it has gone already, as a connection that was reset while it
    /// waited to be accepted.
    #[must_use]
    pub fn peer_addr(&self) -> Option<Addr> {
        match &self.kind {
            SocketKind::Tcp(stream) => stream.peer_addr().ok().map(Addr::Inet),
            SocketKind::Unix(stream) => os::addr_of(SockRef::from(stream).peer_addr()),
            SocketKind::Memory(ticket) => Some(ticket.addr.clone()),
        }
    }

    /// This end's address.
    #[must_use]
    pub fn local_addr(&self) -> Option<Addr> {
        match &self.kind {
            SocketKind::Tcp(stream) => stream.local_addr().ok().map(Addr::Inet),
            SocketKind::Unix(stream) => os::addr_of(SockRef::from(stream).local_addr()),
            SocketKind::Memory(_) => None,
        }
    }

    /// Options of the socket; none for a connection of a [`testing::Net`](crate::testing::Net).
    #[must_use]
    pub fn options(&self) -> Option<SockRef<'_>> {
        match &self.kind {
            SocketKind::Tcp(stream) => Some(stream.into()),
            SocketKind::Unix(stream) => Some(stream.into()),
            SocketKind::Memory(_) => None,
        }
    }

    /// What the channel that [gave it up](crate::Io::detach) had read of it and not used; empty for
    /// any other. A channel to which the socket is added handles it first.
    #[must_use]
    pub fn unread(&self) -> &[u8] {
        &self.unread
    }

    /// Takes what was read and not used, for who goes on with the socket elsewhere.
    #[must_use]
    pub fn take_unread(&mut self) -> Bytes {
        std::mem::take(&mut self.unread).freeze()
    }

    /// For who will not look here for what was read: it must not be lost in silence.
    fn check_unread(&self) -> io::Result<()> {
        match self.unread.len() {
            0 => Ok(()),
            len => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{len} bytes of the socket were read and not used: `take_unread` first"),
            )),
        }
    }

    fn is_not(what: impl fmt::Display) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidInput, format!("the socket is no {what}"))
    }
}

/// Gives the socket to `std`, blocking as one of `std` is.
impl TryFrom<Socket> for std::net::TcpStream {
    type Error = io::Error;

    fn try_from(socket: Socket) -> io::Result<Self> {
        socket.check_unread()?;
        let SocketKind::Tcp(stream) = socket.kind else { return Err(Socket::is_not("TCP stream")) };
        let stream = Self::from(stream);
        stream.set_nonblocking(false)?;
        Ok(stream)
    }
}

/// Gives the socket to `std`, blocking as one of `std` is.
#[cfg(unix)]
impl TryFrom<Socket> for StdUnixStream {
    type Error = io::Error;

    fn try_from(socket: Socket) -> io::Result<Self> {
        socket.check_unread()?;
        let SocketKind::Unix(stream) = socket.kind else {
            return Err(Socket::is_not("Unix stream"));
        };
        let stream = Self::from(stream);
        stream.set_nonblocking(false)?;
        Ok(stream)
    }
}

/// Gives up the descriptor, as it is: non-blocking.
#[cfg(unix)]
impl TryFrom<Socket> for OwnedFd {
    type Error = io::Error;

    fn try_from(socket: Socket) -> io::Result<Self> {
        socket.check_unread()?;
        match socket.kind {
            SocketKind::Tcp(stream) => Ok(std::net::TcpStream::from(stream).into()),
            SocketKind::Unix(stream) => Ok(StdUnixStream::from(stream).into()),
            SocketKind::Memory(_) => Err(Socket::is_not("descriptor")),
        }
    }
}

/// What can be added to a map as a connection: a [`Socket`], a connected stream of `std` or of
/// `socket2`, or a descriptor of one.
pub trait IntoSocket {
    /// The socket, non-blocking.
    ///
    /// # Errors
    /// It is no stream of TCP or of a Unix socket, whatever its Rust type says; or the system
    /// refuses to make it non-blocking.
    fn into_socket(self) -> io::Result<Socket>;
}

impl IntoSocket for Socket {
    fn into_socket(self) -> io::Result<Socket> {
        Ok(self)
    }
}

impl IntoSocket for socket2::Socket {
    fn into_socket(self) -> io::Result<Socket> {
        let given = os::number(&self);
        let kind = stream_kind(self);
        kind.map(Socket::new)
            .map_err(|error| OpenError::wrap_given("add", "the socket", given, error))
    }
}

macro_rules! into_socket {
    ($($type:ty),*) => {$(
        impl IntoSocket for $type {
            fn into_socket(self) -> io::Result<Socket> {
                socket2::Socket::from(self).into_socket()
            }
        }
    )*};
}

into_socket!(std::net::TcpStream);
#[cfg(unix)]
into_socket!(StdUnixStream, OwnedFd);

/// Looks at what the system says it is: a descriptor can have come from anywhere.
fn stream_kind(socket: socket2::Socket) -> io::Result<SocketKind> {
    if socket.r#type()? != Type::STREAM {
        return Err(unfit("it is no stream: `datagram` takes sockets of datagrams"));
    }
    socket.set_nonblocking(true)?;
    Ok(match Family::of(&socket)? {
        Family::Inet => SocketKind::Tcp(TcpStream::from_std(socket.into())),
        Family::Unix => SocketKind::Unix(os::unix_stream(socket)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_goes_to_other_threads() {
        fn goes<T: Send>() {}
        goes::<Socket>();
    }

    #[test]
    fn what_is_no_stream_is_refused_whatever_its_type_says() {
        let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&datagrams);
        let error = std::net::TcpStream::from(OwnedFd::from(datagrams)).into_socket().unwrap_err();
        let text = format!(
            "cannot add the socket: it is no stream: `datagram` takes sockets of datagrams \
             (descriptor {number})"
        );
        assert_eq!(error.to_string(), text);
        let (reader, _writer) = std::io::pipe().unwrap();
        assert!(OwnedFd::from(reader).into_socket().is_err(), "no socket at all");
    }

    #[test]
    fn a_descriptor_becomes_the_stream_it_is() {
        let (ours, _theirs) = StdUnixStream::pair().unwrap();
        let socket = OwnedFd::from(ours).into_socket().unwrap();
        assert!(matches!(socket.kind, SocketKind::Unix(_)));
    }

    #[test]
    fn it_becomes_a_stream_of_std_again_and_no_other() {
        let (ours, _theirs) = StdUnixStream::pair().unwrap();
        let socket = ours.into_socket().unwrap();
        assert!(socket.options().is_some_and(|options| options.nonblocking().unwrap()));
        let error = std::net::TcpStream::try_from(socket).unwrap_err();
        assert_eq!(error.to_string(), "the socket is no TCP stream");

        let (ours, _theirs) = StdUnixStream::pair().unwrap();
        let stream = StdUnixStream::try_from(ours.into_socket().unwrap()).unwrap();
        assert!(!SockRef::from(&stream).nonblocking().unwrap());
    }
}
