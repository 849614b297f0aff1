//! A stream of bytes: a connection, a pipe or a file, one in memory, or a layer over one of these.

use core::fmt;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use std::io::{self, Read};
use std::net::Shutdown;

use super::os::{self, UnixStream, Watched};
use super::pipe::PipeEnd;
use super::proxy::ProxyHeader;
use super::readiness::Ready;
use super::seat::Seat;
use crate::vocabulary::addr::Addr;

/// A stream of bytes, with the seat it has among the connections of its listener.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(super) kind: Kind,
    /// The system says that there is something to read, and nobody has read since.
    is_announced: bool,
    /// Given back when this is dropped, or goes with the socket.
    pub(super) seat: Option<Seat>,
}

#[derive(Debug)]
pub(super) enum Kind {
    Tcp(Tcp),
    Unix(UnixStream),
    File(Box<Watched>),
    Memory(PipeEnd),
    Layer(Box<Layered>),
}

#[derive(Debug)]
pub(super) struct Tcp {
    pub(super) stream: TcpStream,
    /// Urgent data came: from then on a read may stop at its mark.
    had_urgent: bool,
}

#[derive(Debug)]
pub(super) struct Layered {
    pub(super) layer: Box<dyn Layer>,
    /// It has said what had to be said first.
    pub(super) has_begun: bool,
}

macro_rules! from {
    ($($type:ty => $kind:ident),*) => {$(
        impl From<$type> for Stream {
            fn from(stream: $type) -> Self {
                Self::of(Kind::$kind(stream))
            }
        }
    )*};
}

from!(UnixStream => Unix, Box<Watched> => File, PipeEnd => Memory);

impl From<TcpStream> for Stream {
    fn from(stream: TcpStream) -> Self {
        Self::of(Kind::Tcp(Tcp { stream, had_urgent: false }))
    }
}

impl Stream {
    pub(super) fn of(kind: Kind) -> Self {
        Self { kind, is_announced: false, seat: None }
    }

    pub(crate) fn seated(self, seat: Option<Seat>) -> Self {
        Self { seat, ..self }
    }

    /// Whether it is a connection and nothing else: what can leave the map as a
    /// [`Socket`](super::socket::Socket).
    pub(crate) fn is_socket(&self) -> bool {
        matches!(self.kind, Kind::Tcp(_) | Kind::Unix(_) | Kind::Memory(_))
    }

    /// Its parts, as it leaves the map.
    pub(super) fn into_parts(self) -> (Kind, Option<Seat>) {
        (self.kind, self.seat)
    }

    /// The stream that the system knows.
    pub(super) fn base(&self) -> &Self {
        match &self.kind {
            Kind::Layer(layered) => layered.layer.below().base(),
            _ => self,
        }
    }

    pub(super) fn base_mut(&mut self) -> &mut Self {
        match self.kind {
            Kind::Layer(ref mut layered) => layered.layer.below_mut().base_mut(),
            _ => self,
        }
    }

    /// The connection in memory, if it is one.
    pub(crate) fn pipe(&self) -> Option<&PipeEnd> {
        match &self.base().kind {
            Kind::Memory(pipe) => Some(pipe),
            _ => None,
        }
    }

    // -- readiness

