//! O: the output queue.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{
    channel, BoxError, Bytes, Closed, Error, Io, Map, Produced, Producer, Push, Refused,
    SimpleProducer,
};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use super::common::{run_until, text, Chat, Events, PATIENCE};
use crate::has;

/// Notes how it ended.
#[channel(max_output = 64 << 20, output_high = 32 << 20)]
#[derive(Default)]
struct Talk {
    events: Events,
}

#[channel]
impl Talk {
    #[on_read]
    fn heard(&mut self, data: &[u8]) {
        self.events.note(format!("read {}", text(data)));
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        self.events.note(format!("error {error}"));
        io.close();
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        let lost = (why.unsent, why.pushed_late);
        self.events.note(format!("close, {} unsent, {} late", lost.0, lost.1));
    }
}

fn talk() -> (Session<Talk>, Events) {
    let talk = Talk::default();
    let events = talk.events.clone();
    (Session::new(talk), events)
}

/// What comes out when this is done.
fn output_of(act: impl FnOnce(&mut Talk, &mut Io<Talk>) + 'static) -> Vec<u8> {
    let (mut session, _) = talk();
    session.with(act);
    session.output()
}

/// A producer that notes when it is asked.
struct Parts {
    parts: Vec<&'static str>,
    events: Events,
}

impl Producer for Parts {
    fn more(&mut self) -> Option<Bytes> {
        self.events.note("asked");
        (!self.parts.is_empty()).then(|| self.parts.remove(0).into())
    }
}

