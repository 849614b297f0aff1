//! What a channel reads from and writes to: the one place that knows the kinds of file descriptor.

use mio::net::{TcpStream, UdpSocket, UnixStream};
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use socket2::SockRef;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsRawFd;

use crate::transport::addr::Addr;
use crate::transport::listening::{Acceptor, Listening};
use crate::transport::pipe::End;

/// A file descriptor, or its stand-in for tests.
#[derive(Debug)]
pub(crate) enum Link {
    /// Not connected yet, or closed.
    None,
    Tcp(TcpStream),
    Unix(UnixStream),
    Udp(Box<Datagrams>),
    File(Readied),
    Acceptor(Box<Acceptor>),
    Memory(End),
}

/// A datagram socket.
#[derive(Debug)]
pub(crate) struct Datagrams {
    pub(crate) socket: UdpSocket,
    /// The only peer, if the socket is connected to one.
    pub(crate) peer: Option<SocketAddr>,
}

/// A pipe, a tty, or a file.
#[derive(Debug)]
pub(crate) struct Readied {
    file: File,
    /// A regular file or a device: epoll refuses it (EPERM), as it is always ready.
    always: bool,
}

impl Readied {
    /// Sets the open file non-blocking, as asyncore's `file_dispatcher` does: whoever shares it
    /// (the shell, for a terminal) sees that.
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let kind = file.metadata()?.file_type();
        if kind.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let always = kind.is_file();
        SockRef::from(&file).set_nonblocking(true)?;
        Ok(Self { file, always })
    }

    fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        let registered = registry.register(&mut SourceFd(&self.file.as_raw_fd()), token, BOTH);
        match registered {
            // A device like /dev/null, which epoll refuses as it does files.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.always = true;
                Ok(())
            }
            result => result,
        }
    }
}

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Linux reports out-of-band data as a readiness of its own.
#[cfg(any(target_os = "linux", target_os = "android"))]
const STREAM: Interest = BOTH.add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const STREAM: Interest = BOTH;

