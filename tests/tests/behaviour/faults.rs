//! Errors and panics: each costs one channel, and no other.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Bytes, Error, Io, Key, Map};
use asyncore_tests::net::{run_until, Client, Log};
use std::net::UdpSocket;
use std::time::Duration;

/// Where something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Connect,
    Frame,
    Collect,
    Write,
    Eof,
    Timer,
    Task,
    Producer,
    Close,
    Drop,
}

/// The events whose handlers have a result; and those that can panic only.
const HANDLERS: [At; 8] =
    [At::Connect, At::Frame, At::Collect, At::Write, At::Eof, At::Timer, At::Task, At::Producer];
const ENDINGS: [At; 2] = [At::Close, At::Drop];

/// Fails at one place, one way or the other.
#[channel]
struct Faulty {
    at: At,
    panics: bool,
    log: Log,
}

impl Faulty {
    fn pass(&self, here: At) -> Result<(), &'static str> {
        match (here == self.at, self.panics) {
            (true, true) => panic!("ouch"),
            (true, false) => Err("no"),
            (false, _) => Ok(()),
        }
    }
}

struct Alarm;

#[channel]
impl Faulty {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) -> Result<(), &'static str> {
        io.set_timer(Duration::from_secs(1), Alarm);
        self.pass(At::Connect)
    }

    #[terminator(b"\n")]
    fn line(&mut self, _line: &[u8], io: &mut Io<Self>) -> Result<(), &'static str> {
        io.push("some output");
        io.push_with_producer(|me: &mut Self| me.pass(At::Producer).map(|()| None::<Bytes>));
        io.tell(io.key(), |me, _| me.pass(At::Task));
        io.set_terminator(FaultyTerminator::Collected);
        self.pass(At::Frame)
    }

    #[terminator(b"\n", next = line)]
    fn collected(&mut self) {}

    #[on_read]
    fn collect(&mut self, _data: &[u8]) -> Result<(), &'static str> {
        self.pass(At::Collect)
    }

    #[on_write]
    fn room(&mut self) -> Result<(), &'static str> {
        self.pass(At::Write)
    }

    #[on_timer]
    fn alarm(&mut self, _alarm: Alarm) -> Result<(), &'static str> {
        self.pass(At::Timer)
    }

    #[on_eof]
    fn eof(&mut self, io: &mut Io<Self>) -> Result<(), &'static str> {
        io.close_when_done();
        self.pass(At::Eof)
    }

    #[on_close]
    fn closed(&mut self) {
        self.log.note("closed");
        // It has no result to fail with.
        let _ = self.pass(At::Close);
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        let _ = self.pass(At::Drop);
    }
}

/// Echoes lines.
#[channel]
struct Echo;

#[channel]
impl Echo {
    #[terminator(b"\n")]
    fn line(line: &[u8]) -> &[u8] {
        line
    }
}

/// A network with a channel that fails and one that does not, after everything has happened.
fn played(at: At, panics: bool) -> (Net, Key<Faulty>, Key<Echo>, Log) {
    let (mut net, log) = (Net::new(), Log::default());
    let faulty = net.open(Faulty { at, panics, log: log.clone() });
    let echo = net.open(Echo);
    net.window(faulty, 0);
    net.feed(faulty, b"line\ncollected\n");
    net.window(faulty, usize::MAX);
    net.advance(Duration::from_secs(1));
    net.feed_eof(faulty);
    (net, faulty, echo, log)
}

#[test]
fn an_error_in_any_handler_closes_its_channel_with_that_error() {
    for at in HANDLERS {
        let (mut net, faulty, ..) = played(at, false);
        let why = net.closed(faulty).unwrap();
        assert!(matches!(why.error(), Some(Error::Handler(_))), "{at:?}: {why}");
        assert_eq!(why.error().unwrap().to_string(), "no", "{at:?}");
    }
}

