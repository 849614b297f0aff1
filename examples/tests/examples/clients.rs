//! The clients, against servers written by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use crate::process::{example, expect, run, stdout_of, PATIENCE};

/// Accepts so many connections, all before it serves the first.
fn serve(count: usize, serve: fn(TcpStream)) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || {
        let peers: Vec<_> = listener.incoming().take(count).map(Result::unwrap).collect();
        for peer in peers {
            peer.set_read_timeout(Some(PATIENCE)).unwrap();
            serve(peer);
        }
    });
    (address, server)
}

/// Answers `GET /SIZE` with SIZE bytes of body.
fn web(mut peer: TcpStream) {
    let host = peer.local_addr().unwrap();
    let mut request = BufReader::new(peer.try_clone().unwrap());
    let mut first = String::new();
    request.read_line(&mut first).unwrap();
    let path = first.strip_prefix("GET /").expect(&first);
    let (size, version) = path.split_once(" HTTP/1.").expect(&first);
    let more = if version == "1\r\n" { "Connection: close\r\n" } else { "" };
    expect(&mut request, format!("Host: {host}\r\n{more}\r\n"));
    let body = vec![b'x'; size.parse().unwrap()];
    peer.write_all(b"HTTP/1.0 200 OK\r\n\r\n").unwrap();
    peer.write_all(&body).unwrap();
}

const HEAD: usize = "HTTP/1.0 200 OK\r\n\r\n".len();

#[test]
fn echo_client_waits_for_all_of_its_message() {
    let (address, server) = serve(1, |mut peer| {
        expect(&mut peer, "hello, world");
        peer.write_all(b"hello, ").unwrap();
        peer.set_nodelay(true).unwrap();
        peer.write_all(b"world").unwrap();
        assert_eq!(peer.read(&mut [0]).unwrap(), 0);
    });
    let printed = stdout_of(example("echo_client").args([&address, "hello, world"]));
    assert_eq!(printed, "12 bytes: hello, world\n");
    server.join().unwrap();
}

#[test]
fn echo_client_fails_if_part_of_it_does_not_come_back() {
    let (address, server) = serve(1, |mut peer| {
        expect(&mut peer, "hello");
        peer.write_all(b"he").unwrap();
    });
    let output = run(example("echo_client").args([&address, "hello"]));
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "closed by the peer, 3 bytes did not come back\n");
    server.join().unwrap();
}

#[test]
fn http_client_gets_several_urls_at_once() {
    let (address, server) = serve(2, web);
    let urls = ["100", "3000000"].map(|size| format!("http://{address}/{size}"));
    let printed = stdout_of(example("http_client").args(&urls));
    let mut lines: Vec<_> = printed.lines().collect();
    lines.sort_unstable_by_key(|line| line.len());
    assert_eq!(lines[0], format!("{} got 100 bytes", urls[0]));
    assert_eq!(lines[1], format!("{} got 3000000 bytes", urls[1]));
    server.join().unwrap();
}

#[test]
fn http_client_tells_of_the_url_that_failed_and_gets_the_others() {
    let (address, server) = serve(1, web);
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let urls = [format!("http://{gone}/"), format!("http://{address}/7")];
    let output = run(example("http_client").args(&urls));
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, format!("{} got 7 bytes\n", urls[1]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with(&format!("{}: cannot connect to {gone}: ", urls[0])), "{said}");
    server.join().unwrap();
}

/// What `http_client` prints, on stdout and stderr, and its status, where each of so many requests is
/// answered so, and then the connection is closed.
fn answered(count: usize, answer: fn(&str) -> String) -> (String, String, Option<i32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || {
        for peer in listener.incoming().take(count) {
            let mut peer = peer.unwrap();
            peer.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut lines = BufReader::new(peer.try_clone().unwrap()).lines().map(Result::unwrap);
            let first = lines.next().unwrap();
            lines.find(|line| line.is_empty()).unwrap();
            peer.write_all(answer(first.split(' ').nth(1).unwrap()).as_bytes()).unwrap();
        }
    });
    let url = format!("http://{address}/a/b?c");
    let output = run(example("http_client").arg(&url));
    server.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().replace(&address, "HOST");
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[track_caller]
fn gets(answer: fn(&str) -> String, expected: &str) {
    let (printed, said, status) = answered(1, answer);
    assert_eq!((printed.as_str(), said.as_str(), status), (expected, "", Some(0)));
}

