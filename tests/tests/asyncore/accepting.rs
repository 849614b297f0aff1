//! N20 to N26: datagrams, and accepting.

use asyncore_runtime::{channel, Addr, Limit, Listener, Map, Socket};
use std::io::Read;
use std::net::{TcpStream, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use super::common::{run_until, settle, Events};
use super::spies::{listen, local_addr, reset, Spy};

/// F: CPython takes it for the end (bpo-21531).
#[test]
fn n20_an_empty_datagram_is_a_datagram() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let key = map.datagram("127.0.0.1:0", Spy::new(&events)).expect("a channel");
    let addr = local_addr(&mut map, key);
    let peer = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    peer.send_to(b"", addr).expect("room");
    peer.send_to(b"x", addr).expect("room");
    run_until(&mut map, |_| events.count("read x") == 1);
    assert_eq!(events.count("read "), 1);
    assert_eq!(events.count("close"), 0);
}

/// C: in CPython the channel is not `connected`, and its banner is never sent. Here it is told of
/// the connection, then of the reset.
#[test]
fn n21_a_peer_that_resets_before_it_is_accepted_is_a_connection_and_a_close() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let (_listener, addr) = listen(&mut map, Spy::new(&events));
    reset(TcpStream::connect(addr).expect("a peer"));
    run_until(&mut map, |_| events.count("close") == 1);
    assert_eq!(events.list().first().map(String::as_str), Some("connect"));
    assert_eq!(events.list().last().map(String::as_str), Some("close"));
}

/// Notes whom it accepts.
#[channel]
struct Server {
    events: Events,
}

#[channel]
impl Server {
    #[on_accepted]
    fn accepted(&mut self, _socket: Socket, _peer: Addr) {
        self.events.note("accepted");
    }
}

/// K: `accept()` without a connection is `None` in CPython, which PyMOTW's server does not expect.
/// Here the event comes with the connection, and not without one.
#[test]
fn n22_without_a_connection_there_is_no_accepted_event() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    map.serve("127.0.0.1:0", Server { events: events.clone() }).expect("a listener");
    settle(&mut map);
    assert_eq!(events.list(), Vec::<String>::new());
}

/// C: CPython accepts one in each pass. Here all that wait are, up to `accept_batch`.
#[test]
fn n23_all_connections_that_wait_are_accepted_in_one_pass() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let listener = map.serve("127.0.0.1:0", Server { events: events.clone() }).expect("a listener");
    let addr = listener.local_addr().inet().expect("an address");
    let _peers: Vec<_> = (0..3).map(|_| TcpStream::connect(addr).expect("a peer")).collect();
    map.poll(Some(Duration::from_secs(1))).expect("a pass");
    while events.list().is_empty() {
        map.poll(Some(Duration::from_secs(1))).expect("a pass");
    }
    assert_eq!(events.count("accepted"), 3);
}

/// Runs a test of this file in a process of its own, with few descriptors.
fn with_few_descriptors(test: &str) {
    let this = std::env::current_exe().expect("this test");
    let script = "ulimit -n 32 && exec \"$0\" \"$@\"";
    let mut child = Command::new("sh");
    child.args(["-c", script]).arg(this).args(["--ignored", "--exact", test]);
    let output = child.output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

/// A listener with more connections waiting than there are descriptors.
fn flooded() -> (Map, Listener, Events, Vec<TcpStream>) {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let noted = events.clone();
    let listener = map.listen("127.0.0.1:0", move |_| Spy::new(&noted)).expect("a listener");
    let addr = listener.local_addr().inet().expect("an address");
    let peers: Vec<_> = std::iter::from_fn(|| TcpStream::connect(addr).ok()).collect();
    assert!(peers.len() < 32, "the limit holds");
    (map, listener, events, peers)
}

#[test]
#[ignore = "needs a process of its own: n24"]
fn n24_alone() {
    let (mut map, _listener, events, mut peers) = flooded();
    settle(&mut map);
    assert!(map.counters().hits(Limit::Descriptors) > 0, "accept ran out of descriptors");
    assert!(events.list().is_empty(), "nobody was accepted");
    let waiting = peers.len() - 4;
    peers.drain(..4);
    run_until(&mut map, |_| events.count("connect") > 0);
    assert!(waiting > 0);
}

/// F: CPython closes the listener: one burst ends the server.
#[test]
fn n24_a_listener_survives_the_end_of_descriptors() {
    with_few_descriptors("asyncore::accepting::n24_alone");
}

#[test]
#[ignore = "needs a process of its own: n25"]
fn n25_alone() {
    let (mut map, _listener, _events, _peers) = flooded();
    let begun = Instant::now();
    let mut passes = 0;
    while begun.elapsed() < Duration::from_millis(500) {
        map.poll(Some(Duration::from_millis(500))).expect("a pass");
        passes += 1;
    }
    assert!(passes < 50, "{passes} passes in half a second");
}

/// F: in CPython, `handle_error` in every pass, at full speed.
#[test]
fn n25_a_listener_without_descriptors_waits() {
    with_few_descriptors("asyncore::accepting::n25_alone");
}

/// Listens, and has no `#[on_accepted]`.
#[channel]
struct Deaf;

#[channel]
impl Deaf {
    #[on_read]
    fn never(&mut self, _data: &[u8]) {}
}

#[test]
fn n26_without_an_accepted_event_a_connection_is_closed() {
    let mut map = Map::new().expect("a map");
    let listener = map.serve("127.0.0.1:0", Deaf).expect("a listener");
    let addr = listener.local_addr().inet().expect("an address");
    let peer = std::thread::spawn(move || {
        let mut peer = TcpStream::connect(addr).expect("a peer");
        peer.read(&mut [0; 1]).expect("the end")
    });
    run_until(&mut map, |_| peer.is_finished());
    assert_eq!(peer.join().expect("no panic"), 0);
}
