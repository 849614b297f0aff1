//! Every bound: its error, its counter, and that it costs no more than it has to.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Cause, Closed, Error, IntoSocket, Io, Key, Limit, Limits, Map};
use asyncore_tests::net::{run_until, Client};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::Duration;

/// Echoes frames; says what went wrong, and lives on.
#[channel(max_frame = 8, max_length = 16, max_output = 200 * 1024, frames_per_turn = 3)]
struct Bounded;

#[channel]
impl Bounded {
    #[terminator(b"\n")]
    fn line(line: &str, io: &mut Io<Self>) -> String {
        if let Some(len) = line.strip_prefix("put ").and_then(|len| len.parse().ok()) {
            io.set_terminator(BoundedTerminator::Block(len));
        }
        match line {
            "message" => io.set_terminator(BoundedTerminator::Message),
            "short" => io.set_terminator(BoundedTerminator::Short),
            "flood" => io.push(vec![b'x'; 200 * 1024]),
            _ => {}
        }
        format!("{line}\n")
    }

    #[terminator(len, next = line)]
    fn block(block: &str) -> String {
        format!("<{block}>\n")
    }

    #[terminator(prefix = u8, max = 16, next = line)]
    fn message(message: &str) -> String {
        format!("({message})\n")
    }

    #[terminator(b".", max = 2, next = line)]
    fn short(short: &str) -> String {
        format!("{short}\n")
    }

    #[on_error]
    fn bad(error: &Error) -> String {
        format!("{error}\n")
    }
}

#[track_caller]
fn after(fed: &str, expected: &str) -> Session<Bounded> {
    let mut session = Session::new(Bounded);
    session.feed(fed);
    assert_eq!(String::from_utf8(session.output()).unwrap(), expected);
    session
}

fn hits(session: &mut Session<Bounded>, limit: Limit) -> u64 {
    session.net().counters().hits(limit)
}

#[test]
fn a_frame_as_long_as_its_bound_is_handled() {
    after("12345678\n", "12345678\n");
}

#[test]
fn a_frame_over_its_bound_is_an_error_and_the_next_one_is_handled() {
    let mut session = after("123456789\nok\n", "no end of frame within 8 bytes\nok\n");
    assert_eq!(hits(&mut session, Limit::Frame), 1);
}

#[test]
fn a_frame_over_its_bound_is_an_error_before_its_end_comes() {
    let mut session = after("123456789", "no end of frame within 8 bytes\n");
    session.feed("9876543210\nok\n");
    assert_eq!(session.output(), b"ok\n");
    assert_eq!(hits(&mut session, Limit::Frame), 1);
}

#[test]
fn the_bound_of_a_state_is_tighter_than_the_channels() {
    after("short\n123.ok\n", "short\nno end of frame within 2 bytes\nok\n");
}

#[test]
fn a_declared_length_over_its_bound_is_an_error_and_its_bytes_are_dropped() {
    let error = "a frame of 17 bytes was announced, the limit is 16";
    let mut session = after("put 17\n0123456789abcdefgok\n", &format!("put 17\n{error}\nok\n"));
    assert_eq!(hits(&mut session, Limit::Length), 1);
}

#[test]
fn a_prefix_over_its_bound_is_an_error_and_its_bytes_are_dropped() {
    let error = "a frame of 17 bytes was announced, the limit is 16";
    let mut session =
        after("message\n\x110123456789abcdefgok\n", &format!("message\n{error}\nok\n"));
    assert_eq!(hits(&mut session, Limit::Length), 1);
}

#[test]
fn a_declared_length_of_exabytes_holds_nothing() {
    let mut session = Session::new(Huge);
    session.feed(b"\xff\xff\xff\xff\xff\xff\xff\xff");
    session.feed(vec![0; 1 << 20]);
    let expected = "a frame of 18446744073709551615 bytes was announced, the limit is 1048576";
    assert_eq!(String::from_utf8(session.output()).unwrap(), expected);
    session.feed_eof();
    assert_eq!(session.closed().unwrap().unread, 0);
}

/// Lengths of 64 bits.
#[channel]
struct Huge;

#[channel]
impl Huge {
    #[terminator(prefix = u64)]
    fn message(_message: &[u8]) {}

