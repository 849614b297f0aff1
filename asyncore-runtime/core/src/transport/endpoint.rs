//! What a channel has for an end: a stream, datagrams, a listening socket, or nothing (yet, or any
//! more).

use mio::{Registry, Token};
use socket2::SockRef;
use std::io;

use super::datagrams::Datagrams;
use super::listening::Acceptor;
use super::readiness::Ready;
use super::stream::Stream;
use crate::vocabulary::addr::Addr;

/// The end of a channel on the system's side.
#[derive(Debug)]
pub(crate) enum Endpoint {
    /// Not connected yet, or closed.
    None,
    Stream(Stream),
    Datagrams(Box<Datagrams>),
    Listening(Box<Acceptor>),
}

impl Endpoint {
    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Stream(stream) => stream.register(registry, token),
            Self::Datagrams(datagrams) => datagrams.register(registry, token),
            Self::Listening(acceptor) => acceptor.socket.register(registry, token),
        }
    }

    /// As [`register`](Self::register), once more: the system says again what is ready.
    pub(super) fn ask_again(
        &mut self,
        registry: &Registry,
        token: Token,
        wanted: Ready,
    ) -> io::Result<()> {
        match self {
            Self::Stream(stream) => stream.ask_again(registry, token, wanted),
            Self::Datagrams(datagrams) => datagrams.ask_again(registry, token),
            Self::None | Self::Listening(_) => Ok(()),
        }
    }

    pub(crate) fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        match self {
            Self::None => Ok(()),
            Self::Stream(stream) => stream.deregister(registry),
            Self::Datagrams(datagrams) => datagrams.deregister(registry),
            Self::Listening(acceptor) => acceptor.socket.deregister(registry),
        }
    }

    #[inline]
    pub(crate) fn stream(&self) -> Option<&Stream> {
        match self {
            Self::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn stream_mut(&mut self) -> Option<&mut Stream> {
        match self {
            Self::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    pub(crate) fn peer_addr(&self) -> Option<Addr> {
        match self {
            Self::Stream(stream) => stream.peer_addr(),
            Self::Datagrams(datagrams) => datagrams.peer.clone(),
            Self::None | Self::Listening(_) => None,
        }
    }

    pub(crate) fn local_addr(&self) -> Option<Addr> {
        match self {
            Self::None => None,
            Self::Stream(stream) => stream.local_addr(),
            Self::Datagrams(datagrams) => datagrams.local_addr(),
            Self::Listening(acceptor) => Some(acceptor.addr.clone()),
        }
    }

    /// The descriptor, for socket options.
    pub(crate) fn sock_ref(&self) -> Option<SockRef<'_>> {
        match self {
            Self::None => None,
            Self::Stream(stream) => stream.sock_ref(),
            Self::Datagrams(datagrams) => Some(datagrams.sock_ref()),
            Self::Listening(acceptor) => acceptor.socket.sock_ref(),
        }
    }
}
