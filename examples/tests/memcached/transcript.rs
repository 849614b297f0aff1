//! Transcripts: what a client says, and what it is answered.

use asyncore_runtime::testing::Session;
use std::cell::RefCell;
use std::rc::Rc;

use crate::protocol::Memcached;
use crate::store::Store;

/// What is said, and what is answered to it.
pub type Exchanges = &'static [(&'static [u8], &'static [u8])];

/// A test for each transcript, and a list of them all.
macro_rules! transcripts {
    ($($name:ident: $($sent:literal => $answered:literal),+;)+) => {
        $(#[test]
        fn $name() {
            $crate::transcript::check(&[$(($sent, $answered)),+]);
        })+

        /// All of them, with their names.
        pub const ALL: &[(&str, $crate::transcript::Exchanges)] =
            &[$((stringify!($name), &[$(($sent, $answered)),+])),+];
    };
}
pub(crate) use transcripts;

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
    for cut in 0..=sent.len() {
        let (head, tail) = sent.split_at(cut);
        assert_eq!(play(&[head, tail]), text(&answered), "cut at byte {cut}");
    }
    assert_eq!(play(&sent.chunks(1).collect::<Vec<_>>()), text(&answered), "a byte at a time");
}

/// What is answered to these reads.
fn play(reads: &[&[u8]]) -> String {
    let mut session = session();
    reads.iter().for_each(|read| session.feed(read));
    text(&session.output())
}

/// Bytes, to be compared by people.
pub fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
