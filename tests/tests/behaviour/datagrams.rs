//! Datagram channels: no peer has a connection, so none can end the channel.

use asyncore_runtime::{channel, Error, Io, Key, Map, Owed};
use asyncore_tests::net::run_until;
use std::cell::RefCell;
use std::io::Write;
use std::net::UdpSocket;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::rc::Rc;
use std::time::Duration;

type Log = Rc<RefCell<Vec<String>>>;

/// Answers text in capitals.
#[channel]
struct Shout(Log);

#[channel]
impl Shout {
    #[on_read]
    fn text(&mut self, text: &str, io: &mut Io<Self>) -> Result<String, std::fmt::Error> {
        match text {
            "bite" => panic!("it bites"),
            "fail" => Err(std::fmt::Error),
            "nowhere" => {
                // As to a peer that claims to have sent from port 0.
                io.push_to_addr(([127, 0, 0, 1], 0).into(), "who is there?");
                Ok("sent".to_owned())
            }
            "timer" => {
                io.set_timer(Duration::ZERO, ());
                Ok("set".to_owned())
            }
            text => Ok(text.to_uppercase()),
        }
    }

    #[on_timer]
    fn later(&mut self, (): (), io: &mut Io<Self>) {
        io.push("nobody hears this");
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.0.borrow_mut().push(error.to_string());
    }
}

fn peer() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

fn answer(map: &mut Map, peer: &UdpSocket) -> String {
    let (mut data, mut heard) = ([0; 100], None);
    run_until(map, |_| {
        heard = peer.recv(&mut data).ok();
        heard.is_some()
    });
    String::from_utf8_lossy(&data[..heard.unwrap()]).into_owned()
}

#[test]
fn what_is_wrong_with_one_datagram_costs_that_one() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let key = map.datagram("127.0.0.1:0", Shout(Rc::clone(&log))).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let (bad, good) = (peer(), peer());
    for datagram in [&b"\xff\xfe"[..], b"bite", b"fail", b""] {
        bad.send_to(datagram, at).unwrap();
    }
    good.send_to(b"hello", at).unwrap();
    assert_eq!(answer(&mut map, &good), "HELLO");
    assert!(map.is_alive(key));
    let log = log.borrow();
    assert!(log[0].starts_with("bad frame"), "{log:?}");
    assert_eq!(log[1], "a handler panicked: it bites");
    assert_eq!(log.len(), 3);
}

#[test]
fn an_answer_that_the_system_refuses_is_dropped_and_the_channel_lives() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let key = map.datagram("127.0.0.1:0", Shout(Rc::clone(&log))).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let peer = peer();
    peer.send_to(b"nowhere", at).unwrap();
    assert_eq!(answer(&mut map, &peer), "sent");
    assert!(log.borrow()[0].starts_with("datagram to 127.0.0.1:0: "), "{:?}", log.borrow());
    assert_eq!(map.counters().dropped_datagrams(), 1);
    assert!(map.is_alive(key));
}

#[test]
fn a_push_outside_of_a_datagram_says_what_to_write() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let key = map.datagram("127.0.0.1:0", Shout(Rc::clone(&log))).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let peer = peer();
    peer.send_to(b"timer", at).unwrap();
    assert_eq!(answer(&mut map, &peer), "set");
    run_until(&mut map, |_| !log.borrow().is_empty());
    map.tell(key, |_, _| "nor this");
    run_until(&mut map, |_| log.borrow().len() == 2);
    assert!(log.borrow()[0].contains("push_to_addr"), "{:?}", log.borrow());
    assert_eq!(map.counters().dropped_datagrams(), 2);
    assert!(map.is_alive(key));
}

/// Pushes what it hears to a datagram channel.
#[channel]
struct Forwards {
    to: Key<Shout>,
}

#[channel]
impl Forwards {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        match line {
            "try" => drop(io.try_push_to(self.to, line)),
            line => io.push_to(self.to, line),
        }
    }
}

#[test]
fn what_another_channel_pushes_says_what_to_write_as_well() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let to = map.datagram("127.0.0.1:0", Shout(Rc::clone(&log))).unwrap();
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    map.add(ours, Forwards { to }).unwrap();
    for (count, line) in [(1, "push\n"), (2, "try\n")] {
        theirs.write_all(line.as_bytes()).unwrap();
        run_until(&mut map, |_| log.borrow().len() == count);
        assert!(log.borrow()[count - 1].contains("push_to_addr"), "{:?}", log.borrow());
    }
    assert_eq!(map.counters().dropped_datagrams(), 2);
    assert!(map.is_alive(to));
}

