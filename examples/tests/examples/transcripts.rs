//! What the tests of transcripts share: a list of them, and each cut of what is said.

use asyncore_runtime::testing::Session;
use asyncore_runtime::Channel;

/// A test for each transcript, and a list of them all; `transcript` has what checks one.
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

/// Says this in one piece, cut in two at every byte, and a byte at a time.
#[track_caller]
pub fn every_cut<T: Channel>(session: fn() -> Session<T>, sent: &[u8], answered: &[u8]) {
    for cut in 0..=sent.len() {
        let (head, tail) = sent.split_at(cut);
        assert_eq!(play(session(), &[head, tail]), text(answered), "cut at byte {cut}");
    }
    let bytes: Vec<_> = sent.chunks(1).collect();
    assert_eq!(play(session(), &bytes), text(answered), "a byte at a time");
}

/// What is answered to these reads.
fn play<T: Channel>(mut session: Session<T>, reads: &[&[u8]]) -> String {
    reads.iter().for_each(|read| session.feed(read));
    text(&session.output())
}

/// Bytes, to be compared by people.
pub fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
