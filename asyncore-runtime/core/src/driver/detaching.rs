//! A connection leaves the map, and goes on elsewhere: with a thread, a child, another library, or
//! another channel. asyncore's users did it with `del_channel` and `self.socket`.

use std::io;

use super::Driver;
use crate::channel::io::{stop, Io, Phase};
use crate::channel::Channel;
use crate::transport::endpoint::Endpoint;
use crate::transport::socket::Socket;
use crate::transport::stream::Stream;
use crate::vocabulary::guard::{dispose, guarded};

impl<T: Channel> Io<T> {
    /// Gives the connection up: no more frames are handled from now on, and when all that is queued
    /// was written, answers owed included, `then` is called with the socket, out of the map and
    /// non-blocking. What was read and not used is in [`Socket::unread`]. Then the channel closes,
    /// which it is told as ever, and the connection lives on with `then`.
    ///
    /// With `io.add(socket, other)` another channel goes on with it, which handles first what was not
    /// used: a proxy behind its greeting, a line protocol that becomes another one. Made into a
    /// `TcpStream` it goes to a thread or a child.
    ///
    /// A connection that ends or fails before all was written is not given up: it closes, and
    /// `then` is dropped.
    ///
    /// ```
    /// use asyncore_runtime::{channel, Io};
    ///
    /// /// Greets, and lets another channel do the talking.
    /// #[channel]
    /// struct Door;
    ///
    /// #[channel]
    /// impl Door {
    ///     #[terminator(b"\r\n")]
    ///     fn line(&mut self, line: &str, io: &mut Io<Self>) -> std::io::Result<String> {
    ///         let name = line.to_owned();
    ///         io.detach(move |_, socket, io| {
    ///             if let Err(error) = io.add(socket, Room { name }) {
    ///                 eprintln!("{error}");
    ///             }
    ///         })?;
    ///         Ok(format!("welcome, {line}\r\n"))
    ///     }
    /// }
    ///
    /// #[channel]
    /// struct Room {
    ///     name: String,
    /// }
    ///
    /// #[channel]
    /// impl Room {
    ///     #[terminator(b"\r\n")]
    ///     fn line(&mut self, line: &str) -> String {
    ///         format!("{}: {line}\r\n", self.name)
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    /// It is no connection that stands: a file, a listener, datagrams, not connected; or TLS or a
    /// proxy's header lies over it, which cannot go with the socket.
    pub fn detach(
        &mut self,
        then: impl FnOnce(&mut T, Socket, &mut Io<T>) + 'static,
    ) -> io::Result<()> {
        let is_socket = self.endpoint.stream().is_some_and(Stream::is_socket);
        if !is_socket || !matches!(self.state.phase, Phase::Fresh | Phase::Open) {
            dispose(then);
            let why = "only a connection that stands, with nothing over it, can be given up";
            return Err(io::Error::new(io::ErrorKind::NotConnected, why));
        }
        self.state.stop |= stop::DETACHING;
        let then = move |channel: &mut T, io: &mut Io<T>| {
            if let Some(socket) = io.extra().detached.take() {
                then(channel, socket, io);
            }
            Ok(())
        };
        dispose(self.extra().detach.replace(Box::new(then)));
        Ok(())
    }
}

impl<T: Channel> Driver<T> {
    /// All is written: the socket goes to whoever asked for it.
    pub(super) fn detach(&mut self) {
        let unread = self.connection.take_unread();
        let (user, io) = self.connection.parts();
        io.refuse_output();
        let Endpoint::Stream(stream) = std::mem::replace(&mut io.endpoint, Endpoint::None) else {
            return;
        };
        let released = io.scheduler.system.release(stream);
        let extra = io.extra();
        let limits = extra.of_listener.take();
        extra.detached = released.map(|socket| Socket { limits, unread, ..socket });
        let Some(then) = extra.detach.take() else { return };
        // The hook has printed a panic; the socket went with it.
        if guarded(|| then(user, io)).is_err() {
            io.scheduler.count_panic();
        }
    }
}
