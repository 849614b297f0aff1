//! What a channel reads from and writes to: the one place that knows the kinds of file descriptor.

use bytes::Bytes;
use mio::net::{TcpStream, UdpSocket, UnixStream};
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use socket2::SockRef;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsRawFd;
use std::rc::Rc;

use crate::acceptor::Acceptor;
use crate::addr::Addr;

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
    Memory(Rc<RefCell<Pipe>>),
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

/// One end of a connection in memory, for [`testing`](crate::testing): the other end is a test.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    /// What the peer sent; each chunk is one read.
    pub(crate) incoming: VecDeque<Bytes>,
    pub(crate) incoming_ended: bool,
    /// The peer has gone without a word: reads fail once all is read, writes at once.
    pub(crate) is_reset: bool,
    /// What the channel wrote.
    pub(crate) outgoing: Vec<u8>,
    pub(crate) outgoing_ended: bool,
    /// So many more bytes can be written.
    pub(crate) window: usize,
    /// The peer's.
    pub(crate) addr: Option<Addr>,
    /// Whose end this is, once a channel has it.
    pub(crate) key: Option<crate::key::RawKey>,
}

impl Pipe {
    pub(crate) fn new() -> Self {
        Self { window: usize::MAX, ..Self::default() }
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

impl Pipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(chunk) = self.incoming.front_mut() else {
            return match (self.is_reset, self.incoming_ended) {
                (true, _) => Err(io::ErrorKind::ConnectionReset.into()),
                (false, true) => Ok(0),
                (false, false) => Err(io::ErrorKind::WouldBlock.into()),
            };
        };
        let part = chunk.split_to(buf.len().min(chunk.len()));
        if chunk.is_empty() {
            self.incoming.pop_front();
        }
        if let Some(buf) = buf.get_mut(..part.len()) {
            buf.copy_from_slice(&part);
        }
        Ok(part.len())
    }

    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.outgoing_ended || self.is_reset {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let len = buf.len().min(self.window);
        if len == 0 && !buf.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.window -= if self.window == usize::MAX { 0 } else { len };
        self.outgoing.extend_from_slice(buf.get(..len).unwrap_or(buf));
        Ok(len)
    }
}
