//! A datagram socket: UDP, Unix, raw.

use mio::event::Source;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::family::{unfit, Family};
use super::os::{self, OwnPath, UnixDatagram};
use crate::vocabulary::addr::Addr;

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// A datagram socket. It has no connection, even where it has one peer only.
#[derive(Debug)]
pub(crate) struct Datagrams {
    socket: Kind,
    /// The only peer, if the socket is connected to one.
    pub(crate) peer: Option<Addr>,
}

#[derive(Debug)]
enum Kind {
    /// UDP, and whatever else has IP addresses: raw sockets are used in the same way.
    Inet(UdpSocket),
    /// With the file to remove when this is dropped.
    Unix(UnixDatagram, #[allow(dead_code)] Option<OwnPath>),
}

/// How to bind.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools)] // independent options
pub(crate) struct DatagramOptions {
    pub(crate) reuse_address: bool,
    pub(crate) reuse_port: bool,
    pub(crate) broadcast: bool,
}

/// A multicast group, and where it is listened to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Group {
    V4(Ipv4Addr, Ipv4Addr),
    V6(Ipv6Addr, u32),
}

impl Group {
    pub(crate) fn ip(self) -> IpAddr {
        match self {
            Self::V4(group, _) => group.into(),
            Self::V6(group, _) => group.into(),
        }
    }
}

impl Datagrams {
    pub(crate) fn bind(addr: &Addr, options: DatagramOptions) -> io::Result<Self> {
        let socket = match addr {
            Addr::Inet(addr) => Kind::Inet(bind_inet(*addr, options)?),
            Addr::Unix(Some(path)) => {
                let (socket, own) = os::bind_unix_datagram(path)?;
                Kind::Unix(socket, Some(own))
            }
            Addr::Unix(None) => Kind::Unix(UnixDatagram::unbound()?, None),
        };
        Ok(Self { socket, peer: None })
    }

    /// A socket that could send to this peer.
    pub(crate) fn unbound_for(peer: &Addr) -> io::Result<Self> {
        let any = match peer {
            Addr::Inet(SocketAddr::V4(_)) => Addr::Inet(([0; 4], 0).into()),
            Addr::Inet(SocketAddr::V6(_)) => Addr::Inet(([0; 16], 0).into()),
            Addr::Unix(_) => Addr::Unix(None),
        };
        Self::bind(&any, DatagramOptions::default())
    }

    /// A socket made elsewhere, of whatever type; one that fits no datagram channel is refused.
    pub(crate) fn from_socket(socket: Socket) -> io::Result<Self> {
        let kind = socket.r#type()?;
        if kind != Type::DGRAM && kind != Type::RAW {
            return Err(unfit("a stream socket is no datagram channel's: `add` takes it"));
        }
        socket.set_nonblocking(true)?;
        let peer = os::addr_of(socket.peer_addr());
        let socket = match Family::of(&socket)? {
            Family::Inet => Kind::Inet(UdpSocket::from_std(socket.into())),
            Family::Unix => Kind::Unix(os::unix_datagram(socket)?, None),
        };
        Ok(Self { socket, peer })
    }

    /// Hears this peer only, and sends to it.
    pub(crate) fn connect(&mut self, peer: &Addr) -> io::Result<()> {
        self.sock_ref().connect(&sock_addr(peer)?)?;
        self.peer = Some(peer.clone());
        Ok(())
    }

    pub(crate) fn set_broadcast(&self) -> io::Result<()> {
        self.sock_ref().set_broadcast(true)
    }

    pub(crate) fn join(&self, group: Group) -> io::Result<()> {
        if !group.ip().is_multicast() {
            return Err(unfit("it is no multicast address"));
        }
        match group {
            Group::V4(group, interface) => self.sock_ref().join_multicast_v4(&group, &interface),
            Group::V6(group, interface) => self.sock_ref().join_multicast_v6(&group, interface),
        }
    }

