//! N: connecting and closing.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, Io, Map};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::common::{run_until, settle, text, Chat, Events};
use super::spies::{listen, reset, Act, Spy};

/// An address that nobody listens on.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("an address")
}

/// A connection with a spy at this end, and its key's map.
fn connected(spy: Spy) -> (Map, TcpStream) {
    let mut map = Map::new().expect("a map");
    let events = spy.events.clone();
    let (listener, addr) = listen(&mut map, spy);
    let peer = TcpStream::connect(addr).expect("a peer");
    run_until(&mut map, |_| events.count("connect") == 1);
    listener.close();
    settle(&mut map);
    (map, peer)
}

/// Runs a connection out to `addr` to its end.
fn connect_out(addr: SocketAddr, spy: Spy) -> Vec<String> {
    let mut map = Map::new().expect("a map");
    let events = spy.events.clone();
    map.connect(addr, spy).expect("an address");
    run_until(&mut map, Map::is_empty);
    events.list()
}

#[test]
fn n1_a_connection_refused_is_an_error_and_a_close() {
    let events = Events::default();
    let list = connect_out(nobody(), Spy::new(&events));
    assert_eq!(list, ["error connection refused", "close"]);
}

/// F: in CPython the error was taken by reading it, and the next pass fires `handle_connect`.
#[test]
fn n2_a_connection_refused_is_over_even_if_the_error_is_survived() {
    let events = Events::default();
    let list = connect_out(nobody(), Spy { survives: true, ..Spy::new(&events) });
    assert_eq!(list, ["error connection refused", "close"]);
}

#[test]
fn n3_a_connection_is_told_before_it_can_be_written_to() {
    let events = Events::default();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let mut map = Map::new().expect("a map");
    map.connect(listener.local_addr().expect("an address"), Spy::new(&events)).expect("a channel");
    run_until(&mut map, |_| events.count("write") == 1);
    assert_eq!(events.list(), ["connect", "write"]);
}

/// Never wants to write.
#[channel]
struct Listening {
    events: Events,
}

#[channel]
impl Listening {
    #[on_connect]
    fn connected(&mut self) {
        self.events.note("connect");
    }

    #[writable]
    fn wants_to_write(&self) -> bool {
        false
    }

    #[on_write]
    fn written(&mut self) {
        self.events.note("write");
    }
}

/// F: in CPython `handle_connect` does not come until data does.
#[test]
fn n4_who_does_not_want_to_write_hears_of_the_connection() {
    let events = Events::default();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let mut map = Map::new().expect("a map");
    let addr = listener.local_addr().expect("an address");
    map.connect(addr, Listening { events: events.clone() }).expect("a channel");
    run_until(&mut map, |_| events.count("connect") == 1);
    settle(&mut map);
    assert_eq!(events.list(), ["connect"]);
}

#[test]
fn n5_a_banner_that_is_there_comes_between_connect_and_write() {
    let events = Events::default();
    let mut net = Net::new();
    let key = net.connect("127.0.0.1:80", Spy::new(&events)).expect("an address");
    net.feed(key, b"220 hello");
    assert_eq!(
        events.list(),
        ["connect", "write", "read 220 hello"],
        "connected before the banner"
    );

    // The banner is there when the connection is seen for the first time.
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().expect("a pair");
    theirs.write_all(b"220 hello").expect("room");
    map.add(ours, Spy::new(&events)).expect("a channel");
    run_until(&mut map, |_| events.list().len() == 3);
    assert_eq!(events.list(), ["connect", "read 220 hello", "write"]);
}

/// F: with poll CPython calls `handle_write` after `handle_close`.
#[test]
fn n6_nothing_follows_the_close_of_a_peer_that_left_at_once() {
    let events = Events::default();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let mut map = Map::new().expect("a map");
    map.connect(listener.local_addr().expect("an address"), Spy::new(&events)).expect("a channel");
    settle(&mut map);
    drop(listener.accept().expect("a peer"));
    run_until(&mut map, Map::is_empty);
    assert_eq!(events.list().last().map(String::as_str), Some("close"));
    assert_eq!(events.count("close"), 1);
    assert_eq!(events.count("eof"), 1);
}

