//! STARTTLS: TLS begins in the middle of a conversation.
//!
//! It takes effect when the handler that asked for it has returned, and not when the queue is
//! empty: what others push meanwhile would leave in the clear. What is queued by then goes out in the
//! clear, before the first byte of TLS; and nothing that was read in the clear is ever handled
//! behind it, which is how plaintext crossed the upgrade in mail servers (CVE-2011-0411, NO STARTTLS).

use super::Driver;
use crate::channel::io::{stop, Half, Io};
use crate::channel::Channel;
use crate::transport::endpoint::Endpoint;
use crate::transport::tls::{Tls, TlsInfo};
use crate::vocabulary::error::Error;

impl<T: Channel> Io<T> {
    /// Begins TLS when this handler has returned, as a server with its configuration, as a client with
    /// [`Tls::client`](crate::tls::Tls::client). What is queued by then, the reply of the handler
    /// included, goes out in the clear; everything later is encrypted. `#[on_tls]` comes when the
    /// handshake is over.
    ///
    /// What the peer has sent behind the frame that is handled was sent in the clear, by whoever: it
    /// is [`Error::StartTls`], which closes. So are a producer and the place of an answer that is
    /// owed in the queue, a connection that has TLS already, and what is no connection.
    ///
    /// ```
    /// # use asyncore_runtime::{channel, tls::ServerTls, Io};
    /// #[channel]
    /// struct Smtp {
    ///     tls: ServerTls,
    ///     sender: Option<String>,
    /// }
    ///
    /// #[channel]
    /// impl Smtp {
    ///     #[terminator(b"\r\n")]
    ///     fn command(&mut self, line: &str, io: &mut Io<Self>) -> &'static str {
    ///         match line {
    ///             "STARTTLS" => {
    ///                 io.start_tls(&self.tls);
    ///                 "220 go ahead\r\n"
    ///             }
    ///             _ => "250 ok\r\n",
    ///         }
    ///     }
    ///
    ///     #[on_tls]
    ///     fn secured(&mut self) {
    ///         self.sender = None; // whatever was said in the clear was said by anybody
    ///     }
    /// }
    /// ```
    pub fn start_tls(&mut self, tls: impl Into<Tls>) {
        self.extra().start_tls = Some(tls.into());
        self.state.stop |= stop::SECURING;
    }

    /// What was agreed, once TLS stands on this connection.
    #[must_use]
    pub fn tls(&self) -> Option<TlsInfo<'_>> {
        self.endpoint.stream()?.tls()
    }
}

impl<T: Channel> Driver<T> {
    #[cold]
    pub(super) fn secure(&mut self) {
        let io = &mut self.connection.io;
        io.state.stop &= !stop::SECURING;
        let asked = io.extra().start_tls.take();
        let Some(tls) = asked.filter(|_| io.state.stop & (stop::CLOSING | stop::ENDING) == 0)
        else {
            return;
        };
        if let Err(why) = self.put_over(&tls) {
            self.connection.fail(Error::StartTls { why });
        }
    }

    fn put_over(&mut self, tls: &Tls) -> Result<(), &'static str> {
        let has_kept = self.connection.has_kept() || self.connection.has_collected();
        let io = &mut self.connection.io;
        let Some(stream) = io.endpoint.stream().filter(|stream| stream.is_in_the_clear()) else {
            return Err("there is no connection in the clear");
        };
        if has_kept || stream.has_unread_inside() {
            return Err("input came in the clear behind the frame that started it");
        }
        if io.state.stop & stop::DETACHING != 0 {
            return Err("the connection is to be given up");
        }
        if io.state.half != Half::No {
            return Err("this side is to say no more");
        }
        let prepared = tls.prepare().map_err(|_| "the configuration does not fit")?;
        let in_clear = io.out.take_bytes();
        let in_clear = in_clear.ok_or("a producer or an answer that is owed is in the queue")?;
        if io.state.field_left {
            return Err("a producer has more to say");
        }
        if let Endpoint::Stream(stream) = std::mem::replace(&mut io.endpoint, Endpoint::None) {
            io.attach(Endpoint::Stream(prepared.over(stream, in_clear)));
        }
        self.connection.begin_again();
        let io = &self.connection.io;
        io.scheduler.make_ready(io.key);
        Ok(())
    }
}
