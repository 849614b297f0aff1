//! What `docs/asyncore.md` says beside the behaviours: the claims of its rows that no other test shows.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Addr, Error, Io, Loop, Map, Socket, Terminator};
use rustix::fs::{fcntl_getfl, OFlags};
use socket2::{Domain, Type};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::common::{run_until, settle, Events, PATIENCE};
use super::spies::{reset, told, Named, Spy};

/// Row 5.
#[test]
fn a_pass_waits_30_seconds_at_most_unless_told() {
    assert_eq!(format!("{:?}", Loop::new()), "Loop { timeout: 30s, count: None }");
}

fn uninterested(map: &mut Map, events: &Events) -> UnixStream {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    map.add(ours, Named { reads: false, ..Named::new("A", events) }).expect("a channel");
    settle(map);
    theirs
}

/// Row 11: what comes for nobody ends one pass, and no more.
#[test]
fn a_pass_in_which_nobody_is_interested_takes_its_timeout_or_waits_for_a_thread() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let mut peer = uninterested(&mut map, &events);
    peer.write_all(b"x").expect("room");
    map.poll(Some(PATIENCE)).expect("a pass");
    let begun = Instant::now();
    Loop::new().timeout(Duration::from_millis(30)).count(1).run(&mut map).expect("a pass");
    assert!(begun.elapsed() >= Duration::from_millis(29));
    let handle = map.handle();
    let thread = std::thread::spawn(move || handle.post(|map| map.close_all()));
    map.run().expect("the end");
    thread.join().expect("no panic").expect("a map");
    assert_eq!(told(&events), ["A: close"]);
}

/// Row 16.
#[test]
fn a_reset_ends_who_wants_nothing_at_once() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let peer = TcpStream::connect(listener.local_addr().expect("an address")).expect("a peer");
    let ours = listener.accept().expect("a connection").0;
    map.add(ours, Named { reads: false, ..Named::new("A", &events) }).expect("a channel");
    settle(&mut map);
    reset(peer);
    run_until(&mut map, Map::is_empty);
    assert_eq!(events.count("A: close"), 1);
}

/// Row 35.
#[test]
fn the_options_know_the_family_and_lend_the_descriptor() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let (ours, _theirs) = UnixStream::pair().expect("a pair");
    let number = ours.as_raw_fd();
    let key = map.add(ours, Spy::default()).expect("a channel");
    let noted = events.clone();
    map.tell(key, move |_, io: &mut Io<Spy>| {
        let socket = io.socket_options().expect("a socket");
        let is_unix = socket.domain().expect("a family") == Domain::UNIX;
        noted.note(format!("{} {is_unix}", socket.as_raw_fd() == number));
    });
    run_until(&mut map, |_| events.list() == ["true true"]);
}

/// Row 38.
#[test]
fn a_socket_that_is_not_connected_is_a_connection_an_error_and_a_close() {
    for family in [Domain::IPV4, Domain::IPV6, Domain::UNIX] {
        let socket = socket2::Socket::new(family, Type::STREAM, None).expect("a socket");
        let (events, mut map) = (Events::default(), Map::new().expect("a map"));
        map.add(socket, Spy::new(&events)).expect("a channel");
        run_until(&mut map, Map::is_empty);
        let heard: Vec<_> = events.list().iter().map(|event| event[..5].to_owned()).collect();
        assert_eq!(heard, ["conne", "error", "close"], "{family:?}");
    }
}

/// Takes what is accepted as a stream of `std`, but for every second one.
#[channel]
struct Taker {
    taken: Rc<RefCell<Vec<TcpStream>>>,
    drops: bool,
}

#[channel]
impl Taker {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket, _peer: Addr) -> io::Result<()> {
        self.drops = !self.drops;
        if !self.drops {
            self.taken.borrow_mut().push(socket.try_into()?);
        }
        Ok(())
    }
}

/// Row 67.
#[test]
fn what_was_accepted_is_closed_if_it_is_dropped_and_may_become_a_stream_of_std() {
    let (taken, mut map) = (Rc::default(), Map::new().expect("a map"));
    let channel = Taker { taken: Rc::clone(&taken), drops: false };
    let addr = map.serve("127.0.0.1:0", channel).expect("a listener").local_addr();
    let peer = || {
        let peer = TcpStream::connect(addr.inet().expect("an address")).expect("a peer");
        peer.set_read_timeout(Some(PATIENCE)).expect("an option");
        peer
    };
    let (mut dropped, mut kept) = (peer(), peer());
    run_until(&mut map, |_| taken.borrow().len() == 1);
    assert_eq!(dropped.read(&mut [0]).expect("the end"), 0);
    drop(map);
    taken.borrow_mut()[0].write_all(b"x").expect("room");
    assert_eq!(kept.read(&mut [0; 2]).expect("what was sent"), 1);
}

