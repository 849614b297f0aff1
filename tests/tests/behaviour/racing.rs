//! Names that are looked up beside the loop, and targets with several addresses (RFC 8305).

use asyncore_runtime::{channel, Addr, Closed, Error, Io, Map, ToAddr};
use asyncore_tests::net::{deaf, run_until, Client, Log};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

/// Says hello; notes what comes of it.
#[channel]
struct Caller {
    log: Log,
    again: u32,
}

fn caller(log: &Log) -> Caller {
    Caller { log: log.clone(), again: 0 }
}

#[channel]
impl Caller {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) -> &'static str {
        self.log.note(format!("connected to {}", io.peer_addr().unwrap()));
        "hello\n"
    }

    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {
        self.log.note(line);
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        let Error::Connect { .. } = error else { panic!("{error}") };
        self.log.note(error);
    }

    #[on_close]
    fn closed(&mut self, why: &Closed, io: &mut Io<Self>) {
        self.log.note(format!("closed: {why}"));
        if self.again > 0 {
            self.again -= 1;
            io.reconnect(Duration::ZERO);
        }
    }
}

/// Addresses, in the order to try them.
struct Several(Vec<SocketAddr>);

impl ToAddr for Several {
    fn to_addr(&self) -> io::Result<Vec<Addr>> {
        Ok(self.0.iter().copied().map(Addr::Inet).collect())
    }

    fn describe(&self) -> String {
        "several".to_owned()
    }
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    (listener, addr)
}

fn nobody() -> SocketAddr {
    listener().1
}

fn addr_of(socket: &socket2::Socket) -> SocketAddr {
    socket.local_addr().unwrap().as_socket().unwrap()
}

// Names

#[test]
fn a_name_is_looked_up_and_connected_to() {
    let (mut map, log, (listener, addr)) = (Map::new().unwrap(), Log::default(), listener());
    map.connect(("localhost", addr.port()), caller(&log)).unwrap();
    assert!(log.is_empty());
    run_until(&mut map, |_| log.len() == 1);
    assert_eq!(log.take(), [format!("connected to {addr}")]);
    let mut peer = Client::from(listener.accept().unwrap().0);
    run_until(&mut map, |_| peer.has_input());
    assert_eq!(peer.receive_line(), "hello\n");
}

#[test]
fn a_name_that_nobody_knows_is_an_error_of_the_channel_that_names_it() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    // Longer than a label may be: no name server is asked.
    let name = "x".repeat(64);
    map.connect(format!("{name}:80"), caller(&log)).unwrap();
    run_until(&mut map, |map| map.is_empty());
    let events = log.take();
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[0].starts_with(&format!("cannot connect to {name}:80: ")), "{events:?}");
    assert_eq!(events[1], format!("closed: {}", events[0]));
}

#[test]
fn a_name_whose_addresses_refuse_is_told_with_the_last_of_them() {
    let (mut map, log, addr) = (Map::new().unwrap(), Log::default(), nobody());
    map.connect(format!("localhost:{}", addr.port()), caller(&log)).unwrap();
    run_until(&mut map, |map| map.is_empty());
    let expected = format!("cannot connect to localhost:{} ({addr}): ", addr.port());
    let events = log.take();
    assert!(events[0].starts_with(&expected), "{events:?}");
}

#[test]
fn who_connects_again_has_the_name_looked_up_again() {
    let (mut map, log, (listener, addr)) = (Map::new().unwrap(), Log::default(), listener());
    let channel = Caller { again: 1, ..caller(&log) };
    map.connect(("localhost", addr.port()), channel).unwrap();
    run_until(&mut map, |_| log.len() == 1);
    drop(listener.accept().unwrap());
    run_until(&mut map, |_| log.len() == 3);
    let events = log.take();
    assert_eq!(
        (events[0].as_str(), events[2].as_str()),
        (&*format!("connected to {addr}"), &*events[0])
    );
}

#[test]
fn who_is_closed_before_the_name_is_found_hears_of_one_close() {
    let (mut map, log, (listener, addr)) = (Map::new().unwrap(), Log::default(), listener());
    map.connect(("localhost", addr.port()), caller(&log)).unwrap();
    map.poll(Some(Duration::ZERO)).unwrap();
    map.close_all();
    assert!(map.is_empty() && log.len() == 1, "{:?}", log.take());
    listener.set_nonblocking(true).unwrap();
    map.poll(Some(Duration::from_millis(1))).unwrap();
    assert_eq!(log.take().len(), 1);
}

