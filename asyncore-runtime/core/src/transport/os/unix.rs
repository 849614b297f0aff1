//! Unix: its sockets, its files, and what its system calls mean.

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};
use std::fs::{File, FileType};
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use crate::vocabulary::addr::Addr;

pub(crate) use mio::net::{UnixDatagram, UnixListener, UnixStream};
pub(crate) use std::os::fd::OwnedFd;
pub(crate) use std::os::unix::net::{
    UnixDatagram as StdUnixDatagram, UnixListener as StdUnixListener, UnixStream as StdUnixStream,
};

/// Whether a short read of a plain TCP stream shows that nothing is left (epoll(7), question 9).
/// Not asserted of kqueue: there nothing tells of urgent data, at which a read stops as well.
pub(crate) const SHORT_READ_IS_ALL: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Whether a write that took less than there was shows that there is no more room.
pub(crate) const SHORT_WRITE_IS_FULL: bool = true;

/// Whether a port that was just left, with connections in TIME_WAIT, has to be asked for in a special way.
pub(crate) const REUSES_ADDRESS: bool = true;

/// What a TCP stream is watched for. Linux reports out-of-band data as a readiness of its own.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) const TCP: Interest = Interest::READABLE.add(Interest::WRITABLE).add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) const TCP: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// EIO: 5 on every Unix.
const EIO: i32 = 5;
/// EBADF: 9 on every Unix.
const EBADF: i32 = 9;

const MSG_PEEK: i32 = 2;

/// Says how long a datagram is, and not how much of it was taken.
const MSG_TRUNC: Option<i32> =
    if cfg!(any(target_os = "linux", target_os = "android")) { Some(0x20) } else { None };

/// This call does not wait, whatever the flags of the open file say.
const MSG_DONTWAIT: i32 =
    if cfg!(any(target_os = "linux", target_os = "android")) { 0x40 } else { 0x80 };

/// How it is written to sockets. MSG_NOSIGNAL is Linux's number; elsewhere SIGPIPE is left to std,
/// which has it ignored.
const SEND: i32 =
    MSG_DONTWAIT | if cfg!(any(target_os = "linux", target_os = "android")) { 0x4000 } else { 0 };

/// EINPROGRESS.
const IN_PROGRESS: i32 =
    if cfg!(any(target_os = "linux", target_os = "android")) { 115 } else { 36 };

/// Whether this is how a connection is begun.
pub(crate) fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error() == Some(IN_PROGRESS)
}

/// Whether the master of a pty says so because its slave was closed.
pub(crate) fn is_end_of_terminal(error: &io::Error) -> bool {
    error.raw_os_error() == Some(EIO)
}

/// Whether a read or a write was refused because the file was not opened for it.
pub(crate) fn is_wrong_mode<T>(result: &io::Result<T>) -> bool {
    matches!(result, Err(error) if error.raw_os_error() == Some(EBADF))
}

/// The number that the owner of a descriptor knows it by.
pub(crate) fn number(descriptor: &impl AsRawFd) -> Option<i32> {
    Some(descriptor.as_raw_fd())
}

pub(crate) fn is_socket(kind: &FileType) -> bool {
    kind.is_socket()
}

pub(crate) fn register_file(
    registry: &Registry,
    file: &File,
    token: Token,
    interest: Interest,
) -> io::Result<()> {
    registry.register(&mut SourceFd(&file.as_raw_fd()), token, interest)
}

pub(crate) fn reregister_file(
    registry: &Registry,
    file: &File,
    token: Token,
    interest: Interest,
) -> io::Result<()> {
    registry.reregister(&mut SourceFd(&file.as_raw_fd()), token, interest)
}

pub(crate) fn deregister_file(registry: &Registry, file: &File) -> io::Result<()> {
    registry.deregister(&mut SourceFd(&file.as_raw_fd()))
}