    #[on_error]
    fn bad(error: &Error) -> String {
        error.to_string()
    }
}

#[test]
fn a_queue_over_its_bound_closes_the_channel() {
    let mut session = Session::new(Bounded);
    session.window(0);
    session.feed("flood\n");
    let why = session.closed().unwrap();
    assert!(matches!(why.error(), Some(Error::OutputTooLong { limit: 204_800 })), "{why}");
    assert_eq!(hits(&mut session, Limit::Output), 1);
}

/// So many peers that read nothing, of whom the first asks for most.
fn held(map: &mut Map, peers: usize) -> Vec<(Key<Dumps>, Client<UnixStream>)> {
    let mut open = Vec::new();
    for peer in 0..peers {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let key = map.add(ours, Dumps).unwrap();
        let mut client = Client::from(theirs);
        client.send(format!("{}\n", 3_000_000 - peer * 100_000));
        open.push((key, client));
    }
    open
}

#[test]
fn of_all_channels_that_hold_too_much_together_the_one_that_holds_most_goes() {
    let mut map = Map::new().unwrap();
    map.set_max_held(8_000_000);
    let peers = held(&mut map, 3);
    run_until(&mut map, |map| map.counters().hits(Limit::Held) > 0);
    let alive: Vec<_> = peers.iter().map(|(key, _)| map.is_alive(*key)).collect();
    assert_eq!(alive, [false, true, true]);
    assert_eq!(map.counters().hits(Limit::Held), 1);
}

/// Answers a number with so many bytes, at once.
#[channel(max_output = 4_000_000)]
struct Dumps;

#[channel]
impl Dumps {
    #[terminator(b"\n")]
    fn line(size: &str) -> Result<Vec<u8>, std::num::ParseIntError> {
        Ok(vec![b'x'; size.parse()?])
    }
}

#[test]
fn the_bound_of_a_queue_is_the_same_in_memory_and_over_each_socket() {
    for (size, is_within) in [(4_000_000, true), (4_000_001, false)] {
        let mut session = Session::new(Dumps);
        session.feed(format!("{size}\n"));
        assert_eq!(session.is_open(), is_within, "{size} in memory");
        let (ours, theirs) = UnixStream::pair().unwrap();
        assert_eq!(takes(ours, theirs, size), is_within, "{size} over a Unix socket");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let ours = listener.accept().unwrap().0;
        assert_eq!(takes(ours, theirs, size), is_within, "{size} over TCP");
    }
}

/// Whether so many bytes are an answer that the channel survives, to a peer that reads all the time.
fn takes<S>(ours: impl IntoSocket, theirs: S, size: usize) -> bool
where
    S: Read + Write + Send + 'static,
{
    let mut map = Map::new().unwrap();
    map.add(ours, Dumps).unwrap();
    let (waker, (heard, hears)) = (map.handle(), mpsc::channel());
    std::thread::spawn(move || {
        let mut peer = Client(theirs);
        peer.send(format!("{size}\n"));
        let len = peer.0.take(size as u64).read_to_end(&mut Vec::new());
        heard.send(len.unwrap_or(0)).unwrap();
        waker.wake();
    });
    let mut len = None;
    run_until(&mut map, |_| {
        len = hears.try_recv().ok();
        len.is_some()
    });
    // A large buffer of the system may have taken all of what was over the bound.
    map.counters().hits(Limit::Output) == 0 && len == Some(size)
}

#[test]
fn what_a_queue_over_its_bound_lost_is_in_the_reason() {
    let mut session = Session::new(Bounded);
    session.window(0);
    session.feed("flood\n");
    assert!(session.closed().unwrap().unsent > 200 * 1024);
}

#[test]
fn a_channel_has_so_many_frames_in_a_turn() {
    let mut session = after("1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\n4\n5\n6\n7\n");
    assert_eq!(hits(&mut session, Limit::Turn), 2);
}

/// Reads four bytes in a turn.
#[channel(bytes_per_turn = 4)]
struct Sips;

#[channel]
impl Sips {
    #[on_read]
    fn data(data: &[u8]) -> Vec<u8> {
        [b"<", data, b">"].concat()
    }
}

