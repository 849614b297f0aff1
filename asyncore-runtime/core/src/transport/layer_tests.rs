//! Layers over a stream, in memory and over TCP: what a layer is worth, and its traps.

use core::time::Duration;
use std::io::{self, Read, Write};

use super::stream::{Layer, Stream};
use crate::driver::start;
use crate::testing::Net;
use crate::{Channel, Frame, Io, Map, Result, Settings, Until};

/// Echoes lines, after a greeting.
struct Echo;
impl Settings for Echo {
    const LIMITS: crate::Limits = crate::Limits::DEFAULT.max_frame(2 << 20).max_output(4 << 20);
}
impl Channel for Echo {
    type Terminator = ();
    fn until<'a>(&'a self, (): &'a ()) -> Until<'a> {
        Until::bytes(b"\n")
    }
    fn on_connect(&mut self, io: &mut Io<Self>) -> Result {
        io.push("hello\n");
        Ok(())
    }
    fn found_terminator(&mut self, frame: Frame<'_>, io: &mut Io<Self>) -> Result {
        let line = frame.as_bytes();
        io.push(line);
        io.push("\n");
        if line == b"bye" {
            io.close_when_done();
        }
        Ok(())
    }
}

const KEY: u8 = 0x5a;

fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ KEY).collect()
}

/// Each byte is another one below.
#[derive(Debug)]
struct Xor(Stream);
impl Layer for Xor {
    fn below(&self) -> &Stream {
        &self.0
    }
    fn below_mut(&mut self) -> &mut Stream {
        &mut self.0
    }
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.0.read(buf)?;
        buf.iter_mut().take(len).for_each(|byte| *byte ^= KEY);
        Ok(len)
    }
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(&masked(buf))
    }
}

fn xor(stream: Stream) -> Stream {
    stream.layered(|below| Box::new(Xor(below)))
}

#[test]
fn a_layer_masks_every_byte_in_memory() {
    let mut net = Net::new();
    let key = net.open_over(Echo, xor);
    net.feed(key, masked(b"one\ntwo\nbye\n"));
    assert_eq!(net.output(key), masked(b"hello\none\ntwo\nbye\n"));
    assert!(!net.is_open(key));
}

#[test]
fn a_layer_masks_every_byte_over_tcp() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, _) = listener.accept().unwrap();
    ours.set_nonblocking(true).unwrap();
    let stream = Stream::from(mio::net::TcpStream::from_std(ours));
    let mut map = Map::new().unwrap();
    start::accepted(map.scheduler(), xor(stream), Echo, |_| ()).unwrap();
    peer.write_all(&masked(b"one\nbye\n")).unwrap();
    peer.shutdown(std::net::Shutdown::Write).unwrap();
    map.run().unwrap();
    let mut heard = Vec::new();
    peer.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, masked(b"hello\none\nbye\n"));
}

/// Asks for `?` and answers `!` before anything else, and then takes no more than 64 KiB at a time
/// into a buffer of its own.
#[derive(Debug)]
struct Polite {
    below: Stream,
    has_begun: bool,
    backlog: Vec<u8>,
    inside: Vec<u8>,
}
impl Polite {
    const MOST: usize = 64 * 1024;

    fn over(stream: Stream) -> Stream {
        let layer = |below| Self { below, has_begun: false, backlog: vec![], inside: vec![] };
        stream.layered(|below| Box::new(layer(below)))
    }
}
impl Layer for Polite {
    fn below(&self) -> &Stream {
        &self.below
    }
    fn below_mut(&mut self) -> &mut Stream {
        &mut self.below
    }
    fn begin(&mut self) -> io::Result<()> {
        while !self.has_begun {
            let mut buf = [0; 100];
            let len = self.below.read(&mut buf)?;
            assert_eq!(buf[0], b'?');
            self.inside.extend_from_slice(&buf[1..len]);
            self.backlog.push(b'!');
            self.has_begun = true;
        }
        Ok(())
    }
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.inside.is_empty() {
            return self.below.read(buf);
        }
        let len = self.inside.len().min(buf.len()).min(3);
        buf[..len].copy_from_slice(&self.inside[..len]);
        self.inside.drain(..len);
        Ok(len)
    }
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let room = Self::MOST - self.backlog.len();
        let len = buf.len().min(room);
        self.backlog.extend_from_slice(&buf[..len]);
        let flushed = self.flush();
        match flushed {
            Err(error) if len == 0 => Err(error),
            _ => Ok(len),
        }
    }
    fn has_backlog(&self) -> bool {
        !self.backlog.is_empty()
    }
    fn flush(&mut self) -> io::Result<()> {
        while !self.backlog.is_empty() {
            let len = self.below.write(&self.backlog)?;
            self.backlog.drain(..len);
        }
        Ok(())
    }
}

#[test]
fn nothing_is_said_before_the_layer_has_begun_whatever_is_queued() {
    let mut net = Net::new();
    let key = net.open_over(Echo, Polite::over);
    let other = net.open(Echo);
    net.with(other, move |_, io| io.push_to(key, "early\n"));
    assert_eq!(net.output(key), b"");
    net.feed(key, b"?");
    assert_eq!(net.output(key), b"!hello\nearly\n");
}

#[test]
fn what_came_with_the_last_of_the_beginning_is_read_to_its_end() {
    let mut net = Net::new();
    let key = net.open_over(Echo, Polite::over);
    net.feed(key, b"?one\ntwo\nthree\n");
    assert_eq!(net.output(key), b"!hello\none\ntwo\nthree\n");
}

#[test]
fn a_megabyte_goes_through_a_layer_that_takes_64_kib() {
    let mut net = Net::new();
    let key = net.open_over(Echo, Polite::over);
    let line = [vec![b'x'; 1 << 20], b"\n".to_vec()].concat();
    net.feed(key, b"?");
    net.window(key, 0);
    net.feed(key, &line);
    let mut heard = net.output(key);
    while heard.len() < line.len() + 7 {
        let before = heard.len();
        net.window(key, 10_000);
        heard.extend(net.output(key));
        assert!(heard.len() > before, "stalled at {before}");
    }
    assert_eq!(heard[7..], line);
}

#[test]
fn the_last_word_leaves_the_layer_before_the_end() {
    let mut net = Net::new();
    let key = net.open_over(Echo, Polite::over);
    net.feed(key, b"?");
    net.window(key, 2);
    net.feed(key, b"bye\n");
    assert!(net.is_open(key), "its layer still holds what it said");
    net.window(key, usize::MAX);
    assert_eq!(net.output(key), b"!hello\nbye\n");
    assert!(!net.is_open(key));
}

#[test]
fn a_layer_that_never_begins_has_the_time_of_a_handshake() {
    let mut net = Net::new();
    let key = net.open_over(Echo, Polite::over);
    net.advance(Duration::from_secs(10));
    let why = net.closed(key).expect("its time is over");
    assert_eq!(why.error().and_then(crate::Error::limit), Some(crate::Limit::Handshake));
}
