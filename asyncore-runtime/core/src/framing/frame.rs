//! What a handler is given: a frame, as the type its parameter asks for.

use bytes::{Bytes, BytesMut};
use core::convert::Infallible;
use core::str::Utf8Error;

use crate::vocabulary::error::{BoxError, Error, Result};

/// The bytes of one frame, without its terminator; borrowed from the loop's read buffer where the
/// frame lies whole in it.
#[derive(Debug)]
pub struct Frame<'a> {
    bytes: Source<'a>,
    last: bool,
}

#[derive(Debug)]
enum Source<'a> {
    /// A part of the loop's buffer.
    Slice(&'a [u8]),
    /// A buffer of its own, with nothing else in it.
    Owned(&'a mut BytesMut),
}

impl<'a> Frame<'a> {
    #[inline]
    pub(crate) fn slice(bytes: &'a [u8]) -> Self {
        Self { bytes: Source::Slice(bytes), last: true }
    }

    pub(crate) fn owned(bytes: &'a mut BytesMut) -> Self {
        Self { bytes: Source::Owned(bytes), last: true }
    }

    #[inline]
    pub(crate) fn piece(bytes: &'a [u8], last: bool) -> Self {
        Self { bytes: Source::Slice(bytes), last }
    }

    /// The payload.
    #[inline]
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        match self.bytes {
            Source::Slice(bytes) => bytes,
            Source::Owned(bytes) => bytes,
        }
    }

    /// The payload, to keep: copied out of the loop's buffer, or taken over where the frame had a
    /// buffer of its own (one of more than a few KiB has).
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self.bytes {
            Source::Slice(bytes) => Bytes::copy_from_slice(bytes),
            Source::Owned(bytes) => std::mem::take(bytes).freeze(),
        }
    }

    /// The most bytes that are held of a frame of `max` bytes of this type.
    #[must_use]
    pub const fn held<T: FromFrame<'a>>(max: usize) -> usize {
        if T::IN_PIECES {
            0
        } else {
            max
        }
    }

    /// The payload as `T`, which is how a handler gets its parameter.
    ///
    /// # Errors
    /// [`Error::Frame`] with what `T` says.
    #[inline]
    pub fn parse<T: FromFrame<'a>>(self) -> Result<T> {
        T::from_frame(self).map_err(Error::frame)
    }
}

/// What a handler's parameter can be. Implement it for a type of your own, borrowing or not.
///
/// ```
/// use asyncore_runtime::{Error, Frame, FromFrame};
///
/// struct Verb<'a> { name: &'a str, rest: &'a str }
///
/// impl<'a> FromFrame<'a> for Verb<'a> {
///     type Error = Error;
///     fn from_frame(frame: Frame<'a>) -> Result<Self, Error> {
///         let line: &str = frame.parse()?;
///         let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
///         Ok(Verb { name, rest })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "a frame cannot be handed over as `{Self}`",
    label = "this is not a type of frame",
    note = "take `&[u8]`, `&str`, `[u8; N]`, `Bytes`, `Vec<u8>`, `String` or `Piece<'_>`, or implement `FromFrame` for `{Self}`"
)]
pub trait FromFrame<'a>: Sized {
    /// Why a frame is not a `Self`.
    type Error: Into<BoxError>;

    /// Whether it is a part of a frame, of which nothing is held. Only [`Piece`] is: what a channel
    /// may hold is counted by this, and any other type gets whole frames.
    const IN_PIECES: bool = false;

    /// Reads the frame.
    ///
    /// # Errors
    /// What is wrong with it; `#[on_error]` gets it as [`Error::Frame`].
    fn from_frame(frame: Frame<'a>) -> Result<Self, Self::Error>;
}

/// A part of a frame that is handed over as it comes, and not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The bytes; empty only where the end came alone.
    pub data: &'a [u8],
    /// Whether the frame ends with them.
    pub last: bool,
}

impl<'a> FromFrame<'a> for Piece<'a> {
    type Error = Infallible;
    const IN_PIECES: bool = true;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Infallible> {
        let last = frame.last;
        Ok(Self { data: frame.as_bytes(), last })
    }
}

impl<'a> FromFrame<'a> for Frame<'a> {
    type Error = Infallible;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Infallible> {
        Ok(frame)
    }
}

impl<'a> FromFrame<'a> for &'a [u8] {
    type Error = Infallible;
    #[inline]
    fn from_frame(frame: Frame<'a>) -> Result<Self, Infallible> {
        Ok(frame.as_bytes())
    }
}

impl<'a> FromFrame<'a> for &'a str {
    type Error = Utf8Error;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Utf8Error> {
        core::str::from_utf8(frame.as_bytes())
    }
}

impl<'a, const N: usize> FromFrame<'a> for [u8; N] {
    type Error = WrongLength;
    fn from_frame(frame: Frame<'a>) -> Result<Self, WrongLength> {
        <&[u8; N]>::from_frame(frame).copied()
    }
}

impl<'a, const N: usize> FromFrame<'a> for &'a [u8; N] {
    type Error = WrongLength;
    fn from_frame(frame: Frame<'a>) -> Result<Self, WrongLength> {
        let bytes = frame.as_bytes();
        bytes.try_into().map_err(|_| WrongLength { expected: N, found: bytes.len() })
    }
}

impl<'a> FromFrame<'a> for Bytes {
    type Error = Infallible;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Infallible> {
        Ok(frame.into_bytes())
    }
}

/// To be changed in place: unmasked, say.
impl<'a> FromFrame<'a> for BytesMut {
    type Error = Infallible;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Infallible> {
        Ok(match frame.bytes {
            Source::Slice(bytes) => Self::from(bytes),
            Source::Owned(bytes) => std::mem::take(bytes),
        })
    }
}

impl<'a> FromFrame<'a> for Vec<u8> {
    type Error = Infallible;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Infallible> {
        Ok(frame.as_bytes().to_vec())
    }
}

impl<'a> FromFrame<'a> for String {
    type Error = Utf8Error;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Utf8Error> {
        <&str>::from_frame(frame).map(str::to_owned)
    }
}

/// A frame has not the length of the array that a handler takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrongLength {
    /// The array's length.
    pub expected: usize,
    /// The frame's.
    pub found: usize,
}

impl core::fmt::Display for WrongLength {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} bytes where {} were expected", self.found, self.expected)
    }
}

impl std::error::Error for WrongLength {}