    /// Registers for everything, once: readiness is kept by whoever reads, so that no pass costs a
    /// system call for interest. Nothing to do for what is always ready.
    pub(crate) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match &mut self.base_mut().kind {
            Kind::Tcp(tcp) => registry.register(&mut tcp.stream, token, os::TCP),
            Kind::Unix(stream) => registry.register(stream, token, BOTH),
            Kind::File(file) => file.register(registry, token),
            Kind::Memory(_) | Kind::Layer(_) => Ok(()),
        }
    }

    /// Has the system say again what it is ready for, as if it had become so just now; of a file only
    /// of what is wanted.
    pub(super) fn ask_again(
        &mut self,
        registry: &Registry,
        token: Token,
        wanted: Ready,
    ) -> io::Result<()> {
        match &mut self.base_mut().kind {
            Kind::Tcp(tcp) => registry.reregister(&mut tcp.stream, token, os::TCP),
            Kind::Unix(stream) => registry.reregister(stream, token, BOTH),
            Kind::File(file) => file.ask_again(registry, token, wanted),
            Kind::Memory(_) | Kind::Layer(_) => Ok(()),
        }
    }

    /// Before it is closed: a duplicate of the descriptor elsewhere would go on raising events.
    pub(crate) fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        match &mut self.base_mut().kind {
            Kind::Tcp(tcp) => registry.deregister(&mut tcp.stream),
            Kind::Unix(stream) => registry.deregister(stream),
            Kind::File(file) => file.deregister(registry),
            Kind::Memory(_) | Kind::Layer(_) => Ok(()),
        }
    }

    /// What the system says of it.
    #[inline]
    pub(crate) fn heard(&mut self, news: Ready) {
        let base = self.base_mut();
        base.is_announced |= news.has(Ready::READABLE);
        if let Kind::Tcp(tcp) = &mut base.kind {
            tcp.had_urgent |= news.has(Ready::URGENT);
        }
    }

    /// Whether it is ready at all times, without the system saying so.
    pub(crate) fn is_always_ready(&self) -> bool {
        matches!(&self.kind, Kind::File(file) if file.is_always_ready())
    }

    /// Whether it can be used once a readiness, and has to be asked again then.
    pub(crate) fn is_once(&self) -> bool {
        matches!(&self.kind, Kind::File(file) if !file.is_always_ready())
    }

    pub(crate) fn is_terminal(&self) -> bool {
        matches!(&self.kind, Kind::File(file) if file.is_terminal())
    }

    pub(crate) fn can_read(&self) -> bool {
        !matches!(&self.kind, Kind::File(file) if !file.can_read())
    }

    #[cfg_attr(windows, allow(dead_code))] // asked of files only
    pub(crate) fn can_write(&self) -> bool {
        !matches!(&self.kind, Kind::File(file) if !file.can_write())
    }

    // -- bytes

    #[inline(always)]
    pub(crate) fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !std::mem::take(&mut self.is_announced) {
            self.look()?;
        }
        loop {
            let result = match &mut self.kind {
                Kind::Tcp(tcp) => tcp.stream.read(buf),
                Kind::Unix(stream) => stream.read(buf),
                Kind::File(file) => file.read(buf),
                Kind::Memory(pipe) => pipe.read(buf),
                Kind::Layer(layer) => read_layer(&mut *layer.layer, buf),
            };
            if !is_interrupted(&result) {
                return result;
            }
        }
    }

    /// Before a read that the system has not announced. Whoever shares the socket (a child) can have
    /// made it blocking, and such a read would wait for ever; a look never waits. Not before each
    /// read: where the end of what is there is found by reading, the look takes that read's place.
    #[inline(never)]
    fn look(&self) -> io::Result<()> {
        match &self.kind {
            Kind::Tcp(tcp) => os::look(&tcp.stream),
            Kind::Unix(stream) => os::look(stream),
            Kind::File(_) | Kind::Memory(_) | Kind::Layer(_) => Ok(()),
        }
    }

    /// One attempt; how much went.
    #[inline(always)]
    pub(crate) fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        loop {
            let result = match &mut self.kind {
                Kind::Tcp(tcp) => os::send(&tcp.stream, buf),
                Kind::Unix(stream) => os::send(stream, buf),
                Kind::File(file) => file.write(buf),
                Kind::Memory(pipe) => pipe.write(buf),
                Kind::Layer(layer) => write_layer(&mut *layer.layer, buf),
            };
            if !is_interrupted(&result) {
                return result;
            }
        }
    }

    /// As [`write`](Self::write), of several pieces at once where the system can.
    #[cfg(feature = "tls")]
    pub(super) fn write_vectored(&mut self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::Tcp(tcp) => os::send_vectored(&tcp.stream, bufs),
            Kind::Unix(stream) => os::send_vectored(stream, bufs),
            _ => {
                let first = bufs.iter().find(|buf| !buf.is_empty());
                first.map_or(Ok(0), |first| self.write(first))
            }
        }
    }

    /// Whether a read of `len` bytes into a buffer of `size` shows that there is no more. A short
    /// read shows it of a plain TCP stream that never had urgent data, at whose mark a read stops;
    /// a Unix socket stops at a passed descriptor, a pty at a line, a layer at its record.
    /// Everywhere else only `WouldBlock` or the end does.
    #[inline]
    pub(crate) fn is_all(&self, len: usize, size: usize) -> bool {
        match &self.kind {
            Kind::Tcp(tcp) => os::SHORT_READ_IS_ALL && len < size && !tcp.had_urgent,
            Kind::Memory(pipe) => pipe.has_nothing_to_say(),
            Kind::Layer(layered) => layered.layer.is_dry(),
            Kind::Unix(_) | Kind::File(_) => false,
        }
    }

    /// Whether a write that took `len` of `size` bytes shows that there is no more room. A layer
    /// takes what its buffer holds, which says nothing of the stream below.
    #[inline]
    pub(crate) fn is_full(&self, len: usize, size: usize) -> bool {
        match &self.kind {
            Kind::Layer(_) => false,
            Kind::File(file) => !file.is_always_ready() && (len < size || file.is_used_up()),
            Kind::Memory(_) => len < size,
            Kind::Tcp(_) | Kind::Unix(_) => os::SHORT_WRITE_IS_FULL && len < size,
        }
    }

    /// Ends this direction; the peer reads the end after all that was written.
    pub(crate) fn shutdown_write(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Kind::Tcp(tcp) => tcp.stream.shutdown(Shutdown::Write),
            Kind::Unix(stream) => stream.shutdown(Shutdown::Write),
            Kind::File(file) => file.shutdown_write(),
            Kind::Memory(pipe) => {
                pipe.shutdown_write();
                Ok(())
            }
            Kind::Layer(layered) => layered.layer.shutdown_write(),
        }
    }
}

