//! Timers: their values, their order, and when they do not come.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Io, Map, TimerId};
use asyncore_tests::net::{bounded, Log};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// Sets timers of two types; notes which come.
#[channel(first_frame_timeout = "never", idle_timeout = "never")]
struct Clock {
    log: Log,
}

struct Named(&'static str);
struct Tick(u32);

#[channel]
impl Clock {
    #[terminator(b"\n", discard)]
    fn line(&mut self) {}

    #[on_timer]
    fn named(&mut self, Named(name): Named) -> &'static str {
        self.log.note(name);
        name
    }

    #[on_timer]
    fn tick(&mut self, Tick(number): Tick, io: &mut Io<Self>) {
        self.log.note(number);
        io.set_timer(SECOND, Tick(number + 1));
    }

    #[on_close]
    fn closed(&mut self, io: &mut Io<Self>) {
        io.set_timer(Duration::ZERO, Named("after the close"));
    }
}

fn clock() -> (Session<Clock>, Log) {
    let log = Log::default();
    (Session::new(Clock { log: log.clone() }), log)
}

fn set(session: &mut Session<Clock>, after: Duration, name: &'static str) -> TimerId {
    session.with(move |_, io| io.set_timer(after, Named(name))).unwrap()
}

#[test]
fn a_timer_comes_with_its_value_at_its_time() {
    let (mut session, log) = clock();
    set(&mut session, SECOND, "one");
    session.advance(SECOND - Duration::from_nanos(1));
    assert!(log.is_empty());
    session.advance(Duration::from_nanos(1));
    assert_eq!(log.take(), ["one"]);
}

#[test]
fn what_a_timer_returns_is_sent() {
    let (mut session, _) = clock();
    set(&mut session, SECOND, "one");
    session.advance(SECOND);
    assert_eq!(session.output(), b"one");
}

#[test]
fn timers_come_in_the_order_of_their_times() {
    let (mut session, log) = clock();
    set(&mut session, 2 * SECOND, "late");
    set(&mut session, SECOND, "early");
    session.advance(3 * SECOND);
    assert_eq!(log.take(), ["early", "late"]);
}

#[test]
fn timers_of_one_moment_come_in_the_order_in_which_they_were_set() {
    let (mut session, log) = clock();
    for name in ["one", "two", "three"] {
        set(&mut session, SECOND, name);
    }
    session.advance(SECOND);
    assert_eq!(log.take(), ["one", "two", "three"]);
}

#[test]
fn a_timer_that_sets_itself_again_comes_each_time() {
    let (mut session, log) = clock();
    session.with(|_, io| io.set_timer(SECOND, Tick(1)));
    session.advance(3 * SECOND);
    assert_eq!(log.take(), ["1", "2", "3"]);
}

#[test]
fn a_cancelled_timer_never_comes() {
    let (mut session, log) = clock();
    let id = set(&mut session, SECOND, "one");
    assert_eq!(session.with(move |_, io| io.cancel(id)), Some(true));
    session.advance(10 * SECOND);
    assert!(log.is_empty());
}

#[test]
fn a_timer_that_came_cannot_be_cancelled() {
    let (mut session, _) = clock();
    let id = set(&mut session, SECOND, "one");
    session.advance(SECOND);
    assert_eq!(session.with(move |_, io| io.cancel(id)), Some(false));
}

#[test]
fn a_timer_of_a_channel_that_closed_never_comes() {
    let (mut session, log) = clock();
    set(&mut session, SECOND, "one");
    session.with(|_, io| io.close());
    session.advance(10 * SECOND);
    assert!(log.is_empty());
}

#[test]
fn a_timer_at_the_end_of_time_never_comes() {
    let (mut session, log) = clock();
    set(&mut session, Duration::MAX, "never");
    session.advance(1_000_000_000 * SECOND);
    assert!(log.is_empty());
}

/// Closes after a time on the real clock.
#[channel]
struct Fuse;

struct Burnt;

#[channel]
impl Fuse {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) {
        io.set_timer(Duration::from_millis(20), Burnt);
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}

    #[on_timer]
    fn burnt(&mut self, _burnt: Burnt, io: &mut Io<Self>) {
        io.close();
    }
}

#[test]
fn a_loop_that_waits_for_ever_wakes_for_a_timer() {
    let start = Instant::now();
    let (ours, _theirs) = UnixStream::pair().unwrap();
    bounded(move || {
        let mut map = Map::new().unwrap();
        map.add(ours, Fuse).unwrap();
        map.run().unwrap();
    })();
    assert!(start.elapsed() >= Duration::from_millis(20));
}

/// Sets so many timers as it is told, and counts them as they come.
#[channel(first_frame_timeout = "never", idle_timeout = "never")]
#[derive(Default)]
struct Many {
    set: Vec<TimerId>,
    came: usize,
}

#[channel]
impl Many {
    #[terminator(b"\n")]
    fn set(&mut self, count: &str, io: &mut Io<Self>) -> Result<(), std::num::ParseIntError> {
        let count: u64 = count.parse()?;
        // Neither in the order of their times nor against it.
        let after = |number: u64| Duration::from_millis(1 + number * 7_919 % 10_007);
        self.set = (0..count).map(|number| io.set_timer(after(number), ())).collect();
        Ok(())
    }

    #[on_timer]
    fn timer(&mut self, (): ()) {
        self.came += 1;
    }
}

/// What each costs must not grow with how many there are, or this would take minutes.
#[test]
fn a_hundred_thousand_timers_of_one_channel_come_or_are_cancelled() {
    let mut session = Session::new(Many::default());
    session.feed("100000\n");
    let cancelled = session.with(|many, io| {
        let half = many.set.iter().step_by(2);
        half.filter(|timer| io.cancel(**timer)).count()
    });
    session.advance(Duration::from_secs(11));
    assert_eq!(cancelled, Some(50_000));
    assert_eq!(session.with(|many, _| many.came), Some(50_000));
}