fn parts<const N: usize>(parts: [&'static str; N], events: &Events) -> Parts {
    Parts { parts: parts.to_vec(), events: events.clone() }
}

/// C: CPython sends inside each `push`. Here the turn's output leaves in one write.
#[test]
fn o1_pushes_are_queued_and_leave_together() {
    let (mut session, _) = talk();
    let queued = session.with(|_, io| {
        io.push("A");
        io.push("B");
        io.queued()
    });
    assert_eq!(queued, Some(2));
    assert_eq!(session.output(), b"AB");
}

/// C: CPython's reply is out before `found_terminator` returns. Here the replies of all frames of
/// a read leave together, in order.
#[test]
fn o2_replies_leave_in_order_after_the_frames_of_the_read() {
    let chat = Chat::new(b"\n").found_hook(|chat, io| {
        chat.events.note(format!("{} queued", io.queued()));
        io.push("reply;");
        Ok(())
    });
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    session.feed(b"\n\n");
    assert_eq!(events.list(), ["found", "0 queued", "found", "6 queued"]);
    assert_eq!(session.output(), b"reply;reply;");
}

/// F: in CPython it uses up a write event.
#[test]
fn o3_an_empty_push_is_nothing() {
    let (mut session, _) = talk();
    assert_eq!(
        session.with(|_, io| {
            io.push("");
            io.queued()
        }),
        Some(0)
    );
    assert_eq!(session.output(), b"");
}

/// F: CPython takes 5 write events, 3 of them for 0 bytes.
#[test]
fn o4_empty_pushes_among_others_cost_nothing() {
    let output =
        output_of(|_, io| ["", "A", "", "", "B"].into_iter().for_each(|part| io.push(part)));
    assert_eq!(output, b"AB");
}

/// C: CPython waits for the next write event. Here an idle channel closes in the same turn.
#[test]
fn o5_close_when_done_closes_an_idle_channel_at_once() {
    let (mut session, events) = talk();
    session.with(|_, io| io.close_when_done());
    assert_eq!(events.list(), ["close, 0 unsent, 0 late"]);
}

/// F: in CPython the push pops the close mark and closes; what was pushed is lost.
#[test]
fn o6_what_the_handler_pushes_after_close_when_done_goes_out() {
    let (mut session, events) = talk();
    session.with(|_, io| {
        io.close_when_done();
        io.push("late");
    });
    assert_eq!(session.output(), b"late");
    assert_eq!(events.list(), ["close, 0 unsent, 0 late"]);
}

#[test]
fn o7_close_when_done_twice_is_one_close() {
    let (mut session, events) = talk();
    session.with(|_, io| {
        io.close_when_done();
        io.close_when_done();
    });
    assert_eq!(events.list().len(), 1);
}

/// K: a producer is not asked for everything at once. CPython asks once inside
/// `push_with_producer`; here it is asked when what is before it is out.
#[test]
fn o8_a_producer_is_asked_as_its_output_leaves() {
    let (mut session, events) = talk();
    session.window(0);
    let producer = parts(["one", "two"], &events);
    session.with(|_, io| {
        io.push(vec![b'.'; 64 * 1024]);
        io.push_with_producer(producer);
    });
    assert_eq!(events.list(), Vec::<String>::new());
    session.window(usize::MAX);
    assert!(session.output().ends_with(b".onetwo"));
    assert_eq!(events.count("asked"), 3);
}

#[test]
fn o9_an_empty_chunk_ends_a_producer() {
    let (mut session, events) = talk();
    let producer = parts(["one", "", "never"], &events);
    session.with(|_, io| io.push_with_producer(producer));
    assert_eq!(session.output(), b"one");
    assert_eq!(events.count("asked"), 2);
}

/// F: CPython takes a producer whose `len()` is 0 off the queue before asking it, and loses its
/// second chunk. Nothing here asks a producer whether it is true.
#[test]
fn o10_only_more_says_whether_a_producer_is_done() {
    assert_eq!(output_of(|_, io| io.push_with_producer(vec!["one", "two"].into_iter())), b"onetwo");
}

/// F: CPython deletes what stands behind it unsent (bpo-17925).
#[test]
fn o11_an_exhausted_producer_does_not_take_the_next_item_with_it() {
    let output = output_of(|_, io| {
        io.push_with_producer(SimpleProducer::new(""));
        io.push("NEXT");
    });
    assert_eq!(output, b"NEXT");
}

/// F: an `IndexError` in CPython, which closes the channel.
#[test]
fn o12_an_exhausted_producer_alone_is_no_error() {
    let (mut session, events) = talk();
    session.with(|_, io| io.push_with_producer(SimpleProducer::new("")));
    assert_eq!(events.list(), Vec::<String>::new());
    assert!(session.is_open());
}

/// F: CPython raises it in the caller of `push_with_producer`, and again in `handle_error`
/// (bpo-4277).
#[test]
fn o13_a_producer_that_fails_is_one_error_event() {
    let (mut session, events) = talk();
    let more = |_: &mut Talk| -> Result<Option<Bytes>, BoxError> { Err("no rows".into()) };
    session.with(move |talk, io| {
        io.push_with_producer(more);
        talk.events.note("pushed");
    });
    assert_eq!(events.list(), ["pushed", "error no rows", "close, 0 unsent, 0 late"]);
}

/// By type: a number is no chunk; text is its bytes.
#[test]
fn o14_a_producer_gives_byte_likes() {
    assert!(has!(Option<&'static str>: Produced));
    assert!(!has!(Option<u32>: Produced));
}

/// A peer that takes 4 bytes at a time, as `ac_out_buffer_size = 4` does.
fn in_fours(mut session: Session<Talk>) -> Vec<String> {
    let mut writes = Vec::new();
    loop {
        session.window(4);
        match session.output() {
            output if output.is_empty() => return writes,
            output => writes.push(text(&output)),
        }
    }
}

#[test]
fn o15_a_chunk_larger_than_the_room_leaves_in_slices() {
    let (mut session, events) = talk();
    session.window(0);
    let producer = parts(["0123456789"], &events);
    session.with(|_, io| io.push_with_producer(producer));
    assert_eq!(in_fours(session), ["0123", "4567", "89"]);
}

#[test]
fn o16_a_push_larger_than_the_room_leaves_in_slices() {
    let (mut session, _) = talk();
    session.window(0);
    session.with(|_, io| io.push("0123456789"));
    assert_eq!(in_fours(session), ["0123", "4567", "89"]);
}

/// F: in CPython the inner push overtakes the producer's own data, and the producer is dropped.
#[test]
fn o17_what_a_producer_pushes_goes_behind_it() {
    let mut own = vec!["own 1;", "own 2;"].into_iter();
    let producer = move |_: &mut Talk, io: &mut Io<Talk>| {
        let part = own.next()?;
        io.push("INNER;");
        Some(part)
    };
    let output = output_of(move |_, io| io.push_with_producer(producer));
    assert_eq!(output, b"own 1;own 2;INNER;INNER;");
}

#[test]
fn o18_a_push_before_the_connection_stands_is_sent_when_it_does() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let mut map = Map::new().expect("a map");
    let talk = Talk::default();
    let events = talk.events.clone();
    let key = map.connect(listener.local_addr().expect("an address"), talk).expect("a channel");
    map.tell(key, |talk: &mut Talk, io| {
        talk.events.note(format!("connected: {}", io.is_connected()));
        io.push("early");
        io.close_when_done();
    });
    run_until(&mut map, |_| events.list().len() == 2);
    assert_eq!(events.list(), ["connected: true", "close, 0 unsent, 0 late"]);
    let mut received = String::new();
    listener.accept().expect("a peer").0.read_to_string(&mut received).expect("text");
    assert_eq!(received, "early");
}

#[channel]
struct Greeter;

#[channel]
impl Greeter {
    #[on_connect]
    fn connected(&mut self) -> &'static str {
        "hello"
    }
}

#[test]
fn o19_a_push_in_handle_connect_is_sent_in_the_same_turn() {
    let mut net = Net::new();
    let key = net.connect("127.0.0.1:80", Greeter).expect("an address");
    assert_eq!(net.output(key), b"hello");
}

/// F: CPython queues it for ever, without an error.
#[test]
fn o20_a_push_to_a_closed_channel_is_refused() {
    let mut net = Net::new();
    let (open, closed) = (net.open(Talk::default()), net.open(Talk::default()));
    net.with(closed, |_, io| io.close());
    let refused = net.with(open, move |_, io| io.try_push_to(closed, "late"));
    assert_eq!(refused, Some(Err(Refused::Gone)));
}

#[channel]
#[derive(Default)]
struct Answers {
    events: Events,
}

#[channel]
impl Answers {
    #[on_read]
    fn asked(&mut self, _question: &[u8]) -> &'static str {
        "answer"
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        assert!(error.is_disconnect(), "{error}");
        self.events.note("error");
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.events.note(format!("close, {} unsent", why.unsent));
    }
}

