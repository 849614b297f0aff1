// cargo run --release --example http_request_handler_expanded
//! asynchat's example: the head of a request up to an empty line, then a body of the length the
//! head says. `curl http://127.0.0.1:8080/ --data hello` gets back what it sent.
use asyncore_examples::http::{answer, Head};
use asyncore_runtime::{Error, Io, Limit, Map};
#[derive(Default)]
struct HttpRequestHandler {
    head: Head,
}
/// What `#[channel]` says of `HttpRequestHandler`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for HttpRequestHandler {
    /// From `max_frame = 8 * 1024`, `idle_timeout = "60s"`.
    const LIMITS: ::asyncore_runtime::Limits = ::asyncore_runtime::Limits::DEFAULT
        .max_frame(8 * 1024)
        .idle_timeout(::core::time::Duration::from_secs(60));
}
impl HttpRequestHandler {
    fn head(&mut self, head: Head, io: &mut Io<Self>) -> Option<&'static str> {
        let go_on = head.expects_continue;
        io.set_terminator(Wait::Body(head.content_length));
        self.head = head;
        go_on.then_some("HTTP/1.1 100 Continue\r\n\r\n")
    }
    fn body(&mut self, body: &[u8], io: &mut Io<Self>) -> Vec<u8> {
        if !self.head.keep_alive {
            io.close_when_done();
        }
        let Head { method, path, .. } = &self.head;
        match method.as_str() {
            "GET" => answer("200 OK", format!("you asked for {path}\n").as_bytes()),
            "POST" => answer("200 OK", body),
            _ => answer("501 Not Implemented", b"only GET and POST are\n"),
        }
    }
    fn refused(&mut self, error: &Error, io: &mut Io<Self>) -> Vec<u8> {
        io.close_when_done();
        let status = match error.limit() {
            Some(Limit::Frame) => "431 Request Header Fields Too Large",
            Some(Limit::Length) => "413 Content Too Large",
            Some(_) => "408 Request Timeout",
            None => "400 Bad Request",
        };
        answer(status, format!("{error}\n").as_bytes())
    }
}
mod wait_ {
    /// What `HttpRequestHandler` can wait for: a variant for each `#[terminator]`
    /// method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum Wait {
        #[default]
        Head,
        Body(::core::primitive::u64),
    }
}
use wait_::Wait;
const _: () = {
    use ::asyncore_runtime::{
        Channel, Error, Frame, Io, Result, Until, largest_frame, reply,
    };
    type State = Wait;
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Head` | up to `b"\r\n\r\n"` | `max_frame` | 10s | `head` | itself, `Body` |
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
    impl Channel for HttpRequestHandler {
        type Terminator = Wait;
        const MAX_FRAME: ::core::primitive::usize = largest_frame::<Self>(&[1 << 20]);
        fn until<'a>(&'a self, at_: &'a State) -> Until<'a, State> {
            match at_ {
                State::Head => Until::bytes(b"\r\n\r\n").within_secs(10).of::<Head>(),
                State::Body(len_) => {
                    Until::len(*len_).max(1 << 20).busy().then(State::Head)
                }
            }
        }
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            match Io::terminator(io_) {
                State::Head => reply(Self::head(self, frame_.parse()?, io_), io_),
                State::Body(_) => reply(Self::body(self, frame_.parse()?, io_), io_),
            }
        }
        fn on_error(&mut self, error_: &Error, io_: &mut Io<Self>) -> Result {
            reply(Self::refused(self, error_, io_), io_)
        }
    }
};
fn main() -> asyncore_examples::Result {
    let at = asyncore_examples::listen_or("127.0.0.1:8080")?;
    let mut map = Map::new()?;
    let listener = map.listen(at, |_peer| HttpRequestHandler::default())?;
    println!("listening on {}", listener.local_addr());
    Ok(map.until_signal(asyncore_examples::DRAIN)?)
}
