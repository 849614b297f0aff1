//! A string as values are made of: a short one needs no allocation.

use asyncore_runtime::Bytes;
use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::args::Arg;

/// As many bytes as find room where otherwise the parts of a [`Bytes`] stand.
const SHORT: usize = 22;

#[derive(Clone)]
pub enum Text {
    Short(u8, [u8; SHORT]),
    Long(Bytes),
}

const _: () = assert!(size_of::<Text>() == size_of::<Bytes>());

impl Text {
    fn short(text: &[u8]) -> Option<Self> {
        let mut room = [0; SHORT];
        room.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self::Short(text.len() as u8, room))
    }
}

impl From<&[u8]> for Text {
    fn from(text: &[u8]) -> Self {
        Self::short(text).unwrap_or_else(|| Self::Long(Bytes::copy_from_slice(text)))
    }
}

impl From<&Arg<'_>> for Text {
    fn from(arg: &Arg<'_>) -> Self {
        Self::short(arg).unwrap_or_else(|| Self::Long(arg.to_bytes()))
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short(len, room) => room.get(..usize::from(*len)).unwrap_or(room),
            Self::Long(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

// It is found by its bytes, so it is compared and hashed as they are.

impl Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_bytes_it_was_made_of_however_many() {
        for len in [0, 1, SHORT - 1, SHORT, SHORT + 1, 1000] {
            let bytes = vec![b'x'; len];
            let text = Text::from(&bytes[..]);
            assert_eq!((&*text, matches!(text, Text::Short(..))), (&bytes[..], len <= SHORT));
        }
    }
}
