//! Which side of TLS, and with what configuration.

use core::fmt;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use crate::transport::stream::Stream;

use super::layer::TlsLayer;

/// The server's side of TLS: its configuration, which can be replaced while connections stand and
/// others come, as when a certificate is renewed. Clones share it.
///
/// ```no_run
/// # use asyncore_runtime::{channel, tcp, tls, Map};
/// # #[channel] struct Shout;
/// # #[channel] impl Shout { #[on_read] fn read(_: &[u8]) {} }
/// # let mut map = Map::new()?;
/// let config = tls::server("cert.pem", "key.pem")?;
/// map.listen(tcp("0.0.0.0:443").tls(&config), |_| Shout)?;
/// // Later, from any thread: those who come from now on see the new certificate.
/// config.replace(tls::server("new-cert.pem", "new-key.pem")?.current());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct ServerTls(Arc<RwLock<Arc<ServerConfig>>>);

impl ServerTls {
    /// The configuration for connections that come from now on. Those that stand keep theirs.
    pub fn replace(&self, config: Arc<ServerConfig>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
    }

    /// The configuration of connections that come now.
    #[must_use]
    pub fn current(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerTls")
    }
}

impl From<Arc<ServerConfig>> for ServerTls {
    fn from(config: Arc<ServerConfig>) -> Self {
        Self(Arc::new(RwLock::new(config)))
    }
}

impl From<ServerConfig> for ServerTls {
    fn from(config: ServerConfig) -> Self {
        Arc::new(config).into()
    }
}

impl From<&Self> for ServerTls {
    fn from(config: &Self) -> Self {
        config.clone()
    }
}

/// One side of TLS on a connection: what [`Io::start_tls`](crate::Io::start_tls) and
/// [`Socket::tls`](crate::Socket::tls) take. A server's is made of its configuration.
#[derive(Clone)]
pub struct Tls(Side);

#[derive(Clone)]
enum Side {
    Server(ServerTls),
    Client(ServerName<'static>, Arc<ClientConfig>),
}

impl Tls {
    /// The client's side: the server has to have a certificate for `name`, a host name or an IP
    /// address.
    ///
    /// # Errors
    /// It is neither.
    pub fn client(name: &str, config: Arc<ClientConfig>) -> io::Result<Self> {
        client_name(name).map(|name| Self(Side::Client(name, config)))
    }

    /// What goes over a stream.
    ///
    /// # Errors
    /// What rustls says of the configuration.
    pub(crate) fn prepare(&self) -> io::Result<Prepared> {
        let made = self.connection();
        made.map(Prepared).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
    }

    fn connection(&self) -> Result<Connection, rustls::Error> {
        Ok(match &self.0 {
            Side::Server(config) => ServerConnection::new(config.current())?.into(),
            Side::Client(name, config) => {
                ClientConnection::new(Arc::clone(config), name.clone())?.into()
            }
        })
    }
}

/// A side of TLS without a stream yet.
pub(crate) struct Prepared(Connection);

impl Prepared {
    /// Puts it over a stream; `in_clear` goes out before.
    pub(crate) fn over(self, stream: Stream, in_clear: Vec<u8>) -> Stream {
        stream.layered(|below| Box::new(TlsLayer::new(below, self.0, in_clear)))
    }
}

/// The name that a server has to prove.
fn client_name(name: &str) -> io::Result<ServerName<'static>> {
    // As a URL has an IPv6 address.
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    ServerName::try_from(bare.to_owned()).map_err(|_| {
        let why = format!("`{name}` is no name that a server could have a certificate for");
        io::Error::new(io::ErrorKind::InvalidInput, why)
    })
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Side::Server(_) => f.write_str("Tls(server)"),
            Side::Client(name, _) => write!(f, "Tls(client of {})", name.to_str()),
        }
    }
}

impl<S: Into<ServerTls>> From<S> for Tls {
    fn from(config: S) -> Self {
        Self(Side::Server(config.into()))
    }
}
