//! One pass: a turn for each that is ready, then what is due, then what they told each other.

use super::scratch::Scratch;
use super::timers::Due;
use super::turn::{After, Driven, Task, Wake};
use super::Scheduler;
use crate::transport::readiness::Ready;
use crate::vocabulary::counters::Counters;
use crate::vocabulary::guard::dispose;
use crate::vocabulary::key::RawKey;

/// So many tasks are run between two looks at the system.
pub(super) const TASKS_PER_PASS: usize = 1024;
/// So many timers likewise.
pub(super) const TIMERS_PER_PASS: usize = 256;
/// So many posts of other threads likewise.
pub(crate) const POSTS_PER_PASS: usize = 1024;

impl Scheduler {
    /// Asks channels with `#[readable]` or `#[writable]`, in the order of the map.
    #[inline]
    pub(crate) fn ask(&self, scratch: &mut Scratch) {
        if self.asks() {
            self.ask_all(scratch);
        }
    }

    #[inline(never)]
    fn ask_all(&self, scratch: &mut Scratch) {
        let mut asked = std::mem::take(&mut *self.asked.borrow_mut());
        asked.retain(|key| self.is_alive(*key));
        asked.sort_unstable();
        for key in &asked {
            self.with_news(*key, |driven| driven.ask(scratch));
        }
        self.asked.borrow_mut().append(&mut asked);
    }

    /// A turn for each that is ready, each followed by what it told others, then what is due.
    /// `Again` and what becomes ready meanwhile wait for the next pass.
    pub(crate) fn pass(&self, scratch: &mut Scratch) {
        let mut batch = std::mem::take(&mut *self.ready.borrow_mut());
        self.fresh.set(0);
        // Whoever is asked each pass is used to asyncore's order. For the others the system's is
        // the fairer one: who was ready first is served first.
        if self.asks() {
            batch.sort_unstable();
        }
        for key in &batch {
            self.with_taken(*key, true, |driven, news| driven.run(Wake::Ready(news), scratch));
            self.run_tasks(scratch);
        }
        batch.clear();
        self.recycle(batch);
        self.run_timers(scratch);
        self.run_tasks(scratch);
        if self.holds_too_much() {
            self.shed(scratch);
        }
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
        self.with_news(key, |driven| driven.run(wake, scratch));
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
        let taken = self.slots.borrow_mut().take(key, from_list);
        let Some((mut driven, news)) = taken else { return };
        let after = f(&mut *driven, news);
        self.settle(key, driven, after);
    }

    /// As [`with_taken`](Self::with_taken), for what is no turn by readiness.
    fn with_news(&self, key: RawKey, f: impl FnOnce(&mut dyn Driven) -> After) {
        self.with_taken(key, false, |driven, news| {
            driven.heard(news);
            f(driven)
        });
    }

    /// The one place where something is put back on the ready list, or ends.
    #[inline]
    fn settle(&self, key: RawKey, driven: Box<dyn Driven>, after: After) {
        match after {
            After::Rest => self.slots.borrow_mut().put(key, driven),
            after => self.settle_otherwise(key, driven, after),
        }
    }

    #[inline(never)]
    fn settle_otherwise(&self, key: RawKey, driven: Box<dyn Driven>, after: After) {
        match after {
            After::Rest => self.slots.borrow_mut().put(key, driven),
            After::Again => {
                self.slots.borrow_mut().put(key, driven);
                self.make_ready(key);
            }
            After::Gone => {
                self.release(key);
                driven.dismantle();
            }
            After::Replaced(other) => {
                self.slots.borrow_mut().put(key, other);
                self.slots.borrow_mut().with(key, |slot| slot.has_ended = true);
                self.make_ready(key);
                driven.dismantle();
            }
        }
    }

    #[inline]
    pub(crate) fn run_tasks(&self, scratch: &mut Scratch) {
        if !self.tasks.borrow().is_empty() {
            self.run_all_tasks(scratch);
        }
    }

    #[inline(never)]
    fn run_all_tasks(&self, scratch: &mut Scratch) {
        for _ in 0..TASKS_PER_PASS {
            let task = self.tasks.borrow_mut().pop_front();
            let Some(task) = task else { return };
            self.run_task(task, scratch);
        }
    }

    /// Runs a task, or keeps it until its channel is open.
    fn run_task(&self, task: Task, scratch: &mut Scratch) {
        let key = task.key;
        let takes_tasks = self.slots.borrow_mut().with(key, |slot| {
            slot.tasks = slot.tasks.saturating_sub(u32::from(slot.takes_tasks));
            slot.takes_tasks
        });
        match takes_tasks {
            Some(true) => {
                let mut run = Some(task.run);
                self.with_news(key, |driven| match run.take() {
                    Some(run) => run(driven, scratch),
                    None => After::Rest,
                });
                dispose(run);
            }
            Some(false) => self.held.borrow_mut().entry(key).or_default().push(task),
            None => dispose(task.run),
        }
    }

    fn run_timers(&self, scratch: &mut Scratch) {
        self.end_drain_if_due(scratch);
        // What came while a handler took long is still to be read: time stands still in a pass, so
        // that nobody's deadline passes over it.
        let now = self.clock.now();
        for _ in 0..TIMERS_PER_PASS {
            let due = self.timers.borrow_mut().pop(now);
            let Some((id, key, due)) = due else { return };
            match due {
                Due::Timer => self.turn(key, Wake::Timer(id), scratch),
                Due::Deadline => self.turn(key, Wake::Deadline, scratch),
                Due::Retry => self.report(key, Ready::READABLE),
                Due::Close => self.turn(key, Wake::Close, scratch),
            }
            self.run_tasks(scratch);
        }
    }

    /// All together hold too much: whoever holds most is closed, until they do not.
    #[cold]
    fn shed(&self, scratch: &mut Scratch) {
        while self.holds_too_much() {
            let largest = self.slots.borrow().largest();
            let Some(key) = largest else { return };
            let before = self.bytes.get();
            self.turn(key, Wake::Shed, scratch);
            if self.bytes.get() >= before {
                return;
            }
        }
    }

    /// Counts a panic of what is no channel's.
    pub(crate) fn count_panic(&self) {
        Counters::bump(&self.counters.panics);
    }
}
