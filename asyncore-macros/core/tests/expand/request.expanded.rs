//! Two states, limits and an error handler: a head, then as many bytes as it announces.
use asyncore_runtime::{Bytes, Error, Frame, FromFrame, Io};
pub struct Head {
    content_length: u64,
}
impl<'a> FromFrame<'a> for Head {
    type Error = std::num::ParseIntError;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Self::Error> {
        let text = String::from_utf8_lossy(frame.as_bytes());
        let content_length = text.trim().parse()?;
        Ok(Head { content_length })
    }
}
#[derive(Default)]
pub struct Request {
    head: Option<Head>,
}
/// What `#[channel]` says of `Request`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Request {
    /// From `max_frame = 8 * 1024`, `idle_timeout = "60s"`.
    const LIMITS: ::asyncore_runtime::Limits = ::asyncore_runtime::Limits::DEFAULT
        .max_frame(8 * 1024)
        .idle_timeout(::core::time::Duration::from_secs(60));
}
impl Request {
    /// The first `#[terminator]` method is where a connection starts.
    fn head(&mut self, head: Head, io: &mut Io<Self>) {
        io.set_terminator(RequestTerminator::Body(head.content_length));
        self.head = Some(head);
    }
    fn body(&mut self, body: Bytes) -> Option<Bytes> {
        self.head.take().map(|_| body)
    }
    fn refused(&mut self, _error: &Error, io: &mut Io<Self>) -> &'static str {
        io.close_when_done();
        "HTTP/1.1 400 Bad Request\r\n\r\n"
    }
}
mod request_terminator {
    /// What `Request` can wait for: a variant for each `#[terminator]` method.
    #[derive(Debug, Default)]
    pub enum RequestTerminator {
        /// `fn head`: up to `b"\r\n\r\n"`.
        #[default]
        Head,
        /// `fn body`: that many bytes.
        Body(u64),
    }
}
use request_terminator::RequestTerminator;
const _: () = {
    use ::core::time::Duration;
    use ::asyncore_runtime::{Channel, Error, Frame, Io, Reply, Result, Settings, Until};
    use RequestTerminator as State;
    /// The protocol of `Request`.
    ///
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Head` | up to `b"\r\n\r\n"` | `max_frame` | 10s | `head`: The first `#[terminator]` method is where a connection starts. | itself, `Body` |
    /// | `Body` | that many bytes | `1 << 20` | `frame_timeout` | `body` | `Head` |
    ///
    /// ```text
    ///       ● start
    /// ┌──▶ Head
    /// │     └╌╌╌╌╌┐
    /// │    Body ◀╌┘
    /// └─────┘
    ///
    /// ── next   ╌╌ set_terminator
    /// ```
    #[automatically_derived]
    impl Channel for Request {
        type Terminator = RequestTerminator;
        /// The largest frame of any state.
        const MAX_FRAME: usize = Self::LIMITS.largest(&[1 << 20]);
        /// What ends the frame of each state.
        fn until<'a>(&'a self, at: &'a State) -> Until<'a> {
            match at {
                State::Head => Until::bytes(b"\r\n\r\n").within(Duration::from_secs(10)),
                State::Body(len) => Until::len(*len).max(1 << 20),
            }
        }
        /// Where a state goes by itself: `next = ..`.
        fn next(at: &State) -> Option<State> {
            match at {
                State::Body(_) => Some(State::Head),
                _ => None,
            }
        }
        /// Calls the handler of the state whose frame is complete.
        fn found_terminator(&mut self, frame: Frame<'_>, io: &mut Io<Self>) -> Result {
            match io.terminator() {
                State::Head => self.head(frame.parse()?, io),
                State::Body(_) => Reply::send(self.body(frame.parse()?), io)?,
            }
            Ok(())
        }
        /// From `#[on_error]`.
        fn on_error(&mut self, error: &Error, io: &mut Io<Self>) -> Result {
            Reply::send(self.refused(error, io), io)
        }
    }
};
