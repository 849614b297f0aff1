//! A channel that has nothing to do is given no turns. (In memory one that is given turns for ever makes
//! its session panic.)

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Channel, Io, Key, Map};
use asyncore_tests::net::{run_until, Client};
use std::cell::Cell;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

/// Reads for itself, and pushes what it read; behind a `q` it has no more to say.
#[channel]
struct Raw;

#[channel]
impl Raw {
    #[on_read]
    fn readable(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let mut data = [0; 8];
        let len = io.recv(&mut data)?;
        io.push(&data[..len]);
        if data[0] == b'q' {
            io.close_when_done();
        }
        Ok(())
    }
}

#[test]
fn a_channel_that_reads_for_itself_and_ends_drops_what_still_comes() {
    let mut session = Session::new(Raw);
    session.window(0);
    session.feed(b"q, and more than it will read");
    session.feed(b"and still more");
    assert!(session.is_open());
    session.window(8);
    assert_eq!(session.output(), b"q, and m");
    assert!(session.closed().is_some_and(|why| why.is_clean()));
}

#[test]
fn a_reset_ends_a_channel_that_reads_for_itself_and_is_ending() {
    let mut map = Map::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = Client::connect(listener.local_addr().unwrap());
    let key = map.add(listener.accept().unwrap().0, Raw).unwrap();
    map.tell(key, |_, io| {
        io.push_with_producer(|_: &mut Raw| Poll::<Option<&str>>::Pending);
        io.close_when_done();
    });
    client.send("what nobody reads");
    map.poll(Some(Duration::ZERO)).unwrap();
    assert!(idle_passes(&mut map) < 10, "it is given turns without a reason");
    client.reset();
    run_until(&mut map, |map| map.is_empty());
}

/// Handles lines, and stays when its peer says no more.
#[channel]
struct Lines;

#[channel]
impl Lines {
    #[terminator(b"\n")]
    fn line(line: &[u8]) -> &[u8] {
        line
    }

    #[on_eof]
    fn end(&mut self) {}
}

/// What stops a channel from its own side.
#[derive(Debug, Clone, Copy)]
enum Stop {
    Pauses,
    Produces,
    Owes,
    Ends,
    SaysNoMore,
}

impl Stop {
    const ALL: [Self; 5] = [Self::Pauses, Self::Produces, Self::Owes, Self::Ends, Self::SaysNoMore];

    fn apply<T: Channel>(self, io: &mut Io<T>) {
        match self {
            Self::Pauses => io.pause(),
            Self::Produces => io.push_with_producer(|_: &mut T| Poll::<Option<&str>>::Pending),
            // As long as nobody drops it, it is owed.
            Self::Owes => std::mem::forget(io.owe()),
            Self::Ends => {
                std::mem::forget(io.owe());
                io.close_when_done();
            }
            Self::SaysNoMore => io.end_output(),
        }
    }
}

/// A peer that reads nothing, sends, says no more, and reads: with looks in between.
fn comes_to_rest<T: Channel>(channel: T, stop: Stop) {
    let mut session = Session::new(channel);
    session.with(move |_, io| stop.apply(io));
    session.window(0);
    session.feed(b"one\ntwo\nand mo");
    session.feed(b"re\n");
    session.feed_eof();
    session.window(usize::MAX);
    session.with(|_, io| io.resume());
    session.feed_reset();
    assert!(!session.is_open(), "{stop:?}");
}

#[test]
fn whatever_stops_it_a_channel_comes_to_rest_and_ends_with_its_peer() {
    for stop in Stop::ALL {
        comes_to_rest(Lines, stop);
        comes_to_rest(Raw, stop);
        comes_to_rest(Unframed::default(), stop);
    }
}

/// Has nothing to frame: pauses at its first event, and goes on when it is told.
#[channel]
#[derive(Default)]
struct Unframed {
    seen: u32,
}

#[channel]
impl Unframed {
    #[on_read]
    fn data(&mut self, _data: &[u8], io: &mut Io<Self>) {
        self.pauses_once(io);
    }

    #[on_accepted]
    fn accepted(&mut self, io: &mut Io<Self>) {
        self.pauses_once(io);
    }
}

impl Unframed {
    fn pauses_once(&mut self, io: &mut Io<Self>) {
        self.seen += 1;
        if self.seen == 1 {
            io.pause();
        }
    }
}

#[test]
fn a_channel_that_reads_for_itself_rests_when_its_pause_is_over() {
    let mut session = Session::new(Raw);
    session.with(|_, io| io.pause());
    session.feed(b"hello");
    session.with(|_, io| io.resume());
    assert_eq!(session.output(), b"hello");
}

/// How many passes the loop makes in which nothing happens.
fn idle_passes(map: &mut Map) -> u32 {
    let (start, mut passes) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_millis(100) {
        map.poll(Some(Duration::from_millis(100))).unwrap();
        passes += 1;
    }
    passes
}

#[test]
fn a_datagram_channel_rests_when_its_pause_is_over() {
    let mut map = Map::new().unwrap();
    let key = map.datagram("127.0.0.1:0", Unframed::default()).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.send_to(b"one", at).unwrap();
    peer.send_to(b"two", at).unwrap();
    goes_on(&mut map, key);
    assert!(idle_passes(&mut map) < 10, "it is given turns without a reason");
}

#[test]
fn a_listening_channel_rests_when_its_pause_is_over() {
    let mut map = Map::new().unwrap();
    let listener = map.serve("127.0.0.1:0", Unframed::default()).unwrap();
    let at = listener.local_addr().inet().unwrap();
    let _peers = [(); 2].map(|()| TcpStream::connect(at).unwrap());
    let key = map.keys::<Unframed>()[0];
    goes_on(&mut map, key);
    assert!(idle_passes(&mut map) < 10, "it is given turns without a reason");
}

/// Lets its first event come, and the second one when its pause is over.
fn goes_on(map: &mut Map, key: Key<Unframed>) {
    for count in [1, 2] {
        let told = Rc::new(Cell::new(0));
        run_until(map, move |map| {
            let seen = Rc::clone(&told);
            map.tell(key, move |me, _| seen.set(me.seen));
            told.get() >= count
        });
        map.tell(key, |_, io| io.resume());
    }
    map.poll(Some(Duration::ZERO)).unwrap();
}
