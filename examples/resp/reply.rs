//! Replies, as RESP2 and RESP3 write them, straight into the output queue.

use asyncore_runtime::{Bytes, Push, Sink};
use std::borrow::Cow;

use crate::text::Text;

/// What a command answers instead: the word in front says of which kind it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(pub Cow<'static, [u8]>);

impl Error {
    /// Shows an argument between two texts.
    pub fn showing(before: &str, arg: &[u8], after: &str) -> Self {
        Self([before.as_bytes(), shown(arg, MOST_SHOWN), after.as_bytes()].concat().into())
    }
}

impl From<&'static str> for Error {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text.as_bytes()))
    }
}

impl From<String> for Error {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text.into_bytes()))
    }
}

/// Bytes of an argument that an error shows.
pub const MOST_SHOWN: usize = 128;

/// As much of an argument as an error shows: to Redis it is a C string.
pub fn shown(arg: &[u8], most: usize) -> &[u8] {
    let arg = arg.split(|byte| *byte == 0).next().unwrap_or_default();
    arg.get(..most).unwrap_or(arg)
}

/// Whether a command has replied, or with which error it wants to.
pub type Answer = Result<(), Error>;

pub const SYNTAX: &str = "ERR syntax error";
pub const WRONG_TYPE: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";
pub const NOT_AN_INTEGER: &str = "ERR value is not an integer or out of range";
pub const NO_SUCH_KEY: &str = "ERR no such key";
pub const NO_SUCH_DATABASE: &str = "ERR DB index is out of range";
pub const SAME_OBJECT: &str = "ERR source and destination objects are the same";
pub const MUST_BE_POSITIVE: &str = "ERR value is out of range, must be positive";
pub const TOO_LONG: &str = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";

/// Writes the reply to one command.
pub struct Reply<'a, 'b> {
    out: &'a mut Sink<'b>,
    /// Whether the client has asked for the third version of the protocol.
    pub is_resp3: bool,
}

impl<'a, 'b> Reply<'a, 'b> {
    pub fn new(out: &'a mut Sink<'b>, is_resp3: bool) -> Self {
        Self { out, is_resp3 }
    }

    pub fn ok(&mut self) -> Answer {
        self.out.put(b"+OK\r\n");
        Ok(())
    }

    /// A word of the protocol's own.
    pub fn simple(&mut self, text: &str) -> Answer {
        self.line(b'+', text.as_bytes());
        Ok(())
    }

    /// What it says must not end its line.
    pub fn error(&mut self, error: &Error) {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        if !error.0.iter().any(is_end) {
            return self.line(b'-', &error.0);
        }
        let one_line = error.0.iter().map(|byte| if is_end(byte) { b' ' } else { *byte });
        self.line(b'-', &one_line.collect::<Vec<_>>());
    }

    pub fn integer(&mut self, number: i64) -> Answer {
        self.number(b':', number);
        Ok(())
    }

    /// How many there are.
    pub fn count(&mut self, count: usize) -> Answer {
        self.integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    pub fn truth(&mut self, is_so: bool) -> Answer {
        self.integer(i64::from(is_so))
    }

    pub fn bulk(&mut self, text: &[u8]) -> Answer {
        self.length(b'$', text.len());
        self.out.put(text);
        self.out.put(b"\r\n");
        Ok(())
    }

    /// As [`bulk`](Self::bulk); what is long is not copied.
    pub fn text(&mut self, text: &Text) -> Answer {
        match text {
            Text::Short(..) => self.bulk(text),
            Text::Long(bytes) => self.shared(bytes),
        }
    }

    pub fn shared(&mut self, bytes: &Bytes) -> Answer {
        self.length(b'$', bytes.len());
        bytes.push_to(self.out);
        self.out.put(b"\r\n");
        Ok(())
    }

    /// A bulk string, or null.
    pub fn optional<T: AsRef<[u8]>>(&mut self, text: Option<T>) -> Answer {
        match text {
            Some(text) => self.bulk(text.as_ref()),
            None => self.null(),
        }
    }

    pub fn null(&mut self) -> Answer {
        self.out.put(if self.is_resp3 { &b"_\r\n"[..] } else { &b"$-1\r\n"[..] });
        Ok(())
    }

    /// The null that stands for an array, where the two are not the same.
    pub fn null_array(&mut self) -> Answer {
        self.out.put(if self.is_resp3 { &b"_\r\n"[..] } else { &b"*-1\r\n"[..] });
        Ok(())
    }

    /// Text that is to be shown to people.
    pub fn verbatim(&mut self, text: &str) -> Answer {
        if !self.is_resp3 {
            return self.bulk(text.as_bytes());
        }
        self.length(b'=', text.len() + 4);
        self.out.put(b"txt:");
        self.out.put(text.as_bytes());
        self.out.put(b"\r\n");
        Ok(())
    }

    /// So many replies follow.
    pub fn array(&mut self, len: usize) -> Answer {
        self.length(b'*', len);
        Ok(())
    }

    /// So many replies follow, in no order.
    pub fn set(&mut self, len: usize) -> Answer {
        self.length(if self.is_resp3 { b'~' } else { b'*' }, len);
        Ok(())
    }

    /// So many pairs of replies follow.
    pub fn map(&mut self, len: usize) -> Answer {
        match self.is_resp3 {
            true => self.length(b'%', len),
            false => self.length(b'*', 2 * len),
        }
        Ok(())
    }

    /// So many replies follow, that answer nothing.
    pub fn push(&mut self, len: usize) -> Answer {
        self.length(if self.is_resp3 { b'>' } else { b'*' }, len);
        Ok(())
    }

    /// An array of bulk strings.
    pub fn strings<T: AsRef<[u8]>>(&mut self, strings: impl ExactSizeIterator<Item = T>) -> Answer {
        self.length(b'*', strings.len());
        strings.into_iter().try_for_each(|text| self.bulk(text.as_ref()))
    }

    fn length(&mut self, kind: u8, len: usize) {
        self.number(kind, i64::try_from(len).unwrap_or(i64::MAX));
    }

    /// Short as it is, it is put together first: each part would be another copy.
    fn number(&mut self, kind: u8, number: i64) {
        if let Ok(digit @ 0..=9) = u8::try_from(number) {
            return self.out.put(&[kind, b'0' + digit, b'\r', b'\n']);
        }
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(number).as_bytes();
        let mut line = [kind; 24];
        line[1..=digits.len()].copy_from_slice(digits);
        line[digits.len() + 1..digits.len() + 3].copy_from_slice(b"\r\n");
        self.out.put(&line[..digits.len() + 3]);
    }

    fn line(&mut self, kind: u8, text: &[u8]) {
        self.out.put(&[kind]);
        self.out.put(text);
        self.out.put(b"\r\n");
    }
}
