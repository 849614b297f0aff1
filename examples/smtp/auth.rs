//! Who may log in, and how it is asked: AUTH PLAIN (RFC 4616) and AUTH LOGIN.

use std::collections::HashMap;
use std::io;

/// Names and their passwords.
#[derive(Default)]
pub struct Users(HashMap<String, String>);

impl Users {
    /// From a file with a `name:password` on each line.
    pub fn read(path: &str) -> io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let lines = text.lines().filter(|line| !line.is_empty());
        let users = lines.map(|line| {
            let (name, password) = line.split_once(':').ok_or(io::ErrorKind::InvalidData)?;
            Ok((name.to_owned(), password.to_owned()))
        });
        users.collect::<io::Result<_>>().map(Self)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn admit(&self, name: &str, password: &str) -> bool {
        // Whoever does not exist takes as long as who does.
        let expected = self.0.get(name);
        let is_same = is_same(expected.map_or("", String::as_str), password);
        expected.is_some() && is_same
    }
}

/// Looks at each byte whatever those before it were: the time it takes tells nothing of them.
fn is_same(expected: &str, given: &str) -> bool {
    let pairs = expected.bytes().zip(given.bytes());
    let difference = pairs.fold(0, |difference, (one, other)| difference | (one ^ other));
    expected.len() == given.len() && std::hint::black_box(difference) == 0
}

/// Where an exchange stands.
#[derive(Default, PartialEq, Eq)]
pub enum Exchange {
    #[default]
    Plain,
    Name,
    Password {
        name: String,
    },
}

/// What comes of a response.
pub enum Step {
    Ask(Exchange),
    Login { name: String, password: String },
    Cancelled,
    Malformed,
}

impl Exchange {
    /// Of the mechanism of this name.
    pub fn new(mechanism: &str) -> Option<Self> {
        match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => Some(Self::Plain),
            "LOGIN" => Some(Self::Name),
            _ => None,
        }
    }

    /// What the client is asked.
    pub fn challenge(&self) -> &'static str {
        match self {
            Self::Plain => "334 \r\n",
            Self::Name => "334 VXNlcm5hbWU6\r\n", // Username:
            Self::Password { .. } => "334 UGFzc3dvcmQ6\r\n", // Password:
        }
    }

    pub fn respond(self, line: &[u8]) -> Step {
        if line == b"*" {
            return Step::Cancelled;
        }
        let text = base64(line).and_then(|bytes| String::from_utf8(bytes).ok());
        match (self, text) {
            (_, None) => Step::Malformed,
            (Self::Plain, Some(text)) => plain(&text),
            (Self::Name, Some(name)) => Step::Ask(Self::Password { name }),
            (Self::Password { name }, Some(password)) => Step::Login { name, password },
        }
    }
}

/// Who one wants to be, who one is, and the password. Nobody is somebody else here.
fn plain(text: &str) -> Step {
    match text.split('\0').collect::<Vec<_>>()[..] {
        [as_whom, name, password] if as_whom.is_empty() || as_whom == name => {
            Step::Login { name: name.to_owned(), password: password.to_owned() }
        }
        _ => Step::Malformed,
    }
}

/// RFC 4648 (section 4), with its padding and nothing beside it.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in digits.chunks(4) {
        let mut bits = 0;
        for (place, byte) in group.iter().enumerate() {
            bits |= digit(*byte)? << (18 - 6 * place);
        }
        bytes.extend(bits.to_be_bytes().into_iter().skip(1).take(group.len() * 6 / 8));
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u32> {
    let value: u8 = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}