/// An address as the system has it, if it told one.
pub(crate) fn addr_of(addr: io::Result<SockAddr>) -> Option<Addr> {
    let addr = addr.ok()?;
    Some(addr.as_socket().map_or_else(|| Addr::Unix(path_of(&addr)), Addr::Inet))
}

/// The path of a Unix socket's address: none without a name, a leading NUL in Linux's abstract
/// namespace, as in the system's own form.
fn path_of(addr: &SockAddr) -> Option<PathBuf> {
    let abstract_path = || addr.as_abstract_namespace().map(path_of_name);
    addr.as_pathname().map(Path::to_path_buf).or_else(abstract_path)
}

fn path_of_name(name: &[u8]) -> PathBuf {
    std::ffi::OsStr::from_bytes(&[b"\0", name].concat()).into()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn abstract_path(addr: &std::os::unix::net::SocketAddr) -> Option<PathBuf> {
    use std::os::linux::net::SocketAddrExt;
    addr.as_abstract_name().map(path_of_name)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn abstract_path(_: &std::os::unix::net::SocketAddr) -> Option<PathBuf> {
    None
}

/// Starts to connect. `WouldBlock` is that the listener's queue is full: unlike TCP's, such an
/// attempt is not under way, and has to be made again.
pub(crate) fn connect_unix(path: &Path) -> io::Result<UnixStream> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.connect(&SockAddr::unix(path)?)?;
    unix_stream(socket)
}

/// Listens on a path. A socket that nobody listens on any more is replaced; one that somebody
/// does is not, and what is no socket never.
pub(crate) fn bind_unix(path: &Path, backlog: i32) -> io::Result<(UnixListener, OwnPath)> {
    let (socket, own) = bind_path(path, Type::STREAM)?;
    socket.listen(backlog)?;
    Ok((unix_listener(socket)?, own))
}

/// As [`bind_unix`], for datagrams.
pub(crate) fn bind_unix_datagram(path: &Path) -> io::Result<(UnixDatagram, OwnPath)> {
    let (socket, own) = bind_path(path, Type::DGRAM)?;
    Ok((unix_datagram(socket)?, own))
}

fn bind_path(path: &Path, kind: Type) -> io::Result<(Socket, OwnPath)> {
    let socket = Socket::new(Domain::UNIX, kind, None)?;
    socket.set_nonblocking(true)?;
    let addr = SockAddr::unix(path)?;
    let bound = match socket.bind(&addr) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_dead(path, kind) => {
            std::fs::remove_file(path)?;
            socket.bind(&addr)
        }
        result => result,
    };
    bound?;
    Ok((socket, OwnPath { path: path.to_owned(), identity: identity(path) }))
}

/// Whether a path is a socket that nobody listens on. One of another type is not asked: it is
/// refused as it is, dead or alive.
fn is_dead(path: &Path, kind: Type) -> bool {
    let is_socket = path.symlink_metadata().is_ok_and(|meta| meta.file_type().is_socket());
    let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    let probe = || {
        let socket = Socket::new(Domain::UNIX, kind, None)?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(path)?)
    };
    is_socket && probe().is_err_and(refused)
}

