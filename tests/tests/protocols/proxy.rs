//! A reverse proxy: two channels that stream bodies to each other, each at the pace of the slower.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Addr, Bytes, Error, Frame, FromFrame, Io, Key, Piece};
use asyncore_tests::net::{bounded, Client as Peer, Server};
use std::io;
use std::net::TcpListener;

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Len(u64),
    Chunked,
    Rest,
}

struct Head {
    bytes: Bytes,
    body: Body,
}

impl<'a> FromFrame<'a> for Head {
    type Error = Error;

    fn from_frame(frame: Frame<'a>) -> Result<Self, Error> {
        let head: &str = frame.parse()?;
        let (mut lengths, mut body) = (0, Body::Rest);
        for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                lengths += 1;
                body = Body::Len(digits(value.trim(), 10)?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                lengths += 1;
                body = Body::Chunked;
            }
        }
        if lengths > 1 {
            return Err(Error::frame("more than one length"));
        }
        Ok(Self { bytes: format!("{head}\r\n\r\n").into(), body })
    }
}

/// A number and nothing else: no sign, no space.
fn digits(text: &str, radix: u32) -> Result<u64, Error> {
    let is_number = text.bytes().all(|byte| (byte as char).is_digit(radix));
    u64::from_str_radix(text, radix)
        .ok()
        .filter(|_| is_number)
        .ok_or_else(|| Error::frame("length"))
}

/// The client's side.
#[channel]
struct Client {
    backend: Addr,
    upstream: Option<Key<Upstream>>,
}

#[channel]
impl Client {
    #[terminator(b"\r\n\r\n", max = 16 * 1024, within = "10s")]
    fn head(&mut self, head: Head, io: &mut Io<Self>) -> io::Result<()> {
        let upstream =
            io.connect(&self.backend, Upstream { client: io.key(), answer: Answer::None })?;
        io.push_to(upstream, head.bytes);
        self.upstream = Some(upstream);
        let len = if let Body::Len(len) = head.body { len } else { 0 };
        io.set_terminator(ClientTerminator::Body(len));
        Ok(())
    }

    #[terminator(len, next = head)]
    fn body(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        let Some(upstream) = self.upstream else { return };
        io.push_to(upstream, piece.data);
        if piece.last {
            // The next request comes after this answer.
            io.pause();
        }
    }

    #[on_error]
    fn bad(_error: &Error, io: &mut Io<Self>) -> &'static str {
        io.close_when_done();
        "HTTP/1.1 400 Bad Request\r\n\r\n"
    }

    #[on_close]
    fn gone(&mut self, io: &mut Io<Self>) {
        if let Some(upstream) = self.upstream.take() {
            io.tell(upstream, |_, io| io.close());
        }
    }
}

impl Client {
    fn answered(&mut self, is_whole: bool, io: &mut Io<Self>) {
        self.upstream = None;
        if is_whole {
            io.resume();
        } else {
            io.close_when_done();
        }
    }
}

/// How much of an answer has come.
#[derive(PartialEq, Eq)]
enum Answer {
    None,
    Begun,
    Whole,
}

/// The server's side: one for each request.
#[channel]
struct Upstream {
    client: Key<Client>,
    answer: Answer,
}

#[channel]
impl Upstream {
    #[terminator(b"\r\n\r\n", max = 16 * 1024)]
    fn head(&mut self, head: Head, io: &mut Io<Self>) {
        io.push_to(self.client, head.bytes);
        self.answer = Answer::Begun;
        io.set_terminator(match head.body {
            Body::Len(len) => UpstreamTerminator::Body(len),
            Body::Chunked => UpstreamTerminator::ChunkSize,
            Body::Rest => UpstreamTerminator::Rest,
        });
    }

    #[terminator(len)]
    fn body(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        io.push_to(self.client, piece.data);
        if piece.last {
            self.done(io);
        }
    }

    #[terminator(b"\r\n", max = 16)]
    fn chunk_size(&mut self, line: &str, io: &mut Io<Self>) -> Result<(), Error> {
        let len = digits(line, 16)?;
        io.push_to(self.client, format_args!("{line}\r\n"));
        io.set_terminator(match len {
            0 => UpstreamTerminator::Trailer,
            len => UpstreamTerminator::Chunk(len),
        });
        Ok(())
    }

    #[terminator(len, end = b"\r\n", next = chunk_size)]
    fn chunk(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        io.push_to(self.client, piece.data);
        if piece.last {
            io.push_to(self.client, "\r\n");
        }
    }

    #[terminator(b"\r\n", max = 1024)]
    fn trailer(&mut self, line: &str, io: &mut Io<Self>) {
        io.push_to(self.client, format_args!("{line}\r\n"));
        if line.is_empty() {
            self.done(io);
        }
    }

    #[terminator(eof)]
    fn rest(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        io.push_to(self.client, piece.data);
    }

    #[on_error]
    fn failed(&mut self, _error: &Error, io: &mut Io<Self>) {
        if self.answer == Answer::None {
            io.push_to(self.client, "HTTP/1.1 502 Bad Gateway\r\n\r\n");
        }
        io.close();
    }

    #[on_close]
    fn closed(&mut self, io: &mut Io<Self>) {
        let is_whole = self.answer == Answer::Whole;
        io.tell(self.client, move |client, io| client.answered(is_whole, io));
    }
}

impl Upstream {
    fn done(&mut self, io: &mut Io<Self>) {
        self.answer = Answer::Whole;
        io.close();
    }
}

