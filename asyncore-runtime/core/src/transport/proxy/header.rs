//! The header: read at every cut, and written.

use core::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use crate::vocabulary::addr::Addr;

/// A header of version 1 has no more.
const V1_MOST: usize = 107;

/// What begins a header of version 2.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// A header of version 2 without its addresses.
const FIXED: usize = 16;

/// Of version 2 so much is taken: the addresses of two Unix sockets, and a certificate's names.
const V2_MOST: usize = 4 * 1024;

/// The peer's ALPN, and the name it asked for (SNI): types of what stands behind the addresses.
const ALPN: u8 = 1;
const AUTHORITY: u8 = 2;

/// What a proxy said of a connection: what [`Io::proxy`](crate::Io::proxy) returns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProxyHeader {
    /// The client's address; none if the proxy speaks for itself (`LOCAL`), or does not know.
    pub source: Option<Addr>,
    /// The address that the client has connected to.
    pub destination: Option<Addr>,
    rest: Vec<u8>,
}

impl ProxyHeader {
    /// The name that the client asked for (SNI), where the proxy has ended TLS and tells it.
    #[must_use]
    pub fn authority(&self) -> Option<&[u8]> {
        self.value(AUTHORITY)
    }

    /// The protocol that the client has agreed on with the proxy (ALPN).
    #[must_use]
    pub fn alpn(&self) -> Option<&[u8]> {
        self.value(ALPN)
    }

    /// The first value of a type of version 2 (its TLVs), as the specification or the proxy's
    /// vendor numbers them.
    #[must_use]
    pub fn value(&self, kind: u8) -> Option<&[u8]> {
        let mut rest = &self.rest[..];
        while let Some((found, value, behind)) = next_value(rest) {
            if found == kind {
                return Some(value);
            }
            rest = behind;
        }
        None
    }
}

/// Why a header is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadHeader(pub(super) &'static str);

impl fmt::Display for BadHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PROXY header: {}", self.0)
    }
}

impl std::error::Error for BadHeader {}

type Parsed = Result<Option<(ProxyHeader, usize)>, BadHeader>;

/// The header at the head of `input` and how long it is, or `None` if more is needed.
pub(super) fn parse(input: &[u8]) -> Parsed {
    let begins = |with: &[u8]| input.iter().zip(with).all(|(one, other)| one == other);
    if begins(SIGNATURE) {
        parse_v2(input)
    } else if begins(b"PROXY ") {
        parse_v1(input)
    } else {
        Err(BadHeader("it begins as neither version"))
    }
}

fn parse_v1(input: &[u8]) -> Parsed {
    let head = input.get(..V1_MOST).unwrap_or(input);
    let Some(end) = head.windows(2).position(|pair| pair == b"\r\n") else {
        return if head.len() < V1_MOST {
            Ok(None)
        } else {
            Err(BadHeader("no end within 107 bytes"))
        };
    };
    let line = head.get(..end).and_then(|line| std::str::from_utf8(line).ok());
    let header = line.and_then(line_of_v1).ok_or(BadHeader("no line of version 1"))?;
    Ok(Some((header, end.saturating_add(2))))
}

fn line_of_v1(line: &str) -> Option<ProxyHeader> {
    let mut words = line.strip_prefix("PROXY ")?.split(' ');
    let family = words.next()?;
    if family == "UNKNOWN" {
        return Some(ProxyHeader::default());
    }
    let all: Vec<_> = words.collect();
    let [source, destination, from, to] = *all else { return None };
    let addr = |ip: &str, port: &str| -> Option<Addr> {
        let ip = match family {
            "TCP4" => ip.parse::<Ipv4Addr>().ok()?.into(),
            "TCP6" => ip.parse::<Ipv6Addr>().ok()?.into(),
            _ => return None,
        };
        let is_number = !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit());
        let is_short = port == "0" || !port.starts_with('0');
        let port = Some(port).filter(|_| is_number && is_short)?.parse().ok()?;
        Some(SocketAddr::new(ip, port).into())
    };
    Some(ProxyHeader {
        source: Some(addr(source, from)?),
        destination: Some(addr(destination, to)?),
        rest: Vec::new(),
    })
}

