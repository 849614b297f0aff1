//! The map itself: slots with channels in them, and what is to be done with which.
//!
//! Everything here is behind `Rc` and interior mutability, because a handler that runs *in* a
//! channel reaches the map *through* it. The rules that keep that sound:
//! 1. A channel that has its turn is out of its slot; no borrow of the slots is held meanwhile.
//! 2. Whatever would call a handler of another channel is put into `tasks` instead.
//! 3. Whoever stops before its descriptor said `WouldBlock` comes back as [`After::Again`]; that is
//!    the only way onto the ready list, as mio will not report the readiness a second time.

use core::any::Any;
use core::cell::{Cell, RefCell};
use core::time::Duration;
use mio::Registry;
use std::collections::VecDeque;
use std::io;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::Arc;

use crate::key::RawKey;
use crate::limits::Counters;
use crate::scheduler::clock::Clock;
use crate::scheduler::inbox::Inbox;
use crate::scheduler::scratch::Scratch;
use crate::scheduler::timers::{Due, Timers};
use crate::scheduler::turn::{After, Driven, Ready, Task, TaskFn, Wake};
use crate::transport::link::Link;
use crate::transport::network::Network;

#[derive(Default)]
struct Slot {
    generation: u32,
    /// It stands on the ready list.
    is_ready: bool,
    /// What the system said since its last turn. It waits here, so that a pass over many events
    /// touches these few bytes of each channel and not the channel.
    news: Ready,
    /// Tasks waiting for it: what is pushed meanwhile has to queue behind them.
    tasks: usize,
    state: Occupant,
}

#[derive(Default)]
enum Occupant {
    #[default]
    Free,
    /// It has its turn just now, or is being built.
    Out,
    In(Box<dyn Driven>),
}

pub(crate) struct Shared {
    slots: RefCell<Vec<Slot>>,
    free: RefCell<Vec<u32>>,
    occupied: Cell<usize>,
    ready: RefCell<Vec<RawKey>>,
    asked: RefCell<Vec<RawKey>>,
    tasks: RefCell<VecDeque<Task>>,
    pub(crate) timers: RefCell<Timers>,
    pub(crate) clock: Clock,
    /// None in a [`testing::Net`](crate::testing::Net), which has `network` instead.
    registry: Option<Registry>,
    pub(crate) network: Option<RefCell<Network>>,
    pub(crate) counters: Counters,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) is_draining: Cell<bool>,
    /// Listeners that wait for a descriptor, and whether one came back.
    starved: RefCell<Vec<RawKey>>,
}

/// So many tasks are run between two looks at the system.
const TASKS_PER_PASS: usize = 1024;
/// So many timers likewise.
const TIMERS_PER_PASS: usize = 256;

impl Shared {
    pub(crate) fn new(registry: Option<Registry>, inbox: Arc<Inbox>) -> Rc<Self> {
        let network = registry.is_none().then(RefCell::default);
        Rc::new(Self {
            slots: RefCell::default(),
            free: RefCell::default(),
            occupied: Cell::new(0),
            ready: RefCell::default(),
            asked: RefCell::default(),
            tasks: RefCell::default(),
            timers: RefCell::default(),
            clock: Clock::new(network.is_some()),
            registry,
            network,
            counters: Counters::default(),
            inbox,
            is_draining: Cell::new(false),
            starved: RefCell::default(),
        })
    }

    /// How many channels there are, listeners included.
    pub(crate) fn len(&self) -> usize {
        self.occupied.get()
    }

    // -- slots

    /// A key, whose slot [`fill`](Self::fill) or [`release`](Self::release) must follow.
    pub(crate) fn reserve(&self) -> RawKey {
        self.occupied.set(self.occupied.get() + 1);
        let mut slots = self.slots.borrow_mut();
        let index = self.free.borrow_mut().pop().unwrap_or_else(|| {
            slots.push(Slot::default());
            u32::try_from(slots.len() - 1).unwrap_or(u32::MAX)
        });
        let generation = slots.get_mut(index as usize).map_or(0, |slot| {
            slot.state = Occupant::Out;
            slot.generation
        });
        RawKey { index, generation }
    }

    /// Puts what was built into its slot; its first turn is in the next pass.
    pub(crate) fn fill(&self, key: RawKey, driven: Box<dyn Driven>, is_asked: bool) {
        self.put(key, driven);
        self.make_ready(key);
        if is_asked {
            self.asked.borrow_mut().push(key);
        }
    }

    pub(crate) fn release(&self, key: RawKey) {
        let mut slots = self.slots.borrow_mut();
        let Some(slot) = slots.get_mut(key.index as usize) else { return };
        *slot = Slot { generation: slot.generation.wrapping_add(1), ..Slot::default() };
        self.occupied.set(self.occupied.get() - 1);
        // A slot whose generations are used up is retired: an old key must never fit again.
        if slot.generation != u32::MAX {
            self.free.borrow_mut().push(key.index);
        }
    }

