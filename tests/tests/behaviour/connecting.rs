//! Outgoing connections: what comes of them, and trying again.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Addr, Closed, Error, Io, Limit, Map, OpenError, ToAddr};
use asyncore_tests::net::{deaf, run_until, Client, Log, PATIENCE};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Says hello; notes what comes of it; connects again up to so many times.
#[channel(connect_timeout = "100ms")]
struct Caller {
    log: Log,
    again: u32,
}

fn caller(log: &Log, again: u32) -> Caller {
    Caller { log: log.clone(), again }
}

#[channel]
impl Caller {
    #[on_connect]
    fn connected(&mut self) -> &'static str {
        self.log.note("connected");
        "hello\n"
    }

    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {
        self.log.note(line);
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.log.note(error);
    }

    #[on_close]
    fn closed(&mut self, why: &Closed, io: &mut Io<Self>) {
        self.log.note(format!("closed: {why}"));
        if self.again > 0 {
            self.again -= 1;
            io.reconnect(SECOND);
        }
    }
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn what_is_pushed_when_it_connects_arrives() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    map.connect(listener.local_addr().unwrap(), caller(&log, 0)).unwrap();
    run_until(&mut map, |_| log.len() == 1);
    let mut peer = Client::from(listener.accept().unwrap().0);
    assert_eq!(peer.receive_line(), "hello\n");
}

#[test]
fn what_is_told_before_it_connects_comes_behind_on_connect() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let key = map.connect(listener.local_addr().unwrap(), caller(&log, 0)).unwrap();
    map.tell(key, |_, _| "early\n");
    run_until(&mut map, |_| log.len() == 1);
    let mut peer = Client::from(listener.accept().unwrap().0);
    run_until(&mut map, |_| peer.has_input());
    map.poll(Some(core::time::Duration::ZERO)).unwrap();
    assert_eq!(peer.receive(12), b"hello\nearly\n");
}

#[test]
fn a_refused_connection_is_an_error_with_its_address_and_a_close() {
    let (mut map, log, addr) = (Map::new().unwrap(), Log::default(), nobody());
    map.connect(addr, caller(&log, 0)).unwrap();
    run_until(&mut map, |map| map.is_empty());
    let error = format!("cannot connect to {addr}: Connection refused (os error 111)");
    assert_eq!(log.take(), [error.clone(), format!("closed: {error}")]);
}

/// A name with two addresses, of which nobody listens on the first.
struct Name([SocketAddr; 2]);

impl ToAddr for Name {
    fn to_addr(&self) -> io::Result<Vec<Addr>> {
        Ok(self.0.iter().copied().map(Addr::Inet).collect())
    }

    fn describe(&self) -> String {
        "a name".to_owned()
    }
}

#[test]
fn the_second_address_of_a_name_is_tried_when_the_first_refuses() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    map.connect(Name([nobody(), listener.local_addr().unwrap()]), caller(&log, 0)).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["connected"]);
}

#[test]
fn a_name_that_refuses_everywhere_is_one_error_with_its_last_address() {
    let (mut map, log, last) = (Map::new().unwrap(), Log::default(), nobody());
    map.connect(Name([nobody(), last]), caller(&log, 0)).unwrap();
    run_until(&mut map, |map| map.is_empty());
    let events = log.take();
    assert_eq!(events.len(), 2);
    assert!(events[0].starts_with(&format!("cannot connect to {last}: ")), "{events:?}");
}

#[test]
fn a_path_that_is_missing_is_an_error_with_its_name() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    map.connect(Path::new("/nobody/is/here.sock"), caller(&log, 0)).unwrap();
    run_until(&mut map, |map| map.is_empty());
    let error = "cannot connect to /nobody/is/here.sock: No such file or directory (os error 2)";
    assert_eq!(log.take(), [error.to_owned(), format!("closed: {error}")]);
}

