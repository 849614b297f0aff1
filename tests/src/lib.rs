//! Helpers shared by the tests.
#[cfg(doctest)]
pub mod book;
pub mod net;
pub mod refused;
pub mod trace;
