//! A connected socket on its way into a map.

use std::io;

use crate::transport::addr::Addr;
use crate::transport::link::Link;

/// A connected stream socket: what `#[on_accepted]` is given, and [`Io::add`](crate::Io::add) and
/// [`Map::add`](crate::Map::add) take. Dropping it closes the connection.
#[derive(Debug)]
pub struct Socket(pub(crate) Link);

impl Socket {
    /// The peer's address; none if it has gone already, as a connection that was reset while it
    /// waited to be accepted.
    #[must_use]
    pub fn peer_addr(&self) -> Option<Addr> {
        self.0.peer_addr()
    }

    /// This end's address.
    #[must_use]
    pub fn local_addr(&self) -> Option<Addr> {
        self.0.local_addr()
    }
}

/// What can be added to a map as a connection: a [`Socket`], or a connected stream of `std`.
pub trait IntoSocket {
    /// The socket, non-blocking.
    ///
    /// # Errors
    /// The system refuses to make it so.
    fn into_socket(self) -> io::Result<Socket>;
}

impl IntoSocket for Socket {
    fn into_socket(self) -> io::Result<Socket> {
        Ok(self)
    }
}

impl IntoSocket for std::net::TcpStream {
    fn into_socket(self) -> io::Result<Socket> {
        self.set_nonblocking(true)?;
        Ok(Socket(Link::Tcp(mio::net::TcpStream::from_std(self))))
    }
}

impl IntoSocket for std::os::unix::net::UnixStream {
    fn into_socket(self) -> io::Result<Socket> {
        self.set_nonblocking(true)?;
        Ok(Socket(Link::Unix(mio::net::UnixStream::from_std(self))))
    }
}
