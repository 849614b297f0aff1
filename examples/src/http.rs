//! As much of HTTP as the examples need.

use std::fmt;
use std::io;
use std::str::FromStr;

use asyncore_runtime::{BoxError, Frame, FromFrame};

/// A URL of `http:` or `https:`.
#[derive(Debug, Clone)]
pub struct Url {
    /// Whether it is one of `https:`.
    pub is_secure: bool,
    /// The host, with the port if there is one.
    pub host: String,
    /// The path with its query; at least `/`.
    pub path: String,
}

impl Url {
    /// As parsed, but of `http:` only.
    pub fn plain(text: &str) -> io::Result<Self> {
        match text.parse::<Self>() {
            Ok(url) if url.is_secure => Err(bad(text)),
            result => result,
        }
    }

    /// What to connect to.
    pub fn address(&self) -> String {
        let port = if self.is_secure { 443 } else { 80 };
        match self.port_at() {
            Some(_) => self.host.clone(),
            None => format!("{}:{port}", self.host),
        }
    }

    /// What the server's certificate has to be for: the host without its port.
    pub fn name(&self) -> &str {
        let name = self.host.get(..self.port_at().unwrap_or(self.host.len())).unwrap_or_default();
        name.trim_matches(['[', ']'])
    }

    fn port_at(&self) -> Option<usize> {
        self.host.rfind(':').filter(|at| Some(*at) > self.host.rfind(']'))
    }

    /// Where a reference in an answer leads to (RFC 3986, section 5.2).
    pub fn join(&self, reference: &str) -> io::Result<Self> {
        let reference = reference.split('#').next().unwrap_or_default();
        let scheme = if self.is_secure { "https:" } else { "http:" };
        let base = self.path.split('?').next().unwrap_or_default();
        let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
        let host = &self.host;
        match reference {
            _ if reference.starts_with("http://") || reference.starts_with("https://") => {
                reference.parse()
            }
            _ if reference.starts_with("//") => format!("{scheme}{reference}").parse(),
            _ if reference.starts_with('/') => format!("{scheme}//{host}{reference}").parse(),
            _ if reference.starts_with('?') => format!("{scheme}//{host}{base}{reference}").parse(),
            "" => Ok(self.clone()),
            _ => format!("{scheme}//{host}{folder}/{reference}").parse(),
        }
    }
}

impl FromStr for Url {
    type Err = io::Error;
    fn from_str(text: &str) -> io::Result<Self> {
        let (is_secure, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://").ok_or_else(|| bad(text))?),
        };
        // Nothing in it may end the request's line.
        let is_plain = rest.bytes().all(|byte| byte.is_ascii_graphic());
        let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        if host.is_empty() || !is_plain {
            return Err(bad(text));
        }
        Ok(Self { is_secure, host: host.to_owned(), path: normal(path) })
    }
}

fn bad(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{text}: not an http URL"))
}

/// A path without its `.` and `..`, which are not the server's to follow (RFC 3986, section 5.2.4).
fn normal(path: &str) -> String {
    let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
    let mut kept = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if segments.peek().is_none() {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.host, self.path)
    }
}

/// What the head of an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Where else it is, if the status says that it is elsewhere.
    pub location: Option<String>,
    /// What follows.
    pub body: Body,
}

/// How the end of an answer is found (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    None,
    /// There is none, and another answer follows.
    Interim,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
    /// All until the connection ends.
    UntilEnd,
}

impl<'a> FromFrame<'a> for Response {
    type Error = BoxError;
    fn from_frame(frame: Frame<'a>) -> Result<Self, BoxError> {
        frame.parse::<&str>()?.parse()
    }
}

impl FromStr for Response {
    type Err = BoxError;
    fn from_str(text: &str) -> Result<Self, BoxError> {
        let mut lines = text.split("\r\n");
        let status = status(lines.next().unwrap_or_default())?;
        let (mut location, mut length, mut coding) = (None, None, None);
        for line in lines {
            let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
            let value = value.trim_matches([' ', '\t']);
            match &*name.to_ascii_lowercase() {
                "location" => location = Some(value.to_owned()),
                "content-length" => length = Some(one_length(length, value)?),
                "transfer-encoding" => coding = Some(value.to_ascii_lowercase()),
                _ => {}
            }
        }
        let body = match (status, coding, length) {
            (100..=199, ..) => Body::Interim,
            (204 | 304, ..) => Body::None,
            (_, Some(coding), _) if coding == "chunked" => Body::Chunked,
            (_, Some(coding), _) => return Err(format!("a coding not known: {coding}").into()),
            (_, None, Some(length)) => Body::Length(length),
            (_, None, None) => Body::UntilEnd,
        };
        let is_elsewhere = matches!(status, 301 | 302 | 303 | 307 | 308);
        Ok(Self { location: location.filter(|_| is_elsewhere), body })
    }
}

/// The number in the first line.
fn status(line: &str) -> Result<u16, BoxError> {
    let mut words = line.splitn(3, ' ');
    let (version, status) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(version, "HTTP/1.0" | "HTTP/1.1") || !is_status {
        return Err(format!("not the first line of an answer: {line:?}").into());
    }
    Ok(status.parse()?)
}

/// Digits only, and no second opinion.
fn one_length(before: Option<u64>, value: &str) -> Result<u64, BoxError> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let length =
        value.parse().ok().filter(|length| is_number && before.is_none_or(|it| it == *length));
    length.ok_or_else(|| format!("a bad Content-Length: {value}").into())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_where_rfc_3986_says() {
        let base: Url = "https://h:1/b/c/d?q".parse().unwrap();
        for (reference, expected) in [
            ("g", "https://h:1/b/c/g"),
            ("./g", "https://h:1/b/c/g"),
            ("g/", "https://h:1/b/c/g/"),
            ("/g", "https://h:1/g"),
            ("//g", "https://g/"),
            ("?y", "https://h:1/b/c/d?y"),
            ("g?y", "https://h:1/b/c/g?y"),
            ("g#s", "https://h:1/b/c/g"),
            ("#s", "https://h:1/b/c/d?q"),
            (".", "https://h:1/b/c/"),
            ("..", "https://h:1/b/"),
            ("../g", "https://h:1/b/g"),
            ("../../../g", "https://h:1/g"),
            ("http://x", "http://x/"),
            ("https://x?y", "https://x/?y"),
        ] {
            assert_eq!(base.join(reference).unwrap().to_string(), expected, "{reference}");
        }
        for reference in ["a b", "//", "http://"] {
            assert!(base.join(reference).is_err(), "{reference}");
        }
    }

    #[test]
    fn a_url_says_whom_to_connect_to_and_whose_certificate_to_ask_for() {
        for (url, address, name) in [
            ("http://h", "h:80", "h"),
            ("https://h/", "h:443", "h"),
            ("https://h:8/x", "h:8", "h"),
            ("https://[::1]/", "[::1]:443", "::1"),
            ("https://[::1]:8/", "[::1]:8", "::1"),
        ] {
            let url: Url = url.parse().unwrap();
            assert_eq!((url.address().as_str(), url.name()), (address, name));
        }
    }
}
