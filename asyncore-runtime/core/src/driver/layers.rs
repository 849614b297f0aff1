//! What lies over a stream has its say before the channel, and its backlog goes out behind it.

use std::io;

use super::Driver;
use crate::channel::Channel;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::stream::Stream;

impl<T: Channel> Driver<T> {
    fn is_layered(&self) -> bool {
        self.connection.io.endpoint.stream().is_some_and(Stream::is_layered)
    }

    /// Whether what lies over the stream has begun, so that the channel may go on.
    #[inline]
    pub(super) fn layers_have_begun(&mut self) -> bool {
        !self.connection.io.state.is_beginning || self.begin_layers()
    }

    #[cold]
    fn begin_layers(&mut self) -> bool {
        let Endpoint::Stream(stream) = &mut self.connection.io.endpoint else { return true };
        let begun = stream.begin();
        let state = &mut self.connection.io.state;
        match begun {
            // What came with the last of the beginning waits inside.
            Ok(is_new) => {
                if is_new {
                    state.ready.add(Ready::READABLE);
                    self.connection.begun();
                }
                true
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                state.ready.remove(Ready::READABLE);
                self.flush_layers();
                false
            }
            Err(error) => {
                self.connection.not_begun(error);
                false
            }
        }
    }

    /// Writes what the layers hold.
    #[inline]
    pub(super) fn flush_layers(&mut self) {
        if self.is_layered() {
            self.flush_backlog();
        }
    }

    #[cold]
    fn flush_backlog(&mut self) {
        let io = &mut self.connection.io;
        let Endpoint::Stream(stream) = &mut io.endpoint else { return };
        let flushed = stream.flush();
        io.state.has_backlog = stream.has_backlog();
        let sent = stream.take_sent();
        if sent > 0 {
            io.state.written_at = io.scheduler.clock.now();
            io.state.drained = io.state.drained.saturating_add(sent);
        }
        match flushed {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                io.state.ready.remove(Ready::WRITABLE);
            }
            Err(error) => self.cannot_write(error),
        }
    }
}
