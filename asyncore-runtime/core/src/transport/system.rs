//! Where descriptors are opened and watched: by mio, or in memory. The loop chooses once.

use mio::net::TcpStream;
use mio::{Registry, Token};
use socket2::{Domain, Protocol, Type};
use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;

use super::endpoint::Endpoint;
use super::listening::{ListenOptions, ListenSocket};
use super::names::Name;
use super::network::Network;
use super::os;
use super::over::Over;
use super::pipe::PipeEnd;
use super::readiness::Ready;
use super::socket::{Socket, SocketKind};
use super::stream::{Kind, Stream};
use crate::vocabulary::addr::Addr;
use crate::vocabulary::closed::Closed;
use crate::vocabulary::guard::dispose;
use crate::vocabulary::key::RawKey;

/// Where to connect to, and from where.
#[derive(Debug, Default)]
pub(crate) struct Target {
    pub(crate) addrs: Vec<Addr>,
    /// Whose addresses these are: they are looked up anew for each connection.
    pub(crate) name: Option<Name>,
    /// None for wherever the system likes.
    pub(crate) from: Vec<Addr>,
    /// What lies over the connection.
    pub(crate) over: Over,
}

impl Target {
    /// Whether there is somebody to connect to.
    pub(crate) fn is_given(&self) -> bool {
        self.name.is_some() || !self.addrs.is_empty()
    }

    /// What is known of a name is forgotten: it may have moved.
    pub(crate) fn forget(&mut self) {
        if self.name.is_some() {
            self.addrs.clear();
        }
    }

    /// As it is told to the user, with the address that was tried.
    pub(crate) fn describe(&self, tried: Option<&Addr>) -> String {
        match (&self.name, tried) {
            (Some(name), Some(tried)) => format!("{name} ({tried})"),
            (Some(name), None) => name.to_string(),
            (None, tried) => tried.or(self.addrs.last()).map(Addr::to_string).unwrap_or_default(),
        }
    }
}

/// What the channels of a map are connected by.
#[derive(Debug)]
pub(crate) enum System {
    Mio(Registry),
    /// Of a [`testing::Net`](crate::testing::Net), whose clock is turned by hand as well.
    Memory(RefCell<Network>),
}

/// The waker's: no slot has this number.
pub(crate) const WAKER: Token = Token(usize::MAX);

/// How many bits of a slot's generation a token holds: with 32 bits in all, the last ones. What the
/// system says late of a channel that has gone reaches another then, after 4096 in its slot within one
/// pass, as a readiness without a reason, which is found out by the first read.
pub(crate) const GENERATION_BITS: u32 = usize::BITS - INDEX_BITS;
const INDEX_BITS: u32 = if usize::BITS < 64 { 20 } else { 32 };

/// As much of a generation as a token holds.
#[allow(clippy::cast_possible_truncation)] // at most 32 bits
pub(crate) const fn told(generation: u32) -> u32 {
    generation & (usize::MAX >> INDEX_BITS) as u32
}

/// The token of a slot, if there are not too many.
fn token(key: RawKey) -> io::Result<Token> {
    let token = (key.index as usize) << GENERATION_BITS | told(key.generation) as usize;
    if key_of(Token(token)).index != key.index || Token(token) == WAKER {
        return Err(io::Error::new(io::ErrorKind::QuotaExceeded, "a map has no more channels"));
    }
    Ok(Token(token))
}

/// The key of a token, of whose generation it holds what is [told].
#[allow(clippy::cast_possible_truncation)] // the parts of what was put together
pub(crate) const fn key_of(token: Token) -> RawKey {
    RawKey { index: (token.0 >> GENERATION_BITS) as u32, generation: told(token.0 as u32) }
}

impl System {
    /// The network in memory, if this is one.
    pub(crate) fn network(&self) -> Option<&RefCell<Network>> {
        match self {
            Self::Mio(_) => None,
            Self::Memory(network) => Some(network),
        }
    }

    /// Has readiness of this endpoint reported to `key`.
    pub(crate) fn register(&self, key: RawKey, endpoint: &mut Endpoint) -> io::Result<()> {
        match self {
            Self::Mio(registry) => endpoint.register(registry, token(key)?),
            Self::Memory(network) => {
                if let Some(pipe) = endpoint.stream().and_then(Stream::pipe) {
                    network.borrow_mut().plug(key, pipe);
                }
                Ok(())
            }
        }
    }

    /// Has the system say again what an endpoint is ready for, of what is wanted.
    pub(crate) fn ask_again(
        &self,
        key: RawKey,
        endpoint: &mut Endpoint,
        wanted: Ready,
    ) -> io::Result<()> {
        match self {
            Self::Mio(registry) => endpoint.ask_again(registry, token(key)?, wanted),
            Self::Memory(_) => Ok(()),
        }
    }

