//! Heads of answers, and answers that refuse.

use asyncore_runtime::{Push, Sink};
use std::borrow::Cow;
use std::fmt;

/// Why a request is refused, and with which status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: &'static str,
    pub why: Cow<'static, str>,
    /// A field that goes with the status.
    pub field: &'static str,
}

impl Refusal {
    fn new(status: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self { status, why: why.into(), field: "" }
    }

    pub fn bad(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new("400 Bad Request", why)
    }

    pub fn not_found() -> Self {
        Self::new("404 Not Found", "nothing is here")
    }

    /// With what is allowed instead.
    pub fn method(allow: &'static str) -> Self {
        Self { field: allow, ..Self::new("405 Method Not Allowed", "not with this method") }
    }

    pub fn timeout() -> Self {
        Self::new("408 Request Timeout", "it took too long")
    }

    pub fn too_large_body() -> Self {
        Self::new("413 Content Too Large", "the body is too large")
    }

    pub fn expectation() -> Self {
        Self::new("417 Expectation Failed", "no expectation but 100-continue")
    }

    /// What is spoken instead.
    pub fn upgrade() -> Self {
        let field = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
        Self { field, ..Self::new("426 Upgrade Required", "WebSocket of version 13 is here") }
    }

    pub fn too_large_head() -> Self {
        Self::new("431 Request Header Fields Too Large", "the head is too large")
    }

    pub fn failed() -> Self {
        Self::new("500 Internal Server Error", "it failed")
    }

    pub fn not_implemented(why: &'static str) -> Self {
        Self::new("501 Not Implemented", why)
    }

    pub fn busy() -> Self {
        Self {
            field: "Retry-After: 1\r\n",
            ..Self::new("503 Service Unavailable", "too much to do")
        }
    }

    pub fn version() -> Self {
        Self::new("505 HTTP Version Not Supported", "neither HTTP/1.0 nor HTTP/1.1")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Refusal {}

/// What becomes of the connection behind an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum After {
    /// Of HTTP/1.1: it stays, and that goes without saying.
    Stays,
    /// Of HTTP/1.0: it stays, which has to be said.
    SaysItStays,
    Closes,
}

/// The head of an answer: pushed, it is what stands in front of a body.
pub struct Head<'a> {
    pub status: &'a str,
    pub date: &'a [u8],
    /// Whole lines.
    pub fields: &'a str,
    /// None where there is no body to have a length, or its end is found in another way.
    pub length: Option<u64>,
    pub after: After,
}

impl Push for Head<'_> {
    fn push_to(self, out: &mut Sink<'_>) {
        out.put(b"HTTP/1.1 ");
        out.put(self.status.as_bytes());
        out.put(b"\r\nDate: ");
        out.put(self.date);
        out.put(b"\r\n");
        out.put(self.fields.as_bytes());
        if let Some(length) = self.length {
            out.put(b"Content-Length: ");
            out.put(itoa::Buffer::new().format(length).as_bytes());
            out.put(b"\r\n");
        }
        out.put(match self.after {
            After::Stays => b"\r\n",
            After::SaysItStays => b"Connection: keep-alive\r\n\r\n",
            After::Closes => b"Connection: close\r\n\r\n",
        });
    }
}
