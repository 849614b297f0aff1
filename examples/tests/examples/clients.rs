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
    let size = path.strip_suffix(" HTTP/1.0\r\n").expect(&first);
    expect(&mut request, format!("Host: {host}\r\n\r\n"));
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
    assert_eq!(lines[0], format!("{} got {} bytes", urls[0], HEAD + 100));
    assert_eq!(lines[1], format!("{} got {} bytes", urls[1], HEAD + 3_000_000));
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
    assert_eq!(printed, format!("{} got {} bytes\n", urls[1], HEAD + 7));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with(&format!("{}: cannot connect to {gone}: ", urls[0])), "{said}");
    server.join().unwrap();
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