/// C: select and poll differ. Here the reset is an error, then the close, as after any other.
#[test]
fn n7_a_peer_that_resets_at_once_is_an_error_and_a_close() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    map.connect(listener.local_addr().expect("an address"), Spy::new(&events)).expect("a channel");
    map.poll(Some(Duration::ZERO)).expect("a pass");
    reset(listener.accept().expect("a peer").0);
    run_until(&mut map, Map::is_empty);
    let list: Vec<String> = events.list().into_iter().filter(|event| event != "write").collect();
    let told = ["connect", "error connection reset", "close"];
    assert!(list == told || list == told[1..], "{list:?}");
}

/// F: with poll CPython calls `handle_close` twice.
#[test]
fn n8_a_reset_is_one_close() {
    let events = Events::default();
    let (mut map, peer) = connected(Spy::new(&events));
    reset(peer);
    run_until(&mut map, Map::is_empty);
    assert_eq!(events.list(), ["connect", "write", "error connection reset", "close"]);
}

/// C: CPython calls `handle_close` in every pass, for ever. Here the end is told once.
#[test]
fn n9_an_end_that_does_not_close_is_told_once() {
    let events = Events::default();
    let (mut map, peer) = connected(Spy { stays: true, ..Spy::new(&events) });
    peer.shutdown(Shutdown::Write).expect("shutdown");
    run_until(&mut map, |_| events.count("eof") == 1);
    settle(&mut map);
    assert_eq!(events.list(), ["connect", "write", "eof"]);
    assert_eq!(map.len(), 1);
}

/// F: CPython sets `connected` after the close, and calls `handle_write` on the closed channel.
#[test]
fn n10_nothing_follows_a_close_in_handle_connect() {
    let events = Events::default();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let close: Act = Some(|_, io| {
        io.close();
        Ok(())
    });
    let addr = listener.local_addr().expect("an address");
    let list = connect_out(addr, Spy { on_connect: close, ..Spy::new(&events) });
    assert_eq!(list, ["connect", "close"]);
}

/// F: CPython calls it again in the next pass.
#[test]
fn n11_handle_connect_that_fails_is_not_called_again() {
    let events = Events::default();
    let fail: Act = Some(|_, _| Err("no".into()));
    let mut net = Net::new();
    let spy = Spy { on_connect: fail, survives: true, ..Spy::new(&events) };
    let key = net.connect("127.0.0.1:80", spy).expect("an address");
    net.feed(key, b"data");
    assert_eq!(events.list(), ["connect", "error no", "write", "read data"]);
}

/// F: CPython closes both directions (bpo-35913): the reply is lost.
#[test]
fn n12_a_reply_arrives_after_the_peers_half_close() {
    let chat = Chat::new(b"\r\n").found_hook(|_, io| {
        io.push("250 ok\r\n");
        Ok(())
    });
    let events = chat.events.clone();
    let mut chat = Some(chat);
    let mut map = Map::new().expect("a map");
    let listener = map.listen("127.0.0.1:0", move |_| chat.take()).expect("a listener");
    let addr = listener.local_addr().inet().expect("an address");
    let mut peer = TcpStream::connect(addr).expect("a peer");
    peer.write_all(b"cmd\r\npart").expect("room");
    peer.shutdown(Shutdown::Write).expect("shutdown");
    run_until(&mut map, |_| events.count("close") == 1);
    let mut reply = String::new();
    peer.read_to_string(&mut reply).expect("text");
    assert_eq!(reply, "250 ok\r\n");
    assert_eq!(events.list(), ["collect cmd", "found", "collect part", "close"]);
}

/// Sends 8 MB when asked.
#[channel(max_output = 16 << 20)]
struct Large;

#[channel]
impl Large {
    #[on_read]
    fn asked(&mut self, _question: &[u8]) -> Vec<u8> {
        vec![b'x'; 8_000_000]
    }
}

/// F: CPython loses what is queued, nearly all of it.
#[test]
fn n13_a_large_reply_arrives_whole_after_the_peers_half_close() {
    let mut map = Map::new().expect("a map");
    let listener = map.listen("127.0.0.1:0", |_| Large).expect("a listener");
    let addr = listener.local_addr().inet().expect("an address");
    let peer = std::thread::spawn(move || {
        let mut peer = TcpStream::connect(addr).expect("a peer");
        peer.write_all(b"?").expect("room");
        peer.shutdown(Shutdown::Write).expect("shutdown");
        let mut reply = Vec::new();
        peer.read_to_end(&mut reply).map(|_| reply.len()).expect("the reply")
    });
    run_until(&mut map, |_| peer.is_finished());
    assert_eq!(peer.join().expect("no panic"), 8_000_000);
}