#[test]
fn a_panic_in_any_handler_closes_its_channel_with_its_text() {
    for at in HANDLERS {
        let (mut net, faulty, ..) = played(at, true);
        let why = net.closed(faulty).unwrap();
        assert!(matches!(why.error(), Some(Error::Panic(text)) if text == "ouch"), "{at:?}: {why}");
    }
}

#[test]
fn a_panic_costs_no_other_channel() {
    for at in HANDLERS.into_iter().chain(ENDINGS) {
        let (mut net, _, echo, _) = played(at, true);
        net.feed(echo, b"still here\n");
        assert_eq!(net.output(echo), b"still here", "{at:?}");
        assert_eq!(net.len(), 1, "{at:?}");
    }
}

#[test]
fn a_channel_that_failed_has_one_close_event() {
    for at in HANDLERS.into_iter().chain(ENDINGS) {
        for panics in [false, true] {
            let (.., log) = played(at, panics);
            assert_eq!(log.take(), ["closed"], "{at:?}");
        }
    }
}

/// Lives on after an error, and fails again while it is told of one.
#[channel]
struct Hears {
    fails_again: bool,
}

#[channel]
impl Hears {
    #[terminator(b"\n")]
    fn line(line: &str) -> Result<&str, &'static str> {
        match line {
            "bad" => Err("bad line"),
            "worse" => panic!("worse line"),
            line => Ok(line),
        }
    }

    #[on_error]
    fn bad(&mut self, error: &Error) -> Result<String, &'static str> {
        match self.fails_again {
            true => Err("again"),
            false => Ok(format!("({error})")),
        }
    }
}

#[test]
fn a_channel_with_on_error_lives_on_after_an_error_of_its_handler() {
    let mut net = Net::new();
    let key = net.open(Hears { fails_again: false });
    net.feed(key, b"bad\ngood\n");
    assert_eq!(net.output(key), b"(bad line)good");
}

#[test]
fn a_frame_of_invalid_utf8_is_an_error_and_the_next_one_is_handled() {
    let mut net = Net::new();
    let key = net.open(Hears { fails_again: false });
    net.feed(key, b"\xff\ngood\n");
    let output = String::from_utf8(net.output(key)).unwrap();
    assert!(output.starts_with("(bad frame: invalid utf-8"), "{output}");
    assert!(output.ends_with(")good"), "{output}");
}

#[test]
fn a_panic_is_shown_to_on_error_and_closes_the_channel_all_the_same() {
    let mut net = Net::new();
    let key = net.open(Hears { fails_again: false });
    net.feed(key, b"worse\ngood\n");
    assert_eq!(net.output(key), b"(a handler panicked: worse line)");
    assert!(!net.is_open(key));
}

#[test]
fn an_error_in_on_error_closes_the_channel_with_the_first_error() {
    let mut net = Net::new();
    let key = net.open(Hears { fails_again: true });
    net.feed(key, b"bad\ngood\n");
    assert_eq!(net.closed(key).unwrap().error().unwrap().to_string(), "bad line");
}

/// Panics when it is asked whether it wants to read.
#[channel]
struct Undecided;

