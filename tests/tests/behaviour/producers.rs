//! Producers: every kind of them, in the order in which they were pushed.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{
    channel, Bytes, Closed, Error, Io, Limit, Producer, Result, SimpleProducer,
};
use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

/// Pushes what the line asks for.
#[channel]
#[derive(Default)]
struct Store {
    rows: VecDeque<&'static str>,
    is_ready: bool,
}

struct Twice(u8);

impl Producer for Twice {
    fn more(&mut self) -> Option<Bytes> {
        self.0 += 1;
        (self.0 <= 2).then(|| Bytes::from_static(b"object "))
    }
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("bad sector"))
    }
}

#[channel]
impl Store {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> String {
        match line {
            "reader" => io.push_with_producer(io::Cursor::new("reader ".repeat(2))),
            "iterator" => io.push_with_producer(["iterator "; 2].into_iter()),
            "object" => io.push_with_producer(Twice(0)),
            "simple" => io.push_with_producer(SimpleProducer::with_size("simple simple ", 3)),
            "closure" => self.push_closure(io),
            "method" => self.push_method(io),
            "pending" => io.push_with_producer(Self::when_ready),
            "waits" => self.push_waiting(io),
            "error" => io.push_with_producer(Broken),
            "pushes" => io.push_with_producer(Self::pushing),
            "end" => io.close_when_done(),
            _ => {}
        }
        format!("{line} ")
    }

    #[producer]
    fn row(&mut self) -> Option<&'static str> {
        self.rows.pop_front()
    }

    #[producer]
    fn when_ready(&mut self) -> Poll<Option<&'static str>> {
        match std::mem::take(&mut self.is_ready) {
            true => Poll::Ready(self.rows.pop_front()),
            false => Poll::Pending,
        }
    }

    /// Pushes behind itself while it is asked.
    #[producer]
    fn pushing(&mut self, io: &mut Io<Self>) -> Option<&'static str> {
        io.push("behind ");
        self.rows.pop_front()
    }

    #[on_error]
    fn failed(error: &Error) -> String {
        format!("({error}) ")
    }
}

impl Store {
    fn push_closure(&mut self, io: &mut Io<Self>) {
        let mut left = 2;
        io.push_with_producer(move |_: &mut Self| {
            left -= 1;
            (left >= 0).then_some("closure ")
        });
    }

    fn push_method(&mut self, io: &mut Io<Self>) {
        self.rows.extend(["method "; 2]);
        io.push_with_producer(Self::row);
    }

    /// A closure with its own place, which does not hold the next frame.
    fn push_waiting(&mut self, io: &mut Io<Self>) {
        let mut rows = vec!["waited "];
        io.push_with_producer(move |store: &mut Self| match store.is_ready {
            true => Poll::Ready(rows.pop()),
            false => Poll::Pending,
        });
    }
}

#[track_caller]
fn answers(fed: &str, expected: &str) -> Session<Store> {
    let mut session = Session::new(Store::default());
    session.feed(fed);
    assert_eq!(String::from_utf8(session.output()).unwrap(), expected);
    session
}

fn wake(session: &mut Session<Store>, row: &'static str) {
    session.with(move |store, io| {
        store.rows.push_back(row);
        store.is_ready = true;
        io.wake_producer();
    });
}

#[test]
fn a_reader_is_sent_before_the_reply() {
    answers("reader\n", "reader reader reader ");
}

#[test]
fn an_iterator_is_sent_before_the_reply() {
    answers("iterator\n", "iterator iterator iterator ");
}

#[test]
fn an_object_is_sent_before_the_reply() {
    answers("object\n", "object object object ");
}

#[test]
fn asynchats_simple_producer_is_sent_before_the_reply() {
    answers("simple\n", "simple simple simple ");
}

#[test]
fn a_closure_is_sent_before_the_reply() {
    answers("closure\n", "closure closure closure ");
}

#[test]
fn a_method_is_sent_before_the_reply() {
    answers("method\n", "method method method ");
}

#[test]
fn producers_and_replies_keep_their_order() {
    answers(
        "iterator\nreader\nhi\nobject\n",
        concat!(
            "iterator iterator iterator ",
            "reader reader reader ",
            "hi ",
            "object object object "
        ),
    );
}

#[test]
fn the_next_frame_waits_until_a_method_is_done() {
    let mut session = answers("pending\nnext\n", "");
    assert_eq!(session.with(|_, io| io.queued()), Some("pending ".len()));
    wake(&mut session, "row ");
    assert_eq!(session.output(), b"row ");
}

#[test]
fn the_next_frame_is_handled_when_a_method_is_done() {
    let mut session = answers("pending\nnext\n", "");
    wake(&mut session, "row ");
    session.with(|store, io| {
        store.is_ready = true;
        io.wake_producer();
    });
    assert_eq!(session.output(), b"row pending next ");
}

#[test]
fn the_next_frame_does_not_wait_for_a_closure_with_its_own_place() {
    let mut session = answers("waits\nnext\n", "");
    assert_eq!(session.with(|_, io| io.queued()), Some("waits next ".len()));
}

#[test]
fn a_producer_that_is_not_ready_is_asked_again_when_it_is_woken() {
    let mut session = answers("waits\n", "");
    session.with(|store, io| {
        store.is_ready = true;
        io.wake_producer();
    });
    assert_eq!(session.output(), b"waited waits ");
}

