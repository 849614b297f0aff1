//! L13 to L24: who is told of what, and when.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Closed, Io, Loop, Map};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::common::{run_until, settle, text, Events, PATIENCE};
use super::spies::{told, with_peers, Named, Spy};

/// C: as CPython. Who does not want to read does not hear of the end until it does.
#[test]
fn l13_who_wants_nothing_does_not_hear_of_a_close() {
    let events = Events::default();
    let silent = Named { reads: false, ..Named::new("A", &events) };
    let (mut map, keys, peers) = with_peers(vec![silent]);
    drop(peers);
    settle(&mut map);
    assert_eq!(told(&events), Vec::<String>::new());
    map.tell(keys[0], |a: &mut Named, _| a.reads = true);
    run_until(&mut map, Map::is_empty);
    assert_eq!(told(&events), ["A: close"]);
}

/// C: select does not tell, poll does. Here the write that fails does, or the end, once.
#[test]
fn l14_who_only_writes_hears_of_a_reset_when_it_writes() {
    let events = Events::default();
    let writer = Named { reads: false, ..Named::new("A", &events) };
    let (mut map, keys, peers) = with_peers(vec![writer]);
    drop(peers);
    settle(&mut map);
    map.tell(keys[0], |_: &mut Named, io| io.push("hello?"));
    run_until(&mut map, Map::is_empty);
    assert_eq!(told(&events), ["A: close"]);
}

/// Reads ten bytes in a turn.
#[channel(bytes_per_turn = 10)]
struct Tens {
    events: Events,
}

#[channel]
impl Tens {
    #[on_read]
    fn read(&mut self, data: &[u8]) {
        self.events.note(text(data));
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed) {
        self.events.note("close");
    }
}

/// F: with poll CPython calls `handle_close` after the first ten, and loses the rest.
#[test]
fn l15_all_that_came_before_a_hang_up_is_read() {
    let events = Events::default();
    let (ours, mut theirs) = UnixStream::pair().expect("a pair");
    theirs.write_all(b"aaaaaaaaaabbbbbbbbbbc").expect("room");
    drop(theirs);
    let mut map = Map::new().expect("a map");
    map.add(ours, Tens { events: events.clone() }).expect("a channel");
    run_until(&mut map, Map::is_empty);
    assert_eq!(events.list(), ["aaaaaaaaaa", "bbbbbbbbbb", "c", "close"]);
}

/// A TCP connection with a channel at this end.
#[cfg(target_os = "linux")]
fn over_tcp(channel: Named) -> (Map, std::net::TcpStream) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
    let peer =
        std::net::TcpStream::connect(listener.local_addr().expect("an address")).expect("a peer");
    let mut map = Map::new().expect("a map");
    map.add(listener.accept().expect("a connection").0, channel).expect("a channel");
    settle(&mut map);
    (map, peer)
}

/// C: CPython's select reports it even to who does not read, poll does not. Here it is told either
/// way.
#[test]
#[cfg(target_os = "linux")]
fn l16_an_out_of_band_byte_alone_is_told() {
    for reads in [true, false] {
        let events = Events::default();
        let (mut map, peer) = over_tcp(Named { reads, ..Named::new("A", &events) });
        socket2::SockRef::from(&peer).send_out_of_band(b"!").expect("room");
        run_until(&mut map, |_| events.count("A: expt") == 1);
        assert_eq!(told(&events), ["A: expt"]);
    }
}

/// C: CPython repeats it in every pass until the byte is read. Here it is told once for each.
#[test]
#[cfg(target_os = "linux")]
fn l17_out_of_band_data_is_told_once_beside_the_rest() {
    let events = Events::default();
    let (mut map, mut peer) = over_tcp(Named::new("A", &events));
    socket2::SockRef::from(&peer).send_out_of_band(b"!").expect("room");
    run_until(&mut map, |_| events.count("A: expt") == 1);
    peer.write_all(b"data").expect("room");
    run_until(&mut map, |_| events.count("A: read data") == 1);
    settle(&mut map);
    assert_eq!(events.count("A: expt"), 1);
}

/// C: CPython re-enters the same channel. Here no handler runs inside another: a handler has no
/// `Map`, and the default map does not run inside itself.
#[test]
fn l18_the_loop_does_not_run_inside_a_handler() {
    #[channel]
    struct Again {
        events: Events,
    }
    #[channel]
    impl Again {
        #[on_read]
        fn read(&mut self, _data: &[u8], io: &mut Io<Self>) {
            let kind = asyncore_runtime::run().map_err(|error| error.kind());
            self.events.note(format!("{kind:?}"));
            io.close();
        }
    }
    let events = Events::default();
    let (ours, mut theirs) = UnixStream::pair().expect("a pair");
    theirs.write_all(b"x").expect("room");
    let again = Again { events: events.clone() };
    asyncore_runtime::with_map(|map| map.add(ours, again)).expect("the map").expect("a channel");
    asyncore_runtime::run().expect("the end");
    assert_eq!(events.list(), ["Err(ResourceBusy)"]);
}

