//! HTTP/1.1 (RFC 9110 and 9112), in the order in which things come: the head of a request, its body, the
//! answer; and WebSocket (RFC 6455) behind an upgrade.

use asyncore_runtime::{channel, Error, Io, Limit, Piece};
use std::fmt::Write as _;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use crate::conditions::{judge, Verdict};
use crate::files::{find, Found, Lookup, Parts};
use crate::request::{chunk_size, head_end, is_trailer, Body, Method, Request};
use crate::response::{After, Head, Refusal};
use crate::site::Site;
use crate::websocket::{self, header_end, Frame, Incoming, Kind};

/// All that is in front of a body.
const HEAD: usize = 16 * 1024;
/// The line in front of a chunk, with what is behind its semicolon.
const CHUNK_LINE: usize = 256;
/// All fields behind the last chunk.
const TRAILERS: usize = 8 * 1024;
/// A body that is sent back as it comes needs no room, but somebody has to pay for it.
const BODY: u64 = 1 << 30;
/// A body that nobody wants is read up to this, so that the connection can stay.
const UNWANTED: u64 = 64 * 1024;
/// A file up to this size leaves with its head, in one write.
const SMALL: u64 = 64 * 1024;
const BOUNDARY: &str = "part-of-a-file-7b1c2f";

const TEXT: &str = "Content-Type: text/plain\r\n";
const READS: &str = "Allow: GET, HEAD, OPTIONS\r\n";
const POSTS: &str = "Allow: POST, PUT, OPTIONS\r\n";

/// One connection. A head has ten seconds, a body as long as it comes at 1 KiB a second; between two requests
/// nothing has to be said for a minute.
#[channel(max_frame = HEAD, first_frame_timeout = "10s", idle_timeout = "60s", max_owed = 64)]
pub struct Http {
    site: Rc<Site>,
    /// The one that is being read.
    request: Request,
    /// How much of its body, or of its trailers, has come.
    received: u64,
    /// Its answer has begun although it is not whole.
    is_echoing: bool,
    is_upgraded: bool,
    /// What of the WebSocket is being read.
    incoming: Incoming,
}

impl Http {
    pub fn new(site: Rc<Site>) -> Self {
        Self {
            site,
            request: Request::default(),
            received: 0,
            is_echoing: false,
            is_upgraded: false,
            incoming: Incoming::default(),
        }
    }
}

#[channel(states = Next)]
impl Http {
    // Requests

    #[terminator(with = head_end, max = HEAD, within = "10s")]
    fn head(&mut self, head: &[u8], io: &mut Io<Self>) -> Result<(), Refusal> {
        // An empty line in front of a request says nothing.
        if head == b"\r\n" {
            return Ok(());
        }
        self.request = Request::parse(head)?;
        self.received = 0;
        let next = match self.request.body {
            Body::None => None,
            Body::Length(length) if length > self.most() => return Err(Refusal::too_large_body()),
            Body::Length(length) => Some(Next::Body(length)),
            Body::Chunked => Some(Next::Size),
        };
        let Some(next) = next else {
            return self.answer(io);
        };
        if self.request.expects_continue {
            io.push("HTTP/1.1 100 Continue\r\n\r\n");
        }
        if self.echoes() {
            self.begin_echo(io);
        }
        io.set_terminator(next);
        Ok(())
    }

    #[terminator(len, busy, next = head)]
    fn body(&mut self, piece: Piece<'_>, io: &mut Io<Self>) -> Result<(), Refusal> {
        self.echo(piece.data, io);
        if piece.last {
            self.answer(io)?;
        }
        Ok(())
    }

    #[terminator(b"\r\n", max = CHUNK_LINE, busy)]
    fn size(&mut self, line: &[u8], io: &mut Io<Self>) -> Result<(), Refusal> {
        let size = chunk_size(line)?;
        self.received = self.received.saturating_add(size);
        if self.received > self.most() {
            return Err(Refusal::too_large_body());
        }
        io.set_terminator(match size {
            0 => {
                self.received = 0;
                Next::Trailer
            }
            size => Next::Chunk(size),
        });
        Ok(())
    }

    #[terminator(len, end = b"\r\n", busy, next = size)]
    fn chunk(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        self.echo(piece.data, io);
    }

