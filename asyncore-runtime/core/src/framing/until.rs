//! What ends a frame: said at compile time by the macro, or in data by a field.
//!
//! The words, from the channel down: its [`Terminator`](crate::Channel::Terminator) is the state it
//! is in; of that its `until` makes an [`Until`], what this state waits for, with its bounds;
//! [`Ends`] is the kind of end in it. The struct [`Terminator`] is asynchat's: what a field says
//! instead of a state.

use bytes::Bytes;
use core::any::TypeId;
use core::time::Duration;

use super::frame::Piece;
use crate::vocabulary::error::{BoxError, Error, Result};

/// What a state waits for. `#[channel]` writes one for each `#[terminator]` method.
///
/// ```
/// use asyncore_runtime::Until;
/// use std::time::Duration;
/// enum State { Line, Block }
/// let line: Until<'_, State> = Until::bytes(b"\r\n").max(512).within(Duration::from_secs(30));
/// let block: Until<'_, State> = Until::len(10).end(b"\r\n").then(State::Line);
/// # let _ = (line, block, State::Block);
/// ```
///
/// `S` is the channel's [`Terminator`](crate::Channel::Terminator): the state may say which one
/// [comes then](Until::then).
#[derive(Debug, Clone, Copy)]
pub struct Until<'a, S = ()> {
    pub(crate) rule: Rule<'a>,
    /// Where the state goes by itself.
    pub(crate) next: Option<S>,
}

/// The rule for one frame: all that framing has to know of a state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<'a> {
    pub(crate) ends: Ends<'a>,
    pub(crate) delivery: Delivery,
    pub(crate) max: Option<usize>,
    pub(crate) within: Option<Duration>,
    /// Something is under way, also between two frames.
    pub(crate) is_busy: bool,
}

/// The kinds of end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ends<'a> {
    Bytes(&'a [u8]),
    Any(&'a [&'a [u8]]),
    Len { len: u64, end: &'a [u8] },
    Prefix(Prefix),
    Scan(fn(&[u8]) -> Result<Scan>),
    Eof,
    Nothing,
}

/// How a length in front of the payload is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Prefix {
    Big(usize),
    Little(usize),
    Varint,
}

/// How the bytes of a frame are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Held until the frame is whole, then handed to the handler.
    Whole,
    /// Handed to the handler piece by piece.
    Pieces,
    /// Handed to `on_read`; the handler hears only of the end.
    Collected,
    /// Dropped; the handler hears only of the end.
    Dropped,
}

/// The answer of a `with = ..` function, which is shown all bytes not yet in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// The first so many bytes are a frame.
    Frame(usize),
    /// Ask again when there are at least so many bytes in all.
    Need(usize),
}

impl Scan {
    /// What a `with = ..` function found, its error as one of ours: how the macro calls it.
    ///
    /// # Errors
    /// The function's, as [`Error::Scan`].
    pub fn checked<E: Into<BoxError>>(found: core::result::Result<Self, E>) -> Result<Self> {
        found.map_err(Error::scan)
    }
}

impl Rule<'_> {
    /// Why it can end no frame, if it cannot: what was set at run time is seen here first.
    pub(crate) fn is_impossible(&self) -> Option<&'static str> {
        match self.ends {
            Ends::Bytes([]) => Some("it has no bytes"),
            Ends::Any(ends) if ends.iter().all(|end| end.is_empty()) => {
                Some("none of its alternatives has bytes")
            }
            Ends::Prefix(Prefix::Big(width) | Prefix::Little(width))
                if !(1..=8).contains(&width) =>
            {
                Some("a length prefix has 1 to 8 bytes")
            }
            _ => None,
        }
    }

    /// Whether there is something to do without input: a frame of no bytes.
    #[inline(always)]
    pub(crate) const fn may_take_nothing(&self) -> bool {
        matches!(self.ends, Ends::Len { .. })
    }
}

impl<'a, S> Until<'a, S> {
    const fn new(ends: Ends<'a>) -> Self {
        let rule =
            Rule { ends, delivery: Delivery::Whole, max: None, within: None, is_busy: false };
        Self { rule, next: None }
    }

    /// Up to these bytes, which are removed. None at all can end no frame, and are
    /// [`Error::BadTerminator`] when they are waited for.
    #[must_use]
    pub const fn bytes(end: &'a [u8]) -> Self {
        Self::new(Ends::Bytes(end))
    }