/// A socket's file that we have made: it goes with the socket, or the next start would find it.
#[derive(Debug)]
pub(crate) struct OwnPath {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Drop for OwnPath {
    fn drop(&mut self) {
        // Not the file of whoever has bound the path since.
        if self.identity.is_some() && identity(&self.path) == self.identity {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Which file a path is.
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.symlink_metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

/// A socket that is known to be a Unix listener.
#[allow(clippy::unnecessary_wraps)] // elsewhere it fails
pub(crate) fn unix_listener(socket: Socket) -> io::Result<UnixListener> {
    Ok(UnixListener::from_std(StdUnixListener::from(OwnedFd::from(socket))))
}

/// A socket that is known to be a Unix stream.
#[allow(clippy::unnecessary_wraps)] // as above
pub(crate) fn unix_stream(socket: Socket) -> io::Result<UnixStream> {
    Ok(UnixStream::from_std(StdUnixStream::from(OwnedFd::from(socket))))
}

/// A socket that is known to be one of Unix datagrams.
#[allow(clippy::unnecessary_wraps)] // as above
pub(crate) fn unix_datagram(socket: Socket) -> io::Result<UnixDatagram> {
    Ok(UnixDatagram::from_std(StdUnixDatagram::from(OwnedFd::from(socket))))
}

/// Whether a socket listens. Where it cannot be asked, it fails to accept.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
pub(crate) fn is_listener(socket: &Socket) -> io::Result<bool> {
    socket.is_listener()
}

/// As above.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
#[allow(clippy::unnecessary_wraps)] // as above
pub(crate) fn is_listener(_: &Socket) -> io::Result<bool> {
    Ok(true)
}

pub(crate) fn set_reuse_port(socket: &Socket) -> io::Result<()> {
    socket.set_reuse_port(true)
}

/// Whether a pipe that can be read has bytes: kqueue says the same of one that has its end.
pub(crate) const TELLS_BYTES_FROM_END: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// How long the next datagram is, where the system tells: Linux does of one that is looked at (recv(2),
/// MSG_TRUNC).
pub(crate) fn next_len(socket: &SockRef<'_>) -> Option<usize> {
    let flags = MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC?;
    socket.recv_with_flags(&mut [std::mem::MaybeUninit::uninit()], flags).ok()
}

/// One datagram, and who sent it.
pub(crate) fn receive_from(socket: &UnixDatagram, buf: &mut [u8]) -> io::Result<(usize, Addr)> {
    let (len, from) = socket.recv_from(buf)?;
    let path = from.as_pathname().map(Path::to_path_buf);
    Ok((len, Addr::Unix(path.or_else(|| abstract_path(&from)))))
}

/// How much of one byte can be read of a socket, which is left there. It never waits.
fn peek(socket: &SockRef<'_>) -> io::Result<usize> {
    let buf = &mut [std::mem::MaybeUninit::uninit()];
    socket.recv_with_flags(buf, MSG_PEEK | MSG_DONTWAIT)
}

/// Whether bytes wait in a socket.
pub(crate) fn has_unread(socket: &SockRef<'_>) -> bool {
    peek(socket).is_ok_and(|len| len > 0)
}

/// Whether a read of a socket has something to say: bytes, the end, or this error.
pub(crate) fn look(socket: &impl AsFd) -> io::Result<()> {
    loop {
        match peek(&socket.into()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result.map(drop),
        }
    }
}

/// Writes to a socket what it has room for. It never waits, and raises no SIGPIPE.
#[inline]
pub(crate) fn send(socket: &impl AsFd, bytes: &[u8]) -> io::Result<usize> {
    SockRef::from(socket).send_with_flags(bytes, SEND)
}

/// As [`send`], several pieces at once.
#[cfg(feature = "tls")]
pub(crate) fn send_vectored(socket: &impl AsFd, pieces: &[io::IoSlice<'_>]) -> io::Result<usize> {
    SockRef::from(socket).send_vectored_with_flags(pieces, SEND)
}

/// As [`send`], a datagram to the only peer of the socket.
pub(crate) fn send_to_peer(socket: &impl AsFd, bytes: &[u8]) -> io::Result<usize> {
    send(socket, bytes)
}

/// As [`send`], a datagram to somebody.
pub(crate) fn send_to(
    socket: &impl AsFd,
    bytes: &[u8],
    to: impl Into<SockAddr>,
) -> io::Result<usize> {
    SockRef::from(socket).send_to_with_flags(bytes, &to.into(), SEND)
}

/// Where no call says that it is not to wait (accept, and receiving into memory that is
/// initialised), the flag is looked at before: whoever shares the socket can have changed it.
pub(crate) fn keep_nonblocking(socket: &SockRef<'_>) -> io::Result<()> {
    if socket.nonblocking()? {
        return Ok(());
    }
    socket.set_nonblocking(true)
}
