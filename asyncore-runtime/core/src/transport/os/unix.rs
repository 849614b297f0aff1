//! Unix: its sockets, its files, and what its system calls mean.

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};
use std::fs::{File, FileType};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

pub(crate) use mio::net::{UnixListener, UnixStream};
pub(crate) use std::os::fd::OwnedFd;
pub(crate) use std::os::unix::net::{UnixListener as StdUnixListener, UnixStream as StdUnixStream};

/// Whether a short read of a plain TCP stream shows that nothing is left (epoll(7), question 9).
/// Not asserted of kqueue: there nothing tells of urgent data, at which a read stops as well.
pub(crate) const SHORT_READ_IS_ALL: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// What a TCP stream is watched for. Linux reports out-of-band data as a readiness of its own.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) const TCP: Interest = Interest::READABLE.add(Interest::WRITABLE).add(Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) const TCP: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// EIO: 5 on every Unix.
const EIO: i32 = 5;
/// EBADF: 9 on every Unix.
const EBADF: i32 = 9;

/// Whether the master of a pty says so because its slave was closed.
pub(crate) fn is_end_of_terminal(error: &io::Error) -> bool {
    error.raw_os_error() == Some(EIO)
}

/// Whether a read or a write was refused because the file was not opened for it.
pub(crate) fn is_wrong_mode<T>(result: &io::Result<T>) -> bool {
    matches!(result, Err(error) if error.raw_os_error() == Some(EBADF))
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

/// The path of a Unix socket's address: none without a name, a leading NUL in Linux's abstract
/// namespace, as in the system's own form.
pub(crate) fn path_of(addr: &SockAddr) -> Option<PathBuf> {
    let abstract_name = || {
        let name = addr.as_abstract_namespace()?;
        let path = [b"\0", name].concat();
        Some(PathBuf::from(std::ffi::OsStr::from_bytes(&path)))
    };
    addr.as_pathname().map(Path::to_path_buf).or_else(abstract_name)
}

/// The name in the abstract namespace that a path stands for.
pub(crate) fn abstract_name(path: &Path) -> Option<&[u8]> {
    path.as_os_str().as_bytes().strip_prefix(b"\0")
}

/// Starts to connect. `WouldBlock` is that the listener's queue is full: unlike TCP's, such an
/// attempt is not under way, and has to be made again.
pub(crate) fn connect_unix(path: &Path) -> io::Result<UnixStream> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.connect(&SockAddr::unix(path)?)?;
    Ok(UnixStream::from_std(StdUnixStream::from(OwnedFd::from(socket))))
}

/// Listens on a path. A socket that nobody listens on any more is replaced; one that somebody
/// does is not, and what is no socket never.
pub(crate) fn bind_unix(path: &Path, backlog: i32) -> io::Result<UnixListener> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    let addr = SockAddr::unix(path)?;
    let bound = match socket.bind(&addr) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_dead(path) => {
            std::fs::remove_file(path)?;
            socket.bind(&addr)
        }
        result => result,
    };
    bound?;
    socket.listen(backlog)?;
    Ok(UnixListener::from_std(StdUnixListener::from(OwnedFd::from(socket))))
}

/// Whether a path is a socket that nobody listens on.
fn is_dead(path: &Path) -> bool {
    let is_socket = path.symlink_metadata().is_ok_and(|meta| meta.file_type().is_socket());
    let refused = |error: io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    is_socket && connect_unix(path).is_err_and(refused)
}

/// Which file a path is: to remove our own at the end, and not the one of whoever came after.
pub(crate) fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.symlink_metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

/// Whether bytes wait in a socket. Looks at one, and leaves it there.
pub(crate) fn has_unread(socket: &SockRef<'_>) -> bool {
    socket.peek(&mut [std::mem::MaybeUninit::uninit()]).is_ok_and(|len| len > 0)
}
