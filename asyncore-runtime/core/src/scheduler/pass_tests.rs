//! Passes and turns, over things that stand in slots and do nothing but note that they had one.

use core::any::Any;
use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use super::inbox::Inbox;
use super::pass::{TASKS_PER_PASS, TIMERS_PER_PASS};
use super::scratch::Scratch;
use super::timers::Due;
use super::turn::{After, Driven, TaskFn, Wake};
use super::Scheduler;
use crate::transport::readiness::Ready;
use crate::transport::system::System;
use crate::vocabulary::key::RawKey;

type Log = Rc<RefCell<Vec<String>>>;

/// What a turn leads to.
type Turn = Box<dyn FnMut(&Scheduler, RawKey) -> After>;

struct Stub {
    scheduler: Rc<Scheduler>,
    key: RawKey,
    name: &'static str,
    log: Log,
    news: Ready,
    bytes: usize,
    turn: Turn,
}

impl Driven for Stub {
    fn heard(&mut self, news: Ready) {
        self.news.add(news);
    }

    fn run(&mut self, wake: Wake, _: &mut Scratch) -> After {
        let why = match wake {
            Wake::Ready(_) => "",
            Wake::Timer(_) => " timer",
            Wake::Deadline => " deadline",
            Wake::Close => " close",
            Wake::Drained => " drained",
            Wake::Shed => " shed",
        };
        self.log.borrow_mut().push(format!("{}{why}", self.name));
        match wake {
            Wake::Ready(_) => (self.turn)(&self.scheduler, self.key),
            Wake::Timer(_) | Wake::Deadline => After::Rest,
            Wake::Close | Wake::Drained | Wake::Shed => {
                self.scheduler.holds(self.bytes, 0);
                After::Gone
            }
        }
    }

    fn ask(&mut self, _: &mut Scratch) -> After {
        self.log.borrow_mut().push(format!("{} asked", self.name));
        After::Rest
    }

    fn held(&self) -> usize {
        self.bytes
    }

    fn dismantle(self: Box<Self>) {
        self.log.borrow_mut().push(format!("{} dropped", self.name));
    }
}

/// A scheduler, and what its stubs have noted.
struct Bench {
    scheduler: Rc<Scheduler>,
    scratch: Scratch,
    log: Log,
}

impl Bench {
    fn new() -> Self {
        let system = System::Memory(RefCell::default());
        let scheduler = Scheduler::new(system, Inbox::new(|| ()));
        Self { scheduler, scratch: Scratch::new(), log: Log::default() }
    }

    /// A stub whose turns come to this; it may be told things.
    fn add(
        &mut self,
        name: &'static str,
        is_asked: bool,
        bytes: usize,
        turn: impl FnMut(&Scheduler, RawKey) -> After + 'static,
    ) -> RawKey {
        let (scheduler, log) = (Rc::clone(&self.scheduler), Rc::clone(&self.log));
        let (key, turn) = (self.scheduler.reserve(), Box::new(turn));
        let stub = Stub { scheduler, key, name, log, news: Ready::default(), bytes, turn };
        self.scheduler.fill(key, Box::new(stub), is_asked);
        self.scheduler.opened(key);
        self.scheduler.holds(0, bytes);
        key
    }

    fn resting(&mut self, name: &'static str) -> RawKey {
        self.add(name, false, 0, |_, _| After::Rest)
    }

    /// What a pass has led to.
    fn pass(&mut self) -> Vec<String> {
        self.scheduler.pass(&mut self.scratch);
        self.log.take()
    }

    /// A task that notes that it ran.
    fn task(&self, name: &'static str) -> TaskFn {
        let log = Rc::clone(&self.log);
        Box::new(move |_: &mut dyn Any, _| {
            log.borrow_mut().push(name.to_owned());
            After::Rest
        })
    }
}

#[test]
fn whoever_is_ready_has_one_turn_and_whoever_rests_none() {
    let mut bench = Bench::new();
    let (one, _) = (bench.resting("one"), bench.resting("two"));
    assert_eq!(bench.pass(), ["one", "two"], "the first turn comes by itself");
    bench.scheduler.report(one, Ready::READABLE);
    bench.scheduler.report(one, Ready::WRITABLE);
    assert_eq!(bench.pass(), ["one"]);
    assert!(bench.pass().is_empty());
}

#[test]
fn whoever_stopped_of_its_own_will_comes_again_in_the_next_pass() {
    let mut bench = Bench::new();
    let mut left = 2;
    bench.add("one", false, 0, move |_, _| {
        left -= 1;
        if left > 0 {
            After::Again
        } else {
            After::Rest
        }
    });
    bench.resting("two");
    assert_eq!(bench.pass(), ["one", "two"]);
    assert_eq!(bench.pass(), ["one"]);
    assert!(bench.pass().is_empty() && !bench.scheduler.is_busy());
}

#[test]
fn turns_come_in_the_order_of_readiness_but_of_the_map_where_somebody_is_asked() {
    for is_asked in [false, true] {
        let mut bench = Bench::new();
        let (one, two) = (bench.resting("one"), bench.resting("two"));
        bench.add("three", is_asked, 0, |_, _| After::Rest);
        bench.pass();
        bench.scheduler.report(two, Ready::READABLE);
        bench.scheduler.report(one, Ready::READABLE);
        let order = if is_asked { ["one", "two"] } else { ["two", "one"] };
        assert_eq!(bench.pass(), order);
    }
}

#[test]
fn only_who_wants_to_be_is_asked() {
    let mut bench = Bench::new();
    bench.resting("one");
    bench.add("two", true, 0, |_, _| After::Rest);
    bench.scheduler.ask(&mut bench.scratch);
    assert_eq!(bench.log.take(), ["two asked"]);
}

