//! What a system without Unix sockets and watched files has in their place: types without a value, so
//! that whoever has one of them has come to where nobody comes.

use mio::event::Source;
use mio::{Interest, Registry, Token};
use socket2::{SockAddr, Socket};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::windows::io::{AsSocket, BorrowedSocket};
use std::path::Path;

use crate::transport::readiness::Ready;

macro_rules! absent {
    ($($type:ident)*) => {$(
        #[derive(Debug)]
        pub(crate) enum $type {}
    )*};
}

absent!(OwnPath UnixDatagram UnixListener UnixStream Watched);

macro_rules! absent_sockets {
    ($($type:ident)*) => {$(
        impl AsSocket for $type {
            fn as_socket(&self) -> BorrowedSocket<'_> {
                match *self {}
            }
        }

        impl Source for $type {
            fn register(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
                match *self {}
            }
            fn reregister(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
                match *self {}
            }
            fn deregister(&mut self, _: &Registry) -> io::Result<()> {
                match *self {}
            }
        }
    )*};
}

absent_sockets!(UnixDatagram UnixListener UnixStream);

fn unsupported<T>() -> io::Result<T> {
    let why = "this system has no Unix sockets here";
    Err(io::Error::new(io::ErrorKind::Unsupported, why))
}

pub(crate) fn connect_unix(_: &Path) -> io::Result<UnixStream> {
    unsupported()
}

pub(crate) fn bind_unix(_: &Path, _: i32) -> io::Result<(UnixListener, OwnPath)> {
    unsupported()
}

pub(crate) fn bind_unix_datagram(_: &Path) -> io::Result<(UnixDatagram, OwnPath)> {
    unsupported()
}

pub(crate) fn unix_listener(_: Socket) -> io::Result<UnixListener> {
    unsupported()
}

pub(crate) fn unix_stream(_: Socket) -> io::Result<UnixStream> {
    unsupported()
}

pub(crate) fn unix_datagram(_: Socket) -> io::Result<UnixDatagram> {
    unsupported()
}

impl UnixListener {
    pub(crate) fn accept(&self) -> io::Result<(UnixStream, SockAddr)> {
        match *self {}
    }
}

impl UnixDatagram {
    pub(crate) fn unbound() -> io::Result<Self> {
        unsupported()
    }

    pub(crate) fn receive_from(
        &self,
        _: &mut [u8],
    ) -> io::Result<(usize, crate::vocabulary::addr::Addr)> {
        match *self {}
    }
}

impl UnixStream {
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        match *self {}
    }

    pub(crate) fn shutdown(&self, _: Shutdown) -> io::Result<()> {
        match *self {}
    }
}

impl Read for UnixStream {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }
}

impl Write for &UnixStream {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        match **self {}
    }
    fn flush(&mut self) -> io::Result<()> {
        match **self {}
    }
}

#[allow(clippy::unused_self)] // it has no value
impl Watched {
    pub(crate) fn register(&self, _: &Registry, _: Token) -> io::Result<()> {
        match *self {}
    }
    pub(crate) fn ask_again(&self, _: &Registry, _: Token, _: Ready) -> io::Result<()> {
        match *self {}
    }
    pub(crate) fn deregister(&self, _: &Registry) -> io::Result<()> {
        match *self {}
    }
    pub(crate) fn is_always_ready(&self) -> bool {
        match *self {}
    }
    pub(crate) fn is_terminal(&self) -> bool {
        match *self {}
    }
    pub(crate) fn is_used_up(&self) -> bool {
        match *self {}
    }
    pub(crate) fn can_read(&self) -> bool {
        match *self {}
    }
    #[allow(dead_code)] // who adds a file asks
    pub(crate) fn can_write(&self) -> bool {
        match *self {}
    }
    pub(crate) fn read(&self, _: &mut [u8]) -> io::Result<usize> {
        match *self {}
    }
    pub(crate) fn write(&self, _: &[u8]) -> io::Result<usize> {
        match *self {}
    }
    pub(crate) fn shutdown_write(&self) -> io::Result<()> {
        match *self {}
    }
}