#[test]
fn a_producer_that_is_not_ready_and_not_woken_is_not_asked() {
    let mut session = answers("waits\n", "");
    session.with(|store, _| store.is_ready = true);
    assert_eq!(session.output(), b"");
}

#[test]
fn what_a_producer_pushes_comes_behind_it() {
    let mut session = Session::new(Store { rows: ["row "].into(), ..Store::default() });
    session.feed("pushes\n");
    assert_eq!(session.output(), b"row pushes behind behind ");
}

#[test]
fn an_error_of_a_producer_is_told_once_and_what_is_behind_it_is_sent() {
    answers("error\nnext\n", "error next (bad sector) ");
}

#[test]
fn close_when_done_waits_for_producers() {
    let mut session = answers("waits\nend\n", "");
    assert!(session.is_open());
    session.with(|store, io| {
        store.is_ready = true;
        io.wake_producer();
    });
    assert_eq!(session.output(), b"waited waits end ");
    assert!(session.closed().as_ref().is_some_and(Closed::is_clean));
}

/// Counts how often its producer was asked.
#[channel(output_high = 1000, output_low = 500)]
struct Counts {
    asked: usize,
}

#[channel]
impl Counts {
    #[terminator(b"\n", discard)]
    fn line(&mut self, io: &mut Io<Self>) {
        io.push_with_producer(Self::endless);
    }

    #[producer]
    fn endless(&mut self) -> Result<Option<[u8; 20_000]>> {
        self.asked += 1;
        Ok(Some([b'x'; 20_000]))
    }
}

#[test]
fn a_producer_is_not_asked_while_its_last_bytes_wait() {
    let mut session = Session::new(Counts { asked: 0 });
    session.window(0);
    session.feed("\n");
    session.window(19_999);
    assert_eq!(session.with(|channel, _| channel.asked), Some(1));
    session.window(1);
    assert_eq!(session.with(|channel, _| channel.asked), Some(2));
}

#[test]
fn discard_buffers_drops_output_that_waits_and_its_producers() {
    let mut session = Session::new(Counts { asked: 0 });
    session.window(0);
    session.feed("\n");
    session.with(|_, io| io.discard_buffers());
    session.window(usize::MAX);
    assert_eq!(session.output(), b"");
    assert_eq!(session.with(|channel, io| (channel.asked, io.queued())), Some((1, 0)));
}

#[test]
fn discard_buffers_drops_input_that_waits() {
    let mut session = answers("half a li", "");
    session.with(|_, io| io.discard_buffers());
    session.feed("ne\n");
    assert_eq!(session.output(), b"ne ");
}

#[test]
fn a_peer_is_not_blamed_for_a_producer_that_is_not_ready() {
    let mut session = answers("waits\n", "");
    session.advance(Duration::from_secs(299));
    assert!(session.is_open());
    session.advance(Duration::from_secs(1));
    let why = session.closed().expect("a wait of ours has its own end");
    assert_eq!(why.error().and_then(Error::limit), Some(Limit::Stopped));
}

/// Pushes bytes, and a producer that has nothing yet.
#[channel]
struct Asleep;

#[channel]
impl Asleep {
    #[terminator(b"\n")]
    fn line(_line: &[u8], io: &mut Io<Self>) {
        io.push(vec![b'x'; 8000]);
        io.push_with_producer(|_: &mut Self| -> Poll<Option<Bytes>> { Poll::Pending });
    }
}

#[test]
fn what_stands_before_a_sleeping_producer_is_written() {
    let mut session = Session::new(Asleep);
    session.window(1000);
    session.feed("\n");
    assert_eq!(session.output().len(), 1000);
    session.window(usize::MAX);
    assert_eq!(session.output().len(), 7000);
}

/// Queues a producer for each line.
#[channel]
struct Piles(Rc<Cell<usize>>);

#[channel]
impl Piles {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &[u8], io: &mut Io<Self>) {
        self.0.set(self.0.get() + 1);
        io.push_with_producer(std::iter::once(vec![b'x'; 1_000]));
    }
}

#[test]
fn producers_that_nobody_takes_from_are_no_more_than_so_many() {
    let asked = Rc::new(Cell::new(0));
    let mut session = Session::new(Piles(Rc::clone(&asked)));
    session.window(0);
    session.feed("\n".repeat(10_000));
    assert!(asked.get() < 200, "{} producers wait", asked.get());
    session.window(usize::MAX);
    assert_eq!((asked.get(), session.output().len()), (10_000, 10_000 * 1_000));
}

const PIECE: usize = 8_000_000;

/// Gives one piece, by a producer or by its field.
#[channel]
#[derive(Default)]
struct Heavy {
    #[producer]
    pieces: VecDeque<Vec<u8>>,
}

#[channel]
impl Heavy {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        match line {
            "field" => self.pieces.push_back(vec![b'x'; PIECE]),
            _ => io.push_with_producer([vec![b'x'; PIECE]].into_iter()),
        }
    }
}

#[test]
fn a_producer_never_closes_its_channel_however_large_its_pieces_are() {
    for line in ["producer\n", "field\n"] {
        let mut session = Session::new(Heavy::default());
        session.window(1000);
        session.feed(line);
        // A task is a handler, behind which the bound is looked at.
        session.with(|_, _| ());
        assert!(session.is_open(), "{line}");
        session.window(usize::MAX);
        assert_eq!(session.output().len(), PIECE, "{line}");
    }
}