    /// Closes what there is.
    pub(crate) fn close(&self, endpoint: &mut Endpoint) {
        match self {
            // It fails only for what is not registered, which is what is wanted.
            Self::Mio(registry) => drop(endpoint.deregister(registry)),
            Self::Memory(network) => {
                if let Endpoint::Listening(acceptor) = endpoint {
                    if let ListenSocket::Memory(arrivals) = &acceptor.socket {
                        network.borrow_mut().unlisten(arrivals);
                    }
                }
            }
        }
        *endpoint = Endpoint::None;
    }

    /// Starts to connect. `WouldBlock` is that it cannot even be started now.
    pub(crate) fn dial(&self, key: RawKey, addr: &Addr, from: &[Addr]) -> io::Result<Stream> {
        match (self, addr) {
            (Self::Memory(network), addr) => network.borrow_mut().dial(addr, key).map(Into::into),
            (Self::Mio(_), Addr::Inet(addr)) => dial_tcp(*addr, from).map(Into::into),
            (Self::Mio(_), Addr::Unix(Some(path))) => os::connect_unix(path).map(Into::into),
            (Self::Mio(_), Addr::Unix(None)) => Err(io::ErrorKind::AddrNotAvailable.into()),
        }
    }

    pub(crate) fn listen(
        &self,
        key: RawKey,
        addr: &Addr,
        options: ListenOptions,
    ) -> io::Result<ListenSocket> {
        match self {
            Self::Mio(_) => ListenSocket::bind(addr, options),
            Self::Memory(network) => {
                network.borrow_mut().listen(addr, key).map(ListenSocket::Memory)
            }
        }
    }

    /// The stream of a socket that comes into this map.
    pub(crate) fn admit(&self, socket: SocketKind) -> Stream {
        match (self, socket) {
            (_, SocketKind::Tcp(stream)) => stream.into(),
            (_, SocketKind::Unix(stream)) => stream.into(),
            (Self::Memory(network), SocketKind::Memory(ticket)) => {
                network.borrow_mut().admit(&ticket).into()
            }
            // What is in memory there cannot be reached from here.
            (Self::Mio(_), SocketKind::Memory(_)) => PipeEnd::closed().into(),
        }
    }

    /// A stream leaves this map, as the socket it is. None if it is none.
    pub(crate) fn release(&self, mut stream: Stream) -> Option<Socket> {
        if let Self::Mio(registry) = self {
            // It fails only for what is not registered.
            drop(stream.deregister(registry));
        }
        let (kind, seat) = stream.into_parts();
        let kind = match (kind, self) {
            (Kind::Tcp(tcp), _) => SocketKind::Tcp(tcp.stream),
            (Kind::Unix(stream), _) => SocketKind::Unix(stream),
            (Kind::Memory(end), Self::Memory(network)) => {
                SocketKind::Memory(network.borrow_mut().ticket(end))
            }
            _ => return None,
        };
        Some(Socket { seat, ..Socket::new(kind) })
    }

    /// A connection has ended: a test can ask why.
    pub(crate) fn ended(&self, key: RawKey, why: Closed) {
        let over = match self {
            Self::Memory(network) => network.borrow_mut().closed.insert(key, why),
            Self::Mio(_) => Some(why),
        };
        // There can be an error of the user's in it.
        dispose(over);
    }
}

fn dial_tcp(to: SocketAddr, from: &[Addr]) -> io::Result<TcpStream> {
    if from.is_empty() {
        return TcpStream::connect(to);
    }
    let of_its_family = |from: &SocketAddr| from.is_ipv4() == to.is_ipv4();
    let Some(from) = from.iter().filter_map(Addr::inet).find(of_its_family) else {
        let why = "the address to bind to is of another family";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    };
    let socket = socket2::Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // The last connection from this port may still be in TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.bind(&from.into())?;
    match socket.connect(&to.into()) {
        Err(error) if !os::is_under_way(&error) => Err(error),
        _ => Ok(TcpStream::from_std(socket.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_its_token_and_the_waker_has_none() {
        let last = u32::MAX >> (32 - INDEX_BITS);
        for (index, generation) in [(0, 0), (1, 2), (last - 1, u32::MAX), (7, u32::MAX)] {
            let key = RawKey { index, generation };
            let token = token(key).unwrap();
            assert_eq!(key_of(token), RawKey { index, generation: told(generation) });
            assert_ne!(token, WAKER);
        }
        assert!(token(RawKey { index: last, generation: u32::MAX }).is_err());
    }
}
