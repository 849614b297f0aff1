//! Time as the loop sees it.

use core::time::Duration;
use std::cell::Cell;
use std::time::Instant;

use super::timers::Tick;

/// The loop's clock: monotonic, read once a pass; turned by hand in tests.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    now: Cell<Tick>,
    by_hand: bool,
}

impl Clock {
    pub(crate) fn new(by_hand: bool) -> Self {
        Self { start: Instant::now(), now: Cell::new(0), by_hand }
    }

    /// The time of this pass.
    #[inline]
    pub(crate) fn now(&self) -> Tick {
        self.now.get()
    }

    /// Looks at the clock.
    pub(crate) fn refresh(&self) -> Tick {
        self.now.set(self.read());
        self.now.get()
    }

    fn read(&self) -> Tick {
        if self.by_hand {
            self.now.get()
        } else {
            nanos(self.start.elapsed())
        }
    }

    /// The moment `time` from now; never, if that is too far away to count.
    pub(crate) fn after(&self, time: Duration) -> Tick {
        self.read().saturating_add(nanos(time))
    }

    pub(crate) fn instant(&self) -> Instant {
        self.start + Duration::from_nanos(self.now.get())
    }

    /// When it is this late; never, if that is too far away to count.
    pub(crate) fn instant_of(&self, tick: Tick) -> Option<Instant> {
        self.start.checked_add(Duration::from_nanos(tick))
    }

    pub(crate) fn turn_to(&self, tick: Tick) {
        self.now.set(tick);
    }
}

/// 584 years at most.
pub(crate) fn nanos(time: Duration) -> Tick {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
