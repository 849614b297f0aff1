//! The gates of a connection, without a socket or a loop: bytes in, a queue and a verdict out.

use core::time::Duration;
use std::cell::RefCell;

use super::{Connection, Verdict};
use crate::channel::io::{Io, Waiter};
use crate::output::push::{Push, Sink};
use crate::output::{Front, Queue};
use crate::scheduler::inbox::Inbox;
use crate::scheduler::turn::After;
use crate::scheduler::Scheduler;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::system::System;
use crate::{Channel, Closed, Frame, Limit, Limits, Result, Settings, Until};

/// Notes lines, and does what they say.
#[derive(Default)]
pub(super) struct Lines {
    seen: Vec<String>,
    closed: Option<String>,
}

impl Settings for Lines {
    const LIMITS: Limits = Limits::DEFAULT
        .max_frame(20_000)
        .max_output(1_000)
        .output_high(100)
        .output_low(50)
        .frames_per_turn(4)
        .max_owed(2);
}

impl Channel for Lines {
    type Terminator = ();

    fn until<'a>(&'a self, (): &'a ()) -> Until<'a> {
        Until::bytes(b"\n")
    }

    fn found_terminator(&mut self, frame: Frame<'_>, io: &mut Io<Self>) -> Result {
        let line = String::from_utf8_lossy(frame.as_bytes()).into_owned();
        match (line.as_str(), line.parse()) {
            (_, Ok(bytes)) => io.push(vec![b'x'; bytes]),
            ("pause", _) => io.pause(),
            ("bye", _) => io.close_when_done(),
            ("owe", _) => drop(io.borrow_answer(true)),
            _ => {}
        }
        self.seen.push(line);
        Ok(())
    }

    fn on_close(&mut self, why: &Closed, _: &mut Io<Self>) {
        self.closed = Some(why.to_string());
    }
}

const SECOND: Duration = Duration::from_secs(1);

impl Connection<Lines> {
    /// One that stands, and has its first turn.
    pub(super) fn standing() -> Self {
        let mut connection = Self::fresh();
        connection.opened();
        connection.begin_turn();
        connection
    }

    pub(super) fn fresh() -> Self {
        let system = System::Memory(RefCell::default());
        let scheduler = Scheduler::new(system, Inbox::new(|| ()));
        let key = scheduler.reserve();
        let io = Io::new(scheduler, key, Endpoint::None);
        Self::new(Lines::default(), io)
    }

    /// A read, as the driver makes it.
    pub(super) fn reads(&mut self, bytes: impl AsRef<[u8]>) {
        let head = self.headroom();
        let mut buf = vec![0; head];
        buf.extend_from_slice(bytes.as_ref());
        self.received(&mut buf, head);
    }

    /// The system takes so many bytes; which.
    pub(super) fn writes(&mut self, mut len: usize) -> Vec<u8> {
        let mut written = Vec::new();
        while let Some(Front::Bytes(bytes)) = self.io.out.front() {
            let bytes = bytes[..bytes.len().min(len)].to_vec();
            if bytes.is_empty() {
                break;
            }
            len -= bytes.len();
            self.io.out.advance(bytes.len());
            self.io.state.drained += bytes.len();
            self.io.state.written_at = self.io.scheduler.clock.now();
            written.extend(bytes);
        }
        self.queue_got_lower();
        written
    }

    fn seen(&self) -> Vec<&str> {
        self.user.seen.iter().map(String::as_str).collect()
    }
}

fn queue(bytes: usize) -> Queue {
    let mut queue = Queue::open();
    vec![b'x'; bytes].push_to(&mut Sink::new(&mut queue));
    queue
}

// -- input

#[test]
fn a_frame_in_two_reads_is_one() {
    let mut connection = Connection::standing();
    connection.reads("he");
    assert!(connection.has_kept() && connection.seen().is_empty());
    connection.reads("llo\n");
    assert_eq!(connection.seen(), ["hello"]);
    assert!(!connection.has_kept());
}

#[test]
fn a_begun_frame_lies_in_front_of_the_next_read_until_it_is_large() {
    let mut connection = Connection::standing();
    connection.reads([b'x'; 4_096]);
    assert_eq!(connection.headroom(), 4_096);
    connection.reads("y");
    assert_eq!(connection.headroom(), 0);
    connection.reads("\n");
    assert!(connection.look_again());
    assert_eq!(connection.seen()[0].len(), 4_097);
}

#[test]
fn frames_behind_a_pause_wait_and_come_first_when_it_ends() {
    let mut connection = Connection::standing();
    connection.reads("pause\none\ntwo\n");
    assert_eq!(connection.seen(), ["pause"]);
    assert!(!connection.takes_input());
    connection.io.resume();
    assert!(connection.takes_input() && connection.io.state.look_again);
    connection.look_again();
    assert_eq!(connection.seen(), ["pause", "one", "two"]);
}

#[test]
fn a_turn_has_so_many_frames_and_the_next_one_the_rest() {
    let mut connection = Connection::standing();
    connection.reads("1\n2\n3\n4\n5\n6\n");
    assert_eq!(connection.seen().len(), 4);
    assert!(!connection.look_again(), "its turn is used up");
    assert_eq!(connection.verdict(), Verdict::Again);
    connection.begin_turn();
    assert!(connection.look_again());
    assert_eq!(connection.seen().len(), 6);
}

#[test]
fn what_comes_after_close_when_done_is_taken_and_dropped() {
    let mut connection = Connection::standing();
    connection.reads("bye\nmore\nand mo");
    assert!(connection.takes_input() && !connection.has_kept());
    assert_eq!(connection.seen(), ["bye"]);
    assert_eq!(connection.verdict(), Verdict::Done);
}

