//! What a request is about: its target (RFC 9112, section 3.2), and the path in it.

use crate::response::Refusal;

#[derive(Default, Debug, PartialEq, Eq)]
pub struct Target {
    /// Without the query, as it was sent: `/a%20b`. `*` is of the server itself.
    pub path: String,
    /// What is behind the question mark.
    pub query: String,
}

impl Target {
    /// The path of the four forms. Of the absolute form the host counts, and `Host` does not.
    pub fn parse(method: &str, target: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::bad("a bad target");
        if method == "CONNECT" {
            let is_authority = target.rsplit_once(':').is_some_and(|(host, port)| {
                !host.is_empty() && is_host(host) && port.parse::<u16>().is_ok()
            });
            return if is_authority { Ok(Self::default()) } else { Err(bad()) };
        }
        if !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(bad());
        }
        if target == "*" && method == "OPTIONS" {
            return Ok(Self { path: "*".to_owned(), query: String::new() });
        }
        let path = match without_scheme(target) {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
                if authority.is_empty() || !is_host(authority) {
                    return Err(bad());
                }
                path
            }
            None if target.starts_with('/') => target,
            None => return Err(bad()),
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { path: path.to_owned(), query: query.to_owned() })
    }

    /// The names in the path, decoded. Nothing that leads elsewhere than down from the root.
    pub fn segments(&self) -> Result<Vec<String>, Refusal> {
        let mut segments = Vec::new();
        for segment in self.path.split('/').skip(1) {
            let name = decoded(segment).ok_or_else(|| Refusal::bad("a bad path"))?;
            match name.as_str() {
                "." => {}
                ".." => {
                    // A client has to have done that itself; more of them than names is an attempt.
                    segments.pop().ok_or_else(|| Refusal::bad("a path above the root"))?;
                }
                _ if name.contains(['/', '\0']) => return Err(Refusal::bad("a bad path")),
                _ => segments.push(name),
            }
        }
        Ok(segments)
    }
}

fn without_scheme(target: &str) -> Option<&str> {
    let (scheme, rest) = target.split_once("://")?;
    ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(rest)
}

/// `a%20b` as `a b`; none if it is no text.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Whether it can be a host with its port: RFC 3986, section 3.2, without a user's name.
pub fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, ""),
    };
    let is_address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let is_coded = |rest: &str| {
        rest.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%".contains(&byte);
    port.bytes().all(|byte| byte.is_ascii_digit())
        && match is_address {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => name.bytes().all(is_name) && name.split('%').skip(1).all(is_coded),
        }
}
