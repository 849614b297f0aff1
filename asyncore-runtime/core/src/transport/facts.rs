//! What there is to know of a stream, apart from its bytes.

use socket2::SockRef;
use std::io;

use super::os;
use super::readiness::Ready;
use super::stream::{Kind, Stream};
use crate::vocabulary::addr::Addr;

impl Stream {
    /// The pending error of a socket, taken.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        match &self.base().kind {
            Kind::Tcp(tcp) => tcp.stream.take_error(),
            Kind::Unix(stream) => stream.take_error(),
            Kind::Memory(pipe) => Ok(pipe.pending_error()),
            Kind::File(_) | Kind::Layer(_) => Ok(None),
        }
    }

    /// The error that the system has told of without saying which: of a pipe, that its reader went.
    pub(crate) fn why_failed(&self) -> io::Error {
        let otherwise = if self.has_peer() {
            io::ErrorKind::ConnectionReset
        } else {
            io::ErrorKind::BrokenPipe
        };
        self.take_error().ok().flatten().unwrap_or_else(|| otherwise.into())
    }

    /// Whether bytes came that nobody has read.
    pub(crate) fn has_unread(&self) -> bool {
        let base = self.base();
        if self.has_unread_inside() {
            return true;
        }
        match &base.kind {
            Kind::Memory(pipe) => pipe.has_unread(),
            _ => base.sock_ref().is_some_and(|socket| os::has_unread(&socket)),
        }
    }

    /// Whether more is left to be read than the end. A pipe cannot be looked into, but what was
    /// reported of it says so.
    pub(crate) fn has_bytes(&self, reported: Ready) -> bool {
        self.is_once() && reported.has(Ready::BYTES) || self.has_unread()
    }

    pub(crate) fn peer_addr(&self) -> Option<Addr> {
        match &self.kind {
            Kind::Tcp(tcp) => tcp.stream.peer_addr().ok().map(Addr::Inet),
            Kind::Unix(stream) => os::addr_of(SockRef::from(stream).peer_addr()),
            Kind::File(_) => None,
            Kind::Memory(pipe) => pipe.addr(),
            Kind::Layer(layered) => layered.layer.peer_addr(),
        }
    }

    pub(crate) fn local_addr(&self) -> Option<Addr> {
        match &self.base().kind {
            Kind::Tcp(tcp) => tcp.stream.local_addr().ok().map(Addr::Inet),
            Kind::Unix(stream) => os::addr_of(SockRef::from(stream).local_addr()),
            Kind::File(_) | Kind::Memory(_) | Kind::Layer(_) => None,
        }
    }

    /// Whether there is a peer, which may go silent for ever: what the deadlines are for.
    #[inline]
    pub(crate) fn has_peer(&self) -> bool {
        !matches!(self.kind, Kind::File(_))
    }

    /// Whether closing it with unread input destroys what the peer has not read yet.
    pub(crate) fn resets_when_closed(&self) -> bool {
        matches!(self.base().kind, Kind::Tcp(_))
    }

    /// Whether a connection stands the moment it is asked for.
    pub(crate) fn stands_at_once(&self) -> bool {
        matches!(self.base().kind, Kind::Memory(_))
    }

    /// Replies leave when they are complete; waiting for more would only delay them, and without
    /// this every second one would wait for a delayed ACK.
    pub(crate) fn set_nodelay(&self) {
        if let Kind::Tcp(tcp) = &self.base().kind {
            // A socket that refuses is no worse than one with Nagle's delay; of one that was reset
            // meanwhile the first read will say so.
            let _ = tcp.stream.set_nodelay(true);
        }
    }

    /// The descriptor, for socket options.
    pub(crate) fn sock_ref(&self) -> Option<SockRef<'_>> {
        match &self.base().kind {
            Kind::Tcp(tcp) => Some((&tcp.stream).into()),
            Kind::Unix(stream) => Some(stream.into()),
            Kind::File(_) | Kind::Memory(_) | Kind::Layer(_) => None,
        }
    }
}