#[test]
fn what_a_turn_tells_others_comes_before_the_next_turn() {
    let mut bench = Bench::new();
    let (told, log) = (bench.resting("told"), Rc::clone(&bench.log));
    bench.pass();
    bench.add("teller", false, 0, move |scheduler, _| {
        let log = Rc::clone(&log);
        scheduler.add_task(
            told,
            Box::new(move |_, _| {
                log.borrow_mut().push("task".to_owned());
                After::Rest
            }),
        );
        After::Rest
    });
    bench.resting("next");
    assert_eq!(bench.pass(), ["teller", "task", "next"]);
}

#[test]
fn what_is_due_comes_behind_all_turns() {
    let mut bench = Bench::new();
    let key = bench.resting("one");
    let mut timers = bench.scheduler.timers.borrow_mut();
    timers.set(0, key, Due::Deadline);
    timers.set(0, key, Due::Timer);
    timers.set(1, key, Due::Timer);
    drop(timers);
    bench.resting("two");
    assert_eq!(bench.pass(), ["one", "two", "one deadline", "one timer"]);
}

#[test]
fn so_many_timers_and_tasks_come_in_one_pass_and_the_rest_in_the_next() {
    let mut bench = Bench::new();
    let key = bench.resting("one");
    bench.pass();
    for _ in 0..=TIMERS_PER_PASS {
        bench.scheduler.timers.borrow_mut().set(0, key, Due::Timer);
    }
    assert_eq!((bench.pass().len(), bench.pass().len()), (TIMERS_PER_PASS, 1));
    for _ in 0..=TASKS_PER_PASS {
        bench.scheduler.add_task(key, bench.task("task"));
    }
    bench.scheduler.run_tasks(&mut bench.scratch);
    assert_eq!((bench.log.take().len(), bench.pass().len()), (TASKS_PER_PASS, 1));
}

#[test]
fn what_is_told_before_a_channel_stands_waits_and_keeps_its_order() {
    let mut bench = Bench::new();
    let (scheduler, log) = (Rc::clone(&bench.scheduler), Rc::clone(&bench.log));
    let key = scheduler.reserve();
    let turn: Turn = Box::new(|_, _| After::Rest);
    let news = Ready::default();
    let stub = Stub { scheduler, key, name: "late", log, news, bytes: 0, turn };
    bench.scheduler.fill(key, Box::new(stub), false);
    bench.scheduler.add_task(key, bench.task("first"));
    bench.scheduler.add_task(key, bench.task("second"));
    assert_eq!(bench.pass(), ["late"]);
    assert!(bench.scheduler.has_tasks(key), "what is pushed now queues behind them");
    bench.scheduler.add_task(key, bench.task("third"));
    bench.scheduler.opened(key);
    assert_eq!(bench.pass(), ["first", "second", "third"]);
}

#[test]
fn whoever_is_gone_hears_nothing_more() {
    let mut bench = Bench::new();
    let key = bench.add("one", false, 0, |_, _| After::Gone);
    assert_eq!(bench.pass(), ["one", "one dropped"]);
    bench.scheduler.report(key, Ready::READABLE);
    bench.scheduler.add_task(key, bench.task("task"));
    bench.scheduler.timers.borrow_mut().set(0, key, Due::Timer);
    assert!(bench.pass().is_empty() && !bench.scheduler.is_alive(key));
    assert_eq!(bench.scheduler.counters.stale_events(), 1);
}

#[test]
fn what_takes_the_place_of_another_has_its_key_and_a_turn_of_its_own() {
    let mut bench = Bench::new();
    let (scheduler, log) = (Rc::clone(&bench.scheduler), Rc::clone(&bench.log));
    let key = bench.add("channel", false, 0, move |_, key| {
        let (scheduler, log) = (Rc::clone(&scheduler), Rc::clone(&log));
        let turn: Turn = Box::new(|_, _| After::Rest);
        let news = Ready::default();
        let name = "linger";
        After::Replaced(Box::new(Stub { scheduler, key, name, log, news, bytes: 0, turn }))
    });
    assert_eq!(bench.pass(), ["channel", "channel dropped"]);
    assert!(!bench.scheduler.is_alive(key) && bench.scheduler.len() == 1, "its channel has closed");
    assert_eq!(bench.pass(), ["linger"]);
}

#[test]
fn whoever_holds_most_goes_until_the_others_have_room() {
    let mut bench = Bench::new();
    bench.scheduler.most_bytes.set(100);
    for (name, bytes) in [("small", 40), ("largest", 70), ("larger", 60)] {
        bench.add(name, false, bytes, |_, _| After::Rest);
    }
    let passed = bench.pass();
    assert_eq!(passed[3..], ["largest shed", "largest dropped"]);
}

#[test]
fn the_system_is_waited_for_until_something_is_due_and_not_at_all_if_there_is_something_to_do() {
    let second = Duration::from_secs(1);
    let mut bench = Bench::new();
    assert_eq!(bench.scheduler.patience(None), None);
    let key = bench.resting("one");
    assert_eq!(bench.scheduler.patience(None), Some(Duration::ZERO));
    bench.pass();
    let at = bench.scheduler.clock.after(second);
    bench.scheduler.timers.borrow_mut().set(at, key, Due::Timer);
    assert_eq!(bench.scheduler.patience(None), Some(second));
    assert_eq!(bench.scheduler.patience(Some(2 * second)), Some(second));
    assert_eq!(bench.scheduler.patience(Some(second / 2)), Some(second / 2));
}
