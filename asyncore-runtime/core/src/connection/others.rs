//! Reaching other channels: what is told them, and pushed to them.

use bytes::Bytes;

use crate::channel::io::{Extra, Io, Waiter};
use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::connection::handle::Handle;
use crate::connection::Entry;
use crate::error::Refused;
use crate::key::Key;
use crate::output::push::{whole, Push};

impl<T: Channel> Io<T> {
    /// The channel's own key.
    #[must_use]
    pub fn key(&self) -> Key<T> {
        Key::new(self.key)
    }

    /// A handle on the channel, for other threads.
    #[must_use]
    pub fn handle(&self) -> Handle<T> {
        Handle::new(self.shared.inbox.clone(), self.key())
    }

    /// Whether the channel of this key has not closed.
    #[must_use]
    pub fn is_alive<U: Channel>(&self, key: Key<U>) -> bool {
        self.shared.is_alive(key.raw)
    }

    /// Runs `f` on another channel, or on this one, after this handler has returned, in order with
    /// everything else this handler sends there; what it returns is sent like a handler's reply.
    /// A dead key is a no-op.
    pub fn tell<U: Channel, R: Reply<U>>(
        &mut self,
        key: Key<U>,
        f: impl FnOnce(&mut U, &mut Io<U>) -> R + 'static,
    ) {
        self.shared.tell(key, f);
    }

    /// Pushes to another channel, and reads no further while that one's queue is above its mark.
    /// A dead key is a no-op.
    pub fn push_to<U: Channel>(&mut self, key: Key<U>, data: impl Push) {
        if key.raw == self.key {
            return self.push(data);
        }
        if self.shared.has_tasks(key.raw) {
            // Behind what it was told before.
            let (data, me) = (whole(data), self.waiter());
            return self.tell(key, move |_, io: &mut Io<U>| io.take_late(data, me));
        }
        let me = self.waiter();
        let is_high =
            self.shared.with_entry(key, |entry: &mut Entry<U>| entry.io.take_from(data, Some(me)));
        if is_high == Some(true) {
            self.wait(true);
        }
        self.shared.make_ready(key.raw);
    }

    /// Pushes to another channel unless its queue is above its mark, and is not slowed by it.
    ///
    /// # Errors
    /// [`Refused::Full`] above the mark, [`Refused::Gone`] for a dead key; nothing was pushed.
    pub fn try_push_to<U: Channel>(
        &mut self,
        key: Key<U>,
        data: impl Push,
    ) -> core::result::Result<(), Refused> {
        if key.raw == self.key {
            self.push(data);
            return Ok(());
        }
        if self.shared.has_tasks(key.raw) {
            let data = whole(data);
            self.tell(key, move |_, io: &mut Io<U>| io.push(data));
            return Ok(());
        }
        let pushed = self.shared.with_entry(key, |entry: &mut Entry<U>| {
            if entry.io.state.late {
                return Err(Refused::Gone);
            }
            if entry.io.out.queued() >= entry.io.limits().output_high {
                return Err(Refused::Full);
            }
            entry.io.take_from(data, None);
            Ok(())
        });
        self.shared.make_ready(key.raw);
        pushed.unwrap_or(Err(Refused::Gone))
    }

    fn waiter(&self) -> Waiter {
        Waiter { key: self.key, task: Entry::<T>::wait_task }
    }

    /// Queues what another channel pushed. Whether that one has to wait, and now does.
    fn take_from(&mut self, data: impl Push, from: Option<Waiter>) -> bool {
        let queued = self.out.queued();
        if !self.out.is_waiting_for_room() {
            self.state.written_at = self.shared.clock.now();
        }
        self.push(data);
        self.state.foreign += self.out.queued() - queued;
        from.is_some_and(|from| self.must_wait(from))
    }

    /// Whether `from` was added to those who wait for this queue to get low.
    fn must_wait(&mut self, from: Waiter) -> bool {
        let is_high = self.out.queued() >= self.limits().output_high;
        let waits = |extra: &Extra<_>| extra.waiters.iter().any(|waiter| waiter.key == from.key);
        if !is_high || self.state.late || waits(self.extra()) {
            return false;
        }
        self.extra().waiters.push(from);
        true
    }

    /// As [`push_to`](Io::push_to) does at once, for a push that had to wait for its turn.
    fn take_late(&mut self, data: Bytes, from: Waiter) {
        let (key, task) = (from.key, from.task);
        if self.take_from(data, Some(from)) {
            self.shared.add_task(key, task(true));
        }
    }
}
