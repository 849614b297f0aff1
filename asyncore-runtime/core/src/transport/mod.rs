//! What a channel reads from and writes to: sockets, pipes, files, datagrams, connections in
//! memory, and what lies over a stream as a layer.
//!
//! The only room that makes system calls on descriptors. What differs between operating systems
//! stands in [`os`], and in no other room. Knows the vocabulary; nothing of frames, queues,
//! channels or the loop, but that somebody wants to hear of readiness.

pub(crate) mod datagrams;
pub(crate) mod endpoint;
mod facts;
pub(crate) mod family;
#[cfg(test)]
mod layer_tests;
mod layering;
pub(crate) mod listening;
pub(crate) mod names;
pub(crate) mod network;
pub(crate) mod os;
pub(crate) mod over;
pub(crate) mod pipe;
pub(crate) mod proxy;
pub(crate) mod readiness;
pub(crate) mod seat;
pub(crate) mod socket;
pub(crate) mod stream;
#[cfg(test)]
mod stream_tests;
pub(crate) mod system;
#[cfg(feature = "tls")]
pub(crate) mod tls;
