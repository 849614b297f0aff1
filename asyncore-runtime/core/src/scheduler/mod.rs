//! Which channel has its turn: slots with something in them, and what is to be done with which.
//!
//! Knows the vocabulary and the transport's [`System`], and of what stands in a slot only what
//! [`Driven`] says; nothing of frames, queues, or mio.
//!
//! Everything here is behind `Rc` and interior mutability, because a handler that runs *in* a
//! channel reaches the map *through* it. The rules that keep that sound:
//! 1. A channel that has its turn is out of its slot; no borrow of the slots is held meanwhile, and
//!    no code of the user's runs under any borrow.
//! 2. Whatever would call a handler of another channel is put into `tasks` instead, and waits there
//!    until that channel has been opened.
//! 3. Whoever stops before its descriptor said `WouldBlock` comes back as [`After::Again`]; that is
//!    the only way onto the ready list, as mio will not report the readiness a second time.

pub(crate) mod clock;
mod ending;
pub(crate) mod inbox;
pub(crate) mod pass;
#[cfg(test)]
mod pass_tests;
pub(crate) mod scratch;
mod slots;
mod stage;
pub(crate) mod timers;
pub(crate) mod turn;

use core::any::Any;
use core::cell::{Cell, RefCell};
use core::time::Duration;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::system::System;
use crate::vocabulary::counters::Counters;
use crate::vocabulary::guard::{dispose, dispose_each, guarded};
use crate::vocabulary::key::RawKey;
use crate::vocabulary::limits::MAX_HELD;
use clock::Clock;
use inbox::{Inbox, Taken};
use slots::Slots;
use stage::Stage;
use timers::Timers;
use turn::{Driven, Task, TaskFn};

/// The turns of one map.
pub(crate) struct Scheduler {
    slots: RefCell<Slots>,
    ready: RefCell<Vec<RawKey>>,
    /// Channels with `#[readable]` or `#[writable]`.
    asked: RefCell<Vec<RawKey>>,
    tasks: RefCell<VecDeque<Task>>,
    /// Tasks of channels that are not open yet.
    held: RefCell<HashMap<RawKey, Vec<Task>>>,
    pub(crate) timers: RefCell<Timers>,
    pub(crate) clock: Clock,
    pub(crate) system: System,
    /// Other threads look at them.
    pub(crate) counters: Arc<Counters>,
    pub(crate) inbox: Arc<Inbox>,
    stage: Cell<Stage>,
    /// Listeners that wait for a descriptor.
    starved: RefCell<Vec<RawKey>>,
    /// Bytes that all channels hold, and may hold, together.
    bytes: Cell<usize>,
    pub(crate) most_bytes: Cell<usize>,
    /// Channels that have had no turn yet.
    fresh: Cell<usize>,
    /// What others push is written here first: a push is user code, and runs under no borrow.
    pub(crate) spare: RefCell<Vec<u8>>,
}

impl Scheduler {
    pub(crate) fn new(system: System, inbox: Arc<Inbox>) -> Rc<Self> {
        Rc::new(Self {
            slots: RefCell::default(),
            ready: RefCell::default(),
            asked: RefCell::default(),
            tasks: RefCell::default(),
            held: RefCell::default(),
            timers: RefCell::default(),
            clock: Clock::new(system.network().is_some()),
            system,
            counters: Arc::default(),
            inbox,
            stage: Cell::default(),
            starved: RefCell::default(),
            bytes: Cell::new(0),
            most_bytes: Cell::new(MAX_HELD),
            fresh: Cell::new(0),
            spare: RefCell::default(),
        })
    }

    /// How many channels there are, listeners included.
    pub(crate) fn len(&self) -> usize {
        self.slots.borrow().occupied()
    }

    // -- slots

    /// A key, whose slot [`fill`](Self::fill) or [`release`](Self::release) must follow.
    pub(crate) fn reserve(&self) -> RawKey {
        self.slots.borrow_mut().reserve()
    }

    /// Puts what was built into its slot; its first turn is in the next pass.
    pub(crate) fn fill(&self, key: RawKey, driven: Box<dyn Driven>, is_asked: bool) {
        self.slots.borrow_mut().put(key, driven);
        self.fresh.set(self.fresh.get().saturating_add(1));
        self.make_ready(key);
        if is_asked {
            self.asked.borrow_mut().push(key);
        }
    }

    pub(crate) fn release(&self, key: RawKey) {
        self.slots.borrow_mut().release(key);
        // Taken first: what is the user's is dropped under no borrow.
        let tasks = self.held.borrow_mut().remove(&key);
        dispose_each(tasks.into_iter().flatten().map(|task| task.run));
        self.begin_anew_if_empty();
    }

    /// A channel was opened: what was told it meanwhile comes now, before what was told it since.
    pub(crate) fn opened(&self, key: RawKey) {
        self.slots.borrow_mut().with(key, |slot| slot.takes_tasks = true);
        let held = self.held.borrow_mut().remove(&key);
        let mut tasks = self.tasks.borrow_mut();
        for task in held.into_iter().flatten().rev() {
            tasks.push_front(task);
        }
    }

