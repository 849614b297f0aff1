//! What is due when. Cancelling removes, so nothing stale is ever kept.

use core::num::NonZeroU64;
use std::collections::BTreeMap;

use crate::vocabulary::key::RawKey;

/// A moment on the loop's clock, in nanoseconds since the map was made.
pub(crate) type Tick = u64;

/// Where something stands in the order of time; unique in one map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId {
    at: Tick,
    /// Tells apart, and keeps in order, what is due at one moment.
    serial: NonZeroU64,
}

/// Since when something goes on, if it does: the size of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since(Tick);

impl Default for Since {
    fn default() -> Self {
        Self(Tick::MAX)
    }
}

impl Since {
    #[inline]
    pub(crate) fn get(self) -> Option<Tick> {
        (self.0 != Tick::MAX).then_some(self.0)
    }

    /// It goes on: since now, unless it did before.
    #[inline]
    pub(crate) fn goes_on(&mut self, now: Tick) {
        if self.0 == Tick::MAX {
            self.0 = now;
        }
    }

    /// It begins now, whatever was before.
    pub(crate) fn begins(&mut self, now: Tick) {
        self.0 = now;
    }

    /// Whether it is the time of something to come, and that has come: then it is over.
    pub(crate) fn takes_what_is_due(&mut self, now: Tick) -> bool {
        let is_due = self.get().is_some_and(|at| at <= now);
        if is_due {
            self.is_over();
        }
        is_due
    }

    #[inline]
    pub(crate) fn is_over(&mut self) {
        self.0 = Tick::MAX;
    }
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// A timer of the user's.
    Timer,
    /// Some deadline of the channel; which, it finds out itself.
    Deadline,
    /// A listener that had no descriptor looks again.
    Retry,
    /// Somebody outside wants it closed.
    Close,
}

#[derive(Debug)]
pub(crate) struct Timers {
    queue: BTreeMap<TimerId, (RawKey, Due)>,
    serial: NonZeroU64,
}

impl Default for Timers {
    fn default() -> Self {
        Self { queue: BTreeMap::new(), serial: NonZeroU64::MIN }
    }
}

impl Timers {
    pub(crate) fn set(&mut self, at: Tick, key: RawKey, due: Due) -> TimerId {
        self.serial = self.serial.saturating_add(1);
        let id = TimerId { at, serial: self.serial };
        self.queue.insert(id, (key, due));
        id
    }

    pub(crate) fn cancel(&mut self, id: TimerId) {
        self.queue.remove(&id);
    }

    pub(crate) fn next(&self) -> Option<Tick> {
        self.queue.first_key_value().map(|(id, _)| id.at)
    }

    /// The first that is due at `now`.
    pub(crate) fn pop(&mut self, now: Tick) -> Option<(TimerId, RawKey, Due)> {
        let entry = self.queue.first_entry().filter(|entry| entry.key().at <= now)?;
        let (id, (key, due)) = entry.remove_entry();
        Some((id, key, due))
    }
}

impl TimerId {
    pub(crate) fn at(self) -> Tick {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: RawKey = RawKey { index: 1, generation: 0 };

    #[test]
    fn what_is_due_comes_in_the_order_of_time_and_then_of_setting() {
        let mut timers = Timers::default();
        let late = timers.set(20, KEY, Due::Timer);
        let first = timers.set(10, KEY, Due::Timer);
        let second = timers.set(10, KEY, Due::Deadline);
        assert_eq!(timers.next(), Some(10));
        assert_eq!(timers.pop(9), None);
        assert_eq!(timers.pop(10), Some((first, KEY, Due::Timer)));
        assert_eq!(timers.pop(30), Some((second, KEY, Due::Deadline)));
        assert_eq!(timers.pop(30), Some((late, KEY, Due::Timer)));
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn what_is_cancelled_leaves_nothing_behind() {
        let mut timers = Timers::default();
        let id = timers.set(10, KEY, Due::Timer);
        timers.cancel(id);
        assert_eq!((timers.next(), timers.pop(10)), (None, None));
    }

    #[test]
    fn of_two_of_one_moment_the_one_that_is_not_cancelled_comes() {
        let mut timers = Timers::default();
        let (one, other) = (timers.set(10, KEY, Due::Timer), timers.set(10, KEY, Due::Timer));
        timers.cancel(one);
        assert_eq!(timers.pop(10), Some((other, KEY, Due::Timer)));
        assert_eq!(timers.pop(10), None);
    }

    #[test]
    fn what_goes_on_began_when_it_was_first_seen_until_it_is_over() {
        let mut since = Since::default();
        assert_eq!(since.get(), None);
        since.goes_on(5);
        since.goes_on(7);
        assert_eq!(since.get(), Some(5));
        since.is_over();
        since.goes_on(9);
        assert_eq!(since.get(), Some(9));
    }
}
