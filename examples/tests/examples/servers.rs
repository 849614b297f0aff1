//! The line and echo servers.

use std::io::Write;
use std::net::Shutdown;

use crate::process::{client, closed, expect, rest, run, Process, Server, PATIENCE};

#[test]
fn line_server_shouts() {
    let server = Server::start("line_server");
    let mut peer = server.connect();
    peer.write_all(b"hello\r\nagain\r\nto be cont").unwrap();
    expect(&mut peer, "HELLO\r\nAGAIN\r\n");
    peer.write_all(b"inued\r\n").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut peer), "TO BE CONTINUED\r\n");
}

#[test]
fn line_server_answers_nc() {
    let server = Server::start("line_server");
    let Some(mut nc) = client("nc") else { return };
    let address = server.address;
    let mut nc = Process::start(nc.args([address.ip().to_string(), address.port().to_string()]));
    nc.0.stdin.as_mut().unwrap().write_all(b"hello\r\n").unwrap();
    expect(nc.0.stdout.as_mut().unwrap(), "HELLO\r\n");
}

#[test]
fn lookup_in_tokio_answers_600_clients_in_the_order_of_their_questions() {
    let server = Server::start("lookup_in_tokio");
    let mut peers: Vec<_> = (0..600).map(|_| server.connect()).collect();
    for (port, peer) in peers.iter_mut().enumerate() {
        write!(peer, "127.0.0.1:{port}\r\nno port\r\n127.0.0.1:1\r\n").unwrap();
    }
    for (port, peer) in peers.iter_mut().enumerate() {
        expect(peer, format!("127.0.0.1:{port}\r\ninvalid socket address\r\n127.0.0.1:1\r\n"));
    }
}

#[test]
fn line_server_answers_curl() {
    let server = Server::start("line_server");
    let Some(mut curl) = client("curl") else { return };
    let mut curl = Process::start(curl.args(["-sN", &format!("telnet://{}", server.address)]));
    curl.0.stdin.as_mut().unwrap().write_all(b"hello\r\n").unwrap();
    expect(curl.0.stdout.as_mut().unwrap(), "HELLO\r\n");
}

#[test]
fn line_server_closes_on_what_is_not_utf8_and_says_so_in_a_line() {
    let mut server = Server::start("line_server");
    let errors = server.stderr();
    let mut peer = server.connect();
    peer.write_all(b"caf\xe9!\r\n").unwrap();
    assert_eq!(rest(&mut peer), "");
    let line = errors.recv_timeout(PATIENCE).unwrap();
    assert!(line.starts_with("asyncore: Shout 127.0.0.1:"), "{line}");
    assert!(line.contains("invalid utf-8"), "{line}");
    assert!(server.connect().write_all(b"next\r\n").is_ok());
}

#[test]
fn line_server_closes_on_a_line_without_end_and_says_the_limit() {
    let mut server = Server::start("line_server");
    let errors = server.stderr();
    let mut peer = server.connect();
    peer.write_all(&[b'x'; 8 * 1024 + 2]).unwrap();
    closed(&mut peer);
    let line = errors.recv_timeout(PATIENCE).unwrap();
    assert!(line.ends_with("no end of frame within 8192 bytes; closing"), "{line}");
}

#[test]
fn v_shows_every_event_of_a_channel() {
    let mut server = Server::with("line_server", &["-v"]);
    let events = server.stderr();
    let mut peer = server.connect();
    peer.write_all(b"hello\r\n").unwrap();
    expect(&mut peer, "HELLO\r\n");
    peer.shutdown(Shutdown::Write).unwrap();
    for event in [
        "handle_connect()",
        "handle_read() -> 7 bytes",
        "found_terminator()",
        "handle_write() -> 7 bytes",
        "handle_eof()",
        "handle_close() -> closed by the peer",
    ] {
        let line = events.recv_timeout(PATIENCE).unwrap();
        assert_eq!(line, format!("Shout Key(1#0): {event}"));
    }
}

#[test]
fn line_echo_sends_each_line_back_as_it_was() {
    let server = Server::start("line_echo");
    let mut peer = server.connect();
    let lines = b"one\r\n\r\n\x00\xff\r \n\r\nlast\r\n";
    peer.write_all(lines).unwrap();
    expect(&mut peer, lines);
}

#[test]
fn line_echo_serves_in_several_threads() {
    let server = Server::with("line_echo", &["--workers", "2"]);
    let mut peers: Vec<_> = (0..4).map(|_| server.connect()).collect();
    for peer in &mut peers {
        peer.write_all(b"one\r\n").unwrap();
        expect(peer, "one\r\n");
    }
}

#[test]
fn line_echo_is_silent_until_the_line_ends() {
    let server = Server::start("line_echo");
    let mut peer = server.connect();
    peer.write_all(b"no end\r").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    assert_eq!(rest(&mut peer), "");
}

#[test]
fn echo_server_sends_back_what_it_reads_and_says_who_came() {
    let server = Server::start("echo_server");
    let mut peer = server.connect();
    let came = format!("incoming connection from {}", peer.local_addr().unwrap());
    assert_eq!(server.line(), came);
    for data in [&b"no line"[..], b"\r\n", &[0; 100_000]] {
        peer.write_all(data).unwrap();
        expect(&mut peer, data);
    }
}

#[test]
fn echo_client_and_echo_server_understand_each_other() {
    let server = Server::start("echo_server");
    let mut client = crate::process::example("echo_client");
    let output = run(client.arg(server.address.to_string()));
    let mut lines: Vec<_> = std::str::from_utf8(&output.stdout).unwrap().lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["7 bytes: abcdefg", "7 bytes: hijklmn"]);
}
