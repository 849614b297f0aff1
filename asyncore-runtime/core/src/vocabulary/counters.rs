//! Which bound was hit how often, and what else is counted in a map.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A bound that can be hit; each has a counter.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Limit { $($(#[$doc])* $name,)* }

        impl Limit {
            /// Every bound, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

kinds! {
    /// [`Limits::max_frame`](crate::Limits::max_frame) or a state's `max`.
    Frame,
    /// [`Limits::max_length`](crate::Limits::max_length) or the `max` of a state of declared length.
    Length,
    /// [`Limits::max_output`](crate::Limits::max_output).
    Output,
    /// [`Limits::output_high`](crate::Limits::output_high): somebody stopped reading. Not an error.
    OutputHigh,
    /// [`Limits::frames_per_turn`](crate::Limits::frames_per_turn) or
    /// [`Limits::bytes_per_turn`](crate::Limits::bytes_per_turn): the rest came a turn later.
    Turn,
    /// [`Limits::max_owed`](crate::Limits::max_owed): no frame was handled until an answer came.
    Owed,
    /// [`Limits::connect_timeout`](crate::Limits::connect_timeout).
    Connect,
    /// [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
    Handshake,
    /// [`Limits::first_frame_timeout`](crate::Limits::first_frame_timeout).
    FirstFrame,
    /// [`Limits::frame_timeout`](crate::Limits::frame_timeout) or a state's `within`.
    FrameTime,
    /// [`Limits::idle_timeout`](crate::Limits::idle_timeout).
    Idle,
    /// [`Limits::write_timeout`](crate::Limits::write_timeout).
    WriteStall,
    /// [`Limits::min_drain_rate`](crate::Limits::min_drain_rate).
    DrainRate,
    /// [`Limits::stopped_timeout`](crate::Limits::stopped_timeout).
    Stopped,
    /// [`Limits::answer_timeout`](crate::Limits::answer_timeout).
    Answer,
    /// [`Limits::linger_timeout`](crate::Limits::linger_timeout), or the 256 KiB that go with it.
    Linger,
    /// [`Limits::max_connection_age`](crate::Limits::max_connection_age). Not an error.
    Age,
    /// [`Map::set_max_held`](crate::Map::set_max_held): the channel that held most was closed.
    Held,
    /// [`Listen::max_connections`](crate::Listen::max_connections).
    Connections,
    /// [`Listen::accept_batch`](crate::Listen::accept_batch): the rest came a turn later.
    AcceptBatch,
    /// The process has no file descriptor left, or the system refuses to accept for another
    /// reason; the listener paused.
    Descriptors,
    /// The bounded queue of posts from other threads.
    Inbox,
}

/// A number that its map's thread counts, and every thread may look at.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Only one thread writes: that costs what a plain number does.
    fn add(&self, times: u64) {
        self.0.store(self.get().saturating_add(times), Ordering::Relaxed);
    }
}

/// How often things happened in one map since it was made; of [`Workers`](crate::Workers), in all of
/// theirs.
#[derive(Debug, Default)]
pub struct Counters {
    hits: [Count; Limit::ALL.len()],
    /// Connections accepted.
    pub(crate) accepted: Count,
    /// Channels closed.
    pub(crate) closed: Count,
    /// Events for channels that were gone already.
    pub(crate) stale: Count,
    /// Pushes that were refused.
    pub(crate) refused: Count,
    /// Datagrams that were not sent.
    pub(crate) dropped: Count,
    /// Panics of user code.
    pub(crate) panics: Count,
    /// Handshakes that came to their end, and that did not.
    pub(crate) handshakes: Count,
    pub(crate) failed_handshakes: Count,
    /// Ends without close_notify.
    pub(crate) truncated: Count,
}

impl Counters {
    /// How often this bound was hit.
    #[must_use]
    pub fn hits(&self, limit: Limit) -> u64 {
        self.hits.get(limit as usize).map_or(0, Count::get)
    }

    /// Connections accepted by listeners.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.accepted.get()
    }

    /// Close events delivered.
    #[must_use]
    pub fn closed(&self) -> u64 {
        self.closed.get()
    }

    /// Readiness events that came for a channel already gone, and were dropped.
    #[must_use]
    pub fn stale_events(&self) -> u64 {
        self.stale.get()
    }

    /// Pushes that [`Io::try_push_to`](crate::Io::try_push_to) refused because the queue was full.
    #[must_use]
    pub fn refused_pushes(&self) -> u64 {
        self.refused.get()
    }

    /// Datagrams that could not be sent, found no room in the queue, or had nobody to go to.
    #[must_use]
    pub fn dropped_datagrams(&self) -> u64 {
        self.dropped.get()
    }

    /// Panics of user code that were caught; but for those in a `drop`, which end nothing and are only
    /// printed.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.panics.get()
    }

    /// Handshakes of TLS, on either side, and headers of proxies that came to their end.
    #[must_use]
    pub fn handshakes(&self) -> u64 {
        self.handshakes.get()
    }

    /// Handshakes that failed; those that took too long are at [`Limit::Handshake`].
    #[must_use]
    pub fn failed_handshakes(&self) -> u64 {
        self.failed_handshakes.get()
    }

    /// Peers of TLS that went without saying so (close_notify): between frames it is their end, and
    /// inside one an error.
    #[must_use]
    pub fn truncated(&self) -> u64 {
        self.truncated.get()
    }

    pub(crate) fn hit(&self, limit: Limit) {
        self.hit_times(limit, 1);
    }

    pub(crate) fn hit_times(&self, limit: Limit, times: u64) {
        if let Some(count) = self.hits.get(limit as usize) {
            count.add(times);
        }
    }

    pub(crate) fn bump(count: &Count) {
        count.add(1);
    }

    /// Adds what another map has counted.
    pub(crate) fn add(&self, other: &Self) {
        self.all().zip(other.all()).for_each(|(count, other)| count.add(other.get()));
    }

    /// Every number, in a fixed order.
    fn all(&self) -> impl Iterator<Item = &Count> {
        // Named one by one, so that a new one cannot be forgotten.
        let Self {
            hits,
            accepted,
            closed,
            stale,
            refused,
            dropped,
            panics,
            handshakes,
            failed_handshakes,
            truncated,
        } = self;
        let channels = [accepted, closed, stale, refused, dropped, panics];
        hits.iter().chain(channels).chain([handshakes, failed_handshakes, truncated])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_has_a_counter_of_its_own() {
        let counters = Counters::default();
        for (times, limit) in (1..).zip(Limit::ALL) {
            counters.hit_times(*limit, times);
        }
        for (times, limit) in (1..).zip(Limit::ALL) {
            assert_eq!(counters.hits(*limit), times, "{limit:?}");
        }
    }

    #[test]
    fn those_of_several_maps_add_up() {
        let (one, other) = (Counters::default(), Counters::default());
        one.all().zip(1..).for_each(|(count, times)| count.add(times));
        other.add(&one);
        other.add(&one);
        assert!(other.all().zip(1..).all(|(count, times)| count.get() == 2 * times));
        assert_eq!(other.truncated(), 2 * one.truncated());
    }
}
