//! How producers of all kinds come into the output queue of a channel.

use bytes::Bytes;
use core::marker::PhantomData;
use core::task::Poll;
use std::io::Read;

use crate::channel::io::{stop, Io, Pull};
use crate::channel::Channel;
use crate::output::producer::{Produced, Producer};
use crate::output::push::{bytes_of, Push};
use crate::vocabulary::error::Result;
use crate::vocabulary::guard::dispose;

/// With so many producers queued the channel reads no further, and with half as many it goes on: as
/// `output_high` and `output_low` have it for bytes.
const PRODUCERS_HIGH: usize = 128;
pub(crate) const PRODUCERS_LOW: usize = PRODUCERS_HIGH / 2;

impl<T: Channel> Io<T> {
    /// Queues a producer: a reader, an iterator of bytes, a [`Producer`](crate::Producer), a
    /// closure, or a `#[producer]` method. It is asked as there is room: when less than 16 KiB of
    /// what was pushed before it is still to be written.
    ///
    /// A method, like every function that captures nothing, has its place in the channel: the next
    /// frame waits until it is done. On a datagram channel each chunk is a datagram to whom a push
    /// would go now.
    ///
    /// With 128 of them queued the channel reads no further, until half of them are done.
    pub fn push_with_producer<M>(&mut self, producer: impl IntoProducer<T, M>) {
        if self.state.late {
            return dispose(producer);
        }
        let mut pull = producer.into_pull().0;
        if self.out.queue.is_aside() {
            pull.to = self.peer_addr();
            if pull.to.is_none() {
                self.is_unaddressed(1);
                return dispose(pull);
            }
        }
        let holds_input = pull.holds_input;
        self.out.push_producer(pull, holds_input);
        if self.out.holds_input() {
            self.state.stop |= stop::HOLDING;
        }
        // Each holds what nobody counts; a peer that asks and does not read must not gather them.
        if self.out.producers() >= PRODUCERS_HIGH {
            self.choke();
        }
    }
}

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
        Self(Pull { ask: Box::new(ask), holds_input, to: None })
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
            let is_empty = |made: &Result<Bytes>| made.as_ref().is_ok_and(Bytes::is_empty);
            Ok(Poll::Ready(self.by_ref().map(bytes_of).find(|made| !is_empty(made)).transpose()?))
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