/// A layer over a stream.
pub(crate) trait Layer: fmt::Debug {
    /// The stream below.
    fn below(&self) -> &Stream;
    /// The stream below, which the layer owns.
    fn below_mut(&mut self) -> &mut Stream;

    /// Says what has to be said before the first byte of payload; `WouldBlock` until it is done.
    /// Called again when the stream below has become ready.
    ///
    /// # Errors
    /// What ends the connection.
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Payload. A short read proves nothing: more may wait inside.
    ///
    /// # Errors
    /// `WouldBlock` only when the stream below said so and nothing waits inside.
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize>;

    /// Whether the last read has shown that nothing is left, inside and below.
    fn is_dry(&self) -> bool {
        false
    }

    /// Whether something that was read below waits inside.
    fn has_unread(&self) -> bool {
        false
    }

    /// How much of its backlog the stream below has taken, since this was asked.
    fn take_sent(&mut self) -> usize {
        0
    }

    /// Takes payload, as much as it has room for: a short write says nothing of the room below.
    ///
    /// # Errors
    /// `WouldBlock` if it has no room.
    fn write(&mut self, buf: &[u8]) -> io::Result<usize>;

    /// Whether it holds bytes that the stream below has not taken.
    fn has_backlog(&self) -> bool {
        false
    }

    /// Writes its backlog.
    ///
    /// # Errors
    /// `WouldBlock` if the stream below has no room for all of it.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Says that no more will be written.
    ///
    /// # Errors
    /// What the system says.
    fn shutdown_write(&mut self) -> io::Result<()> {
        self.below_mut().shutdown_write()
    }

    /// What was agreed, if it is TLS.
    #[cfg(feature = "tls")]
    fn tls(&self) -> Option<super::tls::TlsInfo<'_>> {
        None
    }

    /// What a proxy said of the connection.
    fn proxy(&self) -> Option<&ProxyHeader> {
        self.below().proxy()
    }

    /// The peer's address, where the layer was told another than the stream's.
    fn peer_addr(&self) -> Option<Addr> {
        self.below().peer_addr()
    }
}

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Not inlined, or `read` would contain itself, and would be inlined nowhere.
#[inline(never)]
fn read_layer(layer: &mut dyn Layer, buf: &mut [u8]) -> io::Result<usize> {
    layer.read(buf)
}

/// As [`read_layer`].
#[inline(never)]
fn write_layer(layer: &mut dyn Layer, buf: &[u8]) -> io::Result<usize> {
    layer.write(buf)
}

fn is_interrupted<T>(result: &io::Result<T>) -> bool {
    matches!(result, Err(error) if error.kind() == io::ErrorKind::Interrupted)
}
