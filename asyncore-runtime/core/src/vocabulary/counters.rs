//! Which bound was hit how often, and what else is counted in a map.

use std::cell::Cell;

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

/// How often things happened in one map since it was made.
#[derive(Debug, Default)]
pub struct Counters {
    hits: [Cell<u64>; Limit::ALL.len()],
    /// Connections accepted.
    pub(crate) accepted: Cell<u64>,
    /// Channels closed.
    pub(crate) closed: Cell<u64>,
    /// Events for channels that were gone already.
    pub(crate) stale: Cell<u64>,
    /// Pushes that were refused.
    pub(crate) refused: Cell<u64>,
    /// Datagrams that were not sent.
    pub(crate) dropped: Cell<u64>,
    /// Panics of user code.
    pub(crate) panics: Cell<u64>,
    /// Handshakes that came to their end, and that did not.
    pub(crate) handshakes: Cell<u64>,
    pub(crate) failed_handshakes: Cell<u64>,
    /// Ends without close_notify.
    pub(crate) truncated: Cell<u64>,
}

impl Counters {
    /// How often this bound was hit.
    #[must_use]
    pub fn hits(&self, limit: Limit) -> u64 {
        self.hits.get(limit as usize).map_or(0, Cell::get)
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
        if let Some(cell) = self.hits.get(limit as usize) {
            cell.set(cell.get().saturating_add(times));
        }
    }

    pub(crate) fn bump(cell: &Cell<u64>) {
        cell.set(cell.get().saturating_add(1));
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
}