/// Reads for itself.
#[channel]
struct Raw(Log);

#[channel]
impl Raw {
    #[on_read]
    fn ready(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let mut data = [0; 100];
        let len = io.recv(&mut data)?;
        let from = io.sender().expect("a sender");
        self.0.borrow_mut().push(format!("{} from {}", data[..len].escape_ascii(), from.ip()));
        io.push("heard");
        Ok(())
    }
}

#[test]
fn a_channel_that_reads_for_itself_gets_a_datagram_at_a_time() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let key = map.datagram("127.0.0.1:0", Raw(Rc::clone(&log))).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let peer = peer();
    for datagram in ["one", "", "three"] {
        peer.send_to(datagram.as_bytes(), at).unwrap();
    }
    run_until(&mut map, |_| log.borrow().len() == 3);
    assert_eq!(*log.borrow(), ["one from 127.0.0.1", " from 127.0.0.1", "three from 127.0.0.1"]);
    assert_eq!(answer(&mut map, &peer), "heard");
}

/// Answers each datagram with a flood of them.
#[channel(max_output = 64 * 1024)]
struct Flood;

#[channel]
impl Flood {
    #[on_read]
    fn data(&mut self, _data: &[u8], io: &mut Io<Self>) {
        for _ in 0..100 {
            io.push(vec![b'x'; 1000]);
        }
    }
}

#[test]
fn replies_that_do_not_fit_are_dropped_and_counted_and_the_channel_lives() {
    let mut map = Map::new().unwrap();
    let key = map.datagram("127.0.0.1:0", Flood).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let peer = peer();
    peer.send_to(b"go", at).unwrap();
    run_until(&mut map, |map| map.counters().dropped_datagrams() > 0);
    assert!(map.is_alive(key));
    peer.send_to(b"go", at).unwrap();
    assert_eq!(answer(&mut map, &peer).len(), 100, "cut to the buffer of the test");
}

/// Answers in pieces, or owes the answer.
#[channel]
#[derive(Default)]
struct Slow(Vec<Owed<Slow>>);

#[channel]
impl Slow {
    #[on_read]
    fn text(&mut self, text: &str, io: &mut Io<Self>) {
        match text {
            "pieces" => io.push_with_producer(["one", "two"].into_iter()),
            "closure" => {
                let mut rows = ["one"].into_iter();
                io.push_with_producer(move |_: &mut Self| Some(rows.next().expect("a row")));
            }
            "method" => io.push_with_producer(Self::broken),
            _ => self.0.push(io.owe()),
        }
    }

    #[producer]
    fn broken(&mut self) -> Option<&'static str> {
        panic!("no row");
    }
}

#[test]
fn a_producers_chunks_are_datagrams_to_whom_a_push_would_go() {
    let mut map = Map::new().unwrap();
    let key = map.datagram("127.0.0.1:0", Slow::default()).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let peer = peer();
    peer.send_to(b"pieces", at).unwrap();
    assert_eq!([answer(&mut map, &peer), answer(&mut map, &peer)], ["one", "two"]);
}

#[test]
fn a_producer_for_nobody_is_told_of() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let key = map.datagram("127.0.0.1:0", Shout(Rc::clone(&log))).unwrap();
    map.tell(key, |_, io| io.push_with_producer(["one"].into_iter()));
    run_until(&mut map, |_| !log.borrow().is_empty());
    assert!(log.borrow()[0].contains("push_to_addr"), "{log:?}");
}

#[test]
fn an_answer_that_was_owed_goes_to_whoever_asked() {
    let mut map = Map::new().unwrap();
    let key = map.datagram("127.0.0.1:0", Slow::default()).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let (one, other) = (peer(), peer());
    one.send_to(b"first", at).unwrap();
    other.send_to(b"second", at).unwrap();
    map.tell(key, answer_both);
    assert_eq!(answer(&mut map, &other), "2");
    assert_eq!(answer(&mut map, &one), "1");
}

/// The later one first, as soon as both have asked.
fn answer_both(slow: &mut Slow, io: &mut Io<Slow>) {
    if slow.0.len() < 2 {
        return io.tell(io.key(), answer_both);
    }
    slow.0.drain(..).zip(["1", "2"]).rev().for_each(|(owed, text)| owed.answer(move |_, _| text));
}

