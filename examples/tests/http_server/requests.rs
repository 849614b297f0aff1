//! Requests and answers: connections that stay and that do not, bodies both ways, the pool, the limits.

use std::time::Duration;

use crate::kit::{answer, every_cut, statuses, Www};

const TEXT: &str = "Content-Type: text/plain\r\n";

fn hello(after: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{TEXT}Content-Length: 13\r\n{after}\r\nHello, World!")
}

#[test]
fn a_connection_stays_in_http_1_1_and_goes_in_http_1_0_unless_it_is_said() {
    let www = Www::new("stays");
    for (request, after, stays) in [
        ("GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n", "", true),
        (
            "GET /plaintext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "Connection: close\r\n",
            false,
        ),
        (
            "GET /plaintext HTTP/1.1\r\nHost: x\r\nConnection: a, Close\r\n\r\n",
            "Connection: close\r\n",
            false,
        ),
        ("GET /plaintext HTTP/1.0\r\n\r\n", "Connection: close\r\n", false),
        (
            "GET /plaintext HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "Connection: keep-alive\r\n",
            true,
        ),
    ] {
        assert_eq!(every_cut(&www, request), (hello(after), stays), "{request}");
    }
}

#[test]
fn what_stands_behind_the_last_request_is_not_answered() {
    let www = Www::new("last");
    let request = "GET /plaintext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".repeat(2);
    assert_eq!(answer(&www, request), (hello("Connection: close\r\n"), false));
}

#[test]
fn requests_in_one_read_are_answered_in_order() {
    let www = Www::new("pipelined");
    let one = "GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n";
    let two = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    let kind = "Content-Type: application/octet-stream\r\n";
    let echo = format!("HTTP/1.1 200 OK\r\n{kind}Content-Length: 5\r\n\r\nhello");
    let expected = [hello(""), echo.clone(), hello(""), echo].concat();
    assert_eq!(every_cut(&www, [one, two, one, two].concat()), (expected, true));
}

