//! Streams over sockets of the kernel.

use mio::net::TcpStream;
use std::io::{ErrorKind, Write};
use std::os::unix::net::UnixStream as Std;

use super::os::{self, UnixStream, Watched};
use super::readiness::Ready;
use super::stream::Stream;

fn tcp() -> (Stream, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let peer = std::net::TcpStream::connect(listener.local_addr().expect("bound"));
    let (ours, _) = listener.accept().expect("a peer");
    ours.set_nonblocking(true).expect("a socket");
    (TcpStream::from_std(ours).into(), peer.expect("connected"))
}

#[test]
fn a_short_read_is_all_of_a_tcp_stream_until_it_has_urgent_data() {
    let (mut stream, _peer) = tcp();
    assert_eq!(stream.is_all(5, 10), os::SHORT_READ_IS_ALL);
    assert!(!stream.is_all(10, 10));
    stream.heard(Ready::URGENT);
    assert!(!stream.is_all(5, 10), "a read stops at the mark");
}

#[test]
fn a_short_read_of_anything_else_proves_nothing() {
    let (ours, _theirs) = Std::pair().expect("a pair");
    ours.set_nonblocking(true).expect("a socket");
    assert!(!Stream::from(UnixStream::from_std(ours)).is_all(5, 10));
    let (reader, _writer) = std::io::pipe().expect("a pipe");
    let file = Watched::new(std::fs::File::from(std::os::fd::OwnedFd::from(reader)));
    assert!(!Stream::from(Box::new(file.expect("a pipe"))).is_all(5, 10));
}

#[test]
fn what_is_unread_is_seen_and_left_there() {
    let (mut stream, mut peer) = tcp();
    assert!(!stream.has_unread());
    peer.write_all(b"hello").expect("room");
    while !stream.has_unread() {
        std::thread::yield_now();
    }
    assert_eq!(stream.read(&mut [0; 10]).expect("there"), 5);
    assert!(!stream.has_unread());
}
/// Both kinds, made blocking by somebody who has the socket too.
fn blocking() -> Vec<Stream> {
    let (tcp, peer) = tcp();
    std::mem::forget(peer);
    let (ours, theirs) = Std::pair().expect("a pair");
    std::mem::forget(theirs);
    let streams = vec![tcp, UnixStream::from_std(ours).into()];
    for stream in &streams {
        stream.sock_ref().expect("a socket").set_nonblocking(false).expect("a socket");
    }
    streams
}

#[test]
fn a_read_that_was_not_announced_never_waits() {
    for mut stream in blocking() {
        let error = stream.read(&mut [0; 10]).expect_err("nothing came");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn a_write_never_waits() {
    for mut stream in blocking() {
        let error = loop {
            match stream.write(&[0; 65_536]) {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
}