#[channel]
impl Undecided {
    #[readable]
    fn wants_to_read(&self) -> bool {
        panic!("who knows");
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

#[test]
fn a_panic_while_it_is_asked_costs_that_channel_only() {
    let mut net = Net::new();
    let (undecided, echo) = (net.open(Undecided), net.open(Echo));
    net.feed(echo, b"still here\n");
    assert_eq!(net.output(echo), b"still here");
    let why = net.closed(undecided).unwrap();
    assert!(matches!(why.error(), Some(Error::Panic(_))), "{why}");
}

/// Panics when it reads for itself.
#[channel]
struct Raw;

#[channel]
impl Raw {
    #[on_read]
    fn readable(&mut self, _io: &mut Io<Self>) {
        panic!("it bites");
    }
}

#[test]
fn a_panic_of_a_channel_that_reads_for_itself_closes_it() {
    let mut net = Net::new();
    let raw = net.open(Raw);
    net.feed(raw, b"x");
    let why = net.closed(raw).unwrap();
    assert!(matches!(why.error(), Some(Error::Panic(text)) if text == "it bites"), "{why}");
}

/// Panics at some datagrams.
#[channel]
struct Datagrams;

#[channel]
impl Datagrams {
    #[on_read]
    fn datagram(data: &[u8]) -> &[u8] {
        assert!(data != b"bite", "it bites");
        data
    }
}

#[test]
fn a_panic_of_a_datagram_channel_costs_that_datagram_only() {
    let mut map = Map::new().unwrap();
    let key = map.datagram("127.0.0.1:0", Datagrams).unwrap();
    let place = map.local_addr(key).unwrap().inet().unwrap();
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.send_to(b"bite", place).unwrap();
    peer.send_to(b"still here", place).unwrap();
    peer.set_nonblocking(true).unwrap();
    let mut answer = [0; 100];
    let mut heard = 0;
    run_until(&mut map, |_| {
        heard = peer.recv(&mut answer).unwrap_or(0);
        heard > 0
    });
    assert_eq!(&answer[..heard], b"still here");
    assert_eq!(map.counters().panics(), 1);
}

#[test]
fn a_panic_in_the_closure_of_a_listener_costs_that_connection_only() {
    let mut map = Map::new().unwrap();
    let mut is_first = true;
    let accept = move |_| {
        assert!(!std::mem::take(&mut is_first), "the first one is bad luck");
        Echo
    };
    let addr = map.listen("127.0.0.1:0", accept).unwrap().local_addr().inet().unwrap();
    let (mut first, mut second) = (Client::connect(addr), Client::connect(addr));
    second.send("still here\n");
    run_until(&mut map, |_| second.has_input());
    assert_eq!(first.receive_all(), b"");
    assert_eq!(second.receive(10), b"still here");
}

/// Says half of what it is, and then no more.
struct Half;

impl std::fmt::Display for Half {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("half of it")?;
        Err(std::fmt::Error)
    }
}

/// Pushes it, to the peer or to another channel; waits for nothing if it is told so.
#[channel]
struct Breaks {
    other: Option<Key<Echo>>,
}

#[channel]
impl Breaks {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> String {
        match (line, self.other) {
            ("nothing", _) => io.set_terminator(BreaksTerminator::Until(Bytes::new())),
            ("other", Some(other)) => io.push_to(other, format_args!("<{Half}>")),
            _ => io.push(format_args!("<{Half}>")),
        }
        format!("{line};")
    }

    #[terminator(bytes, next = line)]
    fn until(&mut self, _frame: &[u8]) {}

    #[on_error]
    fn failed(&mut self, error: &Error) -> String {
        format!("({error})")
    }
}

#[test]
fn of_what_cannot_be_written_out_nothing_is_sent_and_the_channel_is_told() {
    let mut net = Net::new();
    let other = net.open(Echo);
    let key = net.open(Breaks { other: Some(other) });
    for line in ["own", "other"] {
        net.feed(key, format!("{line}\n"));
        let told = "a `Display` that was pushed returned an error";
        let output = String::from_utf8(net.output(key)).unwrap();
        assert_eq!(output, format!("{line};({told})"));
    }
    assert_eq!(net.output(other), b"");
}

#[test]
fn a_terminator_that_can_end_no_frame_is_an_error_and_no_other_mode() {
    let mut net = Net::new();
    let key = net.open(Breaks { other: None });
    net.feed(key, b"nothing\nand more\n");
    let why = net.closed(key).unwrap();
    assert!(matches!(why.error(), Some(Error::BadTerminator { .. })), "{why}");
    assert_eq!(net.output(key), b"nothing;(the terminator can end no frame: it has no bytes)");
}

#[test]
fn what_is_said_of_a_push_that_failed_stands_before_what_the_next_frame_says() {
    let mut net = Net::new();
    let key = net.open(Breaks { other: None });
    net.feed(key, "one\ntwo\n");
    let output = String::from_utf8(net.output(key)).unwrap();
    assert!(output.starts_with("one;(a `Display`") && output.contains(")two;("), "{output}");
}