const BACKEND: &str = "10.0.0.1:80";
const GET: &str = "GET / HTTP/1.1\r\n\r\n";

/// A network with one client's connection.
fn open() -> (Net, Key<Client>) {
    let mut net = Net::new();
    let backend = Addr::Inet(BACKEND.parse().unwrap());
    let client = net.open(Client { backend, upstream: None });
    (net, client)
}

/// The connection to the server that was made last.
fn upstream(net: &mut Net) -> Key<Upstream> {
    *net.keys().last().expect("a request was passed on")
}

#[track_caller]
fn answered(answer: &str) {
    let (mut net, client) = open();
    net.feed(client, GET);
    let upstream = upstream(&mut net);
    assert_eq!(net.output(upstream), GET.as_bytes());
    net.feed(upstream, answer);
    assert_eq!(String::from_utf8(net.output(client)).unwrap(), answer);
    assert!(!net.is_open(upstream));
    assert!(net.is_open(client));
}

#[test]
fn an_answer_with_a_length_is_passed_on() {
    answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

#[test]
fn an_empty_answer_is_passed_on() {
    answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

#[test]
fn an_answer_in_chunks_is_passed_on() {
    answered(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n",
    );
}

#[test]
fn an_answer_up_to_the_end_is_passed_on_and_ends_the_connection() {
    let (mut net, client) = open();
    net.feed(client, GET);
    let upstream = upstream(&mut net);
    net.feed(upstream, "HTTP/1.1 200 OK\r\n\r\nhello");
    net.feed_eof(upstream);
    assert_eq!(net.output(client), b"HTTP/1.1 200 OK\r\n\r\nhello");
    assert!(!net.is_open(client));
}

#[test]
fn the_second_request_of_a_connection_waits_for_the_first_answer() {
    let (mut net, client) = open();
    net.feed(client, GET.repeat(2));
    assert_eq!(net.keys::<Upstream>().len(), 1);
    let first = upstream(&mut net);
    net.feed(first, "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n");
    assert!(!net.is_open(first));
    assert_eq!(net.keys::<Upstream>().len(), 1);
}

#[test]
fn a_body_is_passed_on_as_it_comes() {
    let (mut net, client) = open();
    net.feed(client, "PUT / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf ");
    let upstream = upstream(&mut net);
    assert!(net.output(upstream).ends_with(b"\r\n\r\nhalf "));
    net.feed(client, "whole");
    assert_eq!(net.output(upstream), b"whole");
}

#[test]
fn a_server_that_reads_nothing_stops_the_upload() {
    let (mut net, client) = open();
    net.feed(client, "PUT / HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n");
    let upstream = upstream(&mut net);
    net.window(upstream, 0);
    for _ in 0..100 {
        net.feed(client, [b'x'; 10_000]);
    }
    let queued = net.with(upstream, |_, io| io.queued()).unwrap();
    assert!((64 * 1024..80 * 1024).contains(&queued), "{queued} bytes");
}

#[test]
fn a_client_that_reads_nothing_stops_the_download_and_not_its_upload() {
    let (mut net, client) = open();
    net.feed(client, "PUT / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n");
    let upstream = upstream(&mut net);
    net.output(upstream);
    net.window(client, 0);
    net.feed(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    for _ in 0..100 {
        net.feed(upstream, [b'x'; 10_000]);
    }
    let queued = net.with(client, |_, io| io.queued()).unwrap();
    assert!((64 * 1024..80 * 1024).contains(&queued), "{queued} bytes");
    net.feed(client, "still uploading");
    assert_eq!(net.output(upstream), b"still uploading");
}

#[test]
fn a_server_that_refuses_is_a_bad_gateway() {
    let (mut net, client) = open();
    net.refuse(BACKEND);
    net.feed(client, GET);
    assert_eq!(net.output(client), b"HTTP/1.1 502 Bad Gateway\r\n\r\n");
    assert!(!net.is_open(client));
}

#[test]
fn an_answer_that_is_cut_off_ends_the_connection() {
    let (mut net, client) = open();
    net.feed(client, GET);
    let upstream = upstream(&mut net);
    net.feed(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf ");
    net.feed_eof(upstream);
    assert!(!net.is_open(client));
}

#[test]
fn two_lengths_are_a_bad_request() {
    let (mut net, client) = open();
    net.feed(client, "PUT / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(net.output(client), b"HTTP/1.1 400 Bad Request\r\n\r\n");
}

#[test]
fn ten_mib_go_up_and_down_over_sockets() {
    const SIZE: usize = 10 << 20;
    let backend = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = Addr::Inet(backend.local_addr().unwrap());
    let server = Server::start(|map| {
        map.listen("127.0.0.1:0", move |_| Client { backend: addr.clone(), upstream: None })
    });
    let head = format!("PUT / HTTP/1.1\r\nContent-Length: {SIZE}\r\n\r\n");
    let (mut peer, len) = (server.client(), head.len() + SIZE);
    peer.send(head);
    let echoed = bounded(move || {
        let mut server = Peer::from(backend.accept().unwrap().0);
        let body = server.receive(len).split_off(len - SIZE);
        server.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n"));
        server.send(body);
    });
    let body: Vec<u8> = (0_u32..).flat_map(u32::to_be_bytes).take(SIZE).collect();
    peer.send(&body);
    let answer = peer.receive("HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n".len() + SIZE);
    assert!(answer.ends_with(&body), "other bytes");
    echoed();
}