#[track_caller]
fn fails(count: usize, answer: fn(&str) -> String, expected: &str) {
    let (printed, said, status) = answered(count, answer);
    assert_eq!((printed.as_str(), said.as_str(), status), ("", expected, Some(1)));
}

#[test]
fn http_client_finds_the_end_of_every_kind_of_body() {
    let five = "http://HOST/a/b?c got 5 bytes\n";
    gets(|_| "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more".into(), five);
    gets(|_| "HTTP/1.1 200 OK\r\n\r\nhello".into(), five);
    gets(
        |_| {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n";
            format!("{head}2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nA: b\r\n\r\nmore")
        },
        five,
    );
    gets(|_| "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello".into(), five);
    gets(|_| "HTTP/1.1 204 No Content\r\n\r\n".into(), "http://HOST/a/b?c got 0 bytes\n");
}

#[test]
fn http_client_says_that_a_body_was_cut_off() {
    let said = "http://HOST/a/b?c: it ends after 2 bytes of its body\n";
    fails(1, |_| "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe".into(), said);
    let chunked =
        |_: &str| "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n".into();
    fails(1, chunked, said);
}

#[test]
fn http_client_says_what_is_wrong_with_an_answer() {
    for (answer, said) in [
        (
            (|_| "SMTP ready\r\n\r\n".into()) as fn(&str) -> String,
            "not the first line of an answer: \"SMTP ready\"",
        ),
        (|_| "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n".into(), "a bad Content-Length: +5"),
        (
            |_| "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n".into(),
            "a bad Content-Length: 6",
        ),
        (
            |_| "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n".into(),
            "a coding not known: gzip",
        ),
        (
            |_| "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n".into(),
            "no length of a chunk: \"-2\"",
        ),
    ] {
        let (printed, said_too, status) = answered(1, answer);
        assert_eq!((printed.as_str(), status), ("", Some(1)));
        assert!(said_too.contains(said), "{said_too}");
    }
}

#[test]
fn http_client_follows_redirects_relative_ones_too() {
    let answer = |path: &str| match path {
        "/a/b?c" => "HTTP/1.1 302 Found\r\nLocation: ../x#y\r\n\r\n".to_owned(),
        "/x" => "HTTP/1.1 308 Permanent Redirect\r\nLocation: /z\r\n\r\n".to_owned(),
        "/z" => "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc".to_owned(),
        _ => format!("HTTP/1.1 404 Not Found\r\n\r\n{path}"),
    };
    let (printed, said, status) = answered(3, answer);
    assert_eq!(
        (printed.as_str(), said.as_str(), status),
        ("http://HOST/z got 3 bytes\n", "", Some(0))
    );
}

#[test]
fn http_client_follows_ten_redirects_and_no_more() {
    let said = "http://HOST/a/b?c: more than 10 redirects, the last to http://HOST/a/b?c\n";
    fails(11, |_| "HTTP/1.1 301 Moved\r\nLocation: ?c\r\n\r\n".into(), said);
}

#[test]
fn http_clients_by_hand_read_all_pass_by_pass() {
    let (address, server) = serve(2, web);
    let urls = ["100", "20000"].map(|size| format!("http://{address}/{size}"));
    let printed = stdout_of(example("http_clients_by_hand").args(&urls));
    for (url, size) in urls.iter().zip([100, 20_000]) {
        let events: Vec<_> = printed.lines().filter_map(|line| event(line, url)).collect();
        assert_eq!(events[0], format!("connecting to {address}"));
        assert_eq!(events[events.len() - 2..], ["handle_read() -> 0 bytes", "handle_close()"]);
        let read: usize = events.iter().filter_map(|event| bytes_read(event)).sum();
        assert_eq!(read, HEAD + size);
    }
    let passes = printed.lines().filter_map(|line| line.strip_prefix("loop_counter="));
    assert!(passes.zip(1..).all(|(pass, count)| pass == count.to_string()), "{printed}");
    server.join().unwrap();
}

fn event<'a>(line: &'a str, url: &str) -> Option<&'a str> {
    line.strip_prefix(url)?.strip_prefix(": ")
}

fn bytes_read(event: &str) -> Option<usize> {
    let bytes = event.strip_prefix("handle_read() -> ")?.strip_suffix(" bytes")?;
    Some(bytes.parse().unwrap())
}
