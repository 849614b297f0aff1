//! A field marked `#[producer]` is output like any other: all of it goes out, whoever filled it,
//! and before the connection ends.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Io, SimpleProducer};
use std::time::Duration;

#[channel]
struct Answers {
    #[producer]
    answer: SimpleProducer,
}

impl Answers {
    fn session() -> Session<Self> {
        let answer = SimpleProducer::new("");
        Session::new(Self { answer })
    }
}

#[channel]
impl Answers {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        match line {
            "later" => drop(io.set_timer(Duration::from_secs(1), ())),
            "bye" => {
                self.answer = SimpleProducer::new("goodbye");
                io.close_when_done();
            }
            size => self.answer = SimpleProducer::new(vec![b'x'; size.parse().unwrap()]),
        }
    }

    #[on_timer]
    fn timer(&mut self) {
        self.answer = SimpleProducer::new("late");
    }
}

#[test]
fn more_than_one_turn_may_write_goes_out() {
    let mut session = Answers::session();
    session.feed("1000000\n");
    assert_eq!(session.output().len(), 1_000_000);
}

#[test]
fn filled_by_a_timer_it_goes_out() {
    let mut session = Answers::session();
    session.feed("later\n");
    session.advance(Duration::from_secs(1));
    assert_eq!(session.output(), b"late");
}

#[test]
fn close_when_done_comes_after_it() {
    let mut session = Answers::session();
    session.feed("bye\n");
    assert_eq!(session.output(), b"goodbye");
    assert!(session.closed().is_some_and(|why| why.is_clean()));
}

#[test]
fn a_peer_that_closed_its_side_still_gets_it() {
    let mut session = Answers::session();
    session.window(0);
    session.feed("5\n");
    session.feed_eof();
    session.window(usize::MAX);
    assert_eq!(session.output(), b"xxxxx");
}
