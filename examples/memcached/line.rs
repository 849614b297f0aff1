//! A command line: its words, and the numbers among them, read as C reads them.

use asyncore_runtime::{Frame, FromFrame, Result, Scan};
use memchr::{memchr, memrchr};
use std::convert::Infallible;
use std::fmt;

/// What a line may be long. Only a `get` may go on: its keys come in parts of this size.
const LONGEST: usize = 2048;

/// A command line, or a part of one.
pub struct Line<'a> {
    pub words: Words<'a>,
    /// The rest of it is still to come.
    pub is_part: bool,
}

impl<'a> FromFrame<'a> for Line<'a> {
    type Error = Infallible;

    /// A line ends with `\r\n` or `\n`. What follows a NUL is not seen.
    fn from_frame(frame: Frame<'a>) -> Result<Self, Infallible> {
        let text = frame.as_bytes();
        let line = text.strip_suffix(b"\n");
        let is_part = line.is_none();
        let text = line.map_or(text, |line| line.strip_suffix(b"\r").unwrap_or(line));
        let end = memchr(0, text).unwrap_or(text.len());
        Ok(Self { words: Words(&text[..end]), is_part })
    }
}

/// Where a command line ends.
pub fn command(input: &[u8]) -> Result<Scan, TooLong> {
    match keys(input)? {
        Scan::Frame(len) if input[len - 1] != b'\n' && !is_get(input) => Err(TooLong),
        scan => Ok(scan),
    }
}

/// Where a line of keys ends, or a part of it: behind the last key that is complete, if there is
/// one, for a word of this size is no key.
pub fn keys(input: &[u8]) -> Result<Scan, TooLong> {
    let head = &input[..input.len().min(LONGEST + 1)];
    Ok(match memchr(b'\n', head) {
        Some(end) => Scan::Frame(end + 1),
        None if input.len() <= LONGEST => Scan::Need(input.len() + 1),
        None => Scan::Frame(memrchr(b' ', head).map_or(head.len(), |space| space + 1)),
    })
}

fn is_get(line: &[u8]) -> bool {
    matches!(Words(line).next(), Some(b"get" | b"gets"))
}

/// A command that is no `get` goes on and on.
#[derive(Debug)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a command line of more than {LONGEST} bytes")
    }
}

impl std::error::Error for TooLong {}

/// What stands between spaces.
#[derive(Clone)]
pub struct Words<'a>(pub &'a [u8]);

impl<'a> Words<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|byte| *byte == b' ')
    }

    /// The first words, as many as there is room for.
    pub fn fill<'b>(self, room: &'b mut [&'a [u8]]) -> &'b [&'a [u8]] {
        let count = self.zip(room.iter_mut()).map(|(word, place)| *place = word).count();
        &room[..count]
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let start = self.0.iter().position(|byte| *byte != b' ')?;
        let rest = &self.0[start..];
        let end = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
        self.0 = &rest[end..];
        Some(&rest[..end])
    }
}

/// C's `strtoull`, with memcached's bounds on what a minus may do.
pub fn unsigned(word: &[u8]) -> Option<u64> {
    match integer(word)? {
        (false, value) => Some(value),
        (true, value) => Some(value.wrapping_neg()).filter(|value| *value <= i64::MAX as u64),
    }
}

/// C's `strtol`, cut to 32 bits as memcached cuts it.
pub fn signed(word: &[u8]) -> Option<i32> {
    let (is_negative, value) = integer(word)?;
    let value = i64::try_from(value).ok()?;
    Some(if is_negative { -value } else { value } as i32)
}

/// Sign and value of a number that may stand between white space.
fn integer(word: &[u8]) -> Option<(bool, u64)> {
    let (is_negative, digits) = match word.trim_ascii_start() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let len = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_over = digits.get(len).is_none_or(u8::is_ascii_whitespace);
    let add = |value: u64, digit: &u8| value.checked_mul(10)?.checked_add(u64::from(digit - b'0'));
    let value = digits[..len].iter().try_fold(0, add)?;
    (len > 0 && is_over).then_some((is_negative, value))
}