impl Link {
    /// Registers for everything, once: readiness is kept in the channel, so that no pass costs a
    /// system call for interest. Nothing to do for what is always ready.
    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => registry.register(stream, token, STREAM),
            Self::Unix(stream) => registry.register(stream, token, BOTH),
            Self::Udp(socket) => registry.register(&mut socket.socket, token, BOTH),
            Self::File(file) if !file.always => file.register(registry, token),
            Self::Acceptor(acceptor) => acceptor.register(registry, token),
            Self::None | Self::File(_) | Self::Memory(_) => Ok(()),
        }
    }

    /// Before it is closed: a duplicate of the descriptor elsewhere would go on raising events.
    pub(crate) fn deregister(&mut self, registry: &Registry) {
        // It fails only for what is not registered, which is what is wanted.
        let _ = match self {
            Self::Tcp(stream) => registry.deregister(stream),
            Self::Unix(stream) => registry.deregister(stream),
            Self::Udp(socket) => registry.deregister(&mut socket.socket),
            Self::File(file) => registry.deregister(&mut SourceFd(&file.file.as_raw_fd())),
            Self::Acceptor(acceptor) => acceptor.deregister(registry),
            Self::None | Self::Memory(_) => Ok(()),
        };
    }

    /// The next connection, if there is one.
    pub(crate) fn accept(listening: &Listening) -> io::Result<(Self, Addr)> {
        match listening {
            Listening::Tcp(listener) => {
                let (stream, addr) = listener.accept()?;
                // See `connected`: without this every second reply waits for a delayed ACK. Of a
                // connection that was reset meanwhile it fails, and its first read will say so.
                let _ = stream.set_nodelay(true);
                Ok((Self::Tcp(stream), addr.into()))
            }
            Listening::Unix(listener) => {
                let (stream, addr) = listener.accept()?;
                Ok((Self::Unix(stream), Addr::from_unix(&addr)))
            }
            Listening::Memory(arrivals) => {
                let pipe = arrivals.waiting.borrow_mut().pop_front();
                let pipe = pipe.ok_or(io::ErrorKind::WouldBlock)?;
                let addr = pipe.borrow().addr.clone().unwrap_or(Addr::Unix(None));
                Ok((Self::Memory(pipe), addr))
            }
        }
    }

    #[inline]
    pub(crate) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let result = match self {
                Self::Tcp(stream) => stream.read(buf),
                Self::Unix(stream) => stream.read(buf),
                Self::File(file) => file.file.read(buf),
                Self::Udp(socket) => socket.socket.recv(buf),
                Self::Memory(pipe) => pipe.borrow_mut().read(buf),
                Self::None | Self::Acceptor(_) => Err(io::ErrorKind::NotConnected.into()),
            };
            if !is_interrupted(&result) {
                return result;
            }
        }
    }

    /// Plain `send`, never `writev`: std passes MSG_NOSIGNAL to the one, and the other kills a
    /// process whose SIGPIPE has the default disposition (a C `main`, a `cdylib`).
    #[inline(always)]
    pub(crate) fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        loop {
            let result = match self {
                Self::Tcp(stream) => stream.write(buf),
                Self::Unix(stream) => stream.write(buf),
                Self::File(file) => file.file.write(buf),
                Self::Udp(socket) => socket.socket.send(buf),
                Self::Memory(pipe) => pipe.borrow_mut().write(buf),
                Self::None | Self::Acceptor(_) => Err(io::ErrorKind::NotConnected.into()),
            };
            if !is_interrupted(&result) {
                return result;
            }
        }
    }

    /// Whether a read of `len` bytes into a buffer of `size` shows that there is no more. True of
    /// epoll and kqueue (epoll(7), question 9); elsewhere only `WouldBlock` does.
    #[inline]
    pub(crate) fn is_drained(&self, len: usize, size: usize) -> bool {
        const SHORT_IS_DRAINED: bool = cfg!(any(
            target_os = "linux",
            target_os = "android",
            target_os = "macos",
            target_os = "ios",
            target_os = "freebsd",
            target_os = "netbsd",
            target_os = "openbsd",
        ));
        match self {
            Self::Tcp(_) | Self::Unix(_) => SHORT_IS_DRAINED && len < size,
            Self::Memory(pipe) => {
                let pipe = pipe.borrow();
                pipe.incoming.is_empty() && !pipe.incoming_ended && !pipe.is_reset
            }
            _ => false,
        }
    }

    /// Ends this direction; the peer reads the end after all that was written.
    pub(crate) fn shutdown_write(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
            Self::Memory(pipe) => {
                pipe.borrow_mut().outgoing_ended = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The pending error of a socket, taken.
    pub(crate) fn take_error(&self) -> io::Result<Option<io::Error>> {
        match self {
            Self::Tcp(stream) => stream.take_error(),
            Self::Unix(stream) => stream.take_error(),
            _ => Ok(None),
        }
    }

    pub(crate) fn peer_addr(&self) -> Option<Addr> {
        match self {
            Self::Tcp(stream) => stream.peer_addr().ok().map(Addr::Inet),
            Self::Unix(stream) => stream.peer_addr().ok().map(|addr| Addr::from_unix(&addr)),
            Self::Udp(socket) => socket.peer.map(Addr::Inet),
            Self::Memory(pipe) => pipe.borrow().addr.clone(),
            _ => None,
        }
    }

    pub(crate) fn local_addr(&self) -> Option<Addr> {
        match self {
            Self::Tcp(stream) => stream.local_addr().ok().map(Addr::Inet),
            Self::Unix(stream) => stream.local_addr().ok().map(|addr| Addr::from_unix(&addr)),
            Self::Udp(socket) => socket.socket.local_addr().ok().map(Addr::Inet),
            Self::Acceptor(acceptor) => Some(acceptor.local_addr()),
            Self::None | Self::File(_) | Self::Memory(_) => None,
        }
    }

    /// Whether it is ready at all times, without the system saying so.
    pub(crate) fn is_always_ready(&self) -> bool {
        matches!(self, Self::File(Readied { always: true, .. }))
    }

    /// Whether the peer may go silent for ever: what the deadlines are for.
    pub(crate) fn has_peer(&self) -> bool {
        matches!(self, Self::Tcp(_) | Self::Unix(_) | Self::Memory(_))
    }

    /// The descriptor, for socket options.
    pub(crate) fn sock_ref(&self) -> Option<SockRef<'_>> {
        Some(match self {
            Self::Tcp(stream) => SockRef::from(stream),
            Self::Unix(stream) => SockRef::from(stream),
            Self::Udp(socket) => SockRef::from(&socket.socket),
            Self::Acceptor(acceptor) => return acceptor.sock_ref(),
            _ => return None,
        })
    }
}

fn is_interrupted<T>(result: &io::Result<T>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::Interrupted)
}