    #[inline]
    fn with_slot<R>(&self, key: RawKey, f: impl FnOnce(&mut Slot) -> R) -> Option<R> {
        let mut slots = self.slots.borrow_mut();
        let slot = slots.get_mut(key.index as usize)?;
        (slot.generation == key.generation && !matches!(slot.state, Occupant::Free))
            .then(|| f(slot))
    }

    #[inline]
    fn take(&self, key: RawKey, from_list: bool) -> Option<(Box<dyn Driven>, Ready)> {
        self.with_slot(key, |slot| {
            // From here on it may become ready again.
            slot.is_ready &= !from_list;
            match std::mem::replace(&mut slot.state, Occupant::Out) {
                Occupant::In(driven) => Some((driven, std::mem::take(&mut slot.news))),
                _ => None,
            }
        })?
    }

    #[inline]
    fn put(&self, key: RawKey, driven: Box<dyn Driven>) {
        self.with_slot(key, |slot| slot.state = Occupant::In(driven));
    }

    /// What is at rest in a slot, without a turn, if it is a `U`.
    pub(crate) fn with_resting<U: Any, R>(
        &self,
        key: RawKey,
        f: impl FnOnce(&mut U) -> R,
    ) -> Option<R> {
        self.with_slot(key, |slot| match &mut slot.state {
            Occupant::In(driven) => (&mut **driven as &mut dyn Any).downcast_mut().map(f),
            _ => None,
        })?
    }

    /// Whether tasks wait for this channel.
    pub(crate) fn has_tasks(&self, key: RawKey) -> bool {
        self.with_slot(key, |slot| slot.tasks > 0).unwrap_or(false)
    }

    pub(crate) fn is_alive(&self, key: RawKey) -> bool {
        self.with_slot(key, |_| ()).is_some()
    }

    /// All channels, in the order of the map.
    pub(crate) fn keys(&self) -> Vec<RawKey> {
        let slots = self.slots.borrow();
        let is_used = |slot: &&Slot| !matches!(slot.state, Occupant::Free);
        (0..)
            .zip(slots.iter())
            .filter(|(_, slot)| is_used(slot))
            .map(|(index, slot)| RawKey { index, generation: slot.generation })
            .collect()
    }

    // -- what is to be done

    pub(crate) fn make_ready(&self, key: RawKey) {
        let was_ready = self.with_slot(key, |slot| std::mem::replace(&mut slot.is_ready, true));
        if was_ready == Some(false) {
            self.ready.borrow_mut().push(key);
        }
    }

    /// Readiness from the system.
    pub(crate) fn note(&self, key: RawKey, ready: Ready) {
        let was_ready = self.with_slot(key, |slot| {
            slot.news.add(ready);
            std::mem::replace(&mut slot.is_ready, true)
        });
        match was_ready {
            Some(true) => {}
            Some(false) => self.ready.borrow_mut().push(key),
            None => Counters::bump(&self.counters.stale),
        }
    }

    pub(crate) fn add_task(&self, key: RawKey, run: TaskFn) {
        if self.with_slot(key, |slot| slot.tasks += 1).is_some() {
            self.tasks.borrow_mut().push_back(Task { key, run });
        }
    }

    /// Empties the map, without events.
    pub(crate) fn clear(&self) {
        self.tasks.take();
        let slots = self.slots.take();
        drop(slots);
    }

    /// Whether something is to be done without waiting for the system.
    pub(crate) fn is_busy(&self) -> bool {
        !self.ready.borrow().is_empty() || !self.tasks.borrow().is_empty()
    }

    /// How long the system may be waited for.
    pub(crate) fn patience(&self, limit: Option<Duration>) -> Option<Duration> {
        if self.is_busy() {
            return Some(Duration::ZERO);
        }
        let due = self
            .timers
            .borrow()
            .next()
            .map(|at| Duration::from_nanos(at.saturating_sub(self.clock.refresh())));
        match (limit, due) {
            (Some(limit), Some(due)) => Some(limit.min(due)),
            (limit, due) => limit.or(due),
        }
    }

    // -- doing it

    /// Asks channels with `#[readable]` or `#[writable]`, in the order of the map.
    pub(crate) fn ask(&self, scratch: &mut Scratch) {
        let mut asked = std::mem::take(&mut *self.asked.borrow_mut());
        asked.retain(|key| self.is_alive(*key));
        asked.sort_unstable();
        for key in &asked {
            self.with_noted(*key, |driven| driven.ask(scratch));
        }
        self.asked.borrow_mut().append(&mut asked);
    }

    /// A turn for each that is ready, then what they started and what
    /// is due. `Again` and what becomes ready meanwhile wait for the next pass.
    pub(crate) fn pass(&self, scratch: &mut Scratch) {
        let mut batch = std::mem::take(&mut *self.ready.borrow_mut());
        // Whoever is asked each pass is used to asyncore's order. For the others the system's is
        // the fairer one: who was ready first is served first.
        if !self.asked.borrow().is_empty() {
            batch.sort_unstable();
        }
        for key in &batch {
            self.with_taken(*key, true, |driven, news| driven.run(Wake::Ready(news), scratch));
            if !self.tasks.borrow().is_empty() {
                self.run_tasks(scratch);
            }
        }
        batch.clear();
        self.recycle(batch);
        self.run_timers(scratch);
        self.run_tasks(scratch);
        scratch.trim();
    }

