//! The head of a request, and where its body ends (RFC 9112). Two servers that find different ends can be
//! made to take a part of one request for another: what is not clear is refused.

use asyncore_runtime::Scan;
use memchr::memchr_iter;

use crate::response::Refusal;
use crate::target::{is_host, Target};

/// More fields have no use that is known.
const FIELDS: usize = 100;

/// What the head says, as far as anything here asks.
#[derive(Default)]
pub struct Request {
    pub method: Method,
    pub target: Target,
    pub body: Body,
    /// HTTP/1.0: no chunks, and no connection that stays unless it is asked for.
    pub is_old: bool,
    pub keeps_alive: bool,
    pub expects_continue: bool,
    pub conditions: Option<Box<Conditions>>,
    pub upgrade: Option<Box<Upgrade>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Method {
    #[default]
    Get,
    Head,
    Post,
    Put,
    Options,
    /// Of those known which nothing here has: `DELETE`, `CONNECT`, `TRACE`, ..
    Other,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Body {
    #[default]
    None,
    Length(u64),
    Chunked,
}

/// What makes the answer depend on what the client has (RFC 9110, sections 13 and 14).
#[derive(Default)]
pub struct Conditions {
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    pub if_modified_since: Option<String>,
    pub if_unmodified_since: Option<String>,
    pub if_range: Option<String>,
    pub range: Option<String>,
}

/// What a client that wants another protocol says.
#[derive(Default)]
pub struct Upgrade {
    pub protocol: Option<String>,
    /// `Connection` names `upgrade`: else the field is for somebody else.
    pub is_meant: bool,
    pub key: Option<String>,
    pub version: Option<String>,
}

/// The end of the head: an empty line. One in front says nothing (section 2.2) and belongs to the head, whose
/// time it takes: else a connection could be held by empty lines. A line feed without its carriage return
/// ends a line for some and none for others.
pub fn head_end(input: &[u8]) -> Result<Scan, Refusal> {
    let mut line = 0;
    for at in memchr_iter(b'\n', input) {
        if at == 0 || input[at - 1] != b'\r' {
            return Err(Refusal::bad("a line feed without a carriage return"));
        }
        if at - 1 == line && line > 0 {
            return Ok(Scan::Frame(at + 1));
        }
        line = at + 1;
    }
    Ok(Scan::Need(input.len() + 1))
}

impl Request {
    pub fn parse(head: &[u8]) -> Result<Self, Refusal> {
        let head = head.strip_prefix(b"\r\n").unwrap_or(head);
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut parsed = httparse::Request::new(&mut fields);
        match parsed.parse(head) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(Refusal::bad("half a head")),
            Err(httparse::Error::TooManyHeaders) => return Err(Refusal::too_large_head()),
            Err(httparse::Error::Version) if names_a_version(head) => {
                return Err(Refusal::version())
            }
            Err(error) => return Err(Refusal::bad(error.to_string())),
        }
        let method = parsed.method.unwrap_or_default();
        let mut request = Self {
            method: Method::of(method)?,
            is_old: parsed.version == Some(0),
            keeps_alive: parsed.version == Some(1),
            ..Self::default()
        };
        let mut seen = Seen::default();
        for field in parsed.headers.iter() {
            request.field(field.name, field.value, &mut seen)?;
        }
        request.body = seen.body(request.is_old)?;
        seen.check_host(request.is_old)?;
        request.target = Target::parse(method, parsed.path.unwrap_or_default())?;
        // Who did not wait for the tunnel has sent what is meant for somebody else, not requests.
        request.keeps_alive &= method != "CONNECT";
        Ok(request)
    }

    fn field(&mut self, name: &str, value: &[u8], seen: &mut Seen) -> Result<(), Refusal> {
        // The length first: most fields are none of these.
        match name.len() {
            4 | 5 | 6 | 7 | 8 | 10 | 13 | 14 | 17 | 19 | 21 => {}
            _ => return Ok(()),
        }
        let name = name.to_ascii_lowercase();
        let text = || std::str::from_utf8(value).map(|text| text.trim_matches([' ', '\t']));
        match name.as_str() {
            "host" => seen.hosts.push(text().map_err(|_| Refusal::bad("a bad Host"))?.to_owned()),
            "content-length" => seen.length(value)?,
            "transfer-encoding" => seen.codings.push(value.to_ascii_lowercase()),
            "connection" => self.connection(text().unwrap_or_default()),
            "expect" => match text() {
                Ok(text) if text.eq_ignore_ascii_case("100-continue") => {
                    self.expects_continue = !self.is_old;
                }
                _ => return Err(Refusal::expectation()),
            },
            _ => self.rare(&name, text().unwrap_or_default()),
        }
        Ok(())
    }

    fn connection(&mut self, options: &str) {
        for option in options.split(',').map(|option| option.trim_matches([' ', '\t'])) {
            match option.to_ascii_lowercase().as_str() {
                "close" => self.keeps_alive = false,
                "keep-alive" if self.is_old => self.keeps_alive = true,
                "upgrade" => self.upgrade.get_or_insert_default().is_meant = true,
                _ => {}
            }
        }
    }

    /// A list may stand in several fields (RFC 9110, section 5.3). What is no list is nothing that is
    /// understood when it stands there twice.
    fn rare(&mut self, name: &str, value: &str) {
        let known = match name {
            "if-match" => &mut self.conditions.get_or_insert_default().if_match,
            "if-none-match" => &mut self.conditions.get_or_insert_default().if_none_match,
            "if-modified-since" => &mut self.conditions.get_or_insert_default().if_modified_since,
            "if-unmodified-since" => {
                &mut self.conditions.get_or_insert_default().if_unmodified_since
            }
            "if-range" => &mut self.conditions.get_or_insert_default().if_range,
            "range" => &mut self.conditions.get_or_insert_default().range,
            "upgrade" => &mut self.upgrade.get_or_insert_default().protocol,
            "sec-websocket-key" => &mut self.upgrade.get_or_insert_default().key,
            "sec-websocket-version" => &mut self.upgrade.get_or_insert_default().version,
            _ => return,
        };
        *known = Some(match known.take() {
            Some(before) => format!("{before}, {value}"),
            None => value.to_owned(),
        });
    }
}

/// Whether what is wrong with the first line is the number of its version alone.
fn names_a_version(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let mut words = line.split(|byte| *byte == b' ').skip(2);
    let is_version = |word: &[u8]| match word.strip_prefix(b"HTTP/") {
        Some([major, b'.', minor]) => major.is_ascii_digit() && minor.is_ascii_digit(),
        _ => false,
    };
    words.next().is_some_and(is_version) && words.next().is_none()
}

impl Method {
    fn of(name: &str) -> Result<Self, Refusal> {
        Ok(match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "OPTIONS" => Self::Options,
            "DELETE" | "CONNECT" | "TRACE" | "PATCH" => Self::Other,
            _ => return Err(Refusal::not_implemented("no such method")),
        })
    }
}