#[test]
fn a_connection_that_nobody_answers_ends_at_its_deadline() {
    let (mut map, log, (socket, _queued)) = (Map::new().unwrap(), Log::default(), deaf());
    let addr = socket.local_addr().unwrap().as_socket().unwrap();
    map.connect(addr, caller(&log, 0)).unwrap();
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.take(), ["not connected after 100ms", "closed: not connected after 100ms"]);
    assert_eq!(map.counters().hits(Limit::Connect), 1);
}

#[test]
fn a_connection_has_its_time_from_when_it_was_asked_for() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    // What the program does meanwhile: longer than a connection may take.
    std::thread::sleep(Duration::from_millis(150));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    map.connect(listener.local_addr().unwrap(), caller(&log, 0)).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["connected"]);
}

#[track_caller]
fn refused<T>(result: io::Result<T>, action: &str, target: &str) {
    let Err(error) = result else { panic!("{target} was taken") };
    let open: &OpenError = error.get_ref().unwrap().downcast_ref().unwrap();
    assert_eq!((open.action, open.target.as_str()), (action, target));
    assert!(error.to_string().starts_with(&format!("cannot {action} {target}: ")), "{error}");
}

#[test]
fn a_malformed_address_is_an_error_that_names_it() {
    let mut map = Map::new().unwrap();
    let log = Log::default();
    refused(map.connect("127.0.0.1", caller(&log, 0)), "connect to", "127.0.0.1");
    refused(
        map.listen("127.0.0.1:http!", move |_| caller(&log, 0)),
        "listen on",
        "127.0.0.1:http!",
    );
    assert!(map.is_empty());
}

#[test]
fn an_address_in_use_is_an_error_that_names_it() {
    let mut map = Map::new().unwrap();
    let used = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = used.local_addr().unwrap().to_string();
    refused(map.listen(&*addr, |_| caller(&Log::default(), 0)), "listen on", &addr);
}

#[test]
fn a_path_that_cannot_be_bound_is_an_error_that_names_it() {
    let mut map = Map::new().unwrap();
    let path = "/nobody/is/here.sock";
    refused(map.listen(Path::new(path), |_| caller(&Log::default(), 0)), "listen on", path);
}

const SERVER: &str = "10.0.0.1:4222";

#[test]
fn reconnect_keeps_the_struct_and_the_key() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.connect(SERVER, caller(&log, 1)).unwrap();
    net.feed_eof(key);
    net.advance(SECOND);
    assert_eq!(log.take(), ["connected", "closed: closed by the peer", "connected"]);
    assert_eq!(net.with(key, |caller, _| caller.again), Some(0));
}

#[test]
fn reconnect_waits_its_time() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.connect(SERVER, caller(&log, 1)).unwrap();
    net.feed_eof(key);
    net.advance(SECOND - Duration::from_nanos(1));
    assert_eq!(log.take(), ["connected", "closed: closed by the peer"]);
    assert!(net.is_open(key));
}

#[test]
fn who_ends_between_two_connections_has_no_second_close_event() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.connect(SERVER, caller(&log, 1)).unwrap();
    net.feed_eof(key);
    net.with(key, |_, io| io.close_when_done());
    net.advance(SECOND * 2);
    assert_eq!(log.take(), ["connected", "closed: closed by the peer"]);
    assert!(!net.is_open(key));
}

#[test]
fn reconnect_begins_with_empty_queues() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.connect(SERVER, caller(&log, 1)).unwrap();
    net.output(key);
    net.window(key, 0);
    net.with(key, |_, io| io.push("never sent"));
    net.feed(key, "half a li");
    net.feed_eof(key);
    net.advance(Duration::from_secs(60));
    log.take();
    assert_eq!(net.output(key), b"hello\n");
    net.feed(key, "ne\n");
    assert_eq!(log.take(), ["ne"]);
}

