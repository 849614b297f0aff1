//! What a handler does with other channels: tell them something, push to them.
//!
//! All ways to push obey one mark, [`is_full_for`](Io::is_full_for); and a push is user code: it is
//! made into bytes first, under no borrow of the map.

use super::handle::Handle;
use super::Driver;
use crate::channel::io::{Io, Phase, Waiter};
use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::output::push::{Push, Sink};
use crate::output::Queue;
use crate::scheduler::Scheduler;
use crate::transport::readiness::Ready;
use crate::vocabulary::counters::Counters;
use crate::vocabulary::error::Refused;
use crate::vocabulary::guard::filled;
use crate::vocabulary::key::Key;

impl<T: Channel> Io<T> {
    /// The channel's own key.
    #[must_use]
    pub fn key(&self) -> Key<T> {
        Key::new(self.key)
    }

    /// A handle on the channel, for other threads.
    #[must_use]
    pub fn handle(&self) -> Handle<T> {
        Handle::new(self.scheduler.inbox.clone(), self.key())
    }

    /// Whether the channel of this key has not closed.
    #[must_use]
    pub fn is_alive<U: Channel>(&self, key: Key<U>) -> bool {
        self.scheduler.is_alive(key.raw)
    }

    /// Runs `f` on another channel, or on this one, after this handler has returned, in order with
    /// everything else this handler sends there; what it returns is sent like a handler's reply.
    /// On a channel that was just added or is still connecting it comes after `#[on_connect]`; on
    /// one that waits to connect *again* at once, and what it pushes is sent behind what
    /// `#[on_connect]` says then. A dead key is a no-op.
    pub fn tell<U: Channel, R: Reply<U>>(
        &mut self,
        key: Key<U>,
        f: impl FnOnce(&mut U, &mut Io<U>) -> R + 'static,
    ) {
        self.scheduler.tell(key, f);
    }

    /// Pushes to another channel, and reads no further while that one's queue is full: its last
    /// write found no room and it is above [`Limits::output_high`](crate::Limits::output_high), or it
    /// is near [`Limits::max_output`](crate::Limits::max_output). A dead key is a no-op.
    pub fn push_to<U: Channel>(&mut self, key: Key<U>, data: impl Push) {
        if key.raw == self.key {
            return self.push(data);
        }
        let mut data = self.written(data);
        let me = Waiter { key: self.key, task: Driver::<T>::wait_task };
        if self.scheduler.has_tasks(key.raw) {
            // Behind what it was told before.
            return self.scheduler.push_later(key, data, Some(me));
        }
        let taken = |driver: &mut Driver<U>| {
            driver.take_foreign(&mut data);
            driver.connection.io.must_wait(me)
        };
        if self.scheduler.with_driver(key, taken) == Some(true) {
            self.wait(true);
        }
        self.give_back(data);
        self.scheduler.make_ready(key.raw);
    }

    /// Pushes to another channel unless its queue is full, as [`push_to`](Io::push_to) has it, and
    /// is not slowed by it. An empty queue has room for any size.
    ///
    /// # Errors
    /// [`Refused::Full`], which is counted, and [`Refused::Gone`] for a dead key; nothing was pushed.
    pub fn try_push_to<U: Channel>(
        &mut self,
        key: Key<U>,
        data: impl Push,
    ) -> core::result::Result<(), Refused> {
        if key.raw == self.key {
            self.push(data);
            return Ok(());
        }
        let mut data = self.written(data);
        let pushed = self.scheduler.try_push(key, &mut data);
        self.give_back(data);
        pushed
    }

    /// What is to be pushed, as bytes, in a buffer that the map lends.
    fn written(&mut self, data: impl Push) -> Queue {
        let spare = std::mem::take(&mut *self.scheduler.spare.borrow_mut());
        let push = |queue: &mut Queue| data.push_to(&mut Sink::new(queue));
        let mut queue = filled(Queue::open_in(spare), push);
        if queue.take_failure() {
            self.out.queue.fail();
        }
        queue
    }

    /// Gives the buffer back.
    fn give_back(&mut self, data: Queue) {
        *self.scheduler.spare.borrow_mut() = data.into_spare();
    }

    /// Whether `from` was added to those who wait for this queue to get low.
    fn must_wait(&mut self, from: Waiter) -> bool {
        let is_full = self.is_full_for(0);
        if !is_full || self.state.late {
            return false;
        }
        let waiters = &mut self.extra().waiters;
        if waiters.iter().any(|waiter| waiter.key == from.key) {
            return false;
        }
        waiters.push(from);
        true
    }
}

impl Scheduler {
    /// Pushes `data` to a channel at rest unless its queue is full, and leaves it empty then.
    ///
    /// # Errors
    /// As of [`Io::try_push_to`].
    pub(crate) fn try_push<U: Channel>(
        &self,
        key: Key<U>,
        data: &mut Queue,
    ) -> core::result::Result<(), Refused> {
        let len = data.len();
        let is_behind = self.has_tasks(key.raw);
        let pushed = self.with_driver(key, |driver: &mut Driver<U>| {
            if driver.connection.io.state.late {
                return Err(Refused::Gone);
            }
            if driver.is_full_for(len) {
                return Err(Refused::Full);
            }
            if !is_behind {
                driver.take_foreign(data);
            }
            Ok(())
        });
        let pushed = pushed.unwrap_or(Err(Refused::Gone));
        match pushed {
            Ok(()) if is_behind => self.push_later(key, std::mem::take(data), None),
            Ok(()) => self.make_ready(key.raw),
            Err(Refused::Full) => Counters::bump(&self.counters.refused),
            Err(Refused::Gone) => {}
        }
        pushed
    }

    /// Pushes in a task, behind those that wait for the channel already.
    fn push_later<U: Channel>(&self, key: Key<U>, mut data: Queue, from: Option<Waiter>) {
        let len = data.len();
        self.with_driver(key, |driver: &mut Driver<U>| {
            let pending = &mut driver.connection.io.extra().pending;
            *pending = pending.saturating_add(len);
        });
        self.tell(key, move |_, io: &mut Io<U>| {
            let extra = io.extra();
            extra.pending = extra.pending.saturating_sub(len);
            io.take_foreign(&mut data);
            if let Some(from) = from {
                let (key, task) = (from.key, from.task);
                if io.must_wait(from) {
                    io.scheduler.add_task(key, task(true));
                }
            }
        });
    }
}

impl<U: Channel> Driver<U> {
    /// Queues what another channel has pushed. At the mark one attempt to write is made: that much
    /// was pushed within one pass says nothing of the reader.
    fn take_foreign(&mut self, data: &mut Queue) {
        self.connection.io.take_foreign(data);
        self.make_room();
    }

    fn is_full_for(&mut self, len: usize) -> bool {
        self.make_room();
        self.connection.io.is_full_for(len)
    }

    fn make_room(&mut self) {
        let io = &mut self.connection.io;
        // Before it was opened nothing is written: what it says then comes first.
        let is_open = io.state.phase == Phase::Open && io.state.ready.has(Ready::WRITABLE);
        if is_open && io.out.queued() >= io.limits().output_high {
            io.write_ready();
        }
    }
}
