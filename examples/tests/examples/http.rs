//! The two HTTP servers, which answer alike.

use std::io::Write;
use std::net::Shutdown;

use crate::process::{client, expect, rest, stdout_of, Server};

const BY_METHODS: &str = "http_request_handler";
const BY_FIELDS: &str = "http_request_handler_by_fields";

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// Everything the server says to this, up to its end.
fn converse(name: &str, request: impl AsRef<[u8]>) -> String {
    let server = Server::start(name);
    let mut peer = server.connect();
    peer.write_all(request.as_ref()).unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    rest(&mut peer)
}

#[test]
fn get_is_answered() {
    for name in [BY_METHODS, BY_FIELDS] {
        let answered = converse(name, "GET /here HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_eq!(answered, answer("200 OK", "you asked for /here\n"), "{name}");
    }
}

#[test]
fn post_gets_its_body_back() {
    for name in [BY_METHODS, BY_FIELDS] {
        let request = "POST / HTTP/1.1\r\ncontent-LENGTH:  5 \r\n\r\nhello";
        assert_eq!(converse(name, request), answer("200 OK", "hello"), "{name}");
    }
}

#[test]
fn post_without_a_body_is_answered() {
    for name in [BY_METHODS, BY_FIELDS] {
        let request = "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(converse(name, request), answer("200 OK", ""), "{name}");
    }
}

#[test]
fn a_request_may_come_byte_by_byte() {
    for name in [BY_METHODS, BY_FIELDS] {
        let server = Server::start(name);
        let mut peer = server.connect();
        peer.set_nodelay(true).unwrap();
        for byte in b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\n" {
            peer.write_all(&[*byte]).unwrap();
        }
        expect(&mut peer, answer("200 OK", "\r\n\r\n"));
    }
}

#[test]
fn curl_gets() {
    let Some(mut curl) = client("curl") else { return };
    for name in [BY_METHODS, BY_FIELDS] {
        let server = Server::start(name);
        let url = format!("http://{}/from/curl", server.address);
        assert_eq!(stdout_of(curl.args(["-sf", &url])), "you asked for /from/curl\n", "{name}");
    }
}

#[test]
fn curl_posts() {
    for name in [BY_METHODS, BY_FIELDS] {
        let Some(mut curl) = client("curl") else { return };
        let server = Server::start(name);
        let (url, data) = (format!("http://{}/", server.address), "x".repeat(100_000));
        let echoed = stdout_of(curl.args(["-sf", &url, "-d", &data]));
        assert!(echoed == data, "{name}: {} bytes came back", echoed.len());
    }
}

#[test]
fn curl_is_told_to_go_on_if_it_waits_for_that() {
    let Some(mut curl) = client("curl") else { return };
    let server = Server::start(BY_METHODS);
    let url = format!("http://{}/", server.address);
    curl.args(["-si", &url, "-d", "hello", "-H", "Expect: 100-continue"]);
    curl.args(["--expect100-timeout", "15"]);
    let expected = format!("HTTP/1.1 100 Continue\r\n\r\n{}", answer("200 OK", "hello"));
    assert_eq!(stdout_of(&mut curl), expected);
}

#[test]
fn a_connection_serves_one_request_after_another() {
    let server = Server::start(BY_METHODS);
    let mut peer = server.connect();
    let first = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\none";
    let second = "GET /two HTTP/1.1\r\nConnection: close\r\n\r\n";
    peer.write_all(format!("{first}{second}").as_bytes()).unwrap();
    expect(&mut peer, answer("200 OK", "one"));
    assert_eq!(rest(&mut peer), answer("200 OK", "you asked for /two\n"));
}

#[test]
fn http_1_0_closes_after_the_answer() {
    let server = Server::start(BY_METHODS);
    let mut peer = server.connect();
    peer.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(rest(&mut peer), answer("200 OK", "you asked for /\n"));
}

#[test]
fn other_methods_are_not_implemented() {
    let answered = converse(BY_METHODS, "PUT / HTTP/1.1\r\n\r\n");
    assert_eq!(answered, answer("501 Not Implemented", "only GET and POST are\n"));
}

#[track_caller]
fn refused(name: &str, request: impl AsRef<[u8]>, status: &str) {
    let answered = converse(name, request);
    assert!(answered.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{name}: {answered}");
}

#[test]
fn bad_requests_are_refused() {
    for name in [BY_METHODS, BY_FIELDS] {
        refused(name, "nonsense\r\n\r\n", "400 Bad Request");
        refused(name, "GET / HTTP/1.1\r\nno colon\r\n\r\n", "400 Bad Request");
        refused(name, b"GET /\xff HTTP/1.1\r\n\r\n", "400 Bad Request");
    }
}

#[test]
fn lengths_that_are_none_are_refused() {
    for name in [BY_METHODS, BY_FIELDS] {
        for length in ["", "five", "+5", "-5", "5 5", "99999999999999999999"] {
            let request = format!("POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\nhello");
            refused(name, request, "400 Bad Request");
        }
    }
}

#[test]
fn bodies_whose_end_is_a_matter_of_opinion_are_refused() {
    for name in [BY_METHODS, BY_FIELDS] {
        let twice = "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello";
        refused(name, twice, "400 Bad Request");
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
        refused(name, chunked, "400 Bad Request");
    }
}

#[test]
fn a_head_over_the_limit_is_refused() {
    let request = format!("GET / HTTP/1.1\r\nCookie: {}\r\n\r\n", "x".repeat(8 * 1024));
    refused(BY_METHODS, &request, "431 Request Header Fields Too Large");
    refused(BY_FIELDS, &request, "400 Bad Request");
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let request = "POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n";
    refused(BY_METHODS, request, "413 Content Too Large");
}

#[test]
fn a_field_collects_no_more_than_its_limit() {
    let head = "POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n";
    let request = head.to_owned() + &"x".repeat(1_048_577);
    refused(BY_FIELDS, request, "400 Bad Request");
}