/// C: CPython runs `handle_close` inside `push`, and keeps the data. Here the turn's write fails,
/// which is the reason of the close; it says how much was lost.
#[test]
fn o21_a_push_to_a_peer_that_is_gone_is_the_reason_of_the_close() {
    let (ours, mut theirs) = UnixStream::pair().expect("a pair");
    theirs.write_all(b"?").expect("room");
    drop(theirs);
    let answers = Answers::default();
    let events = answers.events.clone();
    let mut map = Map::new().expect("a map");
    map.add(ours, answers).expect("a channel");
    run_until(&mut map, Map::is_empty);
    assert_eq!(events.list(), ["error", "close, 6 unsent"]);
}

#[channel(max_output = 128 * 1024)]
#[derive(Default)]
struct Bounded {
    events: Events,
}

#[channel]
impl Bounded {
    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.events.note(error.to_string());
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.events.note(format!("{} unsent", why.unsent));
    }
}

/// F: CPython queues without limit, and `close` drops it silently.
#[test]
fn o22_output_for_a_peer_that_does_not_read_is_bounded() {
    let bounded = Bounded::default();
    let events = bounded.events.clone();
    let mut session = Session::new(bounded);
    session.window(0);
    session.with(|_, io| (0..8).for_each(|_| io.push(vec![0; 64 * 1024])));
    assert!(!session.is_open());
    assert_eq!(events.list()[0], "more than 131072 bytes of output queued");
    assert!(events.list()[1].ends_with("unsent"));
}

