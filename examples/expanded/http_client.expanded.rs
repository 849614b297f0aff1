// cargo run --release --example http_client_expanded https://www.python.org/
//! The HTTP client of asyncore's library page, as PyMOTW uses it: several URLs at once. It has grown up
//! since: https, redirects, and bodies of every kind, none of which is held. Other roots than the platform's are
//! those in the file that `SSL_CERT_FILE` names.
use asyncore_examples::http::{Body, Response, Url};
use asyncore_examples::{arguments, tls_client, Outcome};
use asyncore_runtime::{dial, BoxError, Dial, Error, Io, Map, Piece};
use std::io;
const MOST_REDIRECTS: usize = 10;
struct HttpClient {
    url: Url,
    outcome: Outcome,
    redirects: usize,
    received: usize,
    is_done: bool,
}
/// What `#[channel]` says of `HttpClient`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for HttpClient {
    /// From `max_frame = 64 * 1024`.
    const LIMITS: ::asyncore_runtime::Limits = ::asyncore_runtime::Limits::DEFAULT
        .max_frame(64 * 1024);
}
impl HttpClient {
    fn new(url: Url, outcome: Outcome) -> Self {
        Self {
            url,
            outcome,
            redirects: 0,
            received: 0,
            is_done: false,
        }
    }
    fn follow(&mut self, location: &str, io: &mut Io<Self>) -> Result<(), BoxError> {
        let url = self.url.join(location)?;
        let redirects = self.redirects + 1;
        if redirects > MOST_REDIRECTS {
            return Err(
                format!("more than {MOST_REDIRECTS} redirects, the last to {url}").into(),
            );
        }
        if self.url.is_secure && !url.is_secure {
            return Err(format!("redirected to {url}, which is not secure").into());
        }
        let next = Self {
            redirects,
            ..Self::new(url, self.outcome.clone())
        };
        io.connect(whom(&next.url)?, next)?;
        self.is_done = true;
        io.close();
        Ok(())
    }
    fn done(&mut self, io: &mut Io<Self>) {
        println!("{} got {} bytes", self.url, self.received);
        self.is_done = true;
        io.close();
    }
}
impl HttpClient {
    fn connected(&mut self) -> String {
        let Url { path, host, .. } = &self.url;
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    }
    fn head(&mut self, response: Response, io: &mut Io<Self>) -> Result<(), BoxError> {
        if let Some(location) = &response.location {
            return self.follow(location, io);
        }
        match response.body {
            Body::None => self.done(io),
            Body::Interim => {}
            Body::Length(length) => io.set_terminator(Next::Body(length)),
            Body::Chunked => io.set_terminator(Next::Size),
            Body::UntilEnd => io.set_terminator(Next::Rest),
        }
        Ok(())
    }
    fn body(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        self.received += piece.data.len();
        if piece.last {
            self.done(io);
        }
    }
    fn rest(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        self.body(piece, io);
    }
    fn size(&mut self, line: &str, io: &mut Io<Self>) -> Result<(), BoxError> {
        let digits = line.split(';').next().unwrap_or_default().trim_end();
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("no length of a chunk: {line:?}").into());
        }
        io.set_terminator(
            match u64::from_str_radix(digits, 16)? {
                0 => Next::Trailer,
                length => Next::Chunk(length),
            },
        );
        Ok(())
    }
    fn chunk(&mut self, piece: Piece<'_>) {
        self.received += piece.data.len();
    }
    fn trailer(&mut self, line: &str, io: &mut Io<Self>) {
        if line.is_empty() {
            self.done(io);
        }
    }
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        self.outcome.failed(format_args!("{}: {error}", self.url));
        self.is_done = true;
        io.close();
    }
    fn closed(&mut self) {
        if !self.is_done {
            let (url, received) = (&self.url, self.received);
            self.outcome
                .failed(
                    format_args!("{url}: it ends after {received} bytes of its body"),
                );
        }
    }
}
mod next_ {
    /// What `HttpClient` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum Next {
        #[default]
        Head,
        Body(::core::primitive::u64),
        Rest,
        Size,
        Chunk(::core::primitive::u64),
        Trailer,
    }
}
use next_::Next;
const _: () = {
    use ::asyncore_runtime::{
        Channel, Closed, Error, Frame, Io, Result, Settings, Until, largest_frame, reply,
    };
    type State = Next;
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Head` | up to `b"\r\n\r\n"` | `max_frame` | `frame_timeout` | `head` | itself, `Body`, `Rest`, `Size` |
    /// | `Body` | that many bytes | `max_length`; in pieces none | `frame_timeout` | `body` | itself |
    /// | `Rest` | all until the peer closes its side | `max_length`; in pieces none | `idle_timeout` | `rest` | itself |
    /// | `Size` | up to `b"\r\n"` | `max_frame` | `frame_timeout` | `size` | itself, `Chunk`, `Trailer` |
    /// | `Chunk` | that many bytes, then `b"\r\n"` | `max_length`; in pieces none | `frame_timeout` | `chunk` | `Size` |
    /// | `Trailer` | up to `b"\r\n"` | `max_frame` | `frame_timeout` | `trailer` | itself |
    ///
    /// ```text
    ///       ● start
    ///      Head
    ///       └╌╌╌╌╌╌╌╌╌╌┐
    ///      Body ◀╌╌╌╌╌╌┤
    ///                  ╎
    ///      Rest ◀╌╌╌╌╌╌┤
    ///                  ╎
    /// ┌──▶ Size ◀╌╌╌╌╌╌┘
    /// │     └╌╌╌╌╌╌╌╌┐
    /// │    Chunk ◀╌╌╌┤
    /// └─────┘        ╎
    ///      Trailer ◀╌┘
    ///
    /// ── next   ╌╌ set_terminator
    /// ```
    #[automatically_derived]
    impl Channel for HttpClient {
        type Terminator = Next;
        const MAX_FRAME: ::core::primitive::usize = largest_frame::<
            Self,
        >(&[Frame::held::<Piece<'_>>(<Self as Settings>::LIMITS.max_length)]);
        fn until<'a>(&'a self, at_: &'a State) -> Until<'a, State> {
            match at_ {
                State::Head => Until::bytes(b"\r\n\r\n").of::<Response>(),
                State::Body(len_) => Until::len(*len_).of::<Piece<'static>>(),
                State::Rest => Until::eof().of::<Piece<'static>>(),
                State::Size => Until::bytes(b"\r\n"),
                State::Chunk(len_) => {
                    Until::len(*len_)
                        .end(b"\r\n")
                        .of::<Piece<'static>>()
                        .then(State::Size)
                }
                State::Trailer => Until::bytes(b"\r\n"),
            }
        }
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            match Io::terminator(io_) {
                State::Head => reply(Self::head(self, frame_.parse()?, io_), io_)?,
                State::Body(_) => Self::body(self, frame_.parse()?, io_),
                State::Rest => Self::rest(self, frame_.parse()?, io_),
                State::Size => reply(Self::size(self, frame_.parse()?, io_), io_)?,
                State::Chunk(_) => Self::chunk(self, frame_.parse()?),
                State::Trailer => Self::trailer(self, frame_.parse()?, io_),
            }
            ::core::result::Result::Ok(())
        }
        fn on_connect(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::connected(self), io_)
        }
        fn on_error(&mut self, error_: &Error, io_: &mut Io<Self>) -> Result {
            Self::failed(self, error_, io_);
            ::core::result::Result::Ok(())
        }
        fn on_close(&mut self, _: &Closed, _: &mut Io<Self>) {
            Self::closed(self);
        }
    }
};
/// Whom to ask for this, and how.
fn whom(url: &Url) -> io::Result<Dial> {
    let at = dial(url.address());
    Ok(if url.is_secure { at.tls(url.name(), tls_client()?) } else { at })
}
fn main() -> asyncore_examples::Result<Outcome> {
    let outcome = Outcome::default();
    let mut map = Map::new()?;
    for url in arguments("URL...", 1..=1000) {
        let url: Url = url.parse()?;
        map.connect(whom(&url)?, HttpClient::new(url, outcome.clone()))?;
    }
    map.run()?;
    Ok(outcome)
}