    /// Before a turn, in which it is received until nothing is left.
    pub(crate) fn begin_turn(&self) {
        // What cannot be asked will fail to receive, and says why.
        let _ = os::keep_nonblocking(&self.sock_ref());
    }

    /// How long the next datagram is, if it can be longer than one of IP.
    pub(crate) fn next_len(&self) -> Option<usize> {
        match &self.socket {
            Kind::Inet(_) => None,
            Kind::Unix(..) => os::next_len(&self.sock_ref()),
        }
    }

    /// One datagram, and who sent it.
    pub(crate) fn receive(&self, buf: &mut [u8]) -> io::Result<(usize, Addr)> {
        again_if_interrupted(|| match &self.socket {
            Kind::Inet(socket) => socket.recv_from(buf).map(|(len, from)| (len, from.into())),
            Kind::Unix(socket, _) => os::receive_from(socket, buf),
        })
    }

    pub(crate) fn send(&self, to: &Addr, bytes: &[u8]) -> io::Result<usize> {
        let is_connected = self.peer.as_ref() == Some(to);
        again_if_interrupted(|| match (&self.socket, to) {
            (Kind::Inet(socket), _) if is_connected => os::send_to_peer(socket, bytes),
            (Kind::Inet(socket), Addr::Inet(to)) => os::send_to(socket, bytes, *to),
            (Kind::Unix(socket, _), _) if is_connected => os::send_to_peer(socket, bytes),
            (Kind::Unix(socket, _), Addr::Unix(_)) => os::send_to(socket, bytes, sock_addr(to)?),
            _ => Err(unfit("an address of another family than the socket's")),
        })
    }

    /// Whether a datagram could not be sent for the sake of an earlier one (ICMP): it is none the
    /// worse, and can be sent now. On a Unix socket it is this one's own receiver that has gone.
    pub(crate) fn is_of_an_earlier(&self, error: &io::Error) -> bool {
        let is_icmp = error.kind() == io::ErrorKind::ConnectionRefused;
        is_icmp && matches!(self.socket, Kind::Inet(_)) && self.peer.is_some()
    }

    /// Whether the system will say when there is room. A Unix socket without an only peer speaks of
    /// its own buffer, which has room, and not of the receiver's, which has none.
    pub(crate) fn has_to_wait(&self, error: &io::Error) -> bool {
        let is_full = error.kind() == io::ErrorKind::WouldBlock;
        is_full && (matches!(self.socket, Kind::Inet(_)) || self.peer.is_some())
    }

    pub(crate) fn local_addr(&self) -> Option<Addr> {
        os::addr_of(self.sock_ref().local_addr())
    }

    pub(crate) fn sock_ref(&self) -> SockRef<'_> {
        match &self.socket {
            Kind::Inet(socket) => socket.into(),
            Kind::Unix(socket, _) => socket.into(),
        }
    }

    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(self.source(), token, BOTH)
    }

    pub(super) fn ask_again(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.reregister(self.source(), token, BOTH)
    }

    pub(super) fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        registry.deregister(self.source())
    }

    fn source(&mut self) -> &mut dyn Source {
        match &mut self.socket {
            Kind::Inet(socket) => socket,
            Kind::Unix(socket, _) => socket,
        }
    }
}

fn bind_inet(addr: SocketAddr, options: DatagramOptions) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(addr), Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_reuse_address(options.reuse_address)?;
    if options.reuse_port {
        os::set_reuse_port(&socket)?;
    }
    if options.broadcast {
        socket.set_broadcast(true)?;
    }
    socket.bind(&addr.into())?;
    Ok(UdpSocket::from_std(socket.into()))
}

fn sock_addr(addr: &Addr) -> io::Result<SockAddr> {
    match addr {
        Addr::Inet(addr) => Ok((*addr).into()),
        Addr::Unix(Some(path)) => SockAddr::unix(path),
        Addr::Unix(None) => Err(unfit("it has no name")),
    }
}

fn again_if_interrupted<R>(mut call: impl FnMut() -> io::Result<R>) -> io::Result<R> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
