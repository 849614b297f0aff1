//! Corners where two rules meet, found by a stranger who tried to break them.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{
    channel, tcp, Addr, Closed, Error, Io, Limit, Listen, Map, Owed, Piece, Socket, Terminator,
};
use asyncore_tests::net::{run_until, Client, Server};
use std::cell::RefCell;
use std::fmt;
use std::net::UdpSocket;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

type Log = Rc<RefCell<Vec<String>>>;

/// Takes a body of ten bytes in pieces.
#[channel]
struct Upload;

#[channel]
impl Upload {
    #[terminator(len = 10)]
    fn body(piece: Piece<'_>) -> Option<&'static str> {
        piece.last.then_some("stored\n")
    }
}

#[test]
fn a_drain_waits_for_the_end_of_a_frame_that_was_given_out_in_part() {
    let mut net = Net::new();
    let key = net.open(Upload);
    net.feed(key, "12345");
    net.drain(SECOND * 10);
    assert!(net.is_open(key));
    net.feed(key, "67890");
    assert_eq!(net.output(key), b"stored\n");
    assert!(!net.is_open(key));
}

/// asynchat's own way.
#[channel]
struct Fields {
    #[on_read]
    inbox: Vec<u8>,
    #[terminator]
    until: Terminator,
}

#[channel]
impl Fields {
    #[terminator]
    fn found(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.inbox)
    }
}

fn fields() -> Fields {
    Fields { inbox: Vec::new(), until: b"\n".into() }
}

#[test]
fn a_drain_waits_for_the_end_of_a_frame_that_went_into_a_field() {
    let mut net = Net::new();
    let key = net.open(fields());
    net.feed(key, "half a");
    net.drain(SECOND * 10);
    assert!(net.is_open(key));
    net.feed(key, " line\n");
    assert_eq!(net.output(key), b"half a line");
    assert!(!net.is_open(key));
}

#[test]
fn a_frame_that_drips_into_a_field_has_its_time_as_any_other() {
    let mut session = Session::new(fields());
    session.feed("first\n");
    for _ in 0..4 {
        session.feed("x");
        session.advance(SECOND * 10);
    }
    let why = session.closed().expect("30 s are over");
    assert_eq!(why.error().and_then(Error::limit), Some(Limit::FrameTime));
}

#[test]
fn whoever_says_nothing_to_a_field_is_closed_as_by_any_other_channel() {
    let mut session = Session::new(fields());
    session.advance(SECOND * 11);
    let why = session.closed().expect("10 s are over");
    assert_eq!(why.error().and_then(Error::limit), Some(Limit::FirstFrame));
}

#[test]
fn what_a_channel_held_is_given_back_when_it_closes() {
    let mut net = Net::new();
    net.set_max_held(10_000);
    for _ in 0..20 {
        let key = net.open(Lines::default());
        net.feed(key, vec![b'x'; 1000]);
        net.feed_eof(key);
    }
    let key = net.open(Lines::default());
    net.feed(key, "ten bytes ");
    assert!(net.is_open(key) && net.counters().hits(Limit::Held) == 0);
}

/// Answers lines.
#[channel(output_high = 1000, output_low = 500)]
#[derive(Default)]
struct Lines {
    owed: Vec<Owed<Lines>>,
    handled: usize,
}

#[channel]
impl Lines {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> Option<String> {
        self.handled += 1;
        if line == "owe" {
            self.owed.push(io.owe());
            return None;
        }
        Some("x".repeat(100))
    }

    #[on_error]
    fn failed(&mut self, error: &Error) -> String {
        format!("error: {error}\n")
    }
}

#[test]
fn whoever_discards_what_is_queued_goes_on() {
    let mut session = Session::new(Lines::default());
    session.window(0);
    session.feed("a\n".repeat(20));
    assert_eq!(session.with(|lines, _| lines.handled), Some(10));
    session.with(|_, io| io.discard_buffers());
    session.feed("a\n");
    assert_eq!(session.with(|lines, _| lines.handled), Some(11));
}

#[test]
fn what_is_said_of_an_answer_that_failed_stands_in_its_place() {
    let mut session = Session::new(Lines::default());
    session.feed("owe\nowe\n");
    let owed = session.with(|lines, _| std::mem::take(&mut lines.owed)).unwrap();
    let [one, two]: [Owed<Lines>; 2] = owed.try_into().unwrap();
    one.answer(|_, _| Err::<(), _>("no"));
    two.answer(|_, _| "two\n");
    assert_eq!(session.output(), b"error: no\ntwo\n");
}

#[test]
fn an_answer_that_discards_what_is_queued_is_sent_all_the_same() {
    let mut session = Session::new(Lines::default());
    session.window(0);
    session.feed("a\nowe\na\n");
    let owed = session.with(|lines, _| lines.owed.remove(0)).unwrap();
    owed.answer(|_, io| {
        io.discard_buffers();
        "answer\n"
    });
    session.window(1000);
    assert_eq!(session.output(), b"answer\n");
}

/// Its drop panics.
#[derive(Debug)]
struct Bomb;

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a bomb")
    }
}

impl std::error::Error for Bomb {}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in the drop of an error");
    }
}

/// Fails with a bomb.
#[channel]
struct Fails;

#[channel]
impl Fails {
    #[terminator(b"\n")]
    fn line(_line: &[u8]) -> Result<(), Bomb> {
        Err(Bomb)
    }
}