// Several addresses

#[test]
fn who_does_not_answer_is_not_waited_for() {
    let (mut map, log, (socket, _queued)) = (Map::new().unwrap(), Log::default(), deaf());
    let ((_listener, addr), begun) = (listener(), Instant::now());
    map.connect(Several(vec![addr_of(&socket), addr]), caller(&log)).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), [format!("connected to {addr}")]);
    assert!(begun.elapsed() >= Duration::from_millis(250), "the first had its time");
}

#[test]
fn a_refusal_has_the_next_one_tried_at_once_although_others_are_waited_for() {
    let (mut map, log, (socket, _queued)) = (Map::new().unwrap(), Log::default(), deaf());
    let (_listener, addr) = listener();
    map.connect(Several(vec![addr_of(&socket), nobody(), nobody(), addr]), caller(&log)).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), [format!("connected to {addr}")]);
}

#[test]
fn who_was_tried_first_is_taken_if_it_answers_first() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let ((first, queued), (second, _queued)) = (deaf(), deaf());
    map.connect(Several(vec![addr_of(&first), addr_of(&second)]), caller(&log)).unwrap();
    let begun = Instant::now();
    run_until(&mut map, |_| begun.elapsed() > Duration::from_millis(300));
    // Room in its queue: the system says again that it wants to connect, after a second.
    drop(queued);
    first.set_nonblocking(true).unwrap();
    let mut accepted = Vec::new();
    run_until(&mut map, |map| {
        accepted.extend(first.accept());
        map.poll(Some(Duration::from_millis(10))).unwrap();
        !log.is_empty()
    });
    assert_eq!(log.take(), [format!("connected to {}", addr_of(&first))]);
    run_until(&mut map, |map| map.len() == 1);
}

#[test]
fn the_attempts_that_lose_are_closed() {
    let (mut map, log, (socket, queued)) = (Map::new().unwrap(), Log::default(), deaf());
    let (_listener, addr) = listener();
    map.connect(Several(vec![addr_of(&socket), addr]), caller(&log)).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    // Whoever is in the queue of the first one now is not us.
    drop(queued);
    socket.set_nonblocking(true).unwrap();
    while let Ok((peer, _)) = socket.accept() {
        peer.set_nonblocking(false).unwrap();
        let mut peer = Client::from(std::net::TcpStream::from(peer));
        assert_eq!(peer.receive_all(), b"");
    }
    assert_eq!(map.len(), 1);
}

#[test]
fn all_that_are_tried_have_the_time_of_one_connection() {
    #[channel(connect_timeout = "400ms")]
    struct Hasty(Log);

    #[channel]
    impl Hasty {
        #[on_read]
        fn read(_: &[u8]) {}

        #[on_close]
        fn closed(&mut self, why: &Closed) {
            self.0.note(why);
        }
    }

    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let ((first, _queued), (second, _queued_too)) = (deaf(), deaf());
    map.connect(Several(vec![addr_of(&first), addr_of(&second)]), Hasty(log.clone())).unwrap();
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.take(), ["not connected after 400ms"]);
}

#[test]
fn who_is_closed_while_several_are_tried_leaves_none_of_them() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let ((first, _queued), (second, _queued_too)) = (deaf(), deaf());
    map.connect(Several(vec![addr_of(&first), addr_of(&second)]), caller(&log)).unwrap();
    let begun = Instant::now();
    run_until(&mut map, |_| begun.elapsed() > Duration::from_millis(300));
    map.close_all();
    assert!(map.is_empty());
    assert_eq!(log.len(), 1);
    assert_eq!(map.counters().stale_events(), 0);
}

#[test]
fn what_was_answered_first_is_heard_although_others_have_failed_meanwhile() {
    let (mut map, log, (socket, _queued)) = (Map::new().unwrap(), Log::default(), deaf());
    let (listener, addr) = listener();
    map.connect(Several(vec![addr_of(&socket), addr]), caller(&log)).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    let mut peer = Client::from(listener.accept().unwrap().0);
    assert_eq!(peer.receive_line(), "hello\n");
    peer.send("one\ntwo\n");
    run_until(&mut map, |_| log.len() == 3);
    drop(peer);
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.take()[1..3], ["one", "two"]);
}
