//! Stopping gracefully.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Cause, Closed, Io, Map};
use asyncore_tests::net::{Client, Log, Server};
use std::io::{Error, ErrorKind};
use std::net::TcpStream;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Echoes lines, with `slow` a second later.
#[channel]
struct Echo(Log);

struct Later;

#[channel]
impl Echo {
    #[terminator(b"\n")]
    fn line(line: &str, io: &mut Io<Self>) -> Option<String> {
        if line != "slow" {
            return Some(format!("{line}\n"));
        }
        io.pause();
        io.set_timer(SECOND, Later);
        None
    }

    #[on_timer]
    fn later(_later: Later, io: &mut Io<Self>) -> &'static str {
        io.resume();
        "slow\n"
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(why);
    }
}

#[test]
fn an_idle_channel_is_closed_at_once() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(Echo(log.clone()));
    net.drain(10 * SECOND);
    assert!(matches!(net.closed(key).unwrap().cause, Cause::Drained));
    assert_eq!(log.take(), ["drained"]);
}

#[test]
fn a_channel_finishes_what_it_is_at() {
    let mut net = Net::new();
    let key = net.open(Echo(Log::default()));
    net.feed(key, "slow\nhello\n");
    net.drain(10 * SECOND);
    assert!(net.is_open(key));
    net.advance(SECOND);
    assert_eq!(net.output(key), b"slow\nhello\n");
    assert!(!net.is_open(key));
}

#[test]
fn a_channel_sends_what_is_queued() {
    let mut net = Net::new();
    let key = net.open(Echo(Log::default()));
    net.window(key, 0);
    net.feed(key, "hello\n");
    net.drain(10 * SECOND);
    assert!(net.is_open(key));
    net.window(key, usize::MAX);
    assert_eq!(net.output(key), b"hello\n");
    assert!(!net.is_open(key));
}

#[test]
fn a_frame_that_has_begun_may_still_come() {
    let mut net = Net::new();
    let key = net.open(Echo(Log::default()));
    net.feed(key, "hel");
    net.drain(10 * SECOND);
    net.feed(key, "lo\n");
    assert_eq!(net.output(key), b"hello\n");
    assert!(!net.is_open(key));
}

#[test]
fn what_is_left_at_the_deadline_is_closed() {
    let mut net = Net::new();
    let key = net.open(Echo(Log::default()));
    net.feed(key, "hel");
    net.drain(10 * SECOND);
    net.advance(10 * SECOND - Duration::from_nanos(1));
    assert!(net.is_open(key));
    net.advance(Duration::from_nanos(1));
    assert!(!net.is_open(key));
}

#[test]
fn a_map_that_drains_accepts_no_more_and_its_run_ends() {
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| Echo(Log::default())));
    let mut client = server.client();
    client.converse("hello\n", "hello\n");
    server.map().drain(10 * SECOND).unwrap();
    assert_eq!(client.receive_all(), b"");
    let refused = TcpStream::connect(server.addr()).map_err(|error: Error| error.kind());
    assert!(matches!(refused, Err(ErrorKind::ConnectionRefused)), "{refused:?}");
    drop(client);
    server.join();
}

#[test]
fn a_line_that_the_kernel_has_already_is_answered() {
    let mut map = Map::new().unwrap();
    let listener = map.listen("127.0.0.1:0", |_| Echo(Log::default())).unwrap();
    let mut client = Client::connect(listener.local_addr().inet().unwrap());
    asyncore_tests::net::run_until(&mut map, |map| map.len() == 2);
    client.send("hello\n");
    map.drain(10 * SECOND);
    asyncore_tests::net::run_until(&mut map, |map| map.counters().closed() == 1);
    assert_eq!(client.receive_all(), b"hello\n");
}

#[test]
fn what_has_no_frames_is_closed_at_once_although_it_has_read() {
    /// Takes what comes.
    #[channel]
    struct Takes;
    #[channel]
    impl Takes {
        #[on_read]
        fn read(_data: &[u8]) {}
    }
    /// As a state.
    #[channel]
    struct TakesInAState;
    #[channel]
    impl TakesInAState {
        #[terminator(none)]
        fn read(_data: &[u8]) {}
    }
    let mut net = Net::new();
    let (dispatcher, state) = (net.open(Takes), net.open(TakesInAState));
    net.feed(dispatcher, "x");
    net.feed(state, "x");
    net.drain(10 * SECOND);
    assert!(!net.is_open(dispatcher) && !net.is_open(state));
}

/// Pauses as soon as it is connected.
#[channel]
struct Paused;

#[channel]
impl Paused {
    #[on_connect]
    fn connected(io: &mut Io<Self>) {
        io.pause();
    }

    #[on_read]
    fn read(&mut self, _data: &[u8]) {}
}

#[test]
fn a_channel_that_paused_at_rest_is_closed_at_once() {
    let mut net = Net::new();
    let key = net.open(Paused);
    net.drain(10 * SECOND);
    assert!(!net.is_open(key));
}

/// A head of a number, and so many lines.
#[channel]
#[derive(Default)]
struct Mail {
    left: usize,
}

#[channel(states = Part)]
impl Mail {
    #[terminator(b"\n")]
    fn head(&mut self, lines: &str, io: &mut Io<Self>) {
        self.left = lines.parse().unwrap();
        io.set_terminator(Part::Line);
    }

    #[terminator(b"\n", busy)]
    fn line(&mut self, _line: &str, io: &mut Io<Self>) -> Option<&'static str> {
        self.left -= 1;
        if self.left > 0 {
            return None;
        }
        io.set_terminator(Part::Head);
        Some("stored\n")
    }
}

#[test]
fn who_is_busy_between_two_frames_finishes_what_it_is_at() {
    for fed in ["2\n", "2\none\n", "1\nstored\n2\none\n"] {
        let mut net = Net::new();
        let key = net.open(Mail::default());
        net.feed(key, fed);
        net.drain(10 * SECOND);
        assert!(net.is_open(key), "{fed:?}");
        net.feed(key, if fed == "2\n" { "one\ntwo\n" } else { "two\n" });
        assert!(net.output(key).ends_with(b"stored\n"), "{fed:?}");
        assert!(!net.is_open(key), "{fed:?}");
    }
}

#[test]
fn who_is_busy_has_the_time_of_the_drain_and_no_more() {
    let mut net = Net::new();
    let (busy, at_rest) = (net.open(Mail::default()), net.open(Mail::default()));
    net.feed(busy, "1\n");
    net.drain(10 * SECOND);
    assert!(net.is_open(busy) && !net.is_open(at_rest));
    net.advance(10 * SECOND);
    assert!(matches!(net.closed(busy).unwrap().cause, Cause::Drained));
}