/// By type: in CPython a bytearray that is changed after `push` is sent changed. Here what is
/// pushed was copied, or given away.
#[test]
fn o23_bytes_changed_after_the_push_are_sent_as_they_were() {
    let output = output_of(|_, io| {
        let mut bytes = vec![b'a'; 8];
        io.push(&bytes);
        bytes.fill(b'b');
    });
    assert_eq!(output, b"aaaaaaaa");
}

/// By type: a `TypeError` in CPython.
#[test]
fn o24_numbers_none_and_lists_cannot_be_pushed() {
    assert!(has!(&'static [u8]: Push));
    assert!(!has!(i32: Push));
    assert!(!has!(Option<&'static str>: Push));
    assert!(!has!(Vec<&'static str>: Push));
}

#[test]
fn o25_a_simple_producer_gives_slices_of_512() {
    for (size, expected) in [(1025, &[512, 512, 1][..]), (1024, &[512, 512]), (0, &[])] {
        let mut producer = SimpleProducer::new(vec![0; size]);
        let sizes: Vec<usize> =
            std::iter::from_fn(|| producer.more()).map(|part| part.len()).collect();
        assert_eq!(sizes, expected);
    }
}

/// `find_prefix_at_end` is inside; what it answers is what stays behind. CPython's results for its
/// odd inputs: 0 where the whole needle is there, and where there is nothing to look in.
#[test]
fn o26_a_prefix_is_held_and_nothing_else() {
    let held = |data: &str| {
        let chat = Chat::new(b"abc");
        let (events, unread) = (chat.events.clone(), std::rc::Rc::clone(&chat.unread));
        let mut session = Session::new(chat);
        session.feed(data);
        session.feed_eof();
        let held = *unread.borrow();
        (events.count("found"), held)
    };
    assert_eq!(held("abc"), (1, 0));
    assert_eq!(held(""), (0, 0));
    assert_eq!(held("xab"), (0, 2));
}

/// C: in CPython handlers still run while the close is pending. Here input is read and dropped;
/// all output arrives in both.
#[test]
fn o27_after_close_when_done_output_arrives_and_input_is_dropped() {
    let chat = Chat::new(b"\n").found_hook(|_, io| {
        io.push(vec![b'x'; 60_000]);
        io.close_when_done();
        Ok(())
    });
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    session.window(10);
    session.feed(b"go\n");
    session.feed(b"cmd1\n");
    session.window(usize::MAX);
    assert_eq!(session.output().len(), 60_000);
    assert_eq!(events.list(), ["collect go", "found", "close"]);
}

/// F: asyncore's `dispatcher_with_send` threw 934464 of 1000000 bytes away at `close`. Here
/// `close_when_done` is there for a dispatcher as well, and waits.
#[test]
fn o28_a_dispatcher_can_close_when_its_output_is_sent() {
    let (mut session, _) = talk();
    session.window(0);
    session.with(|_, io| {
        io.push(vec![b'x'; 1_000_000]);
        io.close_when_done();
    });
    assert!(session.is_open());
    session.window(usize::MAX);
    assert_eq!(session.output().len(), 1_000_000);
    assert!(!session.is_open());
}

/// F: 4000 pushes of 1 KiB to a peer that does not read take CPython 2.4 s, and four times that
/// for twice as many. 16000 of them, read in small pieces, would take it more than half a minute.
#[test]
fn o29_many_pushes_to_a_slow_reader_cost_no_more_each() {
    let begun = Instant::now();
    let (mut session, _) = talk();
    session.window(0);
    for _ in 0..16_000 {
        session.with(|_, io| io.push([b'x'; 1024]));
    }
    let mut received = 0;
    while received < 16_000 * 1024 {
        session.window(4096);
        received += session.output().len();
    }
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}