#[test]
fn reconnect_tries_again_after_a_refusal() {
    let (mut net, log) = (Net::new(), Log::default());
    net.refuse(SERVER);
    let key = net.connect(SERVER, caller(&log, 2)).unwrap();
    net.advance(10 * SECOND);
    assert!(!net.is_open(key));
    let closes = log.take().iter().filter(|entry| entry.starts_with("closed")).count();
    assert_eq!(closes, 3);
}

#[test]
fn a_server_that_comes_back_is_connected_to_again() {
    let (mut map, log, addr) = (Map::new().unwrap(), Log::default(), nobody());
    let quick = Quick { log: log.clone(), listener: None, addr };
    map.connect(addr, quick).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["connected"]);
}

/// Starts the server itself when it was refused, and connects again.
#[channel]
struct Quick {
    log: Log,
    addr: SocketAddr,
    listener: Option<TcpListener>,
}

#[channel]
impl Quick {
    #[on_connect]
    fn connected(&mut self) {
        self.log.note("connected");
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}

    #[on_close]
    fn closed(&mut self, io: &mut Io<Self>) {
        self.listener = TcpListener::bind(self.addr).ok();
        io.reconnect(Duration::from_millis(1));
    }
}

#[test]
fn reconnect_of_an_accepted_channel_does_nothing() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(caller(&log, 5));
    net.feed_eof(key);
    net.advance(PATIENCE);
    assert_eq!(log.take(), ["connected", "closed: closed by the peer"]);
}

#[test]
fn reconnect_outside_of_on_close_does_nothing() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.connect(SERVER, caller(&log, 0)).unwrap();
    net.with(key, |_, io| io.reconnect(SECOND));
    net.advance(2 * SECOND);
    assert_eq!(log.take(), ["connected"]);
    net.feed_eof(key);
    net.advance(2 * SECOND);
    assert_eq!(log.take(), ["closed: closed by the peer"]);
    assert!(!net.is_open(key));
}

#[test]
fn what_is_pushed_before_it_connects_again_comes_behind_on_connect() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let key = map.connect(listener.local_addr().unwrap(), Again(log.clone())).unwrap();
    run_until(&mut map, |_| log.len() == 1);
    drop(listener.accept().unwrap());
    run_until(&mut map, |_| log.len() == 2);
    map.tell(key, |_, io| io.push("said meanwhile\n"));
    run_until(&mut map, |_| log.len() == 3);
    let mut peer = Client::from(listener.accept().unwrap().0);
    for line in ["handshake\n", "said meanwhile\n"] {
        run_until(&mut map, |_| peer.has_input());
        assert_eq!(peer.receive_line(), line);
    }
    assert_eq!(log.take(), ["connected", "closed", "connected"]);
}

/// Connects again a little later.
#[channel]
struct Again(Log);

#[channel]
impl Again {
    #[on_connect]
    fn connected(&mut self) -> &'static str {
        self.0.note("connected");
        "handshake\n"
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}

    #[on_close]
    fn closed(&mut self, io: &mut Io<Self>) {
        self.0.note("closed");
        io.reconnect(Duration::from_millis(50));
    }
}

#[test]
fn a_client_that_never_connected_can_be_told_to_stop() {
    let (mut net, log) = (Net::new(), Log::default());
    net.refuse(SERVER);
    let key = net.connect(SERVER, caller(&log, 5)).unwrap();
    assert!(net.is_open(key));
    net.with(key, |_, io| io.close());
    net.advance(10 * SECOND);
    assert!(!net.is_open(key));
    assert_eq!(log.len(), 2, "one attempt, and one close");
}

#[test]
fn a_post_for_a_client_that_never_connected_does_not_wait_for_its_server() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let key = map.connect(nobody(), caller(&log, 1)).unwrap();
    run_until(&mut map, |_| log.len() == 2);
    log.take();
    map.handle_of(key).post(|caller, _| caller.log.note("posted")).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["posted"]);
}
