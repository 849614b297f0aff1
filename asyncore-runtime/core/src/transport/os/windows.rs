//! Windows: TCP and UDP, and what its system calls mean.
//!
//! Its poller tells of readiness once it has been found that there is none, by a call through mio:
//! what goes around mio is never told of again.

use mio::net::{TcpStream, UdpSocket};
use mio::Interest;
use socket2::{SockAddr, SockRef, Socket};
use std::io::{self, Write};
use std::net::SocketAddr;

use super::absent::{UnixDatagram, UnixStream};
use crate::vocabulary::addr::Addr;

/// Only `WouldBlock` has readiness told again.
pub(crate) const SHORT_READ_IS_ALL: bool = false;
/// As [`SHORT_READ_IS_ALL`].
pub(crate) const SHORT_WRITE_IS_FULL: bool = false;
/// Nothing here is a pipe.
pub(crate) const TELLS_BYTES_FROM_END: bool = false;
/// There the option would let another program take the port.
pub(crate) const REUSES_ADDRESS: bool = false;

pub(crate) const TCP: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// WSAEWOULDBLOCK.
const WOULD_BLOCK: i32 = 10035;

const MSG_PEEK: i32 = 2;

/// Whether this is how a connection is begun.
pub(crate) fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error() == Some(WOULD_BLOCK)
}

/// Its handles have no number that an owner would know.
pub(crate) fn number<T>(_: &T) -> Option<i32> {
    None
}

/// An address as the system has it, if it told one.
pub(crate) fn addr_of(addr: io::Result<SockAddr>) -> Option<Addr> {
    addr.ok()?.as_socket().map(Addr::Inet)
}

/// It cannot be asked; what does not listen fails to accept.
#[allow(clippy::unnecessary_wraps)] // elsewhere it fails
pub(crate) fn is_listener(_: &Socket) -> io::Result<bool> {
    Ok(true)
}

pub(crate) fn set_reuse_port(_: &Socket) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The flag belongs to the handle, and nobody else has that.
#[allow(clippy::unnecessary_wraps)] // elsewhere it fails
pub(crate) fn keep_nonblocking(_: &SockRef<'_>) -> io::Result<()> {
    Ok(())
}

/// How long the next datagram is: no longer than one of IP.
pub(crate) fn next_len(_: &SockRef<'_>) -> Option<usize> {
    None
}

/// Whether bytes wait in a socket.
pub(crate) fn has_unread(socket: &SockRef<'_>) -> bool {
    let buf = &mut [std::mem::MaybeUninit::uninit()];
    socket.recv_with_flags(buf, MSG_PEEK).is_ok_and(|len| len > 0)
}

/// Streams of sockets, which can be looked into.
pub(crate) trait Peek {
    fn peek(&self, buf: &mut [u8]) -> io::Result<usize>;
}

impl Peek for TcpStream {
    fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        Self::peek(self, buf)
    }
}

impl Peek for UnixStream {
    fn peek(&self, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }
}

/// Whether a read of a socket has something to say: bytes, the end, or this error.
pub(crate) fn look(stream: &impl Peek) -> io::Result<()> {
    stream.peek(&mut [0]).map(drop)
}

/// Writes to a socket what it has room for.
#[inline]
pub(crate) fn send<S>(stream: &S, bytes: &[u8]) -> io::Result<usize>
where
    for<'a> &'a S: Write,
{
    (&mut &*stream).write(bytes)
}

/// As [`send`], several pieces at once.
#[cfg(feature = "tls")]
pub(crate) fn send_vectored<S>(stream: &S, pieces: &[io::IoSlice<'_>]) -> io::Result<usize>
where
    for<'a> &'a S: Write,
{
    (&mut &*stream).write_vectored(pieces)
}

/// A datagram, to the only peer of the socket.
pub(crate) fn send_to_peer(socket: &impl Datagrams, bytes: &[u8]) -> io::Result<usize> {
    socket.send(bytes)
}

/// A datagram, to somebody.
pub(crate) fn send_to(
    socket: &impl Datagrams,
    bytes: &[u8],
    to: impl Into<SockAddr>,
) -> io::Result<usize> {
    let to = to.into().as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
    socket.send_to(bytes, to)
}

/// Sockets of datagrams.
pub(crate) trait Datagrams {
    fn send(&self, bytes: &[u8]) -> io::Result<usize>;
    fn send_to(&self, bytes: &[u8], to: SocketAddr) -> io::Result<usize>;
}

impl Datagrams for UdpSocket {
    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        Self::send(self, bytes)
    }

    fn send_to(&self, bytes: &[u8], to: SocketAddr) -> io::Result<usize> {
        Self::send_to(self, bytes, to)
    }
}

impl Datagrams for UnixDatagram {
    fn send(&self, _: &[u8]) -> io::Result<usize> {
        match *self {}
    }

    fn send_to(&self, _: &[u8], _: SocketAddr) -> io::Result<usize> {
        match *self {}
    }
}

/// One datagram, and who sent it.
pub(crate) fn receive_from(socket: &UnixDatagram, buf: &mut [u8]) -> io::Result<(usize, Addr)> {
    socket.receive_from(buf)
}
