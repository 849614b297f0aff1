//! Pressure and the bounds of what is queued, whoever pushes and whoever reads.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, Error, Io, Key, Limit, Map, Refused};
use asyncore_tests::net::{run_until, Client, Server};
use std::cell::RefCell;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

/// Sends as many bytes as the line says.
#[channel]
struct Big;

#[channel]
impl Big {
    #[terminator(b"\n")]
    fn line(count: &str) -> Vec<u8> {
        vec![b'x'; count.parse().expect("a number")]
    }
}

#[test]
fn a_bound_means_the_same_in_memory_and_to_a_peer_that_reads_at_once() {
    for (count, hits) in [(1_000_000, 0), (1_048_576, 0), (1_048_577, 1), (8_000_000, 1)] {
        let mut session = Session::new(Big);
        session.feed(format!("{count}\n"));
        assert_eq!(session.net().counters().hits(Limit::Output), hits, "{count} in memory");

        let server = Server::start(|map| map.listen("127.0.0.1:0", |_| Big));
        let mut client = server.client();
        client.send(format!("{count}\n"));
        client.finish();
        let heard = client.receive_all().len();
        assert_eq!(server.ask(|map| map.counters().hits(Limit::Output)), hits, "{count} over TCP");
        assert!(hits == 1 || heard == count, "{heard} of {count}");
    }
}

type Noted = Rc<RefCell<Vec<Refused>>>;

/// Pushes to another channel what the line says.
#[channel(write_timeout = "never", stopped_timeout = "never")]
struct Talks {
    to: Option<Key<Talks>>,
    refused: Noted,
}

#[channel]
impl Talks {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        let Some(to) = self.to else { return };
        match line.split_once(' ') {
            Some(("told", count)) => {
                io.tell(to, |_, _| ());
                self.try_push(to, count, io);
            }
            Some(("try", count)) => self.try_push(to, count, io),
            Some(("push", count)) => io.push_to(to, vec![b'x'; count.parse().expect("a number")]),
            _ => {}
        }
    }
}

impl Talks {
    fn try_push(&self, to: Key<Self>, count: &str, io: &mut Io<Self>) {
        let data = vec![b'x'; count.parse().expect("a number")];
        self.refused.borrow_mut().extend(io.try_push_to(to, data).err());
    }
}

/// Somebody who does not read, and so many who push to it.
fn deaf_and(pushers: usize) -> (Net, Key<Talks>, Vec<Key<Talks>>, Noted) {
    let (mut net, refused) = (Net::new(), Rc::default());
    let talks = |to| Talks { to, refused: Rc::clone(&refused) };
    let deaf = net.open(talks(None));
    net.window(deaf, 0);
    let pushers = (0..pushers).map(|_| net.open(talks(Some(deaf)))).collect();
    (net, deaf, pushers, refused)
}

#[test]
fn pushes_of_others_never_close_a_channel_they_wait() {
    let (mut net, deaf, pushers, _) = deaf_and(200);
    for pusher in &pushers {
        net.feed(*pusher, "push 8000\n");
    }
    assert!(net.is_open(deaf));
    for pusher in &pushers {
        net.feed(*pusher, "push 8000\n");
    }
    net.window(deaf, usize::MAX);
    assert_eq!(net.output(deaf).len(), 400 * 8_000, "nothing is lost");
}

#[test]
fn a_push_that_is_refused_is_counted_before_and_behind_a_task() {
    for way in ["try", "told"] {
        let (mut net, deaf, pushers, refused) = deaf_and(1);
        for _ in 0..100 {
            net.feed(pushers[0], format!("{way} 8000\n"));
        }
        let refusals = refused.borrow().len();
        assert!(refusals > 80, "{refusals} of 100 by {way}");
        assert!(refused.borrow().iter().all(|why| *why == Refused::Full));
        assert_eq!(net.counters().refused_pushes(), u64::try_from(refusals).unwrap());
        assert!(net.is_open(deaf));
    }
}

#[test]
fn a_reader_that_reads_is_refused_nothing_however_much_comes_in_one_pass() {
    let (mut net, deaf, pushers, refused) = deaf_and(8);
    net.window(deaf, usize::MAX);
    for pusher in &pushers {
        net.feed(*pusher, "try 100\n".repeat(2_000));
    }
    assert_eq!(net.output(deaf).len(), 8 * 2_000 * 100);
    assert!(refused.borrow().is_empty());
}

/// Echoes what it reads by itself.
#[channel(idle_timeout = "never")]
struct RawEcho;

#[channel]
impl RawEcho {
    #[on_read]
    fn ready(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let mut data = [0; 4096];
        let len = io.recv(&mut data)?;
        io.push(&data[..len]);
        Ok(())
    }
}