#[test]
fn a_channel_reads_so_many_bytes_in_a_turn() {
    let mut session = Session::new(Sips);
    session.feed("0123456789");
    assert_eq!(session.output(), b"<0123><4567><89>");
    assert_eq!(session.net().counters().hits(Limit::Turn), 2);
}

#[test]
fn a_channel_with_much_to_read_does_not_keep_others_from_their_turn() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (other, peer) = UnixStream::pair().unwrap();
    let (mut theirs, mut peer) = (Client::from(theirs), Client::from(peer));
    let mut map = Map::new().unwrap();
    map.add(ours, Sips).unwrap();
    map.add(other, Sips).unwrap();
    theirs.send([b'x'; 10_000]);
    peer.send("hi");
    run_until(&mut map, |_| peer.has_input());
    assert_eq!(peer.receive(4), b"<hi>");
    assert!(map.counters().hits(Limit::Turn) < 10);
}

/// A connection without `#[on_error]`.
#[channel(max_frame = 8)]
struct Plain;

#[channel]
impl Plain {
    #[terminator(b"\n")]
    fn line(line: &[u8]) -> &[u8] {
        line
    }
}

#[test]
fn a_frame_over_its_bound_closes_a_channel_without_on_error() {
    let mut session = Session::new(Plain);
    session.feed("123456789\nok\n");
    assert_eq!(session.output(), b"");
    let why = session.closed();
    let is_right =
        |why: &Closed| matches!(why.cause, Cause::Error(Error::FrameTooLong { limit: 8 }));
    assert!(why.as_ref().is_some_and(is_right), "{why:?}");
}

#[test]
fn each_bound_of_two_limits_is_the_tighter_one() {
    let (one, other) = (Limits::DEFAULT.max_frame(10), Limits::DEFAULT.max_output(20));
    let tightened = one.tightened(&other);
    assert_eq!((tightened.max_frame, tightened.max_output), (10, 20));
}

/// Says more than it may when it is told of an error.
#[channel(max_output = 1_000, max_frame = 8)]
struct Complains;

#[channel]
impl Complains {
    #[terminator(b"\n")]
    fn line(_line: &str, io: &mut Io<Self>) {
        io.set_timer(Duration::ZERO, ());
    }

    #[on_timer]
    fn timer() -> Result<(), &'static str> {
        Err("late")
    }

    #[on_error]
    fn bad(&mut self, _error: &Error) -> Vec<u8> {
        vec![b'x'; 1_001]
    }
}

#[test]
fn what_on_error_says_has_the_bound_of_what_a_handler_says() {
    // A frame that is no text, one without an end, and a handler's own error.
    for input in [&b"\xff\n"[..], b"123456789", b"timer\n"] {
        let mut session = Session::new(Complains);
        session.feed(input);
        let why = session.closed().expect("closed");
        assert!(matches!(why.error(), Some(Error::OutputTooLong { limit: 1_000 })), "{why}");
        assert_eq!(session.net().counters().hits(Limit::Output), 1);
    }
}

/// Digits up to a semicolon.
#[channel]
struct Scanned;

fn scanned(input: &[u8]) -> Result<asyncore_runtime::Scan, std::convert::Infallible> {
    use asyncore_runtime::Scan;
    let end = input.iter().position(|byte| *byte == b';');
    Ok(end.map_or(Scan::Need(input.len() + 1), |end| Scan::Frame(end + 1)))
}

#[channel]
impl Scanned {
    #[terminator(with = scanned, max = 8)]
    fn frame(frame: &[u8]) -> &[u8] {
        frame
    }

    #[on_error]
    fn failed(error: &asyncore_runtime::Error) -> String {
        format!("{:?}", error.limit())
    }
}

#[test]
fn a_frame_that_a_function_finds_no_end_of_is_over_the_limit_of_frames() {
    for fed in ["123456789;", "123456789"] {
        let mut session = Session::new(Scanned);
        session.feed(fed);
        assert_eq!(session.output(), b"Some(Frame)", "{fed}");
        assert!(!session.is_open(), "{fed}");
        assert_eq!(session.net().counters().hits(Limit::Frame), 1, "{fed}");
    }
}
