//! What lies over a stream: it reads and writes the stream below and shows another one above.
//!
//! The seam is that of SSH's and TLS's libraries: bytes in, bytes out, nothing of readiness. What
//! it must keep is written at each method; the traps are tests in `layer_tests.rs`.

use core::fmt;
use std::io;

use super::addr::Addr;
use super::stream::Stream;

/// A layer over a stream.
#[allow(dead_code)] // the seam for what comes over streams; today its users are the tests
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

    /// The peer's address, where the layer was told another than the stream's.
    fn peer_addr(&self) -> Option<Addr> {
        self.below().peer_addr()
    }
}