/// Row 83.
#[test]
fn the_open_file_blocks_again_when_its_channel_or_its_map_has_gone() {
    let (reader, _writer) = io::pipe().expect("a pipe");
    let blocks = || !fcntl_getfl(&reader).expect("flags").contains(OFlags::NONBLOCK);
    let given = || reader.try_clone().expect("a duplicate");
    let mut map = Map::new().expect("a map");
    let key = map.add_file(given(), Spy::default()).expect("a channel");
    assert!(!blocks());
    map.tell(key, |_, io: &mut Io<Spy>| io.close());
    run_until(&mut map, Map::is_empty);
    assert!(blocks());
    map.add_file(given(), Spy::default()).expect("a channel");
    assert!(!blocks());
    drop(map);
    assert!(blocks());
}

/// Collects into a field.
#[channel(max_length = 10)]
#[derive(Default)]
struct Field {
    #[on_read]
    data: Vec<u8>,
    #[terminator]
    until: Terminator,
    events: Events,
}

#[channel]
impl Field {
    #[terminator]
    fn found(&mut self) {
        self.events.note("found");
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.events.note(error.to_string());
    }
}

/// Rows 99 and 100, T11, T13: one error, what was collected is dropped, and what follows of it too.
#[test]
fn a_field_collects_as_much_as_max_length() {
    let none = [Terminator::None, Terminator::Len(0), Terminator::from(b"")];
    for (until, left) in none.into_iter().map(|until| (until, 0)).chain([(Terminator::Len(20), 5)])
    {
        let events = Events::default();
        let field = Field { until, events: events.clone(), ..Field::default() };
        let mut session = Session::new(field);
        session.feed(b"0123456789");
        assert_eq!(session.with(|field, _| field.data.len()), Some(10));
        session.feed(b"0123456789");
        session.feed(b"01234");
        assert_eq!(events.list(), ["no end of frame within 10 bytes"]);
        assert_eq!(session.with(|field, _| field.data.len()), Some(left));
    }
}

/// Collects with a method.
#[channel(max_length = 10)]
#[derive(Default)]
struct Method {
    #[terminator]
    until: Terminator,
    bytes: usize,
}

#[channel]
impl Method {
    #[on_read]
    fn read(&mut self, data: &[u8]) {
        self.bytes += data.len();
    }

    #[terminator]
    fn found(&mut self) {}
}

/// Rows 99 and 100.
#[test]
fn a_method_collects_as_much_as_comes() {
    for until in [Terminator::None, Terminator::Len(0), Terminator::Len(20)] {
        let mut session = Session::new(Method { until, bytes: 0 });
        session.feed([b'x'; 1000]);
        assert_eq!(session.with(|method, _| method.bytes), Some(1000));
    }
}

/// Has a state whose length is set, and nothing that leaves it but the frame.
#[channel]
#[derive(Default)]
struct Counted(Events);

#[channel]
impl Counted {
    #[terminator(b"\n")]
    fn head(head: &str, io: &mut Io<Self>) -> Result<(), std::num::ParseIntError> {
        io.set_terminator(CountedTerminator::Body(head.parse()?));
        Ok(())
    }

    #[terminator(len)]
    fn body(&mut self, body: &[u8], io: &mut Io<Self>) {
        self.0.note(format!("body {}", body.len()));
        if body == b"ef" {
            io.set_terminator(CountedTerminator::Head);
        }
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.0.note(error.to_string());
    }
}

/// Rows 99 and 101, T11.
#[test]
fn a_counted_method_repeats_and_0_is_an_empty_frame_that_has_to_be_left() {
    let events_of = |input: &str| {
        let events = Events::default();
        Session::new(Counted(events.clone())).feed(input);
        events.list()
    };
    assert_eq!(events_of("2\nabcdef0\n")[..4], ["body 2", "body 2", "body 2", "body 0"]);
    assert_eq!(events_of("0\n"), ["body 0", "a state takes no bytes and is not left"]);
}
