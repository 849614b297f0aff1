//! One who is spoken to by many: who reads misses nothing, and what is refused is counted.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Io, Key, Refused, SlowReader};
use asyncore_tests::net::{bounded, Client, Server};
use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::rc::Rc;

type Room = Rc<RefCell<Vec<Key<Guest>>>>;

/// The chat room of the book.
#[channel]
struct Guest {
    room: Room,
}

#[channel]
impl Guest {
    #[on_connect]
    fn enter(&mut self, io: &mut Io<Self>) -> &'static str {
        self.room.borrow_mut().push(io.key());
        "hello\n"
    }

    #[terminator(b"\n")]
    fn say(&mut self, text: &str, io: &mut Io<Self>) {
        let me = io.key();
        for guest in self.room.borrow().iter().filter(|guest| **guest != me) {
            let _ = io.try_push_to(*guest, format_args!("somebody: {text}\n"));
        }
    }

    #[on_close]
    fn leave(&mut self, io: &mut Io<Self>) {
        self.room.borrow_mut().retain(|guest| *guest != io.key());
    }
}

const SPEAKERS: usize = 8;
const LINES: usize = 2_000;

/// Says so many lines at once, and hears nothing of the others.
fn speak(client: Client) {
    let speech: String = (0..LINES).map(|line| format!("{line:063}\n")).collect();
    let mut speaker = client.0.try_clone().unwrap();
    std::thread::spawn(move || std::io::copy(&mut BufReader::new(client.0), &mut std::io::sink()));
    std::thread::spawn(move || std::io::Write::write_all(&mut speaker, speech.as_bytes()));
}

#[test]
fn who_reads_all_the_time_hears_every_line_of_eight_speakers() {
    let server = Server::start(|map| {
        let room = Room::default();
        map.listen("127.0.0.1:0", move |_| Guest { room: Rc::clone(&room) })
    });
    let mut bob = server.client();
    assert_eq!(bob.receive_line(), "hello\n");
    let heard = bounded(move || BufReader::new(bob.0).lines().take(SPEAKERS * LINES).count());
    for _ in 0..SPEAKERS {
        let mut speaker = server.client();
        assert_eq!(speaker.receive_line(), "hello\n");
        speak(speaker);
    }
    assert_eq!(heard(), SPEAKERS * LINES);
    assert_eq!(server.ask(|map| map.counters().refused_pushes()), 0);
}

#[test]
fn what_is_refused_is_counted() {
    let (mut net, room) = (Net::new(), Room::default());
    let ann = net.open(Guest { room: Rc::clone(&room) });
    let bob = net.open(Guest { room: Rc::clone(&room) });
    net.window(bob, 0);
    net.feed(ann, format!("{}\n", "x".repeat(8_000)).repeat(20));
    let refused = net.counters().refused_pushes();
    let queued = net.with(bob, |_, io| io.queued()).unwrap();
    assert!(refused > 0 && queued / 8_000 + refused as usize == 20, "{queued} and {refused}");
}

/// Told something first, so that what is pushed next has to queue behind it.
#[test]
fn what_queues_behind_a_task_obeys_the_same_mark() {
    let (mut net, room) = (Net::new(), Room::default());
    let ann = net.open(Guest { room: Rc::clone(&room) });
    let bob = net.open(Guest { room });
    net.window(bob, 0);
    let refused = net.with(ann, move |_, io| {
        io.tell(bob, |_, _| ());
        let push = |_| io.try_push_to(bob, [b'x'; 8_000]).err();
        (0..200).filter_map(push).collect::<Vec<_>>()
    });
    let refused = refused.unwrap();
    assert!(!refused.is_empty() && refused.iter().all(|why| *why == Refused::Full));
    assert!(net.is_open(bob), "others' pushes close nobody");
}

/// Knows all guests by the map alone.
#[channel]
struct Everyone;

#[channel]
impl Everyone {
    #[terminator(b"\n")]
    fn line(line: &str, io: &mut Io<Self>) {
        let slow = match line {
            "skip" => SlowReader::Skip,
            "wait" => SlowReader::Wait,
            "close" => SlowReader::Close,
            _ => return io.tell_all(|_: &mut Self, io| format!("{}\n", io.map_len())),
        };
        let (others, me) = (io.keys::<Self>(), io.key());
        let others = others.into_iter().filter(|key| *key != me);
        let left_out = io.broadcast(others, format!("{line}\n").repeat(1_000), slow);
        io.push(format_args!("left out: {left_out}\n"));
    }
}

#[test]
fn a_handler_knows_all_channels_of_a_type_its_own_included() {
    let mut net = Net::new();
    let first = net.open(Everyone);
    let _other = net.open(Guest { room: Room::default() });
    let second = net.open(Everyone);
    for key in [first, second] {
        assert_eq!(net.with(key, |_, io| io.keys::<Everyone>()).unwrap(), [first, second]);
    }
    net.feed(second, "how many?\n");
    assert_eq!((net.output(first), net.output(second)), (b"3\n".to_vec(), b"3\n".to_vec()));
}

/// One who reads and one who does not; the latter's queue is full. Who speaks is the third.
fn with_a_slow_reader(how: &str) -> (Net, [Key<Everyone>; 3]) {
    let mut net = Net::new();
    let keys = [net.open(Everyone), net.open(Everyone), net.open(Everyone)];
    net.window(keys[1], 0);
    let full = |_: &mut Everyone, io: &mut Io<Everyone>| io.push(vec![b'x'; 500_000]);
    net.with(keys[1], full).unwrap();
    net.feed(keys[2], format!("{how}\n"));
    (net, keys)
}

#[test]
fn a_slow_reader_is_skipped() {
    let (mut net, [reads, slow, speaks]) = with_a_slow_reader("skip");
    assert_eq!(net.output(reads), "skip\n".repeat(1_000).into_bytes());
    assert_eq!(net.output(speaks), b"left out: 1\n");
    assert_eq!(net.with(slow, |_, io| io.queued()).unwrap(), 500_000);
    assert_eq!(net.counters().refused_pushes(), 1);
}

#[test]
fn a_slow_reader_is_waited_for() {
    let (mut net, [reads, slow, speaks]) = with_a_slow_reader("wait");
    assert_eq!(net.output(reads), "wait\n".repeat(1_000).into_bytes());
    assert_eq!(net.output(speaks), b"left out: 0\n");
    net.feed(speaks, "how many?\n");
    assert_eq!(net.output(speaks), b"", "it reads no further");
    net.window(slow, usize::MAX);
    assert_eq!(net.output(speaks), b"3\n");
    assert_eq!(net.output(slow).len(), 500_000 + 5_000 + 2);
}

#[test]
fn a_slow_reader_is_closed() {
    let (mut net, [reads, slow, speaks]) = with_a_slow_reader("close");
    assert_eq!(net.output(reads), "close\n".repeat(1_000).into_bytes());
    assert_eq!(net.output(speaks), b"left out: 1\n");
    assert!(!net.is_open(slow));
}
