//! A map inside another loop, which waits for its descriptor and for its next deadline.

use mio::Events;
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::Instant;

use super::{Map, EVENTS};

impl Map {
    /// When the map wants its next pass although nothing comes: now, if it has something to do; `None`
    /// if it waits for the system alone.
    ///
    /// With the map's descriptor (`AsFd`, on Unix) this is all that another loop needs: wait until the
    /// descriptor can be read or this time has come, and then let the map have a pass that does not
    /// wait, `poll(Some(Duration::ZERO))`. A loop that is told of changes only (tokio's `AsyncFd`) has
    /// to forget the readiness *before* the pass: what becomes ready in it would not be told again.
    ///
    /// Whatever is done to the map from outside, as [`tell`](Map::tell) or [`connect`](Map::connect), can
    /// make it earlier: ask again then. A map with `#[readable]` or `#[writable]` channels asks them in
    /// each pass, and in no other way hears that they have changed their mind.
    ///
    /// The book has such a loop for tokio, of twelve lines.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        let clock = &self.scheduler.clock;
        // The system has been asked for so many events at a time: there may be more.
        if self.scheduler.is_busy() || is_full(&self.events) {
            return Some(clock.instant());
        }
        self.scheduler.next_due().and_then(|tick| clock.instant_of(tick))
    }
}

fn is_full(events: &Events) -> bool {
    events.iter().count() >= EVENTS
}

/// The poller's: readable when something has come for a channel, or from another thread.
#[cfg(unix)]
impl AsFd for Map {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.poll.registry().as_fd()
    }
}

/// As [`AsFd`], for loops that want a number.
#[cfg(unix)]
impl AsRawFd for Map {
    fn as_raw_fd(&self) -> RawFd {
        self.poll.as_raw_fd()
    }
}
