//! A pipe, a tty, a device or a regular file: asyncore's `file_dispatcher`.

use mio::{Interest, Registry, Token};
use socket2::SockRef;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::net::Shutdown;

use super::unix as os;
use crate::transport::readiness::Ready;

/// What can be written to a pipe that has room, without waiting, whatever the flags: POSIX's
/// smallest `PIPE_BUF`.
const ATOMIC: usize = 512;

/// An open file, watched for what its mode allows.
///
/// Whoever shares the open file (a child, the shell) sees and changes its flags. So it is asked for
/// one thing a readiness, and then asked again: a second read could wait for ever.
#[derive(Debug)]
pub(crate) struct Watched {
    file: File,
    /// A regular file or a device: epoll refuses it (EPERM), as it is always ready.
    always: bool,
    reads: bool,
    writes: bool,
    is_tty: bool,
    /// Somebody had set it blocking when it was last written: one write a readiness then.
    is_blocking: bool,
    /// It is a socket, which has a half to close.
    is_socket: bool,
    /// It was blocking before we had it, and will be again: a terminal has to work afterwards.
    was_blocking: bool,
}

impl Watched {
    /// Sets the open file non-blocking, as asyncore's `file_dispatcher` does.
    pub(crate) fn new(mut file: File) -> io::Result<Self> {
        let kind = file.metadata()?.file_type();
        if kind.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let was_blocking = !SockRef::from(&file).nonblocking()?;
        SockRef::from(&file).set_nonblocking(true)?;
        // Nothing is read or written by these; on a socket an empty write could be a datagram.
        let is_socket = os::is_socket(&kind);
        let reads = is_socket || !os::is_wrong_mode(&file.read(&mut []));
        let writes = is_socket || !os::is_wrong_mode(&file.write(&[]));
        let is_tty = file.is_terminal();
        let (always, is_blocking) = (kind.is_file(), false);
        Ok(Self { file, always, reads, writes, is_tty, is_blocking, is_socket, was_blocking })
    }

    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        if self.always {
            return Ok(());
        }
        match os::register_file(registry, &self.file, token, interest(self.reads, self.writes)) {
            // A device like /dev/null, which epoll refuses as it does files.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                self.always = true;
                Ok(())
            }
            result => result,
        }
    }

    /// Has the system say again whether it is ready for what is wanted, and nothing else: that would
    /// be said at once, and be asked again.
    pub(crate) fn ask_again(
        &self,
        registry: &Registry,
        token: Token,
        wanted: Ready,
    ) -> io::Result<()> {
        let reads = self.reads && wanted.has(Ready::READABLE);
        let writes = self.writes && wanted.has(Ready::WRITABLE);
        if self.always || !(reads || writes) {
            return Ok(());
        }
        os::reregister_file(registry, &self.file, token, interest(reads, writes))
    }

    pub(crate) fn deregister(&self, registry: &Registry) -> io::Result<()> {
        os::deregister_file(registry, &self.file)
    }

    pub(crate) fn is_always_ready(&self) -> bool {
        self.always
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.is_tty
    }

    pub(crate) fn can_read(&self) -> bool {
        self.reads
    }

    pub(crate) fn can_write(&self) -> bool {
        self.writes
    }

    pub(crate) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !self.reads {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        match self.file.read(buf) {
            // Linux says so on the master of a pty when the last slave is closed: its end.
            Err(error) if self.is_tty && os::is_end_of_terminal(&error) => Ok(0),
            result => result,
        }
    }

    pub(crate) fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if !self.writes {
            let why = "the file is not open for writing";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        self.is_blocking = self.is_blocking_now();
        let most = if self.is_blocking { ATOMIC } else { buf.len() };
        self.file.write(buf.get(..most).unwrap_or(buf))
    }

    /// Whether a write has used up the readiness, however much it took.
    pub(crate) fn is_used_up(&self) -> bool {
        self.is_blocking
    }

    /// Ends this direction, if it has one that can be ended alone.
    pub(crate) fn shutdown_write(&self) -> io::Result<()> {
        if self.is_socket {
            return SockRef::from(&self.file).shutdown(Shutdown::Write);
        }
        Ok(())
    }

    /// Whether somebody has set it back since.
    fn is_blocking_now(&self) -> bool {
        !self.always && SockRef::from(&self.file).nonblocking().is_ok_and(|is| !is)
    }
}

fn interest(reads: bool, writes: bool) -> Interest {
    match (reads, writes) {
        (true, false) => Interest::READABLE,
        (false, true) => Interest::WRITABLE,
        _ => Interest::READABLE.add(Interest::WRITABLE),
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.was_blocking {
            // It can fail only for what is no descriptor.
            let _ = SockRef::from(&self.file).set_nonblocking(false);
        }
    }
}
