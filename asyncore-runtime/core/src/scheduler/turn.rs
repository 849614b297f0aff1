//! A turn: why something has one, and what becomes of it then.

use core::any::Any;

use crate::key::RawKey;
use crate::scheduler::scratch::Scratch;
use crate::scheduler::timers::TimerId;

/// What the loop can do with whatever stands in a slot.
pub(crate) trait Driven: Any {
    /// What the system said since the last turn, where what follows is not [`Wake::Ready`].
    fn note(&mut self, news: Ready);
    /// A turn.
    fn run(&mut self, wake: Wake, scratch: &mut Scratch) -> After;
    /// Before a pass, for channels with `#[readable]` or `#[writable]`: whether to have a turn.
    fn ask(&mut self, scratch: &mut Scratch) -> After;
}

/// Readiness as mio reports it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// Out-of-band data.
    pub(crate) urgent: bool,
    /// The peer has closed its side, or an error waits to be read.
    pub(crate) hung_up: bool,
}

impl Ready {
    pub(crate) const READABLE: Self =
        Self { readable: true, writable: false, urgent: false, hung_up: false };

    /// Both.
    pub(crate) fn add(&mut self, other: Self) {
        self.readable |= other.readable;
        self.writable |= other.writable;
        self.urgent |= other.urgent;
        self.hung_up |= other.hung_up;
    }
}

impl From<&mio::event::Event> for Ready {
    fn from(event: &mio::event::Event) -> Self {
        let failed = event.is_error();
        Self {
            // A pipe whose writer has gone is reported as hung up alone: its end is to be read.
            readable: event.is_readable() || event.is_read_closed() || failed,
            writable: event.is_writable() || failed,
            urgent: event.is_priority(),
            hung_up: event.is_read_closed() || failed,
        }
    }
}

/// Why something has a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wake {
    /// By the system, or by itself.
    Ready(Ready),
    Timer(TimerId),
    Deadline,
    /// `close_all`.
    Close,
    /// The time to drain is over.
    Drained,
}

/// What becomes of it after its turn.
pub(crate) enum After {
    /// It waits for the system, a timer or another channel.
    Rest,
    /// It stopped before `WouldBlock`: another turn in the next pass.
    Again,
    Gone,
    /// Something else takes its slot and its key.
    Replaced(Box<dyn Driven>),
}

/// Something to be done with one channel, after the turn of another.
pub(crate) struct Task {
    pub(crate) key: RawKey,
    pub(crate) run: TaskFn,
}

pub(crate) type TaskFn = Box<dyn FnOnce(&mut dyn Any, &mut Scratch) -> After>;
