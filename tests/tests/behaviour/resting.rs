//! A channel that has nothing to do is given no turns. (In memory one that is given turns for ever makes
//! its session panic.)

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Channel, Io, Key, Map};
use asyncore_tests::net::{run_until, Client};
use std::cell::Cell;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
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

/// Is told that its file can be read, and has a library read it.
#[channel]
struct Told {
    library: File,
    heard: Rc<Cell<usize>>,
}

#[channel]
impl Told {
    #[on_read]
    fn readable(&mut self) -> std::io::Result<()> {
        let len = self.library.read(&mut [0; 100])?;
        self.heard.set(self.heard.get() + len);
        Ok(())
    }
}

fn rests_while_a_library_reads(file: OwnedFd, mut peer: impl Write) {
    let (mut map, heard) = (Map::new().unwrap(), Rc::default());
    let library = File::from(file.try_clone().unwrap());
    map.add_file(file, Told { library, heard: Rc::clone(&heard) }).unwrap();
    for times in 1..=3 {
        peer.write_all(b"hello").unwrap();
        run_until(&mut map, |_| heard.get() == 5 * times);
    }
    assert!(idle_passes(&mut map) < 10, "it is given turns without a reason");
}

#[test]
fn what_a_library_reads_is_asked_for_and_nothing_else_is() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    rests_while_a_library_reads(ours.into(), theirs);
}

#[test]
fn a_file_that_is_only_written_is_not_asked_what_it_has_to_read() {
    let (mut map, (reader, writer)) = (Map::new().unwrap(), std::io::pipe().unwrap());
    let key = map.add_file(writer, Lines).unwrap();
    assert!(idle_passes(&mut map) < 10, "it is given turns without a reason");
    drop(reader);
    run_until(&mut map, |map| !map.is_alive(key));
}

/// Has the next datagram read by a library.
#[channel]
struct Datagrams(Rc<Cell<usize>>);

#[channel]
impl Datagrams {
    #[on_read]
    fn readable(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let mut data = [MaybeUninit::uninit(); 100];
        let len = io.socket_options().map_or(Ok(0), |socket| socket.recv(&mut data))?;
        self.0.set(self.0.get() + len);
        Ok(())
    }
}

#[test]
fn a_datagram_channel_rests_while_a_library_reads() {
    let (mut map, heard) = (Map::new().unwrap(), Rc::default());
    let key = map.datagram("127.0.0.1:0", Datagrams(Rc::clone(&heard))).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    for times in 1..=3 {
        peer.send_to(b"hello", at).unwrap();
        run_until(&mut map, |_| heard.get() == 5 * times);
    }
    assert!(idle_passes(&mut map) < 10, "it is given turns without a reason");
}

/// Its field has more than the socket takes, and its answers are owed.
#[channel]
#[derive(Default)]
struct FieldOwes {
    #[producer]
    rows: VecDeque<Vec<u8>>,
}

#[channel]
impl FieldOwes {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &[u8], io: &mut Io<Self>) {
        std::mem::forget(io.owe());
    }
}

#[test]
fn a_field_that_waits_for_an_answer_before_it_rests() {
    let mut session = Session::new(FieldOwes::default());
    session.window(0);
    session.with(|owes, _| owes.rows.extend([vec![b'x'; 30_000], vec![b'x'; 30_000]]));
    session.feed("owe\n");
    session.window(usize::MAX);
    assert!(session.is_open());
}

#[test]
fn a_channel_rests_whose_library_has_read_the_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut map, ours) = (Map::new().unwrap(), listener.accept().unwrap().0);
    let library = File::from(OwnedFd::from(ours.try_clone().unwrap()));
    map.add(ours, Told { library, heard: Rc::default() }).unwrap();
    map.poll(Some(Duration::ZERO)).unwrap();
    drop(peer);
    assert!(idle_passes(&mut map) < 10, "it is given turns without a reason");
}

#[test]
fn a_pipe_ends_when_its_library_has_read_all_of_it() {
    let (reader, writer) = std::io::pipe().unwrap();
    let library = File::from(OwnedFd::from(reader.try_clone().unwrap()));
    ends_when_all_is_read(library, writer, |map, told| {
        map.add_file(reader, told).unwrap();
    });
}

#[test]
fn a_socket_ends_when_its_library_has_read_all_of_it() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let library = File::from(OwnedFd::from(ours.try_clone().unwrap()));
    ends_when_all_is_read(library, theirs, |map, told| {
        map.add(ours, told).unwrap();
    });
}

/// A peer says more than is read at a time, and goes at once.
fn ends_when_all_is_read(library: File, mut peer: impl Write, add: impl FnOnce(&mut Map, Told)) {
    let (mut map, heard) = (Map::new().unwrap(), Rc::default());
    add(&mut map, Told { library, heard: Rc::clone(&heard) });
    peer.write_all(&[b'x'; 250]).unwrap();
    drop(peer);
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(heard.get(), 250);
}

/// Counts how often it was told.
#[channel]
struct Calls(u32);

#[channel]
impl Calls {
    #[on_read]
    fn readable(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        self.0 += 1;
        io.recv(&mut [0; 10]).map(drop)
    }
}

#[test]
fn a_channel_that_reads_for_itself_is_not_called_before_something_comes() {
    let mut session = Session::new(Calls(0));
    assert_eq!(session.with(|calls, _| calls.0), Some(0));
}