    /// Fields behind the body: nothing in them may change what was understood before.
    #[terminator(b"\r\n", max = TRAILERS, busy)]
    fn trailer(&mut self, line: &[u8], io: &mut Io<Self>) -> Result<(), Refusal> {
        if line.is_empty() {
            io.set_terminator(Next::Head);
            return self.answer(io);
        }
        self.received += line.len() as u64;
        match is_trailer(line) {
            _ if self.received > TRAILERS as u64 => Err(Refusal::too_large_head()),
            true => Ok(()),
            false => Err(Refusal::bad("a bad trailer")),
        }
    }

    /// What cannot be understood ends the connection: nobody knows where the next request begins.
    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        if self.is_upgraded {
            let code = if error.limit().is_some() {
                websocket::TOO_LARGE
            } else {
                websocket::PROTOCOL_ERROR
            };
            return self.close(code, io);
        }
        // Within a body that is sent there is no place for words.
        if self.is_echoing {
            return io.close();
        }
        let Some(refusal) = refusal_of(error) else { return io.close() };
        io.close_when_done();
        self.request = Request::default();
        self.refuse(&refusal, After::Closes, io);
    }

    // Answers

    fn after(&self) -> After {
        match (self.request.keeps_alive, self.request.is_old) {
            (true, false) => After::Stays,
            (true, true) => After::SaysItStays,
            (false, _) => After::Closes,
        }
    }

    /// The request is whole. Who asked for it has the connection closed behind the answer.
    fn answer(&mut self, io: &mut Io<Self>) -> Result<(), Refusal> {
        let method = self.request.method;
        let after = self.after();
        let reads = matches!(method, Method::Get | Method::Head);
        let result = match self.request.target.path.as_str() {
            "*" => self.allow(READS, io),
            "/plaintext" | "/slow" | "/ws" if method == Method::Options => self.allow(READS, io),
            "/plaintext" if reads => self.text("200 OK", TEXT, b"Hello, World!", after, io),
            "/echo" if method == Method::Options => self.allow(POSTS, io),
            "/echo" if self.echoes() => self.end_echo(io),
            "/echo" => Err(Refusal::method(POSTS)),
            "/slow" if reads => self.slow(io),
            "/ws" if method == Method::Get => self.upgrade(io),
            _ if reads => self.file(io),
            _ if method == Method::Options => self.allow(READS, io),
            _ => Err(Refusal::method(READS)),
        };
        if let Err(refusal) = result {
            self.refuse(&refusal, after, io);
        }
        if after == After::Closes && !self.is_upgraded {
            io.close_when_done();
        }
        Ok(())
    }

    fn refuse(&mut self, refusal: &Refusal, after: After, io: &mut Io<Self>) {
        let fields = [TEXT, refusal.field].concat();
        let text = format!("{}\n", refusal.why);
        // It cannot fail, and would not be told of itself.
        let _ = self.text(refusal.status, &fields, text.as_bytes(), after, io);
    }

    /// An answer that is there.
    fn text(
        &self,
        status: &str,
        fields: &str,
        body: &[u8],
        after: After,
        io: &mut Io<Self>,
    ) -> Result<(), Refusal> {
        self.push_head(status, fields, Some(body.len() as u64), after, io);
        if self.request.method != Method::Head {
            io.push(body);
        }
        Ok(())
    }

    fn push_head(
        &self,
        status: &str,
        fields: &str,
        length: Option<u64>,
        after: After,
        io: &mut Io<Self>,
    ) {
        self.site.with_date(|date| io.push(Head { status, date, fields, length, after }));
    }

    fn allow(&self, allowed: &str, io: &mut Io<Self>) -> Result<(), Refusal> {
        self.push_head("204 No Content", allowed, None, self.after(), io);
        Ok(())
    }

    // A body that comes back

    fn echoes(&self) -> bool {
        let is_post = matches!(self.request.method, Method::Post | Method::Put);
        is_post && self.request.target.path == "/echo"
    }

    /// How large the body may be.
    fn most(&self) -> u64 {
        if self.echoes() {
            BODY
        } else {
            UNWANTED
        }
    }

    /// What has a length is answered with it; else in chunks, or up to the end, as HTTP/1.0 has it.
    fn begin_echo(&mut self, io: &mut Io<Self>) {
        self.is_echoing = true;
        let (kind, after) = ("Content-Type: application/octet-stream\r\n", self.after());
        match self.request.body {
            Body::Chunked => {
                let fields = [kind, "Transfer-Encoding: chunked\r\n"].concat();
                self.push_head("200 OK", &fields, None, after, io);
            }
            Body::Length(length) => self.push_head("200 OK", kind, Some(length), after, io),
            Body::None => self.push_head("200 OK", kind, Some(0), after, io),
        }
    }

    fn echo(&self, data: &[u8], io: &mut Io<Self>) {
        if !self.echoes() || data.is_empty() {
            return;
        }
        if self.request.body == Body::Chunked {
            io.push(format_args!("{:x}\r\n", data.len()));
            io.push(data);
            return io.push(b"\r\n");
        }
        io.push(data);
    }

    fn end_echo(&mut self, io: &mut Io<Self>) -> Result<(), Refusal> {
        match self.request.body {
            Body::None => self.begin_echo(io),
            Body::Length(_) => {}
            Body::Chunked => io.push(b"0\r\n\r\n"),
        }
        self.is_echoing = false;
        Ok(())
    }

    // What takes long

    /// From a thread of the pool: its place among the answers is held, and the connection goes on.
    fn slow(&mut self, io: &mut Io<Self>) -> Result<(), Refusal> {
        let query = &self.request.target.query;
        let wanted = query.strip_prefix("ms=").map_or(Ok(100), str::parse::<u64>);
        let wanted = wanted.map_err(|_| Refusal::bad("`ms` is a number"))?.min(5_000);
        let (after, method) = (self.after(), self.request.method);
        if !self.site.pool.has_room() {
            return Err(Refusal::busy());
        }
        let owed = io.owe();
        let job = move || {
            thread::sleep(Duration::from_millis(wanted));
            owed.answer(move |http: &mut Self, io: &mut Io<Self>| {
                let body = format!("it took {wanted} ms\n");
                http.push_head("200 OK", TEXT, Some(body.len() as u64), after, io);
                if method != Method::Head {
                    io.push(body);
                }
            });
        };
        self.site.pool.run(job);
        Ok(())
    }

    // Files

    fn file(&mut self, io: &mut Io<Self>) -> Result<(), Refusal> {
        let found = match find(&self.site.root, &self.request.target)? {
            Lookup::File(found) => found,
            Lookup::Directory => return self.redirect(io),
        };
        let conditions = self.request.conditions.take().unwrap_or_default();
        let fields = fields(&found);
        match judge(&conditions, &found.version, found.len, self.request.method) {
            Verdict::Whole => {
                let mut parts = Parts::default();
                parts.file(&found.file, (0, found.len));
                let fields = format!("{fields}Content-Type: {}\r\n", found.kind);
                self.send("200 OK", &fields, parts, io)
            }
            Verdict::Parts(ranges) => self.partial(&found, fields, &ranges, io),
            Verdict::NotModified => {
                self.push_head("304 Not Modified", &fields, None, self.after(), io);
                Ok(())
            }
            Verdict::Changed => {
                self.text("412 Precondition Failed", &fields, b"", self.after(), io)
            }
            Verdict::OutOfRange => {
                let fields = format!("{fields}Content-Range: bytes */{}\r\n", found.len);
                self.text("416 Range Not Satisfiable", &fields, b"", self.after(), io)
            }
        }
    }

    fn redirect(&self, io: &mut Io<Self>) -> Result<(), Refusal> {
        let target = &self.request.target;
        let query = if target.query.is_empty() { "" } else { "?" };
        // `//host/` would lead elsewhere.
        let path = target.path.trim_start_matches('/').replace('\\', "%5C");
        let fields = format!("Location: /{path}/{query}{}\r\n{TEXT}", target.query);
        self.text("301 Moved Permanently", &fields, b"with a slash\n", self.after(), io)
    }

    /// One part is the body; several have a head each (RFC 9110, section 14.6).
    fn partial(
        &self,
        found: &Found,
        mut fields: String,
        ranges: &[(u64, u64)],
        io: &mut Io<Self>,
    ) -> Result<(), Refusal> {
        let mut parts = Parts::default();
        let place = |(at, end): (u64, u64)| format!("bytes {at}-{}/{}", end - 1, found.len);
        if let [range] = ranges {
            let _ = write!(
                fields,
                "Content-Type: {}\r\nContent-Range: {}\r\n",
                found.kind,
                place(*range)
            );
            parts.file(&found.file, *range);
        } else {
            let _ = write!(fields, "Content-Type: multipart/byteranges; boundary={BOUNDARY}\r\n");
            for range in ranges {
                let (kind, place) = (found.kind, place(*range));
                parts.bytes(format!(
                    "\r\n--{BOUNDARY}\r\nContent-Type: {kind}\r\nContent-Range: {place}\r\n\r\n"
                ));
                parts.file(&found.file, *range);
            }
            parts.bytes(format!("\r\n--{BOUNDARY}--\r\n"));
        }
        self.send("206 Partial Content", &fields, parts, io)
    }

    /// A small file leaves with its head; of a large one a piece is read when there is room for it.
    fn send(
        &self,
        status: &str,
        fields: &str,
        mut parts: Parts,
        io: &mut Io<Self>,
    ) -> Result<(), Refusal> {
        let len = parts.len();
        let is_small = len <= SMALL;
        // One byte more, or the last read would make it grow to see that nothing is left.
        let room = if is_small { len as usize + 1 } else { 0 };
        let mut small = Vec::with_capacity(room);
        if is_small && self.request.method != Method::Head {
            std::io::Read::read_to_end(&mut parts, &mut small).map_err(|_| Refusal::failed())?;
        }
        self.push_head(status, fields, Some(len), self.after(), io);
        if self.request.method == Method::Head {
            return Ok(());
        }
        if is_small {
            io.push(small);
        } else {
            io.push_with_producer(parts);
        }
        Ok(())
    }

    // WebSocket

    fn upgrade(&mut self, io: &mut Io<Self>) -> Result<(), Refusal> {
        let upgrade = self.request.upgrade.take().unwrap_or_default();
        if self.request.is_old {
            return Err(Refusal::upgrade());
        }
        let accept = websocket::accept(&upgrade)?;
        let fields = format!(
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
        );
        self.push_head("101 Switching Protocols", &fields, None, After::Stays, io);
        self.is_upgraded = true;
        io.set_terminator(Next::FrameHeader);
        Ok(())
    }

    #[terminator(with = header_end)]
    fn frame_header(&mut self, bytes: &[u8], io: &mut Io<Self>) {
        match self.incoming.begin(bytes) {
            Ok(len) => io.set_terminator(Next::Payload(len)),
            Err(code) => self.close(code, io),
        }
    }

    #[terminator(len, busy, next = frame_header)]
    fn payload(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        self.incoming.add(piece.data);
        if !piece.last {
            return;
        }
        match self.incoming.end() {
            Ok(Some((kind, payload))) => io.push(Frame(kind, &payload)),
            Ok(None) => {}
            Err(code) => self.close(code, io),
        }
    }

    fn close(&mut self, code: u16, io: &mut Io<Self>) {
        io.push(Frame(Kind::Close, &code.to_be_bytes()));
        io.close_when_done();
    }
}

/// What is said of a file in every answer about it.
fn fields(found: &Found) -> String {
    let modified = httpdate::fmt_http_date(found.version.modified);
    let etag = &found.version.etag;
    format!("Last-Modified: {modified}\r\nETag: {etag}\r\nAccept-Ranges: bytes\r\n")
}

/// What is said of an error, unless nothing is: to who is silent, and where a body is cut off.
fn refusal_of(error: &Error) -> Option<Refusal> {
    match (error.limit(), error) {
        (Some(Limit::Frame | Limit::Length), _) => Some(Refusal::too_large_head()),
        (Some(Limit::FirstFrame | Limit::FrameTime), _) => Some(Refusal::timeout()),
        (Some(Limit::Answer), _) => Some(Refusal::busy()),
        (Some(_), _) => None,
        (None, Error::Handler(source) | Error::Scan(source)) => source.downcast_ref().cloned(),
        (None, _) => Some(Refusal::bad(error.to_string())),
    }
}
