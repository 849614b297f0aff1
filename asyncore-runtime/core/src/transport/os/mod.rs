//! What differs between operating systems; each has a file with the same names in it, and stand-ins for
//! what that system has not.
//!
//! No other room asks which system it is on. But what a user calls and one system alone has (files,
//! Unix sockets) is marked so where it is declared, and is absent elsewhere.

#[cfg(unix)]
mod file;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use {file::Watched, unix::*};

#[cfg(windows)]
mod absent;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use {absent::*, windows::*};