/// What may stand in a request once only.
#[derive(Default)]
struct Seen {
    hosts: Vec<String>,
    length: Option<u64>,
    codings: Vec<Vec<u8>>,
}

impl Seen {
    /// Digits, and no second opinion, not even the same: section 6.3 lets a server refuse it.
    fn length(&mut self, value: &[u8]) -> Result<(), Refusal> {
        let bad = || Refusal::bad("a bad Content-Length");
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        if !is_number || self.length.is_some() {
            return Err(bad());
        }
        let text = std::str::from_utf8(value).map_err(|_| bad())?;
        self.length = Some(text.parse().map_err(|_| bad())?);
        Ok(())
    }

    /// Section 6.3, where everything is refused that somebody could read in another way.
    fn body(&self, is_old: bool) -> Result<Body, Refusal> {
        let Some(coding) = self.codings.first() else {
            return Ok(self.length.filter(|length| *length > 0).map_or(Body::None, Body::Length));
        };
        if self.length.is_some() || is_old || self.codings.len() > 1 {
            return Err(Refusal::bad("a length and a coding, or two codings"));
        }
        if coding == b"chunked" {
            return Ok(Body::Chunked);
        }
        let is_coded = coding.strip_suffix(b"chunked").is_some_and(|before| {
            let before = before.trim_ascii_end();
            before.ends_with(b",") && !before.windows(7).any(|part| part == b"chunked")
        });
        Err(match is_coded {
            true => Refusal::not_implemented("no coding but chunked"),
            false => Refusal::bad("the last coding is not chunked"),
        })
    }

    /// One, which may be empty (RFC 9112, section 3.2).
    fn check_host(&self, is_old: bool) -> Result<(), Refusal> {
        match self.hosts.as_slice() {
            [host] if is_host(host) => Ok(()),
            [_] => Err(Refusal::bad("a bad Host")),
            [] if is_old => Ok(()),
            [] => Err(Refusal::bad("no Host")),
            _ => Err(Refusal::bad("more than one Host")),
        }
    }
}

/// The length in the line in front of a chunk; what is behind a semicolon is nobody's here.
pub fn chunk_size(line: &[u8]) -> Result<u64, Refusal> {
    let end = line.iter().position(|byte| *byte == b';').unwrap_or(line.len());
    let (digits, extension) = line.split_at(end);
    let is_plain = extension.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control());
    let is_number = (1..=16).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_number && is_plain);
    let size = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    size.ok_or_else(|| Refusal::bad("a bad length of a chunk"))
}

/// Whether a line behind the last chunk is a field; what it says is ignored, whatever it is.
pub fn is_trailer(line: &[u8]) -> bool {
    let mut fields = [httparse::EMPTY_HEADER; 1];
    let line = [line, b"\r\n\r\n"].concat();
    !line.contains(&0)
        && matches!(httparse::parse_headers(&line, &mut fields), Ok(status) if status.is_complete())
}