#[test]
fn an_error_whose_drop_panics_costs_its_channel_and_nothing_else() {
    let mut map = Map::new().unwrap();
    let listener = map.listen("127.0.0.1:0", |_| Fails).unwrap();
    let mut client = Client::connect(listener.local_addr().inet().unwrap());
    client.send("a\n");
    run_until(&mut map, |map| map.counters().closed() == 1);
    drop(client);
    run_until(&mut map, |map| map.len() == 1);
}

/// A channel whose drop panics.
#[channel]
struct Trap;

#[channel]
impl Trap {
    #[on_read]
    fn read(_data: &[u8]) {}
}

impl Drop for Trap {
    fn drop(&mut self) {
        panic!("in the drop of a channel");
    }
}

#[test]
fn a_channel_that_cannot_come_in_is_dropped_guarded() {
    let mut map = Map::new().unwrap();
    let refused = |came_in: &mut dyn FnMut() -> bool| {
        let came_in = catch_unwind(AssertUnwindSafe(came_in));
        assert!(!came_in.expect("no panic gets out"));
    };
    let datagrams = || OwnedFd::from(UdpSocket::bind("127.0.0.1:0").unwrap());
    refused(&mut || map.add(datagrams(), Trap).is_ok());
    refused(&mut || map.connect("nonsense", Trap).is_ok());
    refused(&mut || map.datagram("nonsense", Trap).is_ok());
    refused(&mut || map.add_file(std::fs::File::open("/").unwrap(), Trap).is_ok());
}

/// Says something to each connection, which a listening channel cannot.
#[channel]
struct Greets(Log);

#[channel]
impl Greets {
    #[on_accepted]
    fn accepted(_socket: Socket, _peer: Addr) -> Vec<u8> {
        vec![b'x'; 300_000]
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.0.borrow_mut().push(error.to_string());
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.borrow_mut().push(why.to_string());
    }
}

#[test]
fn what_a_listening_channel_says_is_said_to_nobody_and_that_is_told() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let at = map.serve("127.0.0.1:0", Greets(Rc::clone(&log))).unwrap().local_addr();
    let _client = Client::connect(at.inet().unwrap());
    run_until(&mut map, |_| !log.borrow().is_empty());
    assert!(log.borrow()[0].starts_with("300000 bytes were pushed to nobody"), "{log:?}");
    log.borrow_mut().clear();
    map.drain(SECOND);
    map.run().unwrap();
    assert!(log.borrow()[0].starts_with("drained"), "{log:?}");
}

#[test]
fn what_is_pushed_to_a_listening_channel_is_told_as_well() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    map.serve("127.0.0.1:0", Greets(Rc::clone(&log))).unwrap();
    let door = map.keys::<Greets>()[0];
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let key = map.add(ours, Upload).unwrap();
    map.tell(key, move |_, io| io.push_to(door, "hello"));
    run_until(&mut map, |_| !log.borrow().is_empty());
    assert!(log.borrow()[0].starts_with("5 bytes were pushed to nobody"), "{log:?}");
}

#[test]
fn a_keepalive_below_a_second_is_one_of_a_second() {
    let at = |after: Duration| -> Listen { tcp("127.0.0.1:0").keepalive(after) };
    let server = Server::start(move |map| map.listen(at(SECOND / 2), |_| Upload));
    server.client().send("1234567890");
}

/// Pushes what cannot be displayed.
#[channel]
struct Shows(Log);

struct Unshowable;

impl fmt::Display for Unshowable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

#[channel]
impl Shows {
    #[on_read]
    fn read(&mut self, _data: &[u8], io: &mut Io<Self>) {
        io.push(format_args!("{Unshowable}"));
        io.push("then this");
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.0.borrow_mut().push(error.to_string());
    }
}

#[test]
fn a_datagram_that_cannot_be_displayed_is_told_of_and_not_sent() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let key = map.datagram("127.0.0.1:0", Shows(Rc::clone(&log))).unwrap();
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_nonblocking(true).unwrap();
    peer.send_to(b"?", map.local_addr(key).unwrap().inet().unwrap()).unwrap();
    let (mut data, mut len) = ([0; 100], None);
    run_until(&mut map, |_| {
        len = peer.recv(&mut data).ok();
        len.is_some()
    });
    assert_eq!(&data[..len.unwrap()], b"then this");
    assert_eq!(log.borrow().len(), 1, "{log:?}");
}

/// Connects again at the end of time.
#[channel]
struct Never(Log);

#[channel]
impl Never {
    #[on_connect]
    fn up(&mut self) {
        self.0.borrow_mut().push("up".to_owned());
    }

    #[on_read]
    fn read(_data: &[u8]) {}

    #[on_close]
    fn closed(&mut self, _why: &Closed, io: &mut Io<Self>) {
        io.reconnect(Duration::MAX);
    }
}

#[test]
fn the_end_of_time_is_not_at_once() {
    let (log, mut net) = (Log::default(), Net::new());
    let key = net.connect("10.0.0.1:1", Never(Rc::clone(&log))).unwrap();
    net.feed_eof(key);
    net.advance(SECOND * 60);
    assert_eq!(*log.borrow(), ["up"]);
}

#[test]
fn an_empty_path_is_refused() {
    let mut map = Map::new().unwrap();
    for error in [
        map.listen("unix:", |_| Upload).unwrap_err(),
        map.connect(std::path::Path::new(""), Upload).unwrap_err(),
    ] {
        assert!(error.to_string().ends_with("an empty path"), "{error}");
    }
}
