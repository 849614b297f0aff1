//! What is the user's may panic when it is dropped: that costs nobody else, wherever it happens.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, Bytes, Io, Map, Producer, Push, Sink, Socket};
use asyncore_tests::net::run_until;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::Arc;
use std::time::Duration;

/// Panics when it is dropped, and counts.
struct Bomb(Arc<AtomicU32>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
        panic!("in drop");
    }
}

impl Producer for Bomb {
    fn more(&mut self) -> Option<Bytes> {
        Some(Bytes::from_static(&[b'x'; 4096]))
    }
}

/// Bytes with a bomb behind them.
impl AsRef<[u8]> for Bomb {
    fn as_ref(&self) -> &[u8] {
        &[b'x'; 8192]
    }
}

/// Has what the line says.
#[channel(idle_timeout = "never")]
struct Holds(Arc<AtomicU32>);

#[channel]
impl Holds {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        let bomb = || Bomb(Arc::clone(&self.0));
        match line {
            "producers" => {
                io.push_with_producer(bomb());
                io.push_with_producer(bomb());
            }
            "timers" => {
                io.set_timer(Duration::from_secs(1_000), bomb());
                io.set_timer(Duration::from_secs(1_000), bomb());
            }
            "bytes" => {
                io.push(Bytes::from_owner(bomb()));
                io.push(Bytes::from_owner(bomb()));
            }
            "payload" => std::panic::panic_any(bomb()),
            "closure" => {
                let bomb = bomb();
                io.push_with_producer(move |_: &mut Self| -> Option<Bytes> { panics_with(&bomb) });
            }
            "iterator" => {
                let bomb = bomb();
                io.push_with_producer((0..3).map(move |_| -> Bytes { panics_with(&bomb) }));
            }
            _ => {}
        }
    }

    #[on_timer]
    fn timer(&mut self, _bomb: Bomb) {}
}

fn panics_with(_bomb: &Bomb) -> ! {
    panic!("on purpose")
}

fn dropped_at_the_end_of_a_channel(line: &str) -> u32 {
    let dropped = Arc::new(AtomicU32::new(0));
    let mut session = Session::new(Holds(Arc::clone(&dropped)));
    session.window(0);
    session.feed(line);
    session.feed_reset();
    assert!(!session.is_open());
    dropped.load(SeqCst)
}

#[test]
fn waiting_producers_timers_bytes_and_payloads_are_dropped_one_by_one() {
    assert_eq!(dropped_at_the_end_of_a_channel("producers\n"), 2);
    assert_eq!(dropped_at_the_end_of_a_channel("timers\n"), 2);
    assert_eq!(dropped_at_the_end_of_a_channel("bytes\n"), 2);
    assert_eq!(dropped_at_the_end_of_a_channel("payload\n"), 1);
}

#[test]
fn a_map_that_is_dropped_drops_each_of_its_channels_and_all_they_have() {
    let dropped = Arc::new(AtomicU32::new(0));
    let mut map = Map::new().unwrap();
    let mut peers = Vec::new();
    for line in ["producers\n", "timers\n", "bytes\n"] {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        std::io::Write::write_all(&mut theirs, line.as_bytes()).unwrap();
        map.add(ours, Holds(Arc::clone(&dropped))).unwrap();
        peers.push(theirs);
    }
    // The bytes of the third leave at once.
    run_until(&mut map, |_| dropped.load(SeqCst) >= 2);
    let key = map.keys::<Holds>()[0];
    let bomb = Bomb(Arc::clone(&dropped));
    map.tell(key, move |_, _| drop(bomb));
    drop(map);
    assert_eq!(dropped.load(SeqCst), 7);
}

#[test]
fn what_is_told_to_a_dead_key_is_dropped_without_harm() {
    let dropped = Arc::new(AtomicU32::new(0));
    let mut map = Map::new().unwrap();
    let (ours, theirs) = UnixStream::pair().unwrap();
    let key = map.add(ours, Holds(Arc::clone(&dropped))).unwrap();
    let handle = map.handle_of(key);
    drop(theirs);
    run_until(&mut map, |map| map.is_empty());
    let (told, posted) = (Bomb(Arc::clone(&dropped)), Bomb(Arc::clone(&dropped)));
    map.tell(key, move |_, _| drop(told));
    handle.post(move |_, _| drop(posted)).unwrap();
    map.poll(Some(Duration::ZERO)).unwrap();
    assert_eq!(dropped.load(SeqCst), 2);
}

