//! The map and its loop.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Io, Key, Loop, Map, Push, Sink};
use asyncore_tests::net::{allow_descriptors, bounded, run_until, Client, Log, Server, PATIENCE};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Echoes lines; `quit` ends the connection.
#[channel]
struct Echo;

#[channel]
impl Echo {
    #[terminator(b"\n")]
    fn line(line: &str, io: &mut Io<Self>) -> String {
        if line == "quit" {
            io.close_when_done();
        }
        format!("{line}\n")
    }
}

/// Adds and removes channels from inside its handler.
#[channel]
struct Keeper {
    kept: Option<Key<Echo>>,
    spare: Option<UnixStream>,
}

#[channel]
impl Keeper {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> std::io::Result<String> {
        match (line, self.kept, self.spare.take()) {
            ("add", _, Some(stream)) => self.kept = Some(io.add(stream, Echo)?),
            ("remove", Some(key), _) => io.tell(key, |_, io| io.close()),
            _ => io.close_when_done(),
        }
        Ok(format!("{line}\n"))
    }
}

/// Notes each time it is asked whether it wants to read.
#[channel]
struct Asked(Log);

#[channel]
impl Asked {
    #[readable]
    fn wants_to_read(&self) -> bool {
        self.0.note("asked");
        true
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

#[test]
fn a_channel_added_inside_a_handler_is_served() {
    let mut map = Map::new().unwrap();
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (spare, peer) = UnixStream::pair().unwrap();
    map.add(ours, Keeper { kept: None, spare: Some(spare) }).unwrap();
    let (mut client, mut peer) = (Client::from(theirs), Client::from(peer));
    peer.send("hello\n");
    client.send("add\n");
    run_until(&mut map, |_| peer.has_input());
    assert_eq!(peer.receive_line(), "hello\n");
}

#[test]
fn a_channel_removed_inside_a_handler_is_closed_and_the_others_are_served() {
    let mut map = Map::new().unwrap();
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (spare, peer) = UnixStream::pair().unwrap();
    map.add(ours, Keeper { kept: None, spare: Some(spare) }).unwrap();
    let (mut client, mut peer) = (Client::from(theirs), Client::from(peer));
    client.send("add\nremove\n");
    run_until(&mut map, |map| map.counters().closed() == 1);
    assert_eq!(peer.receive_all(), b"");
    assert_eq!(client.receive(11), b"add\nremove\n");
}

#[test]
fn a_handler_that_removes_its_own_channel_costs_no_other() {
    let mut net = Net::new();
    let (one, two) = (net.open(Echo), net.open(Echo));
    net.feed(one, b"quit\n");
    net.feed(two, b"still here\n");
    assert!(!net.is_open(one));
    assert_eq!(net.output(two), b"still here\n");
}

#[test]
fn a_thousand_channels_are_served_at_once() {
    allow_descriptors(2_100);
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| Echo));
    let mut clients: Vec<_> = (0..1_000).map(|_| server.client()).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client.send(format!("I am {number}\n"));
    }
    for (number, client) in clients.iter_mut().enumerate() {
        assert_eq!(client.receive_line(), format!("I am {number}\n"));
    }
    assert_eq!(server.ask(|map| map.len()), 1_001);
}

#[test]
fn the_loop_ends_when_the_last_channel_closes() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let loops = bounded(move || {
        let mut map = Map::new().unwrap();
        map.add(ours, Echo).unwrap();
        map.run().unwrap();
        map.len()
    });
    let mut client = Client::from(theirs);
    client.converse("hello\nquit\n", "hello\nquit\n");
    assert_eq!(loops(), 0);
}

#[test]
fn an_empty_map_does_not_run() {
    assert!(bounded(|| Map::new().unwrap().run())().is_ok());
}

#[test]
fn a_loop_with_a_count_makes_so_many_passes() {
    let mut map = Map::new().unwrap();
    let asked = Log::default();
    let (ours, _theirs) = UnixStream::pair().unwrap();
    map.add(ours, Asked(asked.clone())).unwrap();
    Loop::new().timeout(Duration::ZERO).count(7).run(&mut map).unwrap();
    assert_eq!(asked.len(), 7);
}