fn parse_v2(input: &[u8]) -> Parsed {
    let Some((fixed, behind)) = input.split_first_chunk::<FIXED>() else { return Ok(None) };
    let [.., command, family, high, low] = *fixed;
    let len = usize::from(u16::from_be_bytes([high, low]));
    if len > V2_MOST {
        return Err(BadHeader("more than 4,096 bytes"));
    }
    let is_local = match command {
        0x20 => true,
        0x21 => false,
        _ => return Err(BadHeader("no command of version 2")),
    };
    let Some(body) = behind.get(..len) else { return Ok(None) };
    let used = FIXED.saturating_add(len);
    if is_local {
        // The proxy speaks for itself: whatever stands there is to be discarded, its family too.
        return Ok(Some((ProxyHeader::default(), used)));
    }
    let (source, destination, rest) = addresses(family, body)?;
    check_values(rest)?;
    Ok(Some((ProxyHeader { source, destination, rest: rest.to_vec() }, used)))
}

type Addresses<'a> = (Option<Addr>, Option<Addr>, &'a [u8]);

fn addresses(family: u8, body: &[u8]) -> Result<Addresses<'_>, BadHeader> {
    let short = BadHeader("too short for its addresses");
    match family {
        0x00 => Ok((None, None, body)),
        0x11 => {
            let (ips, rest) = body.split_first_chunk::<12>().ok_or(short)?;
            let [a, b, c, d, e, f, g, h, from, from_low, to, to_low] = *ips;
            let addr = |ip: [u8; 4], port| {
                SocketAddr::new(Ipv4Addr::from(ip).into(), u16::from_be_bytes(port))
            };
            let source = addr([a, b, c, d], [from, from_low]);
            Ok((Some(source.into()), Some(addr([e, f, g, h], [to, to_low]).into()), rest))
        }
        0x21 => {
            let (source, rest) = body.split_first_chunk::<16>().ok_or(short)?;
            let (destination, rest) = rest.split_first_chunk::<16>().ok_or(short)?;
            let ([from, from_low, to, to_low], rest) =
                rest.split_first_chunk::<4>().ok_or(short)?;
            let addr = |ip: &[u8; 16], port| {
                SocketAddr::new(Ipv6Addr::from(*ip).into(), u16::from_be_bytes(port))
            };
            let source = addr(source, [*from, *from_low]);
            Ok((Some(source.into()), Some(addr(destination, [*to, *to_low]).into()), rest))
        }
        0x31 => {
            let (source, rest) = body.split_first_chunk::<108>().ok_or(short)?;
            let (destination, rest) = rest.split_first_chunk::<108>().ok_or(short)?;
            Ok((Some(unix(source)), Some(unix(destination)), rest))
        }
        _ => Err(BadHeader("neither a stream over IP nor one of a Unix socket")),
    }
}

/// A path, padded with NULs; a name of the abstract namespace begins with one.
fn unix(path: &[u8; 108]) -> Addr {
    let end = path
        .iter()
        .skip(1)
        .position(|byte| *byte == 0)
        .map_or(path.len(), |at| at.saturating_add(1));
    let name = path.get(..end).filter(|name| name.iter().any(|byte| *byte != 0));
    Addr::Unix(name.map(|name| PathBuf::from(String::from_utf8_lossy(name).into_owned())))
}

fn check_values(mut rest: &[u8]) -> Result<(), BadHeader> {
    while !rest.is_empty() {
        let (.., behind) =
            next_value(rest).ok_or(BadHeader("a value is longer than the header"))?;
        rest = behind;
    }
    Ok(())
}

/// A type, its value, and what is behind it.
fn next_value(rest: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([kind, high, low], behind) = rest.split_first_chunk::<3>()?;
    let (value, behind) =
        behind.split_at_checked(usize::from(u16::from_be_bytes([*high, *low])))?;
    Some((*kind, value, behind))
}