/// C: in CPython the first that fails raises, and the rest stays open unless `ignore_all`.
#[test]
fn l19_close_all_closes_all_even_if_one_fails() {
    #[channel]
    struct Stubborn {
        events: Events,
    }
    #[channel]
    impl Stubborn {
        #[on_read]
        fn read(&mut self, _data: &[u8]) {}
        #[on_close]
        fn closed(&mut self, _why: &Closed) {
            self.events.note("close");
            panic!("scripted: close_all");
        }
    }
    let events = Events::default();
    let mut map = Map::new().expect("a map");
    let mut peers = Vec::new();
    for _ in 0..3 {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        map.add(ours, Stubborn { events: events.clone() }).expect("a channel");
        peers.push(theirs);
    }
    map.close_all();
    assert_eq!(events.count("close"), 3);
    assert!(map.is_empty());
}

/// F: a plain dispatcher of CPython is writable by default: 1000 passes take 2 ms.
#[test]
fn l20_a_plain_dispatcher_does_not_spin() {
    let events = Events::default();
    let (ours, _theirs) = UnixStream::pair().expect("a pair");
    let mut map = Map::new().expect("a map");
    map.add(ours, Spy::new(&events)).expect("a channel");
    settle(&mut map);
    let begun = Instant::now();
    Loop::new().timeout(Duration::from_millis(50)).count(3).run(&mut map).expect("three passes");
    assert!(begun.elapsed() >= Duration::from_millis(140), "{:?}", begun.elapsed());
    assert_eq!(events.count("write"), 1);
}

/// F: in CPython it is not noticed until the pass ends.
#[test]
fn l21_a_thread_that_posts_wakes_the_loop() {
    let events = Events::default();
    let (ours, _theirs) = UnixStream::pair().expect("a pair");
    let mut map = Map::new().expect("a map");
    let key = map.add(ours, Spy::new(&events)).expect("a channel");
    settle(&mut map);
    let handle = map.handle_of(key);
    let begun = Instant::now();
    let thread = std::thread::spawn(move || handle.post(|_, io: &mut Io<Spy>| io.close()));
    while !map.is_empty() {
        map.poll(Some(PATIENCE)).expect("a pass");
    }
    assert!(begun.elapsed() < PATIENCE, "the pass did not wait for its timeout");
    assert_eq!(thread.join().expect("no panic"), Ok(()));
}

/// Reads one byte at a time, by itself.
#[channel]
struct Sip {
    events: Events,
}

#[channel]
impl Sip {
    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let mut byte = [0];
        let len = io.recv(&mut byte)?;
        self.events.note(text(&byte[..len]));
        Ok(())
    }
}

/// Over edge-triggered epoll, which would tell once.
#[test]
fn l22_who_reads_one_byte_is_called_for_the_next() {
    let events = Events::default();
    let (ours, mut theirs) = UnixStream::pair().expect("a pair");
    let mut map = Map::new().expect("a map");
    map.add(ours, Sip { events: events.clone() }).expect("a channel");
    theirs.write_all(b"abc").expect("room");
    run_until(&mut map, |_| events.list().len() == 3);
    assert_eq!(events.list(), ["a", "b", "c"]);
}

/// epoll refuses them with EPERM; select and poll, and so CPython, do not.
#[test]
fn l23_regular_files_and_devices_can_be_added() {
    for path in [concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "/dev/null"] {
        let (events, mut map) = (Events::default(), Map::new().expect("a map"));
        let file = std::fs::File::open(path).expect("a file");
        map.add_file(file, Spy::new(&events)).expect("a channel");
        run_until(&mut map, Map::is_empty);
        assert_eq!(events.count("close"), 1);
    }
}

/// F: CPython asks every channel in every pass: 39 ms for 100 passes over 4000.
#[test]
fn l24_a_pass_asks_only_who_wants_to_be_asked() {
    let events = Events::default();
    let mut net = Net::new();
    let _idle: Vec<_> = (0..4000).map(|_| net.open(Tens { events: events.clone() })).collect();
    let asked = net.open(Named::new("asked", &events));
    net.feed(asked, b"x");
    let list = events.list();
    assert!(list.iter().all(|event| event.starts_with("asked: ")), "{list:?}");
    assert!(events.count("asked: readable") > 0);
}
