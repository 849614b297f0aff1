//! Framing: bytes in, ends of frames out. No I/O, no clock, no user code.
//!
//! Rules, and everything that keeps them lives in this folder:
//! 1. What comes out depends on the bytes, never on how they were cut into reads.
//! 2. Work is linear in the bytes: a [`Framer`] remembers how far it has looked, and a terminator
//!    too long to look for again keeps the state of its own automaton.
//! 3. Nothing is held for a frame that is taken piece by piece, but a possible start of its end.
//! 4. A limit is checked before anything is reserved for what was only announced.

#![deny(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

pub(crate) mod frame;
mod framer;
#[cfg(test)]
mod framer_tests;
mod prefix;
mod search;
pub(crate) mod size;
pub(crate) mod until;

pub(crate) use framer::{Framer, Step};
