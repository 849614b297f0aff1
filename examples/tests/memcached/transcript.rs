//! Transcripts: what a client says, and what it is answered.

use asyncore_runtime::testing::Session;
use std::cell::RefCell;
use std::rc::Rc;

use crate::protocol::Memcached;
use crate::store::Store;
use crate::transcripts::every_cut;
pub use crate::transcripts::text;
pub(crate) use crate::transcripts::transcripts;

/// What is said, and what is answered to it.
pub type Exchanges = &'static [(&'static [u8], &'static [u8])];

/// A connection to a memcached that holds nothing.
pub fn session() -> Session<Memcached> {
    session_with(64 * 1024 * 1024)
}

/// One to a memcached of so many bytes.
pub fn session_with(limit: usize) -> Session<Memcached> {
    Session::new(Memcached::new(Rc::new(RefCell::new(Store::new(limit)))))
}

/// Plays a transcript in one piece, cut in two at every byte, and a byte at a time.
#[track_caller]
pub fn check(exchanges: &[(&[u8], &[u8])]) {
    let sent = exchanges.iter().flat_map(|(sent, _)| *sent).copied().collect::<Vec<_>>();
    let answered = exchanges.iter().flat_map(|(_, it)| *it).copied().collect::<Vec<_>>();
    every_cut(session, &sent, &answered);
}
