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
mod request_terminator_ {
    /// What `Request` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum RequestTerminator {
        #[default]
        Head,
        Body(::core::primitive::u64),
    }
}
type RequestTerminator = request_terminator_::RequestTerminator;
const _: () = {
    use ::asyncore_runtime::{
        Channel, Error, Frame, Io, Result, Until, largest_frame, reply,
    };
    type State = RequestTerminator;
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
        const MAX_FRAME: ::core::primitive::usize = largest_frame::<Self>(&[1 << 20]);
        fn until<'a>(&'a self, at_: &'a State) -> Until<'a, State> {
            match at_ {
                State::Head => Until::bytes(b"\r\n\r\n").within_secs(10).of::<Head>(),
                State::Body(len_) => {
                    Until::len(*len_).max(1 << 20).of::<Bytes>().then(State::Head)
                }
            }
        }
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            match Io::terminator(io_) {
                State::Head => Self::head(self, frame_.parse()?, io_),
                State::Body(_) => reply(Self::body(self, frame_.parse()?), io_)?,
            }
            ::core::result::Result::Ok(())
        }
        fn on_error(&mut self, error_: &Error, io_: &mut Io<Self>) -> Result {
            reply(Self::refused(self, error_, io_), io_)
        }
    }
};
