//! Text that cannot be more than one line.

use core::fmt;
use std::borrow::Cow;

use super::push::{Push, Sink};

/// Text without CR, LF and NUL: whatever a peer has said, in a reply it stays inside of its line.
///
/// A reply that repeats what a peer sent lets the peer write replies of its own, unless this is looked
/// at: `"no such key: a\r\nOK"`. [`new`](Line::new) refuses such text, [`escaped`](Line::escaped) makes
/// it harmless. It derefs to `str`, prints as its text, and can be pushed; the end of the line is not
/// in it.
///
/// ```
/// use asyncore_runtime::{channel, testing::Session, Line};
///
/// #[channel]
/// struct Greeter;
///
/// #[channel]
/// impl Greeter {
///     #[terminator(b"\n")]
///     fn name(name: &str) -> String {
///         format!("hello {}\r\n", Line::escaped(name))
///     }
/// }
///
/// let mut session = Session::new(Greeter);
/// session.feed(b"you\rhello root\n");
/// assert_eq!(session.output(), b"hello you\\rhello root\r\n");
///
/// assert_eq!(Line::new("one\r\ntwo").unwrap_err().at, 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Line<'a>(Cow<'a, str>);

/// Text that is no [`Line`]: it holds CR, LF or NUL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotALine {
    /// Where the first of them stands, in bytes.
    pub at: usize,
    /// Which one it is.
    pub found: char,
}

/// Whether it would end the line, in some protocol or for some reader.
const fn ends_line(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\0')
}

impl<'a> Line<'a> {
    /// The text as it is.
    ///
    /// # Errors
    /// If CR, LF or NUL is in it.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, NotALine> {
        let text = text.into();
        match text.char_indices().find(|(_, c)| ends_line(*c)) {
            Some((at, found)) => Err(NotALine { at, found }),
            None => Ok(Self(text)),
        }
    }

    /// The text with `\r`, `\n` and `\0` written out, as Rust writes them. Nothing else is
    /// changed, so that two texts can look the same: this is for people, not to be parsed.
    #[must_use]
    pub fn escaped(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if !text.contains(ends_line) {
            return Self(text);
        }
        let mut escaped = String::with_capacity(text.len() + 8);
        for c in text.chars() {
            match c {
                '\r' => escaped.push_str("\\r"),
                '\n' => escaped.push_str("\\n"),
                '\0' => escaped.push_str("\\0"),
                c => escaped.push(c),
            }
        }
        Self(escaped.into())
    }

    /// The same, of bytes of which nobody knows whether they are text: what is no UTF-8 becomes
    /// `U+FFFD`.
    #[must_use]
    pub fn of_bytes(bytes: &'a [u8]) -> Self {
        Self::escaped(String::from_utf8_lossy(bytes))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::ops::Deref for Line<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Line<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'a> TryFrom<&'a str> for Line<'a> {
    type Error = NotALine;

    fn try_from(text: &'a str) -> Result<Self, NotALine> {
        Self::new(text)
    }
}

impl Push for Line<'_> {
    const CAN_FAIL: bool = false;

    fn push_to(self, out: &mut Sink<'_>) {
        out.put(self.0.as_bytes());
    }
}

impl Push for &Line<'_> {
    const CAN_FAIL: bool = false;

    fn push_to(self, out: &mut Sink<'_>) {
        out.put(self.0.as_bytes());
    }
}

impl fmt::Display for NotALine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at byte {} would end the line", self.found, self.at)
    }
}

impl std::error::Error for NotALine {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_would_end_the_line_is_refused_and_where_is_said() {
        for (text, at, found) in [("a\rb", 1, '\r'), ("\n", 0, '\n'), ("ü\0", 2, '\0')] {
            assert_eq!(Line::new(text), Err(NotALine { at, found }));
        }
        assert_eq!(Line::new("a b\tü").as_deref(), Ok("a b\tü"));
        let why = Line::new("a\n").map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(why, Err("'\\n' at byte 1 would end the line".to_owned()));
    }

    #[test]
    fn escaped_text_holds_no_end_whatever_it_is_made_of() {
        for number in 0..8_u32.pow(6) {
            let letter =
                |at: usize| char::from(b"\r\n\0a\\r \xff"[(number as usize >> (3 * at)) & 7]);
            let text: String = (0..6).map(letter).collect();
            let line = Line::escaped(text.as_str());
            assert!(Line::new(line.as_str()).is_ok(), "{text:?} became {line:?}");
            assert!(text.contains(ends_line) || *line == *text, "{text:?} became {line:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_a_line_all_the_same() {
        assert_eq!(Line::of_bytes(b"a\xff\r\n").as_str(), "a\u{fffd}\\r\\n");
    }
}