#[test]
fn a_pass_ends_after_the_timeout_of_its_loop() {
    let mut map = Map::new().unwrap();
    map.listen("127.0.0.1:0", |_| Echo).unwrap();
    let start = Instant::now();
    Loop::new().timeout(Duration::from_millis(20)).count(3).run(&mut map).unwrap();
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn a_pass_that_only_lets_channels_begin_is_not_counted() {
    let mut map = Map::new().unwrap();
    map.listen("127.0.0.1:0", |_| Echo).unwrap();
    let (pass, start) = (Duration::from_millis(20), Instant::now());
    Loop::new().timeout(pass).count(3).run(&mut map).unwrap();
    assert!(start.elapsed() >= 3 * pass, "{:?}", start.elapsed());
}

/// Has something to do a little after it has begun.
#[channel]
struct Later(Log);

#[channel]
impl Later {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) {
        io.set_timer(Duration::from_millis(20), ());
    }

    #[on_timer]
    fn due(&mut self, (): ()) {
        self.0.note("due");
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

#[test]
fn that_a_new_connection_can_be_written_makes_no_pass_that_counts() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, _theirs) = UnixStream::pair().unwrap();
    map.add(ours, Later(log.clone())).unwrap();
    Loop::new().timeout(PATIENCE).count(1).run(&mut map).unwrap();
    assert_eq!(log.take(), ["due"]);
}

#[test]
fn a_thread_has_a_default_map_of_its_own() {
    let (sender, receiver) = mpsc::channel();
    let ended = bounded(move || {
        let listener = asyncore_runtime::listen("127.0.0.1:0", |_| Echo).unwrap();
        let handle = asyncore_runtime::with_map(|map| map.handle()).unwrap();
        sender.send((listener.local_addr().inet().unwrap(), handle)).unwrap();
        asyncore_runtime::run().unwrap();
    });
    let (addr, handle) = receiver.recv_timeout(PATIENCE).unwrap();
    Client::connect(addr).converse("hello\n", "hello\n");
    assert_eq!(asyncore_runtime::with_map(|map| map.len()).unwrap(), 0);
    handle.drain(Duration::ZERO).unwrap();
    ended();
}

#[test]
fn the_default_map_refuses_to_run_inside_itself() {
    let nested = asyncore_runtime::with_map(|_| asyncore_runtime::run()).unwrap();
    assert_eq!(nested.unwrap_err().kind(), std::io::ErrorKind::ResourceBusy);
}

/// Bytes that say where a listener is, which they open themselves.
struct Opens;

impl Push for Opens {
    fn push_to(self, out: &mut Sink<'_>) {
        let listener = asyncore_runtime::listen("127.0.0.1:0", |_| Echo).unwrap();
        format_args!("{}\n", listener.local_addr()).push_to(out);
    }
}

/// Pushes them in each way there is.
#[channel]
struct Pushes {
    to: Option<Key<Echo>>,
}

#[channel]
impl Pushes {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        match (line, self.to) {
            ("to", Some(to)) => io.push_to(to, Opens),
            ("try", Some(to)) => drop(io.try_push_to(to, Opens)),
            _ => io.push(Opens),
        }
    }
}

#[test]
fn what_is_pushed_may_use_the_map_whoever_it_is_pushed_to() {
    let passed = bounded(|| {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let (other, peer) = UnixStream::pair().unwrap();
        let (mut theirs, mut peer) = (Client::from(theirs), Client::from(peer));
        asyncore_runtime::with_map(|map| {
            let to = map.add(other, Echo).ok();
            map.add(ours, Pushes { to }).unwrap();
            theirs.send("own\n");
            run_until(map, |_| theirs.has_input());
            for way in ["to\n", "try\n"] {
                theirs.send(way);
                run_until(map, |_| peer.has_input());
                assert!(peer.receive_line().starts_with("127.0.0.1:"));
            }
            assert!(theirs.receive_line().starts_with("127.0.0.1:"));
            (map.len(), map.counters().panics())
        })
    });
    assert_eq!(passed().unwrap(), (5, 0));
}
