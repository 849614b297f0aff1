//! The words that all rooms share: what can go wrong, what is bounded and counted, what a channel
//! and an address are called, what is logged, and how user code is called and dropped.
//!
//! Knows nothing of any other room.

pub(crate) mod addr;
pub(crate) mod closed;
pub(crate) mod counters;
pub(crate) mod error;
pub(crate) mod guard;
pub(crate) mod key;
pub(crate) mod limits;
pub(crate) mod log;