    /// Up to the alternative that ends first; of those ending at one byte, the longest.
    #[must_use]
    pub const fn any(ends: &'a [&'a [u8]]) -> Self {
        Self::new(Ends::Any(ends))
    }

    /// That many bytes. 0 is complete at once.
    #[must_use]
    pub const fn len(len: u64) -> Self {
        Self::new(Ends::Len { len, end: b"" })
    }

    /// The same, of a size that is known at compile time.
    #[must_use]
    pub const fn fixed(size: usize) -> Self {
        Self::len(size as u64)
    }

    /// After [`len`](Until::len): these bytes follow the payload, are checked and removed.
    #[must_use]
    pub const fn end(mut self, bytes: &'a [u8]) -> Self {
        if let Ends::Len { len, .. } = self.rule.ends {
            self.rule.ends = Ends::Len { len, end: bytes };
        }
        self
    }

    /// A length of `width` bytes (1 to 8), most significant first, then the payload.
    #[must_use]
    pub const fn prefix_be(width: usize) -> Self {
        Self::new(Ends::Prefix(Prefix::Big(width)))
    }

    /// A length of `width` bytes (1 to 8), least significant first, then the payload.
    #[must_use]
    pub const fn prefix_le(width: usize) -> Self {
        Self::new(Ends::Prefix(Prefix::Little(width)))
    }

    /// A length in groups of 7 bits, least significant first (LEB128), then the payload.
    #[must_use]
    pub const fn varint() -> Self {
        Self::new(Ends::Prefix(Prefix::Varint))
    }

    /// All until the peer closes its side.
    #[must_use]
    pub const fn eof() -> Self {
        Self::new(Ends::Eof)
    }

    /// Not framed: asynchat's `None`.
    #[must_use]
    pub const fn none() -> Self {
        Self::new(Ends::Nothing).streamed()
    }

    /// Where this function says.
    #[must_use]
    pub const fn with(scan: fn(&[u8]) -> Result<Scan>) -> Self {
        Self::new(Ends::Scan(scan))
    }

    /// The most payload bytes; for pieces, of all of them together.
    #[must_use]
    pub const fn max(mut self, bytes: usize) -> Self {
        self.rule.max = Some(bytes);
        self
    }

    /// The time from the frame's first byte to its end, in all.
    #[must_use]
    pub const fn within(mut self, time: Duration) -> Self {
        self.rule.within = Some(time);
        self
    }

    /// [`within`](Until::within) so many seconds.
    #[must_use]
    pub const fn within_secs(self, secs: u64) -> Self {
        self.within(Duration::from_secs(secs))
    }

    /// [`within`](Until::within) so many milliseconds.
    #[must_use]
    pub const fn within_millis(self, millis: u64) -> Self {
        self.within(Duration::from_millis(millis))
    }

    /// [`within`](Until::within) any time: whatever the channel's `frame_timeout` is.
    #[must_use]
    pub const fn untimed(self) -> Self {
        self.within(Duration::MAX)
    }

    /// In the middle of something, although no byte of this frame has come: the text of a mail between
    /// two of its lines, a body that was announced. A [drain](crate::Map::drain) waits for its end, as it
    /// waits for the end of a frame; else who waits for a frame to begin is at rest.
    #[must_use]
    pub const fn busy(mut self) -> Self {
        self.rule.is_busy = true;
        self
    }

    /// Where a state goes by itself when its frame is done: `next = ..`. What a handler sets wins over it.
    #[must_use]
    pub fn then(self, next: S) -> Self {
        Self { next: Some(next), ..self }
    }

    /// Of the type that a handler takes: a [`Piece`] comes as it is there, all else is whole.
    #[must_use]
    pub fn of<T: 'static>(self) -> Self {
        if TypeId::of::<T>() == TypeId::of::<Piece<'static>>() {
            self.streamed()
        } else {
            self
        }
    }

    /// Nothing is held: the handler is called with a [`Piece`](crate::Piece) at a time.
    #[must_use]
    pub const fn streamed(mut self) -> Self {
        self.rule.delivery = Delivery::Pieces;
        self
    }

    /// Nothing is held: the data goes to `on_read`, the handler hears of the end.
    #[must_use]
    pub const fn collected(mut self) -> Self {
        self.rule.delivery = Delivery::Collected;
        self
    }

    /// Nothing is kept: the data is dropped, the handler hears of the end.
    #[must_use]
    pub const fn discarded(mut self) -> Self {
        self.rule.delivery = Delivery::Dropped;
        self
    }
}

/// A terminator in data: the type of a field marked `#[terminator]`.
///
/// The channel waits for whatever the field says now, and changing it counts from the next byte.
/// As in asynchat, a [`Len`](Terminator::Len) counts down while its bytes come, is 0 when its
/// handler is called, and stays so unless set again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Terminator {
    /// Collect for ever.
    #[default]
    None,
    /// So many bytes still to come. 0 collects for ever, as in asynchat.
    Len(u64),
    /// Up to these bytes. Empty collects for ever.
    Bytes(Bytes),
}

impl From<&'static [u8]> for Terminator {
    fn from(end: &'static [u8]) -> Self {
        Self::Bytes(Bytes::from_static(end))
    }
}

impl<const N: usize> From<&'static [u8; N]> for Terminator {
    fn from(end: &'static [u8; N]) -> Self {
        Self::Bytes(Bytes::from_static(end))
    }
}

impl From<&'static str> for Terminator {
    fn from(end: &'static str) -> Self {
        Self::Bytes(Bytes::from_static(end.as_bytes()))
    }
}

impl From<u64> for Terminator {
    fn from(len: u64) -> Self {
        Self::Len(len)
    }
}

impl Terminator {
    pub(crate) fn rule(&self) -> Rule<'_> {
        let until: Until<'_> = match self {
            Self::Bytes(end) if !end.is_empty() => Until::bytes(end),
            Self::Len(len) if *len > 0 => Until::len(*len),
            Self::None | Self::Len(_) | Self::Bytes(_) => Until::none(),
        };
        until.collected().rule
    }
}
