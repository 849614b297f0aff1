//! What a socket made elsewhere is: its Rust type may say anything.

use socket2::{Domain, Socket};
use std::io;

/// The addresses a socket has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Inet,
    Unix,
}

impl Family {
    pub(super) fn of(socket: &Socket) -> io::Result<Self> {
        match socket.local_addr()?.domain() {
            Domain::IPV4 | Domain::IPV6 => Ok(Self::Inet),
            Domain::UNIX => Ok(Self::Unix),
            _ => Err(unfit("a socket of neither IP nor Unix addresses")),
        }
    }
}

/// A socket that no channel can have.
pub(crate) fn unfit(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
