//! What differs between operating systems; each has a file with the same names in it.
//!
//! For another system: a file beside `unix.rs` that has the names used below, with stand-ins for
//! what that system has not. No other room asks which system it is on.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::*;
