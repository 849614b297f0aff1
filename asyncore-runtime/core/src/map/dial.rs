//! Whom to connect to, and how: what `connect` takes.

use std::io;
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::Arc;

use crate::transport::names::Name;
use crate::transport::over::Over;
use crate::transport::system::Target;
use crate::vocabulary::addr::{resolve, Addr, ToAddr};

#[cfg(feature = "tls")]
use crate::transport::tls::{rustls::ClientConfig, Tls};
#[cfg(feature = "tls")]
use crate::vocabulary::error::OpenError;

/// What [`Map::connect`](crate::Map::connect) takes: an address, a path, or a [`Dial`] with options.
pub trait Connect {
    /// The connection to be, with its options.
    fn dial(self) -> Dial;
}

impl<A: ToAddr> Connect for A {
    fn dial(self) -> Dial {
        let name = self.host().map(|(host, port)| Name { host, port });
        let addrs = match name {
            Some(_) => Ok(Vec::new()),
            None => resolve("connect to", &self),
        };
        Dial { addrs, name, from: None, over: Ok(Over::default()) }
    }
}

impl Connect for Dial {
    fn dial(self) -> Dial {
        self
    }
}

/// An address to connect to, with options.
///
/// ```no_run
/// # use asyncore_runtime::{channel, dial, Map};
/// # #[channel] struct Client;
/// # #[channel] impl Client { #[on_read] fn read(_: &[u8]) {} }
/// # let mut map = Map::new()?;
/// map.connect(dial("192.0.2.7:21").bind("0.0.0.0:2020"), Client)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn dial(to: impl ToAddr) -> Dial {
    to.dial()
}

/// An address to connect to with TLS, whose host is what the server has to have a certificate for:
/// `tls("example.org:443", config)`. For another name, and for a Unix path, there is
/// [`dial(addr).tls(name, config)`](Dial::tls).
///
/// ```no_run
/// # use asyncore_runtime::{channel, tls, Map};
/// # #[channel] struct Client;
/// # #[channel] impl Client { #[on_read] fn read(_: &[u8]) {} }
/// # let mut map = Map::new()?;
/// map.connect(tls("example.org:443", tls::client()?), Client)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[cfg(feature = "tls")]
pub fn tls(to: impl ToAddr, config: Arc<ClientConfig>) -> Dial {
    let given = to.describe();
    let host = given.rsplit_once(':').map_or(given.as_str(), |(host, _)| host);
    to.dial().tls(host, config)
}

/// A connection to be made, with options.
#[derive(Debug)]
#[must_use = "nobody is connected to before `connect` takes it"]
pub struct Dial {
    addrs: io::Result<Vec<Addr>>,
    /// What is still to be looked up.
    name: Option<Name>,
    from: Option<io::Result<Vec<Addr>>>,
    over: io::Result<Over>,
}

impl Dial {
    /// The address on this side, and its port, or 0 for any: asyncore's `bind` before `connect`. Of
    /// several the one of the peer's family is taken. TCP only.
    pub fn bind(mut self, local: impl ToAddr) -> Self {
        self.from = Some(resolve("bind to", &local));
        self
    }

    /// Says first, by the PROXY protocol (version 2), whose connection this is: the client's address
    /// and the one it has connected to, as a proxy knows them. It lies below TLS.
    pub fn proxy_protocol(mut self, source: SocketAddr, destination: SocketAddr) -> Self {
        if let Ok(over) = &mut self.over {
            over.announces = Some((source, destination));
        }
        self
    }

    /// TLS over the connection, from its first byte: the server has to have a certificate for `name`,
    /// a host name or an IP address. `#[on_connect]` comes after the handshake, which has
    /// [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
    #[cfg(feature = "tls")]
    pub fn tls(mut self, name: &str, config: Arc<ClientConfig>) -> Self {
        self.over = Tls::client(name, config)
            .map_err(|error| OpenError::wrap("connect to", name, error))
            .and_then(|tls| Ok(Over { tls: Some(tls), ..self.over? }));
        self
    }

    pub(crate) fn target(self) -> io::Result<Target> {
        let from = self.from.transpose()?.unwrap_or_default();
        Ok(Target { addrs: self.addrs?, name: self.name, from, over: self.over? })
    }
}
