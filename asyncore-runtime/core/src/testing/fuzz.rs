//! What a peer may send is anything: channels under input that nobody thought of.

use core::time::Duration;

use super::Session;
use crate::channel::Channel;

/// What is written for one input before it is called endless.
const MOST_OUTPUT: usize = 16 * 1024 * 1024;
/// Longer inputs are not fed a byte at a time.
const LONGEST_BYTEWISE: usize = 4096;
/// After so long a channel whose peer has gone has no reason left to be there.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// Feeds `data` to a channel, cut in several ways, and ends the stream: for the harness of any fuzzer,
/// or a loop of your own. [`Channel::EXAMPLES`] is what to begin with.
///
/// `make` is called once for each way to cut, and has to make the same channel each time: without
/// random numbers in its replies, or with the same ones.
///
/// ```
/// # use asyncore_runtime::{channel, testing};
/// # #[channel] #[derive(Default)] struct Shout;
/// # #[channel] impl Shout {
/// #     #[terminator(b"\r\n")] fn line(line: &str) -> String { line.to_uppercase() + "\r\n" }
/// # }
/// testing::fuzz(Shout::default, b"hello\r\n\xff\r\n\r");
/// ```
///
/// # Panics
/// If a handler panics; if what is sent, or why the connection ends, differs with the cuts; if
/// more than 16 MiB are sent; if the channel never comes to rest; or if it is still open a day after its
/// peer has ended the stream.
#[track_caller]
pub fn fuzz<T: Channel>(make: impl Fn() -> T, data: impl AsRef<[u8]>) {
    let data = data.as_ref();
    let whole = played(&make, data, data.len());
    let bytewise = if data.len() <= LONGEST_BYTEWISE { 1 } else { 61 };
    // Another one that depends on the data: who plays much sees all there are.
    let sum = data.iter().fold(0_usize, |sum, byte| sum.wrapping_add(usize::from(*byte)));
    for cut in [bytewise, sum.checked_rem(data.len()).unwrap_or(0)] {
        let parts = played(&make, data, cut);
        assert!(
            parts == whole,
            "after b\"{}\", cut into reads of {cut}:\n  {parts}\nbut in one read:\n  {whole}",
            data.escape_ascii()
        );
    }
}

/// Plays every conversation of up to `length` of the channel's [`EXAMPLES`](Channel::EXAMPLES), line by
/// line: each line of them, and each of them as a whole, in every order, with all that [`fuzz`]
/// looks at. How many conversations there were: `letters + letters² + ..`.
///
/// ```
/// # use asyncore_runtime::{channel, testing};
/// # #[channel] #[derive(Default)] struct Shout;
/// # #[channel] impl Shout {
/// #     #[terminator(b"\r\n")] #[example(b"hello\r\n" => b"HELLO\r\n", b"\r\n" => b"\r\n")]
/// #     fn line(line: &str) -> String { line.to_uppercase() + "\r\n" }
/// # }
/// // "hello\r\n", "\r\n" and "hello\r\n\r\n", each, and each behind each
/// assert_eq!(testing::explore(Shout::default, 2), 3 + 9);
/// ```
///
/// # Panics
/// As [`fuzz`] does, and if the channel has no `#[example]`.
#[track_caller]
pub fn explore<T: Channel>(make: impl Fn() -> T, length: usize) -> usize {
    let letters = letters(T::EXAMPLES);
    assert!(!letters.is_empty(), "no handler has an `#[example]`: there is nothing to begin with");
    let (mut count, mut last) = (0_usize, vec![Vec::new()]);
    for _ in 0..length {
        let longer = |talk: &Vec<u8>| -> Vec<Vec<u8>> {
            letters.iter().map(|letter| [talk.as_slice(), letter].concat()).collect()
        };
        last = last.iter().flat_map(longer).collect();
        last.iter().for_each(|talk| fuzz(&make, talk));
        count = count.saturating_add(last.len());
    }
    count
}

/// What conversations are made of: the examples, and their lines.
fn letters(examples: &[&'static [u8]]) -> Vec<&'static [u8]> {
    let lines = examples.iter().flat_map(|example| example.split_inclusive(|byte| *byte == b'\n'));
    let mut letters: Vec<_> = lines.chain(examples.iter().copied()).collect();
    letters.sort_unstable();
    letters.dedup();
    letters
}

/// What came of an input.
#[derive(PartialEq, Eq)]
struct Outcome {
    output: Vec<u8>,
    error: Option<String>,
}

#[track_caller]
fn played<T: Channel>(make: &impl Fn() -> T, data: &[u8], cut: usize) -> Outcome {
    let mut session = Session::new(make());
    session.window(MOST_OUTPUT);
    data.chunks(cut.max(1)).for_each(|part| session.feed(part));
    session.feed_eof();
    if session.is_open() {
        session.advance(LONG);
    }
    let after = || format!("after b\"{}\" in reads of {cut}", data.escape_ascii());
    let output = session.output();
    assert!(output.len() < MOST_OUTPUT, "{}: output without an end", after());
    assert!(!session.is_open(), "{}: open a day after its peer has gone", after());
    let why = session.closed();
    let error = why.as_ref().and_then(|why| why.error()).map(ToString::to_string);
    let panics = session.net().counters().panics();
    assert!(panics == 0, "{}: {}", after(), error.as_deref().unwrap_or("a handler panicked"));
    Outcome { output, error }
}

impl core::fmt::Display for Outcome {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "b\"{}\"", self.output.escape_ascii())?;
        self.error.iter().try_for_each(|error| write!(f, ", then {error}"))
    }
}
