//! Producers: output that is made when there is room for it.

use bytes::{Bytes, BytesMut};
use core::marker::PhantomData;
use core::task::Poll;
use std::collections::VecDeque;
use std::io::Read;

use crate::channel::Channel;
use crate::error::{BoxError, Error, Result};
use crate::io::Io;
use crate::push::{whole, Push};

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
/// ("not yet" is `Pending`, ended by [`Io::wake_producer`]), and `Result` of either.
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
        Ok(Poll::Ready(self.map(whole)))
    }
}

impl<B: Push> Produced for Poll<Option<B>> {
    fn produced(self) -> Result<Poll<Option<Bytes>>> {
        Ok(self.map(|bytes| bytes.map(whole)))
    }
}

impl<P: Produced, E: Into<BoxError>> Produced for core::result::Result<P, E> {
    fn produced(self) -> Result<Poll<Option<Bytes>>> {
        self.map_err(Error::handler)?.produced()
    }
}

/// A producer in the output queue.
pub(crate) struct Pull<T: Channel> {
    pub(crate) ask: Ask<T>,
    /// Its place is in the channel itself: the next frame must not move it.
    pub(crate) holds_input: bool,
}

type Ask<T> = Box<dyn FnMut(&mut T, &mut Io<T>) -> Result<Poll<Option<Bytes>>>>;

/// What [`Io::push_with_producer`] takes: a [`Producer`], an iterator of byte-likes, a reader, a
/// closure or a `#[producer]` method.
///
/// `M` only tells the kinds apart and is inferred. A type that is two of them (an iterator that
/// reads, say) is ambiguous; wrap it in a closure.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a producer",
    label = "nothing can be pulled out of this",
    note = "push a reader, an iterator of bytes, a `Producer`, a method, or a closure `move |_: &mut Self| ..`"
)]
pub trait IntoProducer<T: Channel, M> {
    #[doc(hidden)]
    fn into_pull(self) -> PullFor<T>;
}

/// A producer, ready to be queued.
pub struct PullFor<T: Channel>(pub(crate) Pull<T>);

impl<T: Channel> core::fmt::Debug for PullFor<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Producer").field("holds_input", &self.0.holds_input).finish()
    }
}

impl<T: Channel> PullFor<T> {
    fn new(
        holds_input: bool,
        ask: impl FnMut(&mut T, &mut Io<T>) -> Result<Poll<Option<Bytes>>> + 'static,
    ) -> Self {
        Self(Pull { ask: Box::new(ask), holds_input })
    }
}

/// Tells a [`Producer`] from the other kinds.
#[derive(Debug)]
pub struct ByProducer;
/// Tells an iterator from the other kinds.
#[derive(Debug)]
pub struct ByIterator;
/// Tells a reader from the other kinds.
#[derive(Debug)]
pub struct ByReader;
/// Tells a method or closure with the channel alone from the other kinds.
#[derive(Debug)]
pub struct ByMethod<P>(PhantomData<P>);
/// Tells a method or closure with the channel and its `Io` from the other kinds.
#[derive(Debug)]
pub struct ByMethodWithIo<P>(PhantomData<P>);

impl<T: Channel, P: Producer + 'static> IntoProducer<T, ByProducer> for P {
    fn into_pull(mut self) -> PullFor<T> {
        PullFor::new(false, move |_, _| self.more().produced())
    }
}

impl<T: Channel, I> IntoProducer<T, ByIterator> for I
where
    I: Iterator + 'static,
    I::Item: Push,
{
    fn into_pull(mut self) -> PullFor<T> {
        // An empty item is not the end of an iterator, as it would be of a producer.
        PullFor::new(false, move |_, _| {
            Ok(Poll::Ready(self.by_ref().map(whole).find(|bytes| !bytes.is_empty())))
        })
    }
}

/// What a reader is asked for at a time.
const READ: usize = 16 * 1024;

impl<T: Channel, R: Read + 'static> IntoProducer<T, ByReader> for R {
    fn into_pull(mut self) -> PullFor<T> {
        PullFor::new(false, move |_, _| read_some(&mut self).produced())
    }
}

fn read_some(reader: &mut impl Read) -> std::io::Result<Poll<Option<Bytes>>> {
    let mut chunk = vec![0; READ];
    loop {
        match reader.read(&mut chunk) {
            Ok(len) => {
                chunk.truncate(len);
                return Ok(Poll::Ready(Some(chunk.into()).filter(|_| len > 0)));
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                return Ok(Poll::Pending)
            }
            Err(error) => return Err(error),
        }
    }
}

/// A function that captures nothing has its place in the channel.
const fn holds_input<F>() -> bool {
    size_of::<F>() == 0
}

impl<T, F, P> IntoProducer<T, ByMethod<P>> for F
where
    T: Channel,
    F: FnMut(&mut T) -> P + 'static,
    P: Produced,
{
    fn into_pull(mut self) -> PullFor<T> {
        PullFor::new(holds_input::<F>(), move |channel, _| self(channel).produced())
    }
}

impl<T, F, P> IntoProducer<T, ByMethodWithIo<P>> for F
where
    T: Channel,
    F: FnMut(&mut T, &mut Io<T>) -> P + 'static,
    P: Produced,
{
    fn into_pull(mut self) -> PullFor<T> {
        PullFor::new(holds_input::<F>(), move |channel, io| self(channel, io).produced())
    }
}
