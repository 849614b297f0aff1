//! The deadlines of a connection, on a clock that is turned by hand.

use core::time::Duration;

use super::connection_tests::Lines;
use super::{Connection, Verdict};
use crate::channel::io::Phase;
use crate::scheduler::clock::nanos;
use crate::{Error, Limit};

const SECOND: Duration = Duration::from_secs(1);

impl Connection<Lines> {
    fn at(&self, time: Duration) {
        self.io.scheduler.clock.turn_to(nanos(time));
    }

    /// When the loop will look at it, in seconds.
    fn looked_at_in(&mut self) -> u64 {
        assert_ne!(self.verdict(), Verdict::Close);
        let due = self.io.scheduler.next_due().expect("nothing waits without a bound");
        due / 1_000_000_000
    }

    /// Which bound has passed at that time, if one has.
    fn passed(&mut self, time: Duration) -> Option<Limit> {
        self.at(time);
        let now = self.io.scheduler.clock.now();
        let is_due = self.io.scheduler.timers.borrow_mut().pop(now).is_some();
        if is_due {
            self.timer_came();
            self.deadline_passed();
        }
        self.io.extra().error.as_ref().and_then(Error::limit)
    }
}

#[test]
fn an_accepted_peer_has_its_time_for_the_first_frame_and_then_to_be_idle() {
    let mut connection = Connection::standing();
    connection.io.state.first_frame_due = true;
    assert_eq!(connection.looked_at_in(), 10);
    assert_eq!(connection.passed(9 * SECOND), None);
    connection.reads("first\n");
    connection.io.state.active_at = connection.io.scheduler.clock.now();
    assert_eq!(connection.looked_at_in(), 10, "no timer is touched for a frame");
    assert_eq!(connection.passed(10 * SECOND), None);
    assert_eq!(connection.looked_at_in(), 69);
    assert_eq!(connection.passed(69 * SECOND), Some(Limit::Idle));
}

#[test]
fn a_frame_has_thirty_seconds_and_a_second_more_for_each_500_bytes() {
    let mut connection = Connection::standing();
    connection.reads("half");
    assert_eq!(connection.looked_at_in(), 30);
    connection.reads([b'x'; 1_000]);
    connection.looked_at_in();
    assert_eq!(connection.passed(30 * SECOND), None);
    assert_eq!(connection.looked_at_in(), 32);
    assert_eq!(connection.passed(32 * SECOND), Some(Limit::FrameTime));
}

#[test]
fn what_we_stop_ourselves_is_no_fault_of_the_peer_and_has_five_minutes() {
    let mut connection = Connection::standing();
    connection.reads("pause\nhalf");
    assert_eq!(connection.looked_at_in(), 300);
    assert_eq!(connection.passed(300 * SECOND), Some(Limit::Stopped));
}

#[test]
fn a_pause_that_ends_gives_the_frame_its_time_anew() {
    let mut connection = Connection::standing();
    connection.reads("pause\nhalf");
    connection.looked_at_in();
    connection.at(100 * SECOND);
    connection.io.resume();
    connection.look_again();
    assert_eq!(connection.looked_at_in(), 130);
    assert_eq!(connection.passed(130 * SECOND), Some(Limit::FrameTime));
}

#[test]
fn output_of_which_nothing_is_taken_has_thirty_seconds() {
    let mut connection = Connection::standing();
    connection.mark_output();
    connection.reads("10\n");
    assert_eq!(connection.looked_at_in(), 30);
    connection.at(20 * SECOND);
    connection.writes(1);
    assert_eq!(connection.passed(30 * SECOND), None);
    assert_eq!(connection.looked_at_in(), 50);
    assert_eq!(connection.passed(50 * SECOND), Some(Limit::WriteStall));
}

#[test]
fn a_peer_that_drips_has_one_write_timeout_for_its_share() {
    let mut connection = Connection::standing();
    connection.mark_output();
    connection.reads("90\n");
    connection.looked_at_in();
    connection.at(29 * SECOND);
    connection.writes(1);
    assert_eq!(connection.passed(30 * SECOND), Some(Limit::DrainRate));
}

#[test]
fn a_peer_that_took_its_share_is_looked_at_anew() {
    let mut connection = Connection::standing();
    connection.mark_output();
    connection.reads("90\n");
    connection.looked_at_in();
    connection.at(29 * SECOND);
    connection.writes(1);
    connection.io.state.drained = 30 * connection.io.limits().min_drain_rate;
    assert_eq!(connection.passed(30 * SECOND), None);
    assert_eq!(connection.looked_at_in(), 59);
    assert_eq!(connection.passed(59 * SECOND), Some(Limit::WriteStall));
}

#[test]
fn an_answer_has_five_minutes_and_its_peer_is_not_idle_meanwhile() {
    let mut connection = Connection::standing();
    let _debt = connection.io.borrow_answer(false);
    assert_eq!(connection.looked_at_in(), 300);
    assert_eq!(connection.passed(300 * SECOND), Some(Limit::Answer));
}

#[test]
fn a_connection_that_does_not_stand_has_ten_seconds() {
    let mut connection = Connection::fresh();
    connection.io.state.phase = Phase::Connecting;
    assert_eq!(connection.looked_at_in(), 10);
    assert_eq!(connection.passed(10 * SECOND), Some(Limit::Connect));
}

#[test]
fn what_has_no_peer_has_no_deadline() {
    let mut connection = Connection::standing();
    connection.io.state.has_peer = false;
    assert_ne!(connection.verdict(), Verdict::Close);
    assert_eq!(connection.io.scheduler.next_due(), None);
}