/// F: CPython calls `handle_connect` inside `connect`, before the rest of the constructor.
#[test]
fn n14_a_unix_connection_is_told_by_the_loop() {
    let path = std::env::temp_dir().join(format!("asyncore-n14-{}", std::process::id()));
    let listener = std::os::unix::net::UnixListener::bind(&path).expect("a listener");
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    map.connect(&*path, Spy::new(&events)).expect("a channel");
    assert_eq!(events.list(), Vec::<String>::new());
    run_until(&mut map, |_| events.count("connect") == 1);
    drop(listener);
    std::fs::remove_file(path).expect("a path");
}

/// F: in CPython the caller of `connect` gets it, and the channel stays in the map.
#[test]
fn n15_an_error_in_handle_connect_is_the_channels_own() {
    let events = Events::default();
    let fail: Act = Some(|_, _| Err("no".into()));
    let mut net = Net::new();
    let spy = Spy { on_connect: fail, ..Spy::new(&events) };
    net.connect("127.0.0.1:80", spy).expect("no error here");
    net.advance(Duration::ZERO);
    assert_eq!(events.list(), ["connect", "error no", "close"]);
    assert!(net.is_empty());
}

/// F: CPython leaves the channel in the map, and even fires `handle_connect`.
#[test]
fn n16_a_connection_that_fails_at_once_leaves_nothing_behind() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    map.connect(std::path::Path::new("/no/such/socket"), Spy::new(&events)).expect("a path");
    run_until(&mut map, Map::is_empty);
    assert_eq!(events.list(), ["error entity not found", "close"]);

    assert!(map.connect("no port", Spy::new(&events)).is_err(), "malformed: the caller's error");
    assert!(map.is_empty());
    assert_eq!(events.list().len(), 2, "and no event");
}

/// F: in CPython `send` before `connect` closes the channel. Here it waits in the queue.
#[test]
fn n17_output_before_the_connection_does_not_close() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("an address");
    let key = map.connect(addr, Spy::new(&events)).expect("a channel");
    map.tell(key, |_, io: &mut Io<Spy>| io.push("early"));
    run_until(&mut map, |_| events.count("connect") == 1);
    assert_eq!(events.count("close"), 0);
}

/// F: in CPython an error, which closes. Here nothing runs on a channel before it is connected, so
/// that nothing can read too early: what it was told waits for that.
#[test]
fn n18_reading_before_the_connection_waits_for_it() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("an address");
    let key = map.connect(addr, Spy::new(&events)).expect("a channel");
    let told = events.clone();
    map.tell(key, move |_: &mut Spy, io: &mut Io<Spy>| {
        let nothing = io.recv(&mut [0; 16]).map_err(|error| error.kind());
        told.note(format!("{nothing:?}"));
    });
    run_until(&mut map, |_| events.count("Err(WouldBlock)") == 1);
    assert_eq!(events.list().first().map(String::as_str), Some("connect"));
}

/// Reads for itself, once too often.
#[channel]
struct Greedy {
    events: Events,
}

#[channel]
impl Greedy {
    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let mut buf = [0; 16];
        let len = io.recv(&mut buf)?;
        self.events.note(text(&buf[..len]));
        io.recv(&mut buf)?;
        self.events.note("more");
        Ok(())
    }
}

/// F: a second `recv` in one `handle_read` raises `BlockingIOError` and kills CPython's channel.
#[test]
fn n19_a_read_with_nothing_there_is_passed_over() {
    let events = Events::default();
    let mut session = Session::new(Greedy { events: events.clone() });
    session.feed(b"one");
    session.feed(b"two");
    assert_eq!(events.list(), ["one", "two"]);
    assert!(session.is_open());
}

#[test]
fn n27_closing_twice_is_one_close() {
    let events = Events::default();
    let mut session = Session::new(Spy::new(&events));
    session.with(|_, io| {
        io.close();
        io.close();
    });
    assert_eq!(events.count("close"), 1);

    let mut map = Map::new().expect("a map");
    let (listener, _) = listen(&mut map, Spy::default());
    listener.close();
    listener.close();
    run_until(&mut map, Map::is_empty);
}
