//! Which channel has its turn.

pub(crate) mod clock;
pub(crate) mod inbox;
pub(crate) mod scratch;
pub(crate) mod shared;
pub(crate) mod timers;
pub(crate) mod turn;
