//! Requests of which two servers could think differently, and those that are broken: what RFC 9110 and 9112
//! demand of each. A request that is refused has one answer, and ends the connection: whatever stands behind
//! it is nobody's.

use crate::kit::{answer, statuses, Www};

/// A name, with its CVE where somebody was broken into by it; the request; the status that is due.
type Row = (&'static str, &'static str, &'static str);

const LENGTHS: &[Row] = &[
    (
        "two lengths (CVE-2019-16792, CVE-2020-10108)",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "400",
    ),
    (
        "the same length twice",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "400",
    ),
    (
        "a list of lengths",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello",
        "400",
    ),
    (
        "a plus sign (CVE-2021-32715, CVE-2023-40167)",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
        "400",
    ),
    ("a minus sign", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello", "400"),
    (
        "no digits (CVE-2023-40225)",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: \r\n\r\nhello",
        "400",
    ),
    (
        "a space between digits (CVE-2018-7159)",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1 2\r\n\r\nhello",
        "400",
    ),
    ("hexadecimal", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0x5\r\n\r\nhello", "400"),
    (
        "letters (CVE-2022-42252)",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\nhello",
        "400",
    ),
    ("a fraction", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5.0\r\n\r\nhello", "400"),
    ("an exponent", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5e0\r\n\r\nhello", "400"),
    ("a separator", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1_0\r\n\r\nhello", "400"),
    (
        "digits of another script",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ٥\r\n\r\nhello",
        "400",
    ),
    (
        "more than 64 bits",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551616\r\n\r\nhello",
        "400",
    ),
    (
        "more than anybody sends",
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615\r\n\r\nhello",
        "413",
    ),
    (
        "a body that nobody wants",
        "POST /digits.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\nhello",
        "413",
    ),
];

const CODINGS: &[Row] = &[
    ("a length and chunks (CVE-2017-7658, CVE-2019-20445)", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("chunks and a length (CVE-2020-10109)", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "400"),
    ("a length of 0 and chunks", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("two fields (CVE-2020-8287, CVE-2021-21299)", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "400"),
    ("chunked twice", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("chunked, chunked", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "400"),
    ("chunked, identity (CVE-2019-16786, CVE-2021-33037)", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "400"),
    ("identity", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\n\r\n", "400"),
    ("not chunked last (CVE-2024-1135)", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", "400"),
    ("gzip alone", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "400"),
    ("gzip, chunked", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"),
    ("another word (CVE-2022-1705)", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "400"),
    ("a word more", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n", "400"),
    ("a vertical tab (CVE-2019-18277)", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", "400"),
    ("a parameter", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n", "400"),
    ("quotes", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", "400"),
    ("nothing", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \r\n\r\n0\r\n\r\n", "400"),
    ("HTTP/1.0 has no chunks", "POST /echo HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
    ("a comma in front", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: , chunked\r\n\r\n0\r\n\r\n", "501"),
];

const CHUNKS: &[Row] = &[
    ("no digit", "\r\nhello\r\n0\r\n\r\n", "400"),
    ("a plus sign (CVE-2022-24801)", "+5\r\nhello\r\n0\r\n\r\n", "400"),
    ("a minus sign", "-5\r\nhello\r\n0\r\n\r\n", "400"),
    ("a prefix", "0x5\r\nhello\r\n0\r\n\r\n", "400"),
    ("a space in front", " 5\r\nhello\r\n0\r\n\r\n", "400"),
    ("a space behind", "5 \r\nhello\r\n0\r\n\r\n", "400"),
    ("a tab behind", "5\t\r\nhello\r\n0\r\n\r\n", "400"),
    ("no hexadecimal digit", "5g\r\nhello\r\n0\r\n\r\n", "400"),
    ("a separator", "0_5\r\nhello\r\n0\r\n\r\n", "400"),
    (
        "more than 64 bits (CVE-2017-7657, CVE-2021-32714)",
        "10000000000000005\r\nhello\r\n0\r\n\r\n",
        "400",
    ),
    ("more than anybody sends", "FFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n", "413"),
    ("a line feed alone (CVE-2025-22871)", "5\nhello\r\n0\r\n\r\n", "400"),
    ("a carriage return alone", "5\rhello\r\n0\r\n\r\n", "400"),
    ("a line feed in an extension (CVE-2024-52304)", "5;a\nb\r\nhello\r\n0\r\n\r\n", "400"),
    ("a carriage return in an extension (CVE-2021-22960)", "5;a\rb\r\nhello\r\n0\r\n\r\n", "400"),
    ("a NUL in an extension", "5;a\0b\r\nhello\r\n0\r\n\r\n", "400"),
    ("a NUL in the length", "5\0\r\nhello\r\n0\r\n\r\n", "400"),
];

const TRAILERS: &[Row] = &[
    ("no colon", "0\r\nabc\r\n\r\n", "400"),
    ("a space before the colon", "0\r\na : b\r\n\r\n", "400"),
    ("a line feed alone", "0\r\na: b\nc: d\r\n\r\n", "400"),
    ("a carriage return alone", "0\r\na: b\rc: d\r\n\r\n", "400"),
    ("a NUL", "0\r\na: b\0\r\n\r\n", "400"),
    ("a folded line", "0\r\na: b\r\n c\r\n\r\n", "400"),
];

const HEADS: &[Row] = &[
    (
        "a space before the colon (CVE-2019-16869, CVE-2021-22959)",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "400",
    ),
    ("a tab before the colon", "GET / HTTP/1.1\r\nHost\t: x\r\n\r\n", "400"),
    (
        "a coding with a space before the colon",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "400",
    ),
    ("no colon (CVE-2019-20444)", "GET / HTTP/1.1\r\nHost: x\r\nabc\r\n\r\n", "400"),
    ("no name (CVE-2023-25725)", "GET / HTTP/1.1\r\nHost: x\r\n: abc\r\n\r\n", "400"),
    ("a folded line (CVE-2022-32215)", "GET / HTTP/1.1\r\nHost: x\r\na: b\r\n c\r\n\r\n", "400"),
    (
        "a folded coding",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "400",
    ),
    ("a field in front of all", "GET / HTTP/1.1\r\n Host: x\r\n\r\n", "400"),
    ("line feeds alone (CVE-2019-16785, CVE-2022-32214)", "GET / HTTP/1.1\nHost: x\n\n", "400"),
    (
        "one line feed alone (CVE-2022-35256)",
        "GET / HTTP/1.1\r\nHost: x\nTransfer-Encoding: chunked\r\n\r\n",
        "400",
    ),
    ("a line feed in a value", "GET / HTTP/1.1\r\nHost: x\r\na: b\nc\r\n\r\n", "400"),
    (
        "a carriage return alone (CVE-2023-30589)",
        "GET / HTTP/1.1\r\nHost: x\r\na: b\rTransfer-Encoding: chunked\r\n\r\n",
        "400",
    ),
    ("a carriage return before a name", "GET / HTTP/1.1\r\nHost: x\r\n\ra: b\r\n\r\n", "400"),
    ("a NUL in a value", "GET / HTTP/1.1\r\nHost: x\r\na: b\0c\r\n\r\n", "400"),
    ("a NUL in a name", "GET / HTTP/1.1\r\nHost: x\r\na\0b: c\r\n\r\n", "400"),
    ("a bracket in a name", "GET / HTTP/1.1\r\nHost: x\r\na[b: c\r\n\r\n", "400"),
    ("a name that is not ASCII", "GET / HTTP/1.1\r\nHost: x\r\nä: c\r\n\r\n", "400"),
    ("a control character in a value", "GET / HTTP/1.1\r\nHost: x\r\na: b\x01c\r\n\r\n", "400"),
    ("no Host", "GET / HTTP/1.1\r\n\r\n", "400"),
    ("two Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"),
    ("the same Host twice", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", "400"),
    ("a Host with a path", "GET / HTTP/1.1\r\nHost: x/y\r\n\r\n", "400"),
    ("a Host with a user", "GET / HTTP/1.1\r\nHost: a@x\r\n\r\n", "400"),
    ("a Host with a bad port", "GET / HTTP/1.1\r\nHost: x:y\r\n\r\n", "400"),
    ("a Host with a space", "GET / HTTP/1.1\r\nHost: x y\r\n\r\n", "400"),
    ("a Host with half a coded byte", "GET / HTTP/1.1\r\nHost: x%2\r\n\r\n", "400"),
    ("a Host with a byte that is not coded", "GET / HTTP/1.1\r\nHost: x%zz\r\n\r\n", "400"),
    ("a list of Hosts", "GET / HTTP/1.1\r\nHost: x, y\r\n\r\n", "400"),
    (
        "an unknown expectation",
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: more\r\nContent-Length: 5\r\n\r\nhello",
        "417",
    ),
];

const LINES: &[Row] = &[
    ("two empty lines in front", "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("a version to come behind an empty line", "\r\nGET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"),
    (
        "CONNECT, and what is meant for the tunnel",
        "CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
        "405",
    ),
    (
        "CONNECT of HTTP/1.0, which would stay",
        "CONNECT x:443 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "405",
    ),
    ("two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("a space in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("a tab in the line", "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("a space behind the version", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", "400"),
    ("no version (CVE-2017-7656)", "GET /\r\nHost: x\r\n\r\n", "400"),
    ("no method", " / HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("a version to come", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505"),
    ("the next minor version", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", "505"),
    ("a version of two digits", "GET / HTTP/1.10\r\nHost: x\r\n\r\n", "400"),
    ("a version in small letters", "GET / http/1.1\r\nHost: x\r\n\r\n", "400"),
    ("HTTP/2 without being asked", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"),
    ("TLS", "\x16\x03\x01\r\n\r\n", "400"),
    ("a method that nobody knows", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", "501"),
    ("a method in small letters", "get / HTTP/1.1\r\nHost: x\r\n\r\n", "501"),
    ("a method with a bracket", "G[T / HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("a target without a slash", "GET index.html HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("a fragment", "GET /#a HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("an asterisk for GET", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("an authority for GET", "GET x:80 HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("another scheme", "GET ftp://x/ HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("an absolute form without a host", "GET http:///a HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("an absolute form with a user", "GET http://a@x/ HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("CONNECT without a port", "CONNECT x HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
    ("not ASCII", "GET /ä HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
];

/// What is refused in these tables is refused at every cut, with one answer, and the connection ends.
#[track_caller]
fn refused(www: &Www, name: &str, request: &str, status: &str) {
    // Whoever read the request in another way would answer this.
    let smuggled = format!("{request}GET /digits.txt HTTP/1.1\r\nHost: x\r\n\r\n");
    for sent in [request.as_bytes(), smuggled.as_bytes()] {
        let (answer, is_open) = answer(www, sent);
        assert_eq!(statuses(&answer), [status], "{name}: {answer}");
        assert!(!is_open && answer.contains("Connection: close\r\n"), "{name}: {answer}");
        assert!(!answer.contains("0123456789"), "{name}: {answer}");
    }
    for cut in 1..request.len() {
        let mut session = www.session();
        let (one, two) = request.as_bytes().split_at(cut);
        session.feed(one);
        if session.is_open() {
            session.feed(two);
        }
        let answer = String::from_utf8_lossy(&session.output()).into_owned();
        assert_eq!(statuses(&answer), [status], "{name}, cut at {cut}: {answer}");
        assert!(!session.is_open(), "{name}, cut at {cut}");
    }
}

#[test]
fn a_length_that_is_none_is_refused() {
    let www = Www::new("lengths");
    LENGTHS.iter().for_each(|(name, request, status)| refused(&www, name, request, status));
}

#[test]
fn a_coding_that_is_not_chunked_alone_is_refused() {
    let www = Www::new("codings");
    CODINGS.iter().for_each(|(name, request, status)| refused(&www, name, request, status));
}

#[test]
fn a_head_that_is_broken_is_refused() {
    let www = Www::new("heads");
    HEADS.iter().for_each(|(name, request, status)| refused(&www, name, request, status));
}

#[test]
fn a_first_line_that_is_broken_is_refused() {
    let www = Www::new("lines");
    LINES.iter().for_each(|(name, request, status)| refused(&www, name, request, status));
}

/// To where nothing comes back, so that there is an answer to see.
const CHUNKED: &str = "POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

#[test]
fn chunks_that_are_broken_are_refused() {
    let www = Www::new("chunks");
    for (name, body, status) in CHUNKS.iter().chain(TRAILERS) {
        refused(&www, name, &format!("{CHUNKED}{body}"), status);
    }
}

#[test]
fn a_body_that_comes_back_is_cut_off_where_it_is_broken() {
    let www = Www::new("echoed");
    for (name, body, _) in CHUNKS.iter().chain(TRAILERS) {
        let request =
            CHUNKED.replace("/nowhere", "/echo") + body + "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        let (answer, is_open) = answer(&www, &request);
        assert_eq!(statuses(&answer), ["200"], "{name}: {answer}");
        assert!(!is_open && !answer.ends_with("0\r\n\r\n"), "{name}: {answer}");
    }
}

#[test]
fn there_are_more_than_eighty_of_them() {
    let tables = [LENGTHS, CODINGS, CHUNKS, TRAILERS, HEADS, LINES];
    assert!(tables.iter().map(|table| table.len()).sum::<usize>() >= 80);
}

/// What looks as odd and is right.
#[test]
fn what_the_rfc_allows_is_not_refused() {
    let www = Www::new("allowed");
    for (name, request) in [
        ("an empty line in front", "\r\nGET /digits.txt HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("no space behind the colon", "GET /digits.txt HTTP/1.1\r\nHost:x\r\n\r\n"),
        ("tabs around a value", "GET /digits.txt HTTP/1.1\r\nHost:\tx\t\r\n\r\n"),
        ("an empty Host", "GET /digits.txt HTTP/1.1\r\nHost:\r\n\r\n"),
        ("a Host with a port", "GET /digits.txt HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
        ("the absolute form", "GET http://y/digits.txt HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("the absolute form in capitals", "GET HTTP://y:80/digits.txt HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("names in any letters", "GET /digits.txt HTTP/1.1\r\nhOsT: x\r\n\r\n"),
        ("bytes that are no ASCII in a value", "GET /digits.txt HTTP/1.1\r\nHost: x\r\na: ä\r\n\r\n"),
        ("an empty value", "GET /digits.txt HTTP/1.1\r\nHost: x\r\na:\r\n\r\n"),
        ("a length of 0", "GET /digits.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
        ("zeros in front", "GET /digits.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 0005\r\n\r\nhello"),
        ("a body of GET", "GET /digits.txt HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("Chunked in capitals", "GET /digits.txt HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n"),
        ("zeros in front of a chunk's length", "GET /digits.txt HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0005;a=\"b\"\r\nhello\r\n000\r\na: b\r\n\r\n"),
        ("a trailer that would smuggle", "GET /digits.txt HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 50\r\nHost: y\r\n\r\n"),
        ("a query", "GET /digits.txt?a=/../b HTTP/1.1\r\nHost: x\r\n\r\n"),
    ] {
        let (answer, is_open) = answer(&www, request);
        assert!(is_open && answer.ends_with("\r\n\r\n0123456789"), "{name}: {answer}");
        assert_eq!(statuses(&answer), ["200"], "{name}: {answer}");
    }
}
