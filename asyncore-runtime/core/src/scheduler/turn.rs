//! A turn: why something has one, and what becomes of it then.

use core::any::Any;

use super::inbox::Taken;
use super::scratch::Scratch;
use super::timers::TimerId;
use crate::transport::readiness::Ready;
use crate::vocabulary::key::RawKey;

/// What the loop can do with whatever stands in a slot.
pub(crate) trait Driven: Any {
    /// What the system said since the last turn, where what follows is not [`Wake::Ready`].
    fn heard(&mut self, news: Ready);
    /// A turn.
    fn run(&mut self, wake: Wake, scratch: &mut Scratch) -> After;
    /// Before a pass, for channels with `#[readable]` or `#[writable]`: whether to have a turn.
    fn ask(&mut self, scratch: &mut Scratch) -> After;
    /// How many bytes it holds.
    fn held(&self) -> usize;
    /// Drops it, and all of the user's in it piece by piece: a panic in one costs no other.
    fn dismantle(self: Box<Self>);
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
    /// It holds most, and all together hold too much.
    Shed,
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
    /// Of a post from another thread: it counts as waiting as long as this is there.
    pub(crate) _post: Option<Taken>,
}

pub(crate) type TaskFn = Box<dyn FnOnce(&mut dyn Any, &mut Scratch) -> After>;