#[test]
fn answers_of_the_pool_keep_their_places() {
    let www = Www::new("pool");
    let mut session = www.session();
    session.feed(
        "GET /slow?ms=60 HTTP/1.1\r\nHost: x\r\n\r\nGET /slow?ms=1 HTTP/1.1\r\nHost: x\r\n\r\n\
         GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    let mut answer = String::new();
    while !answer.ends_with("Hello, World!") {
        // A thread of the pool is waited for, which the session does not do.
        std::thread::yield_now();
        answer += &String::from_utf8_lossy(&session.output());
    }
    let places = ["it took 60 ms", "it took 1 ms", "Hello, World!"].map(|text| answer.find(text));
    assert!(places.is_sorted() && places[0].is_some(), "{answer}");
}

#[test]
fn a_body_comes_back_as_it_came() {
    let www = Www::new("echo");
    let kind = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n";
    let sized = "PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na\r\n";
    let expected = format!("{kind}Content-Length: 3\r\n\r\na\r\n");
    assert_eq!(every_cut(&www, sized), (expected, true));
    let chunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\nabc\r\n1A;a=b\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nA: b\r\n\r\n";
    let expected = format!(
        "{kind}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n"
    );
    assert_eq!(answer(&www, chunked), (expected, true));
    let empty = "POST /echo HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(answer(&www, empty), (format!("{kind}Content-Length: 0\r\n\r\n"), true));
}

#[test]
fn who_waits_to_be_told_is_told_to_go_on() {
    let www = Www::new("continue");
    let mut session = www.session();
    session.feed(
        "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    );
    let first = String::from_utf8(session.output().to_vec()).unwrap();
    assert!(first.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), "{first}");
    session.feed("ab");
    assert_eq!(session.output(), b"ab");
    // HTTP/1.0 has no such answer.
    let old = "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab";
    assert_eq!(statuses(&answer(&www, old).0), ["200"]);
    let refused = "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999999999\r\n\r\n";
    assert_eq!(statuses(&answer(&www, refused).0), ["413"]);
    // Who is refused anyway is not asked for a body; whether it sends one is its own affair.
    let unwanted =
        "POST /digits.txt HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    let (refused, is_open) = every_cut(&www, unwanted);
    assert_eq!((statuses(&refused), is_open), (vec!["405"], false));
    assert!(refused.contains("Connection: close\r\n"), "{refused}");
}

#[test]
fn a_method_that_is_not_for_this_is_told_which_are() {
    let www = Www::new("methods");
    for (request, status, allow) in [
        ("POST /plaintext", "405", "GET, HEAD, OPTIONS"),
        ("POST /digits.txt", "405", "GET, HEAD, OPTIONS"),
        ("GET /echo", "405", "POST, PUT, OPTIONS"),
        ("DELETE /digits.txt", "405", "GET, HEAD, OPTIONS"),
        ("TRACE /", "405", "GET, HEAD, OPTIONS"),
        ("OPTIONS *", "204", "GET, HEAD, OPTIONS"),
        ("OPTIONS /echo", "204", "POST, PUT, OPTIONS"),
        ("OPTIONS /digits.txt", "204", "GET, HEAD, OPTIONS"),
    ] {
        let (answer, is_open) = answer(&www, format!("{request} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert_eq!(statuses(&answer), [status], "{request}");
        assert!(is_open && answer.contains(&format!("Allow: {allow}\r\n")), "{request}: {answer}");
    }
}

#[test]
fn head_is_get_without_its_body() {
    let www = Www::new("head");
    for path in ["/plaintext", "/digits.txt", "/", "/nowhere", "/folder"] {
        let request = |method| format!("{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        let (get, _) = answer(&www, request("GET"));
        let (head, is_open) = answer(&www, request("HEAD"));
        let end = get.find("\r\n\r\n").unwrap() + 4;
        assert_eq!((head.as_str(), is_open), (&get[..end], true), "{path}");
    }
}

#[test]
fn a_head_has_a_limit_in_bytes_and_fields_and_a_chunk_in_its_line() {
    let www = Www::new("limits");
    let long = format!("GET /plaintext HTTP/1.1\r\nHost: x\r\na: {}\r\n\r\n", "b".repeat(17_000));
    assert_eq!(statuses(&answer(&www, long).0), ["431"]);
    let endless = format!("GET /{}", "a".repeat(17_000));
    assert_eq!(statuses(&answer(&www, endless).0), ["431"]);
    let many = format!("GET /plaintext HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(100));
    assert_eq!(statuses(&answer(&www, many).0), ["431"]);
    let chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let extended = format!("{chunked}5;{}\r\n", "a".repeat(300));
    assert_eq!(statuses(&answer(&www, extended).0), ["431"]);
    let trailers = format!("{chunked}0\r\n{}", "a: b\r\n".repeat(3000));
    assert_eq!(statuses(&answer(&www, trailers).0), ["431"]);
    let unwanted = format!("{chunked}FFFF\r\n{}\r\n2\r\n", "a".repeat(0xffff));
    assert_eq!(statuses(&answer(&www, unwanted).0), ["413"]);
}

#[test]
fn who_is_slow_to_ask_is_told_so_and_who_does_not_ask_is_not() {
    let www = Www::new("times");
    let mut slow = www.session();
    slow.feed("GET / HT");
    slow.advance(Duration::from_secs(10));
    assert_eq!(statuses(&String::from_utf8_lossy(&slow.output())), ["408"]);
    assert!(!slow.is_open());
    // An empty line is the beginning of a head.
    let mut empty = www.session();
    empty.feed("\r\n");
    empty.advance(Duration::from_secs(10));
    assert_eq!(statuses(&String::from_utf8_lossy(&empty.output())), ["408"]);
    let mut idle = www.session();
    idle.feed("GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n");
    idle.output();
    idle.advance(Duration::from_secs(60));
    assert_eq!((idle.output().as_ref(), idle.is_open()), (&b""[..], false));
}
