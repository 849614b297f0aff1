//! What becomes of the map: it serves, it drains, or it closes.

use super::timers::Tick;

/// A map that drains or closes refuses every way back in, so that it comes to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stage {
    #[default]
    Serving,
    /// Everybody finishes what it has; who has not by then is closed, whenever it came.
    Draining(Tick),
    /// Everybody is closed, and nobody comes.
    Closing,
}

impl Stage {
    pub(super) fn until(self) -> Option<Tick> {
        match self {
            Self::Draining(until) if until != Tick::MAX => Some(until),
            _ => None,
        }
    }
}
