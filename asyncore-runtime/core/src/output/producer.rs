//! Producers: output that is made when there is room for it.

use bytes::{Bytes, BytesMut};
use core::task::Poll;
use std::collections::VecDeque;

use crate::output::push::{bytes_of, Push};
use crate::vocabulary::error::{BoxError, Error, Result};

/// Output on demand: asynchat's producer, whose `more()` is asked whenever there is room.
///
/// ```
/// use asyncore_runtime::Producer;
/// use bytes::Bytes;
/// struct Countdown(u32);
/// impl Producer for Countdown {
///     fn more(&mut self) -> Option<Bytes> {
///         self.0 = self.0.checked_sub(1)?;
///         Some(format!("{}\r\n", self.0).into())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a producer",
    label = "nothing can be pulled out of this",
    note = "implement `Producer` for `{Self}`: its `more()` gives the next bytes, or `None` at the end"
)]
pub trait Producer {
    /// The next bytes; `None`, or empty ones as in asynchat, is the end.
    fn more(&mut self) -> Option<Bytes>;
}

impl<P: Producer + ?Sized> Producer for Box<P> {
    fn more(&mut self) -> Option<Bytes> {
        (**self).more()
    }
}

/// What is in the buffer, and then whatever is put into it.
impl Producer for BytesMut {
    fn more(&mut self) -> Option<Bytes> {
        Some(self.split().freeze()).filter(|bytes| !bytes.is_empty())
    }
}

/// What is in the buffer, and then whatever is put into it.
impl Producer for Vec<u8> {
    fn more(&mut self) -> Option<Bytes> {
        Some(std::mem::take(self).into()).filter(|bytes: &Bytes| !bytes.is_empty())
    }
}

/// One after the other.
impl<P: Producer> Producer for VecDeque<P> {
    fn more(&mut self) -> Option<Bytes> {
        loop {
            let chunk = self.front_mut()?.more().filter(|chunk| !chunk.is_empty());
            if chunk.is_some() {
                return chunk;
            }
            self.pop_front();
        }
    }
}

/// asynchat's `simple_producer`: gives out `data` in pieces of at most `size` bytes.
#[derive(Debug, Clone)]
pub struct SimpleProducer {
    data: Bytes,
    size: usize,
}

impl SimpleProducer {
    /// asynchat's own size of a piece.
    pub const SIZE: usize = 512;

    /// A producer of `data`, [`SIZE`](Self::SIZE) bytes at a time.
    pub fn new(data: impl Into<Bytes>) -> Self {
        Self::with_size(data, Self::SIZE)
    }

    /// A producer of `data`, `size` bytes at a time; at least one.
    pub fn with_size(data: impl Into<Bytes>, size: usize) -> Self {
        Self { data: data.into(), size: size.max(1) }
    }
}

impl Producer for SimpleProducer {
    fn more(&mut self) -> Option<Bytes> {
        let size = self.size.min(self.data.len());
        Some(self.data.split_to(size)).filter(|piece| !piece.is_empty())
    }
}

/// What a closure or a `#[producer]` method answers: `Option` (the end is `None`), `Poll` of one
/// ("not yet" is `Pending`, ended by [`Io::wake_producer`](crate::Io::wake_producer)), and `Result` of either.
#[diagnostic::on_unimplemented(
    message = "a producer cannot answer `{Self}`",
    label = "this is not an answer of a producer",
    note = "answer `Option<B>`, `Poll<Option<B>>` or a `Result` of one, where `B` is byte-like"
)]
pub trait Produced {
    /// The answer, with its bytes in one piece.
    ///
    /// # Errors
    /// What the producer failed with; `#[on_error]` gets it, and the producer is dropped.
    fn produced(self) -> Result<Poll<Option<Bytes>>>;
}

impl<B: Push> Produced for Option<B> {
    fn produced(self) -> Result<Poll<Option<Bytes>>> {
        Ok(Poll::Ready(self.map(bytes_of).transpose()?))
    }
}

impl<B: Push> Produced for Poll<Option<B>> {
    fn produced(self) -> Result<Poll<Option<Bytes>>> {
        Ok(match self {
            Poll::Ready(made) => Poll::Ready(made.map(bytes_of).transpose()?),
            Poll::Pending => Poll::Pending,
        })
    }
}

impl<P: Produced, E: Into<BoxError>> Produced for core::result::Result<P, E> {
    fn produced(self) -> Result<Poll<Option<Bytes>>> {
        self.map_err(Error::handler)?.produced()
    }
}