    /// Keeps the larger of two lists' memory.
    fn recycle(&self, mut empty: Vec<RawKey>) {
        let mut ready = self.ready.borrow_mut();
        if ready.capacity() < empty.capacity() {
            empty.append(&mut ready);
            *ready = empty;
        }
    }

    pub(crate) fn turn(&self, key: RawKey, wake: Wake, scratch: &mut Scratch) {
        self.with_noted(key, |driven| driven.run(wake, scratch));
    }

    /// Inlined, as is all that stands between the poll and a system call: the kernel's own calls
    /// overwrite the processor's return stack, and each `ret` behind one is mispredicted.
    #[inline(always)]
    fn with_taken(
        &self,
        key: RawKey,
        from_list: bool,
        f: impl FnOnce(&mut dyn Driven, Ready) -> After,
    ) {
        let Some((mut driven, news)) = self.take(key, from_list) else { return };
        let after = f(&mut *driven, news);
        self.settle(key, driven, after);
    }

    /// As [`with_taken`](Self::with_taken), for what is no turn by readiness.
    fn with_noted(&self, key: RawKey, f: impl FnOnce(&mut dyn Driven) -> After) {
        self.with_taken(key, false, |driven, news| {
            driven.note(news);
            f(driven)
        });
    }

    /// The one place where something is put back on the ready list, or ends.
    #[inline]
    fn settle(&self, key: RawKey, driven: Box<dyn Driven>, after: After) {
        match after {
            After::Rest => self.put(key, driven),
            after => self.settle_otherwise(key, driven, after),
        }
    }

    #[inline(never)]
    fn settle_otherwise(&self, key: RawKey, driven: Box<dyn Driven>, after: After) {
        match after {
            After::Rest => self.put(key, driven),
            After::Again => {
                self.put(key, driven);
                self.make_ready(key);
            }
            After::Gone => {
                self.release(key);
                // A panic in the user's `drop` is the last thing this channel does.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(driven)));
            }
            After::Replaced(other) => {
                self.put(key, other);
                self.make_ready(key);
            }
        }
    }

    pub(crate) fn run_tasks(&self, scratch: &mut Scratch) {
        for _ in 0..TASKS_PER_PASS {
            let Some(Task { key, run }) = self.tasks.borrow_mut().pop_front() else { return };
            self.with_slot(key, |slot| slot.tasks = slot.tasks.saturating_sub(1));
            self.with_noted(key, |driven| run(driven, scratch));
        }
    }

    fn run_timers(&self, scratch: &mut Scratch) {
        // What came while a handler took long is still to be read: time stands still in a pass, so
        // that nobody's deadline passes over it.
        let now = self.clock.now();
        for _ in 0..TIMERS_PER_PASS {
            let Some((id, key, due)) = self.timers.borrow_mut().pop(now) else { return };
            match due {
                _ if key == RawKey::WAKER => self.end_all(Wake::Drained, scratch),
                Due::Timer => self.turn(key, Wake::Timer(id), scratch),
                Due::Deadline => self.turn(key, Wake::Deadline, scratch),
                Due::Retry => self.note(key, Ready::READABLE),
                Due::Close => self.turn(key, Wake::Close, scratch),
            }
            self.run_tasks(scratch);
        }
    }

    /// Closes every channel there is now.
    pub(crate) fn end_all(&self, wake: Wake, scratch: &mut Scratch) {
        for key in self.keys() {
            self.turn(key, wake, scratch);
        }
    }

    /// Starts to drain: listeners close in their next turn, channels when they have nothing to
    /// do, and what is left at the deadline then.
    pub(crate) fn drain(&self, deadline: Duration) {
        self.is_draining.set(true);
        self.timers.borrow_mut().set(self.clock.after(deadline), RawKey::WAKER, Due::Deadline);
        for key in self.keys() {
            self.make_ready(key);
        }
    }

    // -- descriptors

    pub(crate) fn register(&self, key: RawKey, link: &mut Link) -> io::Result<()> {
        if let Some(registry) = &self.registry {
            link.register(registry, key.token())?;
        }
        if let (Some(network), Link::Memory(pipe)) = (&self.network, link) {
            network.borrow_mut().plug(key, pipe);
        }
        Ok(())
    }

    /// Closes a descriptor; a listener that ran out of them goes on at once.
    pub(crate) fn close(&self, link: &mut Link) {
        if let Some(registry) = &self.registry {
            link.deregister(registry);
        }
        *link = Link::None;
        for key in std::mem::take(&mut *self.starved.borrow_mut()) {
            self.note(key, Ready::READABLE);
        }
    }

    /// A listener has no descriptor left.
    pub(crate) fn starve(&self, key: RawKey) {
        self.starved.borrow_mut().push(key);
    }
}
