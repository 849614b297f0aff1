//! `asyncore.loop` with its arguments.

use core::time::Duration;
use std::io;

use super::Map;

/// `asyncore.loop` with its arguments.
///
/// ```no_run
/// # use asyncore_runtime::{Loop, Map};
/// # use std::time::Duration;
/// # let mut map = Map::new()?;
/// Loop::new().timeout(Duration::from_secs(1)).count(1).run(&mut map)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a loop does nothing unless it is run"]
pub struct Loop {
    timeout: Duration,
    count: Option<usize>,
}

impl Loop {
    /// For ever, with passes of up to 30 seconds.
    pub const fn new() -> Self {
        Self { timeout: Duration::from_secs(30), count: None }
    }

    /// How long one pass may wait; 30 seconds by default. Not a bound for the whole loop.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// So many passes at most; for ever by default. A pass that does nothing but give channels
    /// their first turn is none: asyncore had no such thing. Where they are asked whether they read,
    /// it is one.
    pub const fn count(mut self, passes: usize) -> Self {
        self.count = Some(passes);
        self
    }

    /// Runs until the passes are used up, or the last channel has closed.
    ///
    /// # Errors
    /// Of the poller itself.
    pub fn run(self, map: &mut Map) -> io::Result<()> {
        let mut passes = 0;
        while !map.is_empty() && self.count.is_none_or(|count| passes < count) {
            // One that does not wait in any case is as good as the others.
            let counts = !map.only_begins() || self.timeout.is_zero();
            map.poll(Some(self.timeout))?;
            passes += usize::from(counts || map.had_news());
        }
        Ok(())
    }
}

impl Default for Loop {
    fn default() -> Self {
        Self::new()
    }
}
