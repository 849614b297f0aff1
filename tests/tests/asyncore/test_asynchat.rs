//! CPython's test_asynchat.py, in our own words, under its names.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{Io, Map, SimpleProducer, Terminator};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

use super::common::{frames_of, run_until, Chat, Events, PATIENCE};
use crate::has;

/// Ends what the echo server reads.
const QUIT: &[u8] = b"QUIT";

/// Takes one connection, reads up to [`QUIT`], and sends back what it got, so many bytes at a
/// time. What it got.
fn echo_server(chunk: usize) -> (SocketAddr, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("an address");
    let server = thread::spawn(move || {
        let (mut peer, _) = listener.accept().expect("a client");
        peer.set_nodelay(true).expect("an option");
        peer.set_read_timeout(Some(PATIENCE)).expect("an option");
        let (mut got, mut byte) = (Vec::new(), [0]);
        while !got.ends_with(QUIT) && peer.read(&mut byte).expect("more") > 0 {
            got.push(byte[0]);
        }
        got.truncate(got.len() - if got.ends_with(QUIT) { QUIT.len() } else { 0 });
        got.chunks(chunk).for_each(|part| peer.write_all(part).expect("room"));
        got
    });
    (addr, server)
}

/// What a client does when it is connected.
type Act = fn(&mut Chat, &mut Io<Chat>);

/// Connects, does something, says that that was all, and notes what comes back.
fn client(addr: SocketAddr, until: impl Into<Terminator>, act: Act) -> Events {
    let chat = Chat::new(until);
    let events = chat.events.clone();
    let mut map = Map::new().expect("a map");
    let key = map.connect(addr, chat).expect("an address");
    map.tell(key, act);
    map.tell(key, |_, io: &mut Io<Chat>| io.push(QUIT));
    run_until(&mut map, Map::is_empty);
    events
}

/// The frames, and what is left.
fn contents(events: &Events) -> Vec<String> {
    let (mut frames, mut frame) = (Vec::new(), String::new());
    for event in events.list() {
        match (event.strip_prefix("collect "), event.as_str()) {
            (Some(data), _) => frame += data,
            (None, "found") => frames.push(std::mem::take(&mut frame)),
            _ => {}
        }
    }
    frames.extend(Some(frame).filter(|frame| !frame.is_empty()));
    frames
}

/// Two lines, of which the first is pushed in two parts, and echoed 1, 2, 3 bytes at a time.
fn line_terminator(end: &'static [u8]) {
    for chunk in [1, 2, 3] {
        let (addr, server) = echo_server(chunk);
        let events = client(addr, end, |chat, io| {
            let Terminator::Bytes(end) = chat.until.clone() else { return };
            io.push("hello ");
            io.push("world");
            io.push(&end);
            io.push("I'm not dead yet!");
            io.push(end);
        });
        assert_eq!(contents(&events), ["hello world", r"I\'m not dead yet!"]);
        server.join().expect("no panic");
    }
}

#[test]
fn test_line_terminator1() {
    line_terminator(b"\n");
}

#[test]
fn test_line_terminator2() {
    line_terminator(b"\r\n");
}

#[test]
fn test_line_terminator3() {
    line_terminator(b"qqq");
}

/// The first `count` bytes are one frame, and there is no other.
fn numeric_terminator(count: u64) {
    let (addr, server) = echo_server(1);
    let events = client(addr, count, |_, io| io.push("hello world, I'm not dead yet!\n"));
    let count = usize::try_from(count).expect("small");
    assert_eq!(contents(&events)[0], "hello world"[..count]);
    assert_eq!(events.count("found"), 1);
    server.join().expect("no panic");
}

#[test]
fn test_numeric_terminator1() {
    numeric_terminator(1);
}

#[test]
fn test_numeric_terminator2() {
    numeric_terminator(6);
}

#[test]
fn test_none_terminator() {
    let (addr, server) = echo_server(4096);
    let events = client(addr, Terminator::None, |_, io| io.push("hello world\n"));
    assert_eq!(contents(&events), [r"hello world\n"]);
    assert_eq!(events.count("found"), 0);
    server.join().expect("no panic");
}

#[test]
fn test_simple_producer() {
    let (addr, server) = echo_server(4096);
    let events = client(addr, b"\n", |_, io| {
        let data = "hello world\nI'm not dead yet!\n";
        io.push_with_producer(SimpleProducer::with_size(data, 8));
    });
    assert_eq!(contents(&events), ["hello world", r"I\'m not dead yet!"]);
    server.join().expect("no panic");
}

/// Adapted: bytes are pushed; they need no producer.
#[test]
fn test_string_producer() {
    let (addr, server) = echo_server(4096);
    let events = client(addr, b"\n", |_, io| io.push("hello world\nI'm not dead yet!\n"));
    assert_eq!(contents(&events), ["hello world", r"I\'m not dead yet!"]);
    server.join().expect("no panic");
}

#[test]
fn test_empty_line() {
    let frames = frames_of(b"\n", &[b"hello world\n\nI'm not dead yet!\n"]);
    assert_eq!(frames, ["hello world", "", r"I\'m not dead yet!", ""]);
}

#[test]
fn test_close_when_done() {
    let (addr, server) = echo_server(4096);
    let mut map = Map::new().expect("a map");
    let chat = Chat::new(b"\n");
    let events = chat.events.clone();
    let key = map.connect(addr, chat).expect("a channel");
    map.tell(key, |_, io: &mut Io<Chat>| {
        io.push("hello world\nI'm not dead yet!\n");
        io.close_when_done();
    });
    run_until(&mut map, |_| server.is_finished());
    assert_eq!(server.join().expect("no panic"), b"hello world\nI'm not dead yet!\n");
    assert_eq!(contents(&events), Vec::<String>::new(), "nothing is read back");
}

/// Adapted: what cannot be pushed does not compile.
#[test]
fn test_push() {
    let (addr, server) = echo_server(4096);
    let events = client(addr, b"\n", |_, io| {
        io.push(b"bytes\n");
        io.push(b"bytearray\n".to_vec());
        io.push(&b"memoryview\n"[..]);
    });
    assert_eq!(contents(&events), ["bytes", "bytearray", "memoryview"]);
    assert!(!has!(u8: asyncore_runtime::Push));
    assert!(!has!(char: asyncore_runtime::Push));
    server.join().expect("no panic");
}

/// Adapted: a readiness with nothing behind it.
#[test]
fn test_blockingioerror() {
    let chat = Chat::new(b"\n");
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    session.feed(b"");
    assert!(session.is_open());
    assert_eq!(events.list(), Vec::<String>::new());
}

/// Adapted: by what is held.
#[test]
fn test_find_prefix_at_end() {
    for (data, held) in [("qwerty\r", 1), ("qwertydkjf", 0)] {
        let chat = Chat::new(b"\r\n");
        let unread = std::rc::Rc::clone(&chat.unread);
        let mut session = Session::new(chat);
        session.feed(data);
        session.feed_eof();
        assert_eq!(*unread.borrow(), held, "{data:?}");
    }
}

/// Adapted: a count has no sign.
#[test]
fn test_disallow_negative_terminator() {
    assert!(!has!(Terminator: From<i8>));
    assert!(!has!(Terminator: From<i64>));
}
