//! Where datagrams come and go, and how: what `datagram` and `datagram_to` take.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};

use crate::transport::datagrams::{DatagramOptions, Datagrams, Group};
use crate::transport::os;
use crate::vocabulary::addr::{resolve, Addr, ToAddr};
use crate::vocabulary::error::OpenError;

/// What [`Map::datagram`](crate::Map::datagram) takes: an address, a path, a datagram socket of
/// `std` or `socket2` (raw ones too), or a [`Udp`] with options.
pub trait BindDatagrams {
    /// The socket to be, with its options.
    fn udp(self) -> Udp;
}

impl<A: ToAddr> BindDatagrams for A {
    fn udp(self) -> Udp {
        Udp::new(Place::Addr(self.describe(), resolve("bind to", &self)))
    }
}

impl BindDatagrams for Udp {
    fn udp(self) -> Udp {
        self
    }
}

macro_rules! ready {
    ($($type:ty),*) => {$(
        impl BindDatagrams for $type {
            fn udp(self) -> Udp {
                Udp::new(Place::Ready(self.into()))
            }
        }
    )*};
}

ready!(UdpSocket, socket2::Socket);
#[cfg(unix)]
ready!(os::StdUnixDatagram);

/// A UDP address to bind to, or the path of a Unix datagram socket, with options.
///
/// Several programs of one machine hear the same group, each on the same port:
///
/// ```no_run
/// use asyncore_runtime::udp;
/// use std::net::Ipv4Addr;
/// let group = Ipv4Addr::new(224, 0, 0, 251);
/// let at = udp("0.0.0.0:5353").reuse_address().join_multicast_v4(group, Ipv4Addr::UNSPECIFIED);
/// # let _ = at;
/// ```
pub fn udp(at: impl ToAddr) -> Udp {
    at.udp()
}

/// A place for datagrams, with options.
#[derive(Debug)]
#[must_use = "nothing is bound before `datagram` takes it"]
pub struct Udp {
    place: Place,
    to: Option<(String, io::Result<Vec<Addr>>)>,
    options: DatagramOptions,
    groups: Vec<Group>,
}

#[derive(Debug)]
enum Place {
    /// As given, and as resolved.
    Addr(String, io::Result<Vec<Addr>>),
    /// Wherever its peer can be reached from.
    Any,
    Ready(socket2::Socket),
}

impl Udp {
    fn new(place: Place) -> Self {
        Self { place, to: None, options: DatagramOptions::default(), groups: Vec::new() }
    }

    /// Wherever `peer` can be reached from.
    pub(crate) fn any(peer: &impl ToAddr) -> Self {
        Self::new(Place::Any).to(peer)
    }

    /// Hears this peer only, and sends each push to it: bound here *and* connected there. Of
    /// several addresses of a name the first is taken.
    pub fn connect(self, peer: impl ToAddr) -> Self {
        self.to(&peer)
    }

    fn to(mut self, peer: &impl ToAddr) -> Self {
        self.to = Some((peer.describe(), resolve("send to", peer)));
        self
    }

    /// Others may bind the same address, and each hears what is sent to a group or to all
    /// (`SO_REUSEADDR`); what is sent to one only, the last one hears. Not for ready-made sockets.
    pub fn reuse_address(mut self) -> Self {
        self.options.reuse_address = true;
        self
    }

    /// Others of the same user may bind the same address, and share what is sent to it
    /// (`SO_REUSEPORT`). Not for ready-made sockets.
    pub fn reuse_port(mut self) -> Self {
        self.options.reuse_port = true;
        self
    }

    /// Datagrams may be sent to broadcast addresses (`SO_BROADCAST`).
    pub fn broadcast(mut self) -> Self {
        self.options.broadcast = true;
        self
    }

    /// Hears what is sent to this group on the interface of this address; on the one that the
    /// system chooses for [`Ipv4Addr::UNSPECIFIED`].
    pub fn join_multicast_v4(mut self, group: Ipv4Addr, interface: Ipv4Addr) -> Self {
        self.groups.push(Group::V4(group, interface));
        self
    }

    /// Hears what is sent to this group on the interface of this number; on the one that the system
    /// chooses for 0.
    pub fn join_multicast_v6(mut self, group: Ipv6Addr, interface: u32) -> Self {
        self.groups.push(Group::V6(group, interface));
        self
    }

    pub(crate) fn open(self) -> io::Result<Datagrams> {
        let peer = match self.to {
            Some((given, addrs)) => addrs?.into_iter().next().map(|peer| (given, peer)),
            None => None,
        };
        let mut socket = bound(self.place, peer.as_ref().map(|(_, peer)| peer), self.options)?;
        for group in self.groups {
            socket.join(group).map_err(|error| OpenError::wrap("join", group.ip(), error))?;
        }
        if let Some((given, peer)) = peer {
            socket.connect(&peer).map_err(|error| OpenError::wrap("send to", given, error))?;
        }
        Ok(socket)
    }
}

fn bound(place: Place, peer: Option<&Addr>, options: DatagramOptions) -> io::Result<Datagrams> {
    match place {
        Place::Addr(given, addrs) => {
            bind_any(&addrs?, options).map_err(|error| OpenError::wrap("bind to", given, error))
        }
        Place::Any => {
            let any = Addr::Unix(None);
            let peer = peer.unwrap_or(&any);
            Datagrams::unbound_for(peer).map_err(|error| OpenError::wrap("send to", peer, error))
        }
        Place::Ready(socket) => {
            let given = os::number(&socket);
            let ready = Datagrams::from_socket(socket).and_then(|socket| {
                if options.broadcast {
                    socket.set_broadcast()?;
                }
                Ok(socket)
            });
            ready.map_err(|error| OpenError::wrap_given("add", "the socket", given, error))
        }
    }
}

fn bind_any(addrs: &[Addr], options: DatagramOptions) -> io::Result<Datagrams> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for addr in addrs {
        match Datagrams::bind(addr, options) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(last)
}