/// A header of version 2 for a connection of these.
pub(super) fn write(source: SocketAddr, destination: SocketAddr) -> Vec<u8> {
    let mut header = SIGNATURE.to_vec();
    let ports = [source.port().to_be_bytes(), destination.port().to_be_bytes()].concat();
    let (family, addresses) = match (source.ip().to_canonical(), destination.ip().to_canonical()) {
        (std::net::IpAddr::V4(from), std::net::IpAddr::V4(to)) => {
            (0x11, [&from.octets()[..], &to.octets()[..]].concat())
        }
        _ => {
            let v6 = |addr: SocketAddr| match addr.ip() {
                std::net::IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
                std::net::IpAddr::V6(ip) => ip.octets(),
            };
            (0x21, [&v6(source)[..], &v6(destination)[..]].concat())
        }
    };
    let len: u8 = if family == 0x11 { 12 } else { 36 };
    header.extend([0x21, family, 0, len]);
    header.extend(addresses);
    header.extend(ports);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &len, body].concat()
    }

    /// Read at every cut: before its end it needs more, and then it is this.
    fn read(header: &[u8]) -> ProxyHeader {
        let with_payload = [header, b"payload"].concat();
        for cut in 0..header.len() {
            assert_eq!(parse(&header[..cut]), Ok(None), "cut at {cut}");
        }
        let (read, len) = parse(&with_payload).unwrap().unwrap();
        assert_eq!(len, header.len());
        read
    }

    #[test]
    fn version_1_of_both_families_and_of_neither() {
        let header = read(b"PROXY TCP4 203.0.113.9 10.0.0.1 51000 443\r\n");
        assert_eq!(header.source, Some(addr("203.0.113.9:51000").into()));
        assert_eq!(header.destination, Some(addr("10.0.0.1:443").into()));
        let header = read(b"PROXY TCP6 2001:db8::9 ::1 0 65535\r\n");
        assert_eq!(header.source, Some(addr("[2001:db8::9]:0").into()));
        assert_eq!(read(b"PROXY UNKNOWN\r\n"), ProxyHeader::default());
        assert_eq!(read(b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), ProxyHeader::default());
    }

    #[test]
    fn what_is_written_is_read() {
        for (from, to) in [("203.0.113.9:51000", "10.0.0.1:443"), ("[2001:db8::9]:1", "[::1]:2")] {
            let header = read(&write(addr(from), addr(to)));
            assert_eq!(
                (header.source, header.destination),
                (Some(addr(from).into()), Some(addr(to).into()))
            );
        }
    }

    #[test]
    fn version_2_has_values_behind_its_addresses() {
        let body = [
            &[1, 2, 3, 4, 5, 6, 7, 8, 0, 80, 1, 187][..],
            b"\x01\0\x02h2",
            b"\x02\0\x0bexample.org",
        ]
        .concat();
        let header = read(&v2(0x21, 0x11, &body));
        assert_eq!(header.source, Some(addr("1.2.3.4:80").into()));
        assert_eq!(
            (header.alpn(), header.authority()),
            (Some(&b"h2"[..]), Some(&b"example.org"[..]))
        );
        assert_eq!(header.value(0xEE), None);
    }

    #[test]
    fn a_proxy_that_speaks_for_itself_names_nobody() {
        assert_eq!(read(&v2(0x20, 0x11, &[0; 12])), ProxyHeader::default());
        assert_eq!(read(&v2(0x20, 0x00, b"")), ProxyHeader::default());
        assert_eq!(read(&v2(0x20, 0x12, b"odd")), ProxyHeader::default());
    }

    #[test]
    fn unix_paths_are_without_their_padding() {
        let mut body = [0; 216];
        body[..9].copy_from_slice(b"/run/sock");
        body[108..114].copy_from_slice(b"\0named");
        let header = read(&v2(0x21, 0x31, &body));
        assert_eq!(header.source, Some(Addr::Unix(Some("/run/sock".into()))));
        assert_eq!(header.destination, Some(Addr::Unix(Some("\0named".into()))));
    }

    #[test]
    fn what_is_no_header_is_refused() {
        let long = [&b"PROXY TCP4 "[..], &[b'1'; 200]].concat();
        let texts: [&[u8]; 11] = [
            b"GET / HTTP/1.1\r\n",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 51000\r\n",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 51000 443 \r\n",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 +1 443\r\n",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 01 443\r\n",
            b"PROXY TCP4 203.0.113.9 10.0.0.1 65536 443\r\n",
            b"PROXY TCP4 2001:db8::9 ::1 1 2\r\n",
            b"PROXY TCP5 203.0.113.9 10.0.0.1 1 2\r\n",
            b"PROXY  TCP4 203.0.113.9 10.0.0.1 1 2\r\n",
            b"PROXY \xff\r\n",
            &long,
        ];
        for text in texts {
            assert!(parse(text).is_err(), "{}", text.escape_ascii());
        }
        for bad in [
            v2(0x22, 0x11, &[0; 12]),
            v2(0x11, 0x11, &[0; 12]),
            v2(0x21, 0x11, &[0; 11]),
            v2(0x21, 0x21, &[0; 35]),
            v2(0x21, 0x31, &[0; 215]),
            v2(0x21, 0x12, &[0; 12]),
            v2(0x21, 0x11, &[[0; 12].as_slice(), &[1, 0, 9, 0]].concat()),
            v2(0x21, 0x11, &[[0; 12].as_slice(), &[1, 0]].concat()),
            v2(0x21, 0x11, &[0; V2_MOST + 1]),
        ] {
            assert!(parse(&bad).is_err(), "{}", bad.escape_ascii());
        }
    }
}