#[test]
fn a_producer_that_panics_costs_the_answer_it_was_for() {
    for way in ["closure", "method"] {
        let mut map = Map::new().unwrap();
        let key = map.datagram("127.0.0.1:0", Slow::default()).unwrap();
        let at = map.local_addr(key).unwrap().inet().unwrap();
        let (bad, good) = (peer(), peer());
        bad.send_to(way.as_bytes(), at).unwrap();
        run_until(&mut map, |map| map.counters().panics() == 1);
        good.send_to(b"pieces", at).unwrap();
        assert_eq!([answer(&mut map, &good), answer(&mut map, &good)], ["one", "two"]);
    }
}

/// Says its last words, and ends as it is asked to; what it owes comes later.
#[channel]
struct Last;

#[channel]
impl Last {
    #[on_read]
    fn text(&mut self, text: &str, io: &mut Io<Self>) -> Option<&'static str> {
        let owed = text.ends_with("owing").then(|| io.owe());
        match text.split(' ').next() {
            Some("close") => io.close(),
            Some("end") => io.end_output(),
            _ => io.close_when_done(),
        }
        match owed {
            Some(owed) => owed.answer(|_, _| "bye"),
            None => return Some("bye"),
        }
        None
    }
}

fn last_words(way: &str) -> (Map, String) {
    let mut map = Map::new().unwrap();
    let key = map.datagram("127.0.0.1:0", Last).unwrap();
    let at = map.local_addr(key).unwrap().inet().unwrap();
    let peer = peer();
    peer.send_to(way.as_bytes(), at).unwrap();
    let words = answer(&mut map, &peer);
    (map, words)
}

#[test]
fn the_last_words_of_a_channel_that_closes_are_sent() {
    for way in ["close", "close_when_done"] {
        let (map, words) = last_words(way);
        assert_eq!((words.as_str(), map.is_empty()), ("bye", true), "{way}");
    }
}

#[test]
fn an_answer_that_a_channel_owed_when_it_ended_is_sent() {
    for way in ["close_when_done owing", "end owing"] {
        assert_eq!(last_words(way).1, "bye", "{way}");
    }
}

/// Notes how long each datagram is, and what is wrong with it.
#[channel(max_length = 100_000)]
struct Lengths(Log);

#[channel]
impl Lengths {
    #[on_read]
    fn data(&mut self, data: &[u8]) {
        self.0.borrow_mut().push(data.len().to_string());
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.0.borrow_mut().push(error.to_string());
    }
}

fn lengths() -> (Map, Key<Lengths>, UnixDatagram, Log) {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let (ours, peer) = UnixDatagram::pair().unwrap();
    let key = map.datagram(ours, Lengths(Rc::clone(&log))).unwrap();
    peer.set_nonblocking(true).unwrap();
    (map, key, peer, log)
}

#[test]
fn a_datagram_of_a_unix_socket_that_is_longer_than_any_of_ip_comes_whole() {
    let (mut map, _, peer, log) = lengths();
    peer.send(&vec![b'x'; 100_000]).unwrap();
    run_until(&mut map, |_| !log.borrow().is_empty());
    assert_eq!(*log.borrow(), ["100000"]);
}

#[test]
fn a_datagram_beyond_its_bound_is_an_error_and_the_next_one_comes() {
    let (mut map, _, peer, log) = lengths();
    peer.send(&vec![b'x'; 100_001]).unwrap();
    peer.send(b"next").unwrap();
    run_until(&mut map, |_| log.borrow().len() == 2);
    let error = "a frame of 100001 bytes was announced, the limit is 100000";
    assert_eq!(*log.borrow(), [error, "4"]);
}

#[test]
fn who_has_filled_its_queue_in_a_task_reads_no_more_until_there_is_room() {
    let (mut map, key, peer, log) = lengths();
    map.tell(key, |_, io| (0..500).for_each(|_| io.push([b'x'; 1000])));
    (0..3).for_each(|_| map.poll(Some(Duration::ZERO)).unwrap());
    peer.send(b"hello").unwrap();
    (0..3).for_each(|_| map.poll(Some(Duration::ZERO)).unwrap());
    assert!(log.borrow().is_empty(), "{log:?}");
    run_until(&mut map, |_| {
        while peer.recv(&mut [0; 1000]).is_ok() {}
        !log.borrow().is_empty()
    });
}
