//! What is due when. Cancelling removes, so nothing stale is ever kept.

use std::collections::BTreeMap;

use crate::key::RawKey;

/// A moment on the loop's clock, in nanoseconds since the map was made.
pub(crate) type Tick = u64;

/// Where something stands in the order of time; unique in one map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerId {
    at: Tick,
    /// Tells apart, and keeps in order, what is due at one moment.
    serial: u64,
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

#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeMap<TimerId, (RawKey, Due)>,
    serial: u64,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Tick, key: RawKey, due: Due) -> TimerId {
        self.serial += 1;
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
