//! Addresses.

use core::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use crate::error::OpenError;

/// The address of a peer, of a listener, or of this end of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Addr {
    /// IPv4 or IPv6.
    Inet(SocketAddr),
    /// A path; none for a Unix socket without a name, as most peers are.
    Unix(Option<PathBuf>),
}

impl Addr {
    /// The IP address; none for a path.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.inet().map(|addr| addr.ip())
    }

    /// The port; 0 for a path.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.inet().map_or(0, |addr| addr.port())
    }

    /// The IP address with its port; none for a path.
    #[must_use]
    pub fn inet(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet(addr) => Some(*addr),
            Self::Unix(_) => None,
        }
    }

    pub(crate) fn from_unix(addr: &std::os::unix::net::SocketAddr) -> Self {
        Self::Unix(addr.as_pathname().map(Path::to_path_buf))
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(addr) => addr.fmt(f),
            Self::Unix(Some(path)) => path.display().fmt(f),
            Self::Unix(None) => f.write_str("a Unix socket without a name"),
        }
    }
}

impl From<SocketAddr> for Addr {
    fn from(addr: SocketAddr) -> Self {
        Self::Inet(addr)
    }
}

/// What can be listened on and connected to: `"127.0.0.1:80"`, `("::1", 80)`, a [`SocketAddr`], an
/// [`Addr`], or a path for a Unix socket.
///
/// A host name is looked up at once, which blocks the loop: give addresses where that matters.
pub trait ToAddr {
    /// The addresses, in the order to try them; at least one.
    ///
    /// # Errors
    /// Not an address, or a name nobody knows.
    fn to_addr(&self) -> io::Result<Vec<Addr>>;

    /// As it was given, for messages.
    fn describe(&self) -> String;
}

/// Resolves, and names the address in the error.
pub(crate) fn resolve(action: &'static str, addr: &impl ToAddr) -> io::Result<Vec<Addr>> {
    match addr.to_addr() {
        Ok(addrs) if addrs.is_empty() => Err(io::Error::new(io::ErrorKind::NotFound, "no address")),
        result => result,
    }
    .map_err(|error| OpenError::wrap(action, addr.describe(), error))
}

macro_rules! inet {
    ($($type:ty: |$this:ident| $text:expr;)*) => {$(
        impl ToAddr for $type {
            fn to_addr(&self) -> io::Result<Vec<Addr>> {
                Ok(self.to_socket_addrs()?.map(Addr::Inet).collect())
            }
            fn describe(&self) -> String {
                let $this = self;
                $text
            }
        }
    )*};
}

inet! {
    str: |text| text.to_owned();
    &str: |text| (*text).to_owned();
    String: |text| text.clone();
    &String: |text| (*text).clone();
    SocketAddr: |addr| addr.to_string();
    (&str, u16): |pair| format!("{}:{}", pair.0, pair.1);
    (IpAddr, u16): |pair| SocketAddr::from(*pair).to_string();
    (Ipv4Addr, u16): |pair| format!("{}:{}", pair.0, pair.1);
    (Ipv6Addr, u16): |pair| format!("[{}]:{}", pair.0, pair.1);
}

macro_rules! path {
    ($($type:ty),*) => {$(
        impl ToAddr for $type {
            fn to_addr(&self) -> io::Result<Vec<Addr>> {
                Ok(vec![Addr::Unix(Some(self.to_path_buf()))])
            }
            fn describe(&self) -> String {
                self.display().to_string()
            }
        }
    )*};
}

path!(&Path, PathBuf, &PathBuf);

impl ToAddr for Addr {
    fn to_addr(&self) -> io::Result<Vec<Addr>> {
        Ok(vec![self.clone()])
    }
    fn describe(&self) -> String {
        self.to_string()
    }
}

impl ToAddr for &Addr {
    fn to_addr(&self) -> io::Result<Vec<Addr>> {
        (*self).to_addr()
    }
    fn describe(&self) -> String {
        self.to_string()
    }
}
