//! The arguments of a command, its name among them.

use asyncore_runtime::Bytes;
use std::borrow::Cow;
use std::ops::Deref;

/// An argument of a command, which may be shared.
#[derive(Clone, Copy, Default)]
pub struct Arg<'a> {
    text: &'a [u8],
    shared: Option<&'a Bytes>,
}

impl Arg<'_> {
    /// To keep: without a copy where it has an owner already.
    pub fn to_bytes(self) -> Bytes {
        self.shared.map_or_else(|| Bytes::copy_from_slice(self.text), Bytes::clone)
    }

    /// Whether it is this word, in whatever case.
    pub fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word.as_bytes())
    }

    /// As text to be shown in an error.
    pub fn show(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.text)
    }
}

impl Deref for Arg<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.text
    }
}

impl AsRef<[u8]> for Arg<'_> {
    fn as_ref(&self) -> &[u8] {
        self.text
    }
}

impl<'a> From<&'a [u8]> for Arg<'a> {
    fn from(text: &'a [u8]) -> Self {
        Self { text, shared: None }
    }
}

impl<'a> From<&'a Bytes> for Arg<'a> {
    fn from(bytes: &'a Bytes) -> Self {
        Self { text: bytes, shared: Some(bytes) }
    }
}

/// As many arguments as most commands have need no allocation.
#[derive(Default)]
pub struct Args<'a> {
    few: [Arg<'a>; 8],
    count: usize,
    many: Vec<Arg<'a>>,
}

impl<'a> Args<'a> {
    pub fn push(&mut self, arg: Arg<'a>) {
        if let Some(place) = self.few.get_mut(self.count) {
            *place = arg;
            self.count += 1;
            return;
        }
        if self.many.is_empty() {
            self.many.extend(self.few);
        }
        self.many.push(arg);
    }
}

impl<'a> Deref for Args<'a> {
    type Target = [Arg<'a>];

    fn deref(&self) -> &[Arg<'a>] {
        if self.many.is_empty() {
            &self.few[..self.count]
        } else {
            &self.many
        }
    }
}
