//! Every bound of a channel, in one value, with its defaults; and which bound was hit how often.

use core::time::Duration;
use std::cell::Cell;

/// What is read at a time: asynchat's `ac_in_buffer_size`.
pub(crate) const READ: usize = 64 * 1024;

/// No deadline: the value a timeout has when it is switched off (`"never"` in an attribute).
pub const NEVER: Duration = Duration::MAX;

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $default:expr;)*) => {
        /// What a channel may hold, and how long it may take.
        ///
        /// Nothing that a peer does is unbounded. `#[channel(max_frame = 64 * 1024)]` on a struct,
        /// `max`/`within` on a `#[terminator]` and [`Listen::limits`](crate::Listen::limits) on a
        /// listener change a bound; the listener can only tighten.
        ///
        /// ```
        /// use asyncore_runtime::Limits;
        /// const SMALL: Limits = Limits::DEFAULT.max_frame(512).max_output(64 * 1024);
        /// assert_eq!(SMALL.max_frame, 512);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits { $($(#[$doc])* pub $name: $kind,)* }

        impl Limits {
            /// The defaults, field by field as documented there.
            pub const DEFAULT: Self = Self { $($name: $default,)* };

            $($(#[$doc])*
            #[must_use]
            pub const fn $name(mut self, value: $kind) -> Self { self.$name = value; self })*

            /// Each bound at the smaller of the two: how a listener's limits meet a channel's own.
            #[must_use]
            pub fn tightened(&self, by: &Self) -> Self {
                Self { $($name: self.$name.min(by.$name),)* }
            }
        }
    };
}

limits! {
    /// Payload bytes of one frame ended by bytes; 8 KiB, as nginx and `http.client` have for a head.
    max_frame: usize = 8 * 1024;
    /// Payload bytes of one frame of declared length (`len`, `prefix`, `eof`) that is handed over
    /// whole; 1 MiB, as nginx's body and memcached's item. Pieces are not bounded by it.
    max_length: usize = 1024 * 1024;
    /// Queued output at which whoever pushed it stops reading; 64 KiB.
    output_high: usize = 64 * 1024;
    /// Queued output at which reading goes on; 32 KiB.
    output_low: usize = 32 * 1024;
    /// Queued output that closes the channel; 1 MiB. A producer never gets there.
    max_output: usize = 1024 * 1024;
    /// Frames handled in one turn before the others have theirs; 1024. The anchors say 20 to 128,
    /// but they flush for each; here the turn's replies leave in one write, and 1024 short frames
    /// are some 10 µs of framing.
    frames_per_turn: usize = 1024;
    /// Bytes read in one turn before the others have theirs; 64 KiB, asynchat's unit.
    bytes_per_turn: usize = 64 * 1024;
    /// From accept to the end of the first frame, in all; 10 s. Not for channels that connected
    /// out, nor for dispatchers, which have no frames.
    first_frame_timeout: Duration = Duration::from_secs(10);
    /// From a frame's first byte to its last; 30 s and a second more for each 500 bytes received,
    /// so that a slow link passes and a dripping one does not.
    frame_timeout: Duration = Duration::from_secs(30);
    /// Between frames, or between any two bytes of a dispatcher; 60 s. Sockets only.
    idle_timeout: Duration = Duration::from_secs(60);
    /// To connect, over all addresses of a name; 10 s.
    connect_timeout: Duration = Duration::from_secs(10);
    /// With output queued and none of it taken; 30 s.
    write_timeout: Duration = Duration::from_secs(30);
    /// After `close_when_done`, for the peer to close as well; 2 s, or 256 KiB of its bytes.
    linger_timeout: Duration = Duration::from_secs(2);
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Limits {
    /// The largest of `max_frame` and `others`: what the macro writes for `MAX_FRAME`.
    #[must_use]
    pub const fn largest(self, others: &[usize]) -> usize {
        let (mut most, mut rest) = (self.max_frame, others);
        while let [first, tail @ ..] = rest {
            most = if *first > most { *first } else { most };
            rest = tail;
        }
        most
    }

    /// The most bytes a channel with frames of up to `max_frame` can make the runtime hold:
    /// input doubles as it grows and may keep one read beyond the frame, output likewise.
    #[must_use]
    pub(crate) const fn worst(&self, max_frame: usize) -> usize {
        2 * (max_frame + self.bytes_per_turn + READ) + 2 * self.max_output
    }
}

/// A bound that can be hit; each has a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// [`Limits::max_frame`] or a state's `max`.
    Frame,
    /// [`Limits::max_length`] or the `max` of a state of declared length.
    Length,
    /// [`Limits::max_output`].
    Output,
    /// [`Limits::output_high`]: somebody stopped reading. Not an error.
    OutputHigh,
    /// [`Limits::frames_per_turn`] or [`Limits::bytes_per_turn`]: the rest came a turn later.
    Turn,
    /// [`Limits::connect_timeout`].
    Connect,
    /// [`Limits::first_frame_timeout`].
    FirstFrame,
    /// [`Limits::frame_timeout`] or a state's `within`.
    FrameTime,
    /// [`Limits::idle_timeout`].
    Idle,
    /// [`Limits::write_timeout`].
    WriteStall,
    /// [`Limits::linger_timeout`], or the 256 KiB that go with it.
    Linger,
    /// [`Listen::max_connections`](crate::Listen::max_connections).
    Connections,
    /// [`Listen::accept_batch`](crate::Listen::accept_batch): the rest came a turn later.
    AcceptBatch,
    /// The process has no file descriptor left; the listener paused.
    Descriptors,
    /// The bounded queue of posts from other threads.
    Inbox,
}

const KINDS: usize = Limit::Inbox as usize + 1;

/// How often things happened in one map since it was made.
#[derive(Debug, Default)]
pub struct Counters {
    hits: [Cell<u64>; KINDS],
    /// Connections accepted.
    pub(crate) accepted: Cell<u64>,
    /// Channels closed.
    pub(crate) closed: Cell<u64>,
    /// Events for channels that were gone already.
    pub(crate) stale: Cell<u64>,
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

    pub(crate) fn hit(&self, limit: Limit) {
        self.hit_times(limit, 1);
    }

    pub(crate) fn hit_times(&self, limit: Limit, times: u64) {
        if let Some(cell) = self.hits.get(limit as usize) {
            cell.set(cell.get() + times);
        }
    }

    pub(crate) fn bump(cell: &Cell<u64>) {
        cell.set(cell.get() + 1);
    }
}