#[test]
fn the_end_comes_behind_frames_that_wait() {
    let mut connection = Connection::standing();
    connection.reads("pause\nlast\n");
    connection.io.state.eof = true;
    connection.io.resume();
    assert!(!connection.is_at_end());
    connection.look_again();
    assert!(connection.is_at_end());
}

// -- pressure

#[test]
fn at_the_high_mark_no_further_frame_is_handled() {
    let mut connection = Connection::standing();
    connection.reads("60\n60\nthree\n");
    assert_eq!(connection.seen(), ["60", "60"]);
    assert!(connection.is_choked() && !connection.takes_input());
    assert_eq!(connection.io.counters().hits(Limit::OutputHigh), 1);
}

#[test]
fn it_goes_on_at_the_low_mark_and_not_before() {
    let mut connection = Connection::standing();
    connection.reads("60\n60\nthree\n");
    connection.writes(69);
    assert!(connection.is_choked(), "51 bytes are queued");
    connection.writes(1);
    assert!(!connection.is_choked());
    connection.look_again();
    assert_eq!(connection.seen(), ["60", "60", "three"]);
}

#[test]
fn what_others_push_stops_them_and_not_this_channel() {
    let mut connection = Connection::standing();
    connection.io.take_foreign(&mut queue(900));
    connection.io.state.ready.remove(Ready::WRITABLE);
    connection.reads("mine\n");
    assert_eq!(connection.seen(), ["mine"]);
    assert!(!connection.io.is_high() && connection.io.is_full_for(0));
    connection.io.take_foreign(&mut queue(900));
    assert_ne!(connection.verdict(), Verdict::Close, "others' pushes close nobody");
}

#[test]
fn full_is_where_the_last_write_found_no_room_or_the_cap_is_near() {
    let mut connection = Connection::standing();
    connection.io.state.ready.add(Ready::WRITABLE);
    connection.io.take_foreign(&mut queue(500));
    assert!(!connection.io.is_full_for(500), "that much was pushed says nothing of the reader");
    assert!(connection.io.is_full_for(501));
    connection.io.state.ready.remove(Ready::WRITABLE);
    assert!(connection.io.is_full_for(0));
}

#[test]
fn the_cap_is_looked_at_when_the_handler_has_returned() {
    let mut connection = Connection::standing();
    connection.reads("1000\n");
    assert_ne!(connection.verdict(), Verdict::Close);
    let mut connection = Connection::standing();
    connection.reads("1001\n");
    assert_eq!(connection.verdict(), Verdict::Close);
    assert_eq!(connection.io.counters().hits(Limit::Output), 1);
}

#[test]
fn who_waits_for_room_is_told_at_the_low_mark() {
    let mut connection = Connection::standing();
    connection.io.take_foreign(&mut queue(200));
    let key = connection.io.scheduler.reserve();
    let task = |_| -> crate::scheduler::turn::TaskFn { Box::new(|_, _| After::Rest) };
    connection.io.extra().waiters.push(Waiter { key, task });
    connection.writes(149);
    assert!(!connection.io.scheduler.has_tasks(key));
    connection.writes(1);
    assert!(connection.io.scheduler.has_tasks(key));
}

#[test]
fn a_channel_waits_as_long_as_one_queue_it_has_pushed_to_is_full() {
    let mut connection = Connection::standing();
    connection.io.wait(true);
    connection.io.wait(true);
    connection.io.wait(false);
    assert!(!connection.takes_input());
    connection.io.wait(false);
    assert!(connection.takes_input());
}

// -- answers that are owed

#[test]
fn with_as_many_answers_owed_as_may_be_no_further_frame_is_handled() {
    let mut connection = Connection::standing();
    connection.reads("owe\nowe\nthree\n");
    assert_eq!(connection.seen(), ["owe", "owe"]);
    assert_eq!(connection.io.counters().hits(Limit::Owed), 1);
    connection
        .answer(crate::channel::state::Debt { number: 0, in_order: true, to: None }, |_, _| "one ");
    connection.look_again();
    assert_eq!(connection.seen(), ["owe", "owe", "three"]);
    assert_eq!(connection.writes(100), b"one ");
}

#[test]
fn an_end_waits_for_the_answers_that_are_owed() {
    let mut connection = Connection::standing();
    let debt = connection.io.borrow_answer(true);
    connection.reads("bye\n");
    assert_eq!(connection.verdict(), Verdict::Rest);
    connection.answer(debt, |_, _| "answer");
    assert_eq!(connection.writes(100), b"answer");
    assert_eq!(connection.verdict(), Verdict::Done);
}

#[test]
fn an_answer_of_an_earlier_connection_is_paid_to_nobody() {
    let mut connection = Connection::standing();
    let debt = connection.io.borrow_answer(true);
    connection.start_over(SECOND);
    connection.answer(debt, |lines, _| lines.seen.push("answered".to_owned()));
    assert!(connection.seen().is_empty());
}

// -- the end

#[test]
fn the_end_says_who_has_ended_it() {
    let cause = |mark: fn(&mut Connection<Lines>)| {
        let mut connection = Connection::standing();
        mark(&mut connection);
        connection.end();
        connection.user.closed.expect("one close event")
    };
    assert_eq!(cause(|connection| connection.io.close()), "closed");
    assert_eq!(cause(|connection| connection.io.state.eof = true), "closed by the peer");
    assert_eq!(cause(Connection::cut_off), "drained");
    let shed = cause(|connection| {
        connection.shed();
        assert_eq!(connection.io.counters().hits(Limit::Held), 1);
    });
    assert!(shed.starts_with("all channels together held more than"), "{shed}");
}