#[test]
fn the_closure_of_a_listener_is_dropped_without_harm() {
    let dropped = Arc::new(AtomicU32::new(0));
    let mut map = Map::new().unwrap();
    let bomb = Bomb(Arc::clone(&dropped));
    let accept = move |_| {
        let _bomb = &bomb;
        None::<Holds>
    };
    map.listen("127.0.0.1:0", accept).unwrap().close();
    map.run().unwrap();
    assert_eq!(dropped.load(SeqCst), 1);
    let bomb = Bomb(Arc::clone(&dropped));
    let accept = move |_| {
        let _bomb = &bomb;
        None::<Holds>
    };
    assert!(map.listen("256.0.0.1:0", accept).is_err());
    assert_eq!(dropped.load(SeqCst), 2);
}

#[test]
fn a_producer_that_panics_is_dropped_without_harm() {
    for line in ["closure\n", "iterator\n"] {
        let dropped = Arc::new(AtomicU32::new(0));
        let mut session = Session::new(Holds(Arc::clone(&dropped)));
        session.feed(line);
        assert!(!session.is_open());
        assert_eq!(dropped.load(SeqCst), 1);
    }
}

/// Connects twice, and panics the second time.
#[channel]
#[derive(Default)]
struct Twice {
    has_been: bool,
}

#[channel]
impl Twice {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) {
        assert!(!self.has_been, "on purpose");
        io.close();
    }

    #[on_read]
    fn read(&mut self, _data: &[u8]) {}

    #[on_close]
    fn closed(&mut self, io: &mut Io<Self>) {
        if !std::mem::replace(&mut self.has_been, true) {
            io.reconnect(Duration::from_secs(1));
        }
    }
}

#[test]
fn what_waits_for_a_connection_is_dropped_without_harm_when_on_connect_panics() {
    let (dropped, mut net) = (Arc::new(AtomicU32::new(0)), Net::new());
    let key = net.connect("10.0.0.1:4222", Twice::default()).unwrap();
    let bomb = Bomb(Arc::clone(&dropped));
    net.with(key, |_, io| io.push_with_producer(bomb)).expect("it waits to connect again");
    net.advance(Duration::from_secs(1));
    assert!(!net.is_open(key));
    assert_eq!(dropped.load(SeqCst), 1);
}

/// Bytes that panic behind a part of them.
struct Breaks(Bomb);

impl Push for Breaks {
    fn push_to(self, out: &mut Sink<'_>) {
        out.put_bytes(Bytes::from_owner(self.0));
        panic!("on purpose");
    }
}

#[test]
fn what_panics_while_it_is_pushed_to_another_costs_whoever_pushed_it() {
    let (dropped, mut net) = (Arc::new(AtomicU32::new(0)), Net::new());
    let mut open = || net.open(Holds(Arc::clone(&dropped)));
    let (from, to) = (open(), open());
    let bytes = Breaks(Bomb(Arc::clone(&dropped)));
    net.with(from, move |_, io| io.push_to(to, bytes));
    assert_eq!((net.is_open(from), net.is_open(to)), (false, true));
    assert_eq!(dropped.load(SeqCst), 1);
}

/// A listening channel with a bomb.
#[channel]
struct Door(Bomb);

#[channel]
impl Door {
    #[on_accepted]
    fn accepted(&mut self, _socket: Socket) {
        let _bomb = &self.0;
    }
}

#[test]
fn what_cannot_listen_as_the_map_drains_is_dropped_without_harm() {
    let dropped = Arc::new(AtomicU32::new(0));
    let mut map = Map::new().unwrap();
    let (ours, _theirs) = UnixStream::pair().unwrap();
    map.add(ours, Holds(Arc::clone(&dropped))).unwrap();
    map.drain(Duration::from_secs(1_000));
    let bomb = || Bomb(Arc::clone(&dropped));
    let waits = bomb();
    let accept = move |_| {
        let _bomb = &waits;
        None::<Holds>
    };
    assert!(map.listen("127.0.0.1:0", accept).is_err());
    assert!(map.serve("127.0.0.1:0", Door(bomb())).is_err());
    assert_eq!(dropped.load(SeqCst), 2);
}