#[test]
fn who_reads_for_itself_stops_at_its_own_mark_as_well() {
    let mut session = Session::new(RawEcho);
    session.window(0);
    for _ in 0..100 {
        session.feed([b'x'; 4096]);
    }
    let queued = session.with(|_, io| io.queued()).expect("open");
    assert!(queued <= 64 * 1024 + 4096, "{queued}");
    session.window(usize::MAX);
    assert_eq!(session.output().len(), 100 * 4096);
}

#[test]
fn a_low_mark_above_the_high_one_stops_nobody_for_ever() {
    /// Answers lines with 4 KiB; its high mark is below the default low one.
    #[channel(output_high = 16 * 1024, write_timeout = "never")]
    struct Marks;
    #[channel]
    impl Marks {
        #[terminator(b"\n")]
        fn line(_line: &[u8]) -> [u8; 4096] {
            [b'x'; 4096]
        }
    }
    let mut session = Session::new(Marks);
    session.window(0);
    session.feed("\n".repeat(100));
    session.window(usize::MAX);
    assert_eq!(session.output().len(), 100 * 4096);
}

#[test]
fn all_channels_of_a_map_together_have_a_bound_and_the_largest_goes_first() {
    let mut map = Map::new().unwrap();
    map.set_max_held(2_000_000);
    // Unix sockets: the kernel keeps some 200 KiB for each, where TCP may keep 32 MiB.
    let mut client = || {
        let (ours, theirs) = UnixStream::pair().unwrap();
        map.add(ours, Big).unwrap();
        Client::from(theirs)
    };
    let mut small = client();
    let mut deaf: Vec<_> = (0..8).map(|_| client()).collect();
    for client in &mut deaf {
        client.send("1000000\n");
    }
    run_until(&mut map, |map| map.counters().hits(Limit::Held) > 0);
    small.send("10\n");
    run_until(&mut map, |_| small.has_input());
    assert_eq!(small.receive(10).len(), 10);
    assert!(map.len() < 9 && map.len() > 2, "some were closed, not all: {}", map.len());
}

#[test]
fn a_channel_that_is_shed_is_told() {
    let mut net = Net::new();
    let key = net.open(Big);
    net.window(key, 0);
    net.set_max_held(500_000);
    net.feed(key, "1000000\n");
    let why = net.closed(key).expect("it held most");
    assert!(matches!(why.error(), Some(Error::Shed { limit: 500_000 })), "{why}");
}

#[test]
fn whatever_was_stopped_and_goes_on_comes_to_rest() {
    let mut session = Session::new(RawEcho);
    session.with(|_, io| io.pause());
    session.with(|_, io| io.resume());
    session.feed("hello");
    assert_eq!(session.output(), b"hello");

    let mut map = Map::new().unwrap();
    let key = map.datagram("127.0.0.1:0", RawEcho).unwrap();
    map.tell(key, |_, io| io.pause());
    map.tell(key, |_, io| io.resume());
    for _ in 0..3 {
        map.poll(Some(std::time::Duration::ZERO)).unwrap();
    }
    let start = std::time::Instant::now();
    map.poll(Some(std::time::Duration::from_millis(50))).unwrap();
    assert!(start.elapsed().as_millis() >= 50, "it has a turn although nothing is to be done");
}

/// A peer that reads nothing, and asks for so much.
fn asked(counts: &[usize]) -> Session<Big> {
    let mut session = Session::new(Big);
    session.window(0);
    session.feed(counts.iter().map(|count| format!("{count}\n")).collect::<String>());
    session
}

#[test]
fn what_stood_in_the_queue_below_its_mark_is_not_held_against_a_reply() {
    assert!(asked(&[60_000, 1_048_576]).is_open());
    assert!(!asked(&[60_000, 1_048_577 + 60_000]).is_open());
}

#[test]
fn what_stood_in_the_queue_is_not_held_against_a_reply_to_a_frame_in_two_parts() {
    let mut session = asked(&[60_000]);
    session.feed("1048");
    session.feed("576\n");
    assert!(session.is_open());
}

#[test]
fn a_push_that_is_larger_than_the_bound_finds_room_in_an_empty_queue() {
    let (mut net, reader, pushers, refused) = deaf_and(1);
    net.window(reader, usize::MAX);
    net.feed(pushers[0], "try 1100000\n");
    assert!(refused.borrow().is_empty());
    assert_eq!(net.output(reader).len(), 1_100_000);
}

#[test]
fn who_reads_for_itself_is_not_called_when_a_task_has_filled_its_queue() {
    let mut session = Session::new(RawEcho);
    session.window(0);
    session.with(|_, io| io.push([b'x'; 70_000]));
    session.feed("a");
    assert_eq!(session.with(|_, io| io.queued()), Some(70_000));
    session.window(usize::MAX);
    assert_eq!(session.output().len(), 70_001);
}