    /// What is at rest in a slot, without a turn, if it is a `U`. It is out of its slot meanwhile:
    /// even bytes can be the user's, and run code of the user's when they are dropped.
    pub(crate) fn with_resting<U: Any, R>(
        &self,
        key: RawKey,
        f: impl FnOnce(&mut U) -> R,
    ) -> Option<R> {
        let lifted = self.slots.borrow_mut().lift(key);
        let mut driven = lifted?;
        let any: &mut dyn Any = &mut *driven;
        let done = any.downcast_mut().map(|this| guarded(|| f(this)));
        self.slots.borrow_mut().put(key, driven);
        done?.inspect_err(|_| self.count_panic()).ok()
    }

    /// Whether tasks wait for this channel.
    pub(crate) fn has_tasks(&self, key: RawKey) -> bool {
        self.slots.borrow_mut().with(key, |slot| slot.tasks > 0).unwrap_or(false)
    }

    #[inline]
    pub(crate) fn is_alive(&self, key: RawKey) -> bool {
        self.slots.borrow_mut().with(key, |slot| !slot.has_ended).unwrap_or(false)
    }

    /// All channels, in the order of the map.
    pub(crate) fn keys(&self) -> Vec<RawKey> {
        self.slots.borrow().keys()
    }

    // -- what is to be done

    pub(crate) fn make_ready(&self, key: RawKey) {
        let mark = |slot: &mut slots::Slot| std::mem::replace(&mut slot.is_ready, true);
        if self.slots.borrow_mut().with(key, mark) == Some(false) {
            self.ready.borrow_mut().push(key);
        }
    }

    /// Readiness from the system, which knows of the key what its token holds.
    pub(crate) fn report(&self, key: RawKey, ready: Ready) {
        let mut slots = self.slots.borrow_mut();
        let key = slots.whole(key);
        let was_ready = slots.with(key, |slot| {
            slot.news.add(ready);
            std::mem::replace(&mut slot.is_ready, true)
        });
        drop(slots);
        match was_ready {
            Some(true) => {}
            Some(false) => self.ready.borrow_mut().push(key),
            None => Counters::bump(&self.counters.stale),
        }
    }

    pub(crate) fn add_task(&self, key: RawKey, run: TaskFn) {
        self.add(Task { key, run, _post: None });
    }

    /// What another thread has posted.
    pub(crate) fn add_post(&self, key: RawKey, run: TaskFn, post: Taken) {
        self.add(Task { key, run, _post: Some(post) });
    }

    fn add(&self, task: Task) {
        let count = |slot: &mut slots::Slot| slot.tasks = slot.tasks.saturating_add(1);
        if self.slots.borrow_mut().with(task.key, count).is_some() {
            self.tasks.borrow_mut().push_back(task);
        } else {
            // Nobody is there to hear it: it goes like everything of the user's.
            dispose(task.run);
        }
    }

    /// Empties the map, without events.
    pub(crate) fn clear(&self) {
        // What is dropped here can do what it likes, but for coming back.
        self.stage.set(Stage::Closing);
        self.inbox.close();
        let slots = self.slots.take();
        slots.into_occupants().for_each(Driven::dismantle);
        dispose_each(self.tasks.take().into_iter().map(|task| task.run));
        dispose_each(self.held.take().into_values().flatten().map(|task| task.run));
    }

    /// Whether something is to be done without waiting for the system.
    pub(crate) fn is_busy(&self) -> bool {
        !self.ready.borrow().is_empty() || !self.tasks.borrow().is_empty() || !self.inbox.is_empty()
    }

    /// Whether somebody waits for its first turn.
    pub(crate) fn has_fresh(&self) -> bool {
        self.fresh.get() > 0
    }

    /// Whether somebody is asked in each pass.
    pub(crate) fn asks(&self) -> bool {
        !self.asked.borrow().is_empty()
    }

    /// How long the system may be waited for.
    pub(crate) fn patience(&self, limit: Option<Duration>) -> Option<Duration> {
        if self.is_busy() {
            return Some(Duration::ZERO);
        }
        let due =
            self.next_due().map(|at| Duration::from_nanos(at.saturating_sub(self.clock.refresh())));
        match (limit, due) {
            (Some(limit), Some(due)) => Some(limit.min(due)),
            (limit, due) => limit.or(due),
        }
    }

    /// When something is due next.
    pub(crate) fn next_due(&self) -> Option<timers::Tick> {
        let timer = self.timers.borrow().next();
        match (timer, self.stage.get().until()) {
            (Some(timer), Some(until)) => Some(timer.min(until)),
            (timer, until) => timer.or(until),
        }
    }

    // -- descriptors

    /// Closes a descriptor; a listener that ran out of them goes on at once.
    pub(crate) fn close(&self, endpoint: &mut Endpoint) {
        self.system.close(endpoint);
        for key in std::mem::take(&mut *self.starved.borrow_mut()) {
            self.report(key, Ready::READABLE);
        }
    }

    /// A listener has no descriptor left.
    pub(crate) fn starve(&self, key: RawKey) {
        let mut starved = self.starved.borrow_mut();
        if !starved.contains(&key) {
            starved.push(key);
        }
    }

    // -- what all hold together

    /// A channel holds `now` bytes, and held `before`.
    #[inline]
    pub(crate) fn holds(&self, before: usize, now: usize) {
        self.bytes.set(self.bytes.get().saturating_sub(before).saturating_add(now));
    }

    #[inline]
    fn holds_too_much(&self) -> bool {
        self.bytes.get() > self.most_bytes.get()
    }
}
