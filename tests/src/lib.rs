//! Helpers shared by the tests.
#[cfg(doctest)]
pub mod book;
pub mod net;
pub mod process;
pub mod trace;
