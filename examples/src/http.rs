//! As much of HTTP as the examples need.

use std::fmt;
use std::io;
use std::str::FromStr;

use asyncore_runtime::{BoxError, Frame, FromFrame};

/// An `http://` URL.
#[derive(Debug, Clone)]
pub struct Url {
    text: String,
    /// The host, with the port if there is one.
    pub host: String,
    /// The path with its query; at least `/`.
    pub path: String,
}

impl Url {
    /// What to connect to.
    pub fn address(&self) -> String {
        let has_port = self.host.rfind(':') > self.host.rfind(']');
        if has_port {
            self.host.clone()
        } else {
            format!("{}:80", self.host)
        }
    }
}

impl FromStr for Url {
    type Err = io::Error;
    fn from_str(text: &str) -> io::Result<Self> {
        let bad =
            || io::Error::new(io::ErrorKind::InvalidInput, format!("{text}: not an http URL"));
        let rest = text.strip_prefix("http://").ok_or_else(bad)?;
        // Nothing in it may end the request's line.
        let is_plain = rest.bytes().all(|byte| byte.is_ascii_graphic());
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if host.is_empty() || !is_plain {
            return Err(bad());
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { text: text.to_owned(), host: host.to_owned(), path: path.to_owned() })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What the head of a request says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// `GET`, `POST`, ..
    pub method: String,
    /// The target, as it was sent.
    pub path: String,
    /// 0 if the request has no body.
    pub content_length: u64,
    /// Whether the connection stays open after the answer.
    pub keep_alive: bool,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects_continue: bool,
}

impl<'a> FromFrame<'a> for Head {
    type Error = BoxError;
    fn from_frame(frame: Frame<'a>) -> Result<Self, BoxError> {
        frame.parse::<&str>()?.parse()
    }
}

impl FromStr for Head {
    type Err = BoxError;
    fn from_str(text: &str) -> Result<Self, BoxError> {
        let mut lines = text.split("\r\n");
        let words: Vec<_> = lines.next().unwrap_or_default().split(' ').collect();
        let [method, path, version @ ("HTTP/1.0" | "HTTP/1.1")] = words[..] else {
            return Err("not the first line of a request".into());
        };
        let mut head = Self {
            method: method.to_owned(),
            path: path.to_owned(),
            keep_alive: version == "HTTP/1.1",
            ..Self::default()
        };
        lines.try_for_each(|line| head.field(line))?;
        Ok(head)
    }
}

impl Head {
    fn field(&mut self, line: &str) -> Result<(), BoxError> {
        let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
        let value = value.trim_matches([' ', '\t']);
        match &*name.to_ascii_lowercase() {
            "content-length" => self.content_length = self.length(value)?,
            "connection" => self.keep_alive &= !value.eq_ignore_ascii_case("close"),
            "expect" => self.expects_continue = value.eq_ignore_ascii_case("100-continue"),
            // Where a body ends must not be a matter of opinion.
            "transfer-encoding" => return Err("transfer codings are not supported".into()),
            _ => {}
        }
        Ok(())
    }

    /// Digits only, and no second opinion: `parse` alone would take `+5`.
    fn length(&self, value: &str) -> Result<u64, BoxError> {
        let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || self.content_length != 0 {
            return Err(format!("a bad Content-Length: {value}").into());
        }
        Ok(value.parse()?)
    }
}

/// An answer in plain text.
pub fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}
