//! Addresses.

use core::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use crate::vocabulary::error::OpenError;

/// The address of a peer, of a listener, or of this end of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Addr {
    /// IPv4 or IPv6.
    Inet(SocketAddr),
    /// A path; none for a Unix socket without a name, as most peers are. One that begins with a NUL
    /// is a name in Linux's abstract namespace, and prints as `unix:@name`.
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

    /// The path that a text stands for: what has a `/` in it is no host and port, and what begins
    /// with `unix:` says so.
    fn path_in(text: &str) -> Option<Self> {
        let path = match text.strip_prefix("unix:") {
            Some(name) => {
                name.strip_prefix('@').map_or(name.to_owned(), |name| format!("\0{name}"))
            }
            None if text.contains('/') => text.to_owned(),
            None => return None,
        };
        Some(Self::Unix(Some(path.into())))
    }
}

/// What can be connected to by this text: an address with its port, a path, `unix:` and a name.
impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(addr) => addr.fmt(f),
            Self::Unix(Some(path)) => {
                let text = path.to_string_lossy();
                match text.strip_prefix('\0') {
                    Some(name) => write!(f, "unix:@{name}"),
                    None if text.contains('/') => f.write_str(&text),
                    None => write!(f, "unix:{text}"),
                }
            }
            Self::Unix(None) => f.write_str("a Unix socket without a name"),
        }
    }
}

/// An [`Addr`] may be compared with what most of them are.
impl PartialEq<SocketAddr> for Addr {
    fn eq(&self, other: &SocketAddr) -> bool {
        self.inet() == Some(*other)
    }
}

impl From<SocketAddr> for Addr {
    fn from(addr: SocketAddr) -> Self {
        Self::Inet(addr)
    }
}

/// What can be listened on and connected to: `"127.0.0.1:80"`, `("::1", 80)`, a [`SocketAddr`], an
/// [`Addr`], or a Unix socket: a [`Path`], a text with a `/` in it, or one that begins with `unix:`
/// (`unix:@name` is a name in Linux's abstract namespace).
///
/// Who connects to a host name has it looked up by another thread. Who listens or binds has it looked up at
/// once.
pub trait ToAddr {
    /// The addresses, in the order to try them; at least one. A host name is looked up here and now.
    ///
    /// # Errors
    /// Not an address, or a name nobody knows.
    fn to_addr(&self) -> io::Result<Vec<Addr>>;

    /// The host name and the port, if somebody has to be asked for the addresses; none, as by default, if
    /// [`to_addr`](Self::to_addr) knows them by itself.
    fn host(&self) -> Option<(String, u16)> {
        None
    }

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

/// The host name and the port in a text, if it has these and nothing else can be made of it.
fn host_in(text: &str) -> Option<(String, u16)> {
    if Addr::path_in(text).is_some() || text.parse::<SocketAddr>().is_ok() {
        return None;
    }
    let (host, port) = text.rsplit_once(':')?;
    named(host, port.parse().ok()?)
}

fn named(host: &str, port: u16) -> Option<(String, u16)> {
    let is_name = !host.is_empty() && host.parse::<IpAddr>().is_err();
    is_name.then(|| (host.to_owned(), port))
}

/// The system would choose a name of its own.
fn no_path() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "an empty path")
}

macro_rules! text {
    ($($type:ty),*) => {$(
        impl ToAddr for $type {
            fn to_addr(&self) -> io::Result<Vec<Addr>> {
                match Addr::path_in(self) {
                    Some(Addr::Unix(Some(path))) if path.as_os_str().is_empty() => Err(no_path()),
                    Some(path) => Ok(vec![path]),
                    None => Ok(self.to_socket_addrs()?.map(Addr::Inet).collect()),
                }
            }
            fn host(&self) -> Option<(String, u16)> {
                host_in(self)
            }
            fn describe(&self) -> String {
                (**self).to_owned()
            }
        }
    )*};
}

text!(&str, String, &String);

impl ToAddr for str {
    fn to_addr(&self) -> io::Result<Vec<Addr>> {
        (&self).to_addr()
    }
    fn host(&self) -> Option<(String, u16)> {
        host_in(self)
    }
    fn describe(&self) -> String {
        self.to_owned()
    }
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
    SocketAddr: |addr| addr.to_string();
    (IpAddr, u16): |pair| SocketAddr::from(*pair).to_string();
    (Ipv4Addr, u16): |pair| format!("{}:{}", pair.0, pair.1);
    (Ipv6Addr, u16): |pair| format!("[{}]:{}", pair.0, pair.1);
}

impl ToAddr for (&str, u16) {
    fn to_addr(&self) -> io::Result<Vec<Addr>> {
        Ok(self.to_socket_addrs()?.map(Addr::Inet).collect())
    }
    fn host(&self) -> Option<(String, u16)> {
        named(self.0, self.1)
    }
    fn describe(&self) -> String {
        format!("{}:{}", self.0, self.1)
    }
}

macro_rules! path {
    ($($type:ty),*) => {$(
        impl ToAddr for $type {
            fn to_addr(&self) -> io::Result<Vec<Addr>> {
                if self.as_os_str().is_empty() {
                    return Err(no_path());
                }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn unix(path: &str) -> Addr {
        Addr::Unix(Some(path.into()))
    }

    #[test]
    fn a_text_with_a_slash_or_with_unix_in_front_is_a_path() {
        for (text, path) in [
            ("/tmp/x.sock", "/tmp/x.sock"),
            ("./x", "./x"),
            ("unix:/tmp/x", "/tmp/x"),
            ("unix:x", "x"),
            ("unix:@name", "\0name"),
        ] {
            assert_eq!(text.to_addr().unwrap(), [unix(path)], "{text}");
        }
        assert!("x.sock".to_addr().is_err());
    }

    #[test]
    fn a_host_is_what_somebody_has_to_be_asked_for() {
        let host = |name: &str, port| Some((name.to_owned(), port));
        for (text, expected) in [
            ("example.org:80", host("example.org", 80)),
            ("localhost:0", host("localhost", 0)),
            ("a b:80", host("a b", 80)),
            ("127.0.0.1:80", None),
            ("[::1]:80", None),
            ("::1:80", None),
            ("example.org", None),
            ("example.org:http", None),
            ("example.org:65536", None),
            (":80", None),
            ("/tmp/a:80", None),
            ("unix:a:80", None),
        ] {
            assert_eq!(text.host(), expected, "{text}");
        }
        assert_eq!(("example.org", 80).host(), host("example.org", 80));
        assert_eq!(("::1", 80).host(), None);
    }

    #[test]
    fn what_is_printed_can_be_connected_to() {
        for addr in
            [unix("/tmp/x"), unix("x"), unix("\0name"), Addr::Inet(([127, 0, 0, 1], 7).into())]
        {
            let again = addr.to_string().to_addr().unwrap();
            assert_eq!(again.first(), Some(&addr), "{addr}");
        }
    }
}
