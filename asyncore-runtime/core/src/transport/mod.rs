//! What a channel reads from and writes to, and nothing above it.

pub(crate) mod addr;
pub(crate) mod link;
pub(crate) mod listening;
pub(crate) mod network;
pub(crate) mod pipe;
pub(crate) mod socket;
