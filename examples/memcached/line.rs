//! Command lines: where they end, and the words they are made of.

use asyncore_runtime::{Frame, FromFrame, Result, Scan};
use memchr::{memchr, memrchr};
use std::convert::Infallible;
use std::str::FromStr;

/// A line may be so long. Only the keys of a `get` may go on, in parts of this size.
const LONGEST: usize = 2048;

/// A line, or a part of one.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    pub words: Words<'a>,
    /// The rest of it is still to come.
    pub is_part: bool,
}

impl<'a> FromFrame<'a> for Line<'a> {
    type Error = Infallible;

    fn from_frame(frame: Frame<'a>) -> Result<Self, Infallible> {
        let text = frame.as_bytes();
        let line = text.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let is_part = line.is_none();
        let text = line.unwrap_or(text);
        // memcached's lines are C strings.
        let end = memchr(0, text).unwrap_or(text.len());
        Ok(Self { words: Words(&text[..end]), is_part })
    }
}

/// A command up to its `\r\n`, or `\n`. The error closes the connection, and nobody reads it.
pub fn command(input: &[u8]) -> Result<Scan, &'static str> {
    match keys(input)? {
        Scan::Frame(len) if input[len - 1] != b'\n' => match Words(input).next() {
            Some(b"get" | b"gets") => Ok(Scan::Frame(len)),
            _ => Err("a command line too long"),
        },
        scan => Ok(scan),
    }
}

/// Keys up to the end of the line, or as many as are complete in a part of it.
pub fn keys(input: &[u8]) -> Result<Scan, &'static str> {
    let part = &input[..input.len().min(LONGEST + 1)];
    Ok(match memchr(b'\n', part) {
        Some(end) => Scan::Frame(end + 1),
        None if input.len() <= LONGEST => Scan::Need(input.len() + 1),
        None => Scan::Frame(memrchr(b' ', part).map_or(part.len(), |space| space + 1)),
    })
}

/// What stands between spaces.
#[derive(Clone, Copy)]
pub struct Words<'a>(pub &'a [u8]);

impl<'a> Words<'a> {
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

/// A number in decimal digits.
pub fn number<T: FromStr>(word: &[u8]) -> Option<T> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// A C `int`, to which memcached cuts what is longer.
pub fn int(word: &[u8]) -> Option<i32> {
    number::<i64>(word).map(|number| number as i32)
}
