//! All channels of a type at once: asyncore's `socket_map.values()`.

use core::any::TypeId;

use crate::channel::io::{Io, Phase};
use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::output::Queue;
use crate::scheduler::Scheduler;
use crate::vocabulary::error::Refused;
use crate::vocabulary::key::Key;
use bytes::Bytes;

/// What a broadcast does about a channel whose queue is full: its peer reads slower than it is
/// spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlowReader {
    /// It misses this one. Counted, as of [`Io::try_push_to`].
    Skip,
    /// It gets all the same, and who speaks reads no further until it is low again, as of
    /// [`Io::push_to`]. The slowest sets the pace for all.
    Wait,
    /// It is closed.
    Close,
}

impl<T: Channel> Io<T> {
    /// The keys of all channels of type `U`, this one's included if it is one, in the order of the
    /// map.
    #[must_use]
    pub fn keys<U: Channel>(&self) -> Vec<Key<U>> {
        let mut keys = self.scheduler.keys_of::<U>();
        // It has its turn, and is not in its slot. In its last event nobody can reach it any more.
        if TypeId::of::<T>() == TypeId::of::<U>() && self.state.phase != Phase::Ending {
            let own = self.key;
            let at = keys.partition_point(|key| key.raw.index < own.index);
            keys.insert(at, Key::new(own));
        }
        keys
    }

    /// How many channels the map has, listeners included: [`Map::len`](crate::Map::len).
    #[must_use]
    pub fn map_len(&self) -> usize {
        self.scheduler.len()
    }

    /// [Tells](Io::tell) each channel of type `U`, this one included if it is one.
    pub fn tell_all<U: Channel, R: Reply<U>>(
        &mut self,
        f: impl FnOnce(&mut U, &mut Io<U>) -> R + Clone + 'static,
    ) {
        for key in self.keys() {
            self.tell(key, f.clone());
        }
    }

    /// Pushes the same to each of these channels, which share one copy of what is long; how many
    /// were left out: dead keys, and slow readers as `slow` has it.
    ///
    /// ```
    /// # use asyncore_runtime::{channel, Io, SlowReader};
    /// # #[channel] struct Speaker;
    /// # #[channel] impl Speaker {
    /// #[terminator(b"\n")]
    /// fn said(&mut self, line: &str, io: &mut Io<Self>) {
    ///     let others = io.keys::<Self>().into_iter().filter(|key| *key != io.key());
    ///     let others: Vec<_> = others.collect();
    ///     io.broadcast(others, format!("{line}\n"), SlowReader::Skip);
    /// }
    /// # }
    /// ```
    pub fn broadcast<U: Channel>(
        &mut self,
        to: impl IntoIterator<Item = Key<U>>,
        data: impl Into<Bytes>,
        slow: SlowReader,
    ) -> usize {
        let data = data.into();
        let mut left_out: usize = 0;
        for key in to {
            if !self.push_as(key, data.clone(), slow) {
                left_out = left_out.saturating_add(1);
            }
        }
        left_out
    }

    fn push_as<U: Channel>(&mut self, key: Key<U>, data: Bytes, slow: SlowReader) -> bool {
        if slow == SlowReader::Wait {
            let is_alive = self.is_alive(key);
            self.push_to(key, data);
            return is_alive;
        }
        let pushed = self.try_push_to(key, data);
        if pushed == Err(Refused::Full) && slow == SlowReader::Close {
            self.tell(key, |_, io| io.close());
        }
        pushed.is_ok()
    }
}

impl Scheduler {
    /// Pushes the same to each channel of type `U`, on behalf of nobody in this map.
    pub(crate) fn push_to_all<U: Channel>(&self, data: &Bytes, slow: SlowReader) {
        for key in self.keys_of::<U>() {
            let mut queue = Queue::default();
            queue.put_shared(data);
            let pushed = self.try_push(key, &mut queue);
            if pushed == Err(Refused::Full) && slow == SlowReader::Close {
                self.tell(key, |_: &mut U, io| io.close());
            }
        }
    }
}
