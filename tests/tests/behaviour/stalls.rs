//! What was dropped, or has failed, holds nobody up. Each of these was found by the simulation
//! (`tests/stress`).

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Error, Io, Owed};
use std::fmt;

/// A `Display` that fails.
struct Bad;

impl fmt::Display for Bad {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Err(fmt::Error)
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in drop");
    }
}

#[channel]
#[derive(Default)]
struct Clumsy {
    owed: Option<Owed<Self>>,
    fails_in_error: bool,
    errors: usize,
}

#[channel]
impl Clumsy {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> Result<&'static str, &'static str> {
        match line {
            "fail" => return Err("as asked"),
            "push bad" => io.push(format_args!("{Bad}")),
            "push bad, discard" => {
                io.push(format_args!("{Bad}"));
                io.discard_buffers();
            }
            "owe, discard" => {
                self.owed = Some(io.owe());
                io.discard_buffers();
            }
            "panic" => panic!("as asked"),
            _ => {}
        }
        Ok("ok\n")
    }

    #[producer]
    fn nothing(&mut self) -> Option<&'static str> {
        None
    }

    #[on_error]
    fn failed(&mut self, _: &Error, io: &mut Io<Self>) {
        self.errors += 1;
        if self.fails_in_error {
            io.push(format_args!("{Bad}"));
        }
    }
}

/// A session whose answer is owed, and has no place any more.
fn without_a_place() -> (Session<Clumsy>, Owed<Clumsy>) {
    let mut session = Session::new(Clumsy::default());
    session.feed(b"owe, discard\n");
    session.output();
    let owed = session.with(|clumsy, _| clumsy.owed.take()).flatten();
    (session, owed.expect("it was owed"))
}

#[track_caller]
fn goes_on(session: &mut Session<Clumsy>) {
    session.output();
    session.feed(b"next\n");
    assert_eq!(session.output(), b"ok\n");
}

#[test]
fn a_failed_push_in_on_error_closes_the_channel_with_the_first_error() {
    let mut session = Session::new(Clumsy { fails_in_error: true, ..Clumsy::default() });
    session.feed(b"fail\nnext\n");
    let why = session.closed().expect("it closed");
    assert!(why.to_string().contains("as asked"), "{why}");
}

#[test]
fn a_failed_push_that_is_discarded_is_no_error_and_holds_nobody_up() {
    let mut session = Session::new(Clumsy::default());
    session.feed(b"push bad, discard\n");
    goes_on(&mut session);
    assert_eq!(session.with(|clumsy, _| clumsy.errors), Some(0));
}

#[test]
fn a_producer_in_an_answer_whose_place_was_discarded_holds_nobody_up() {
    let (mut session, owed) = without_a_place();
    owed.answer(|_, io: &mut Io<Clumsy>| io.push_with_producer(Clumsy::nothing));
    goes_on(&mut session);
}

#[test]
fn a_failed_push_in_an_answer_whose_place_was_discarded_holds_nobody_up() {
    let (mut session, owed) = without_a_place();
    owed.answer(|_, io: &mut Io<Clumsy>| io.push(format_args!("{Bad}")));
    goes_on(&mut session);
}

#[test]
fn producers_of_an_answer_whose_place_was_discarded_are_dropped_one_by_one() {
    let (mut session, owed) = without_a_place();
    owed.answer(|_, io: &mut Io<Clumsy>| {
        for bomb in [Bomb, Bomb] {
            io.push_with_producer(move |_: &mut Clumsy| {
                let Bomb = &bomb;
                Some("never asked\n")
            });
        }
    });
    goes_on(&mut session);
}

#[test]
fn a_frame_whose_handler_panicked_is_not_unread_as_well() {
    let mut session = Session::new(Clumsy::default());
    session.feed(b"pan");
    session.feed(b"ic\n");
    assert_eq!(session.closed().map(|why| why.unread), Some(0));
}
