//! Every bound of a channel, in one value, with its defaults.

use core::fmt;
use core::time::Duration;

/// What is read at a time: asynchat's `ac_in_buffer_size`.
pub(crate) const READ: usize = 64 * 1024;

/// All that the channels of one map may hold together, unless
/// [`Map::set_max_held`](crate::Map::set_max_held) says otherwise: 256 MiB, so that many peers that
/// are each within their bounds do not exhaust the machine.
pub(crate) const MAX_HELD: usize = 256 * 1024 * 1024;

/// No deadline: the value a timeout has when it is switched off (`"never"` in an attribute).
pub const NEVER: Duration = Duration::MAX;

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $default:expr, $tighter:ident $(, $then:ident)?;)*) => {
        /// What a channel may hold, and how long it may take.
        ///
        /// Nothing that a peer does is unbounded. `#[channel(max_frame = 64 * 1024)]` on a struct,
        /// `max`/`within` on a `#[terminator]` and [`Listen::limits`](crate::Listen::limits) on a
        /// listener change a bound; the listener can only tighten.
        ///
        /// It prints as a list, a bound a line, for a program's `--limits` or its log.
        ///
        /// ```
        /// use asyncore_runtime::Limits;
        /// const SMALL: Limits = Limits::DEFAULT.max_frame(512).max_output(64 * 1024);
        /// assert_eq!(SMALL.max_frame, 512);
        /// assert!(SMALL.to_string().contains("max_frame = 512"));
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits { $($(#[$doc])* pub $name: $kind,)* }

        impl Limits {
            /// The defaults, field by field as documented there.
            pub const DEFAULT: Self = Self { $($name: $default,)* };

            $($(#[$doc])*
            #[must_use]
            pub const fn $name(mut self, value: $kind) -> Self {
                self.$name = value;
                $(self = self.$then();)?
                self
            })*

            /// Each bound at the stricter of the two: how a listener's limits meet a channel's own.
            #[must_use]
            pub fn tightened(&self, by: &Self) -> Self {
                Self { $($name: self.$name.$tighter(by.$name),)* }.consistent()
            }
        }

        impl fmt::Display for Limits {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                $(writeln!(f, "{} = {}", stringify!($name), Bound::from(self.$name))?;)*
                Ok(())
            }
        }
    };
}

limits! {
    /// Payload bytes of one frame ended by bytes; 8 KiB, as nginx and `http.client` have for a head.
    max_frame: usize = 8 * 1024, min;
    /// Payload bytes of one frame of declared length (`len`, `prefix`, `eof`) that is handed over
    /// whole; 1 MiB, as nginx's body and memcached's item. Pieces are not bounded by it, and of
    /// datagrams those of Unix sockets only, on Linux.
    max_length: usize = 1024 * 1024, min;
    /// Queued output at which whoever pushed it stops reading; 64 KiB.
    output_high: usize = 64 * 1024, min, low_follows;
    /// Queued output at which reading goes on; 32 KiB, or half of `output_high` where that is no more.
    output_low: usize = 32 * 1024, min;
    /// Output of the channel's own, queued when a handler has returned, that closes it; 1 MiB. What
    /// stood in the queue when a frame's handler was called, up to `output_high`, is not held against
    /// it. A producer never gets there, and neither do others' pushes: whoever pushes to a full
    /// queue waits.
    max_output: usize = 1024 * 1024, min, high_follows;
    /// Frames handled in one turn before the others have theirs; 1024. The anchors say 20 to 128,
    /// but they flush for each; here the turn's replies leave in one write, and 1024 short frames
    /// are some 10 µs of framing.
    frames_per_turn: usize = 1024, min;
    /// Bytes read in one turn before the others have theirs; 64 KiB, asynchat's unit.
    bytes_per_turn: usize = 64 * 1024, min;
    /// Answers owed at a time ([`Io::owe`](crate::Io::owe)); 128. With so many under way no further
    /// frame is handled until one has come.
    max_owed: usize = 128, min;
    /// To agree on what comes before the first byte of payload (TLS), in all; 10 s.
    handshake_timeout: Duration = Duration::from_secs(10), min;
    /// From accept, or the end of the handshake, to the end of the first frame, in all; 10 s. Not for
    /// channels that connected out, nor for dispatchers, which have no frames.
    first_frame_timeout: Duration = Duration::from_secs(10), min;
    /// From a frame's first byte to its last; 30 s and a second more for each 500 bytes received,
    /// so that a slow link passes and a dripping one does not.
    frame_timeout: Duration = Duration::from_secs(30), min;
    /// Between frames, or between any two bytes of a dispatcher; 60 s. Sockets only.
    idle_timeout: Duration = Duration::from_secs(60), min;
    /// To connect, over all addresses of a name; 10 s.
    connect_timeout: Duration = Duration::from_secs(10), min;
    /// With output queued and none of it taken; 30 s.
    write_timeout: Duration = Duration::from_secs(30), min;
    /// The slowest a peer may take what is queued, in bytes a second over one
    /// [`write_timeout`](Self::write_timeout); 1 KiB. Whoever drips holds up those who push to it.
    /// 0 for no such bound.
    min_drain_rate: usize = 1024, max;
    /// Input stopped from our side: by `pause`, a producer that has nothing yet, or another
    /// channel's full queue; 5 minutes.
    stopped_timeout: Duration = Duration::from_secs(300), min;
    /// With an answer owed and none given; 5 minutes.
    answer_timeout: Duration = Duration::from_secs(300), min;
    /// After `close_when_done`, for the peer to close as well; 2 s, or 256 KiB of its bytes.
    linger_timeout: Duration = Duration::from_secs(2), min;
    /// From when a connection stands to when it drains by itself, as of [`Map::drain`](crate::Map::drain):
    /// it finishes its frame, gives the answers it owes, and closes; never by default. Each has its own
    /// time, between nine tenths of this one and all of it, so that those that came together do not
    /// come again together. One that is at rest at no time has a
    /// [`frame_timeout`](Self::frame_timeout) more.
    max_connection_age: Duration = NEVER, min;
}

/// A bound as it is printed.
enum Bound {
    Count(usize),
    Time(Duration),
}

impl From<usize> for Bound {
    fn from(count: usize) -> Self {
        Self::Count(count)
    }
}

impl From<Duration> for Bound {
    fn from(time: Duration) -> Self {
        Self::Time(time)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Time(NEVER) => f.write_str("never"),
            Self::Time(time) => fmt::Debug::fmt(time, f),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Limits {
    /// The limits as they are, unless they contradict each other: what the macro writes behind the
    /// options of an attribute, the outer mark before the inner one.
    ///
    /// # Panics
    /// At compile time, unless 0 < `output_high` ≤ `max_output`, and `output_low` is below it. A mark
    /// that is lowered takes those below it along. Of the other sizes only `min_drain_rate` may be 0.
    #[must_use]
    #[track_caller]
    pub const fn checked(self) -> Self {
        assert!(self.max_frame > 0, "`max_frame` is 0: no frame could ever come");
        assert!(self.max_length > 0, "`max_length` is 0: no frame could ever come");
        assert!(self.frames_per_turn > 0, "`frames_per_turn` is 0: no frame would be handled");
        assert!(self.bytes_per_turn > 0, "`bytes_per_turn` is 0: nothing would ever be read");
        assert!(self.max_owed > 0, "`max_owed` is 0: no frame would be handled");
        assert!(self.max_output > 0, "`max_output` is 0: nothing could ever be sent");
        assert!(self.output_high > 0, "`output_high` is 0: nothing would ever be read");
        assert!(
            self.output_high <= self.max_output,
            "`output_high` is more than `max_output`: the channel would close before it stops reading"
        );
        assert!(
            self.output_low <= self.output_high,
            "`output_low` is more than `output_high`: reading would go on before it has stopped"
        );
        self.consistent()
    }

    /// Where the low mark stands above the high one, or at it, half of that: a queue that stands
    /// between the two would stop and go on for ever.
    const fn low_follows(mut self) -> Self {
        if self.output_low >= self.output_high {
            self.output_low = self.output_high / 2;
        }
        self
    }

    const fn high_follows(mut self) -> Self {
        if self.output_high > self.max_output {
            self.output_high = self.max_output;
        }
        self.low_follows()
    }

    pub(crate) const fn is_consistent(&self) -> bool {
        0 < self.output_high
            && self.output_high <= self.max_output
            && self.output_low < self.output_high
    }

    /// Marks that do not contradict each other, whatever was said.
    pub(crate) const fn consistent(mut self) -> Self {
        if self.output_high == 0 {
            self.output_high = 1;
        }
        if self.max_output == 0 {
            self.max_output = 1;
        }
        self.high_follows()
    }

    /// The largest of `max_frame` and `others`.
    pub(crate) const fn largest(self, others: &[usize]) -> usize {
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
        let input = max_frame.saturating_add(self.bytes_per_turn).saturating_add(READ);
        let output = self.max_output.saturating_add(self.output_high);
        input.saturating_add(output).saturating_mul(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_said_the_marks_are_made_consistent() {
        for high in [0, 1, 2, 3, 1024, 32 * 1024, 64 * 1024, usize::MAX] {
            for low in [0, 1, 1024, 32 * 1024, usize::MAX] {
                for max in [0, 1, 1024, usize::MAX] {
                    let limits = Limits::DEFAULT.output_high(high).output_low(low).max_output(max);
                    assert!(limits.consistent().is_consistent(), "{high} {low} {max}");
                }
            }
        }
    }

    #[test]
    fn a_mark_that_is_lowered_takes_those_below_it_along() {
        let limits = Limits::DEFAULT.output_high(16 * 1024).checked();
        assert_eq!((limits.output_high, limits.output_low), (16 * 1024, 8 * 1024));
        let limits = Limits::DEFAULT.max_output(10_000).checked();
        assert_eq!((limits.output_high, limits.output_low), (10_000, 5_000));
    }

    #[test]
    fn marks_in_a_wrong_order_are_a_contradiction() {
        for limits in [
            Limits::DEFAULT.output_high(10).output_low(20),
            Limits::DEFAULT.output_high(2 << 20),
            Limits::DEFAULT.output_high(0),
        ] {
            assert!(std::panic::catch_unwind(|| limits.checked()).is_err(), "{limits}");
        }
    }

    #[test]
    fn a_listener_makes_each_bound_stricter_and_none_looser() {
        let own = Limits::DEFAULT.max_frame(10).min_drain_rate(10);
        let by = Limits::DEFAULT.max_frame(20).min_drain_rate(20).max_length(5);
        let both = own.tightened(&by);
        assert_eq!((both.max_frame, both.min_drain_rate, both.max_length), (10, 20, 5));
    }

    #[test]
    fn the_list_names_every_bound() {
        let list = Limits::DEFAULT.idle_timeout(NEVER).to_string();
        assert!(list.contains("idle_timeout = never\n"), "{list}");
        assert!(list.contains("write_timeout = 30s\n"), "{list}");
        assert!(list.contains("max_output = 1048576\n"), "{list}");
    }

    #[test]
    fn the_worst_case_does_not_go_round() {
        assert_eq!(Limits::DEFAULT.max_output(usize::MAX).worst(usize::MAX), usize::MAX);
    }
}
