// cargo run --release --example http_client https://www.python.org/
//! The HTTP client of asyncore's library page, as PyMOTW uses it: several URLs at once. It has grown up
//! since: https, redirects, and bodies of every kind, none of which is held. Other roots than the platform's are
//! those in the file that `SSL_CERT_FILE` names.
use asyncore_examples::http::{Body, Response, Url};
use asyncore_examples::{arguments, tls_client, Outcome};
use asyncore_runtime::{channel, dial, BoxError, Dial, Error, Io, Map, Piece};
use std::io;

const MOST_REDIRECTS: usize = 10;

#[channel(max_frame = 64 * 1024)]
struct HttpClient {
    url: Url,
    outcome: Outcome,
    redirects: usize,
    received: usize,
    is_done: bool,
}

impl HttpClient {
    fn new(url: Url, outcome: Outcome) -> Self {
        Self { url, outcome, redirects: 0, received: 0, is_done: false }
    }

    fn follow(&mut self, location: &str, io: &mut Io<Self>) -> Result<(), BoxError> {
        let url = self.url.join(location)?;
        let redirects = self.redirects + 1;
        if redirects > MOST_REDIRECTS {
            return Err(format!("more than {MOST_REDIRECTS} redirects, the last to {url}").into());
        }
        if self.url.is_secure && !url.is_secure {
            return Err(format!("redirected to {url}, which is not secure").into());
        }
        let next = Self { redirects, ..Self::new(url, self.outcome.clone()) };
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

#[channel(states = Next)]
impl HttpClient {
    #[on_connect]
    fn connected(&mut self) -> String {
        let Url { path, host, .. } = &self.url;
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    }

    #[terminator(b"\r\n\r\n")]
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

    #[terminator(len)]
    fn body(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        self.received += piece.data.len();
        if piece.last {
            self.done(io);
        }
    }

    #[terminator(eof)]
    fn rest(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        self.body(piece, io);
    }

    #[terminator(b"\r\n")]
    fn size(&mut self, line: &str, io: &mut Io<Self>) -> Result<(), BoxError> {
        let digits = line.split(';').next().unwrap_or_default().trim_end();
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("no length of a chunk: {line:?}").into());
        }
        io.set_terminator(match u64::from_str_radix(digits, 16)? {
            0 => Next::Trailer,
            length => Next::Chunk(length),
        });
        Ok(())
    }

    #[terminator(len, end = b"\r\n", next = size)]
    fn chunk(&mut self, piece: Piece<'_>) {
        self.received += piece.data.len();
    }

    #[terminator(b"\r\n")]
    fn trailer(&mut self, line: &str, io: &mut Io<Self>) {
        if line.is_empty() {
            self.done(io);
        }
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        self.outcome.failed(format_args!("{}: {error}", self.url));
        self.is_done = true;
        io.close();
    }

    #[on_close]
    fn closed(&mut self) {
        if !self.is_done {
            let (url, received) = (&self.url, self.received);
            self.outcome.failed(format_args!("{url}: it ends after {received} bytes of its body"));
        }
    }
}

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
