//! The output queue: one FIFO of bytes and producers.

pub(crate) mod producer;
pub(crate) mod push;

use bytes::{Buf, Bytes};
use core::fmt;
use std::collections::VecDeque;
use std::net::SocketAddr;

/// Bytes that are shared from this size on are queued as they are; smaller ones are cheaper copied
/// to where their neighbours leave in the same write.
const SHARED: usize = 4 * 1024;

/// Bytes on their way out, and where among them a producer stands.
///
/// Invariants: `sent <= head.len()`; `behind` is the number of bytes in `rest`; `head` goes before
/// everything in `rest`; where `is_open`, `rest` is empty and nothing is aside.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// Flat, so that the replies of one turn leave in one write.
    head: Vec<u8>,
    sent: usize,
    rest: VecDeque<Item>,
    behind: usize,
    /// What is pushed is not for here: it is too late, or each push is a datagram.
    is_aside: bool,
    /// What is pushed goes to the end of `head`, and nothing else need be asked: one test for each
    /// push. It may be false without a reason until the next event.
    is_open: bool,
}

#[derive(Debug)]
enum Item {
    Bytes(Bytes),
    /// Bytes that may still grow.
    Flat(Vec<u8>),
    Datagram(SocketAddr, Bytes),
    /// The next one of the producers has its place here.
    Producer,
    /// A producer is being asked just now: what it pushes goes behind it.
    Asked,
}

/// What goes next.
pub(crate) enum Front<'a> {
    Bytes(&'a [u8]),
    Datagram(SocketAddr, &'a [u8]),
}

impl Queue {
    #[inline]
    fn len(&self) -> usize {
        self.head.len() - self.sent + self.behind
    }

    #[inline(always)]
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        if self.is_open {
            self.head.extend_from_slice(bytes);
        } else {
            self.put_behind(bytes);
        }
    }

    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(crate) fn is_aside(&self) -> bool {
        self.is_aside
    }

    /// From now on what is pushed is not for here.
    pub(crate) fn set_aside(&mut self) {
        self.is_aside = true;
        self.is_open = false;
    }

    fn put_behind(&mut self, bytes: &[u8]) {
        if self.rest.is_empty() {
            return self.head.extend_from_slice(bytes);
        }
        self.behind += bytes.len();
        if let Some(Item::Flat(flat)) = self.rest.back_mut() {
            flat.extend_from_slice(bytes);
        } else if !bytes.is_empty() {
            self.push_back(Item::Flat(bytes.to_vec()));
        }
    }

    fn push_back(&mut self, item: Item) {
        self.is_open = false;
        self.rest.push_back(item);
    }

    fn push_front(&mut self, item: Item) {
        self.is_open = false;
        self.rest.push_front(item);
    }

    /// As [`put_bytes`](Self::put_bytes), but small ones do without an owner more.
    #[inline]
    pub(crate) fn put_shared(&mut self, bytes: &Bytes) {
        if bytes.len() < SHARED {
            return self.put(bytes);
        }
        self.put_bytes(bytes.clone());
    }

    pub(crate) fn put_bytes(&mut self, bytes: Bytes) {
        if bytes.len() < SHARED {
            return self.put(&bytes);
        }
        self.behind += bytes.len();
        self.push_back(Item::Bytes(bytes));
    }

    pub(crate) fn put_datagram(&mut self, to: SocketAddr, bytes: Bytes) {
        self.behind += bytes.len();
        self.push_back(Item::Datagram(to, bytes));
    }

    /// Everything that was put, in one piece.
    pub(crate) fn into_bytes(mut self) -> Bytes {
        if let (true, 1, Some(Item::Bytes(bytes))) =
            (self.head.is_empty(), self.rest.len(), self.rest.front_mut())
        {
            return std::mem::take(bytes);
        }
        for item in self.rest {
            match item {
                Item::Bytes(bytes) | Item::Datagram(_, bytes) => {
                    self.head.extend_from_slice(&bytes)
                }
                Item::Flat(flat) => self.head.extend_from_slice(&flat),
                Item::Producer | Item::Asked => {}
            }
        }
        self.head.into()
    }

    /// What to write next; `None` if a producer has to be asked first, or nothing is left.
    #[inline(always)]
    fn front(&mut self) -> Option<Front<'_>> {
        if self.sent == self.head.len() {
            self.refill();
        }
        match self.rest.front() {
            _ if self.sent < self.head.len() => self.head.get(self.sent..).map(Front::Bytes),
            Some(Item::Bytes(bytes)) => Some(Front::Bytes(bytes)),
            Some(Item::Datagram(to, bytes)) => Some(Front::Datagram(*to, bytes)),
            _ => None,
        }
    }

    /// The head is used up: what follows flat becomes it.
    #[inline(never)]
    fn refill(&mut self) {
        self.head.clear();
        self.sent = 0;
        if let Some(Item::Flat(flat)) = self.rest.front_mut() {
            self.behind -= flat.len();
            self.head.append(flat);
            self.rest.pop_front();
        }
    }

    #[inline(always)]
    fn advance(&mut self, len: usize) {
        if self.sent < self.head.len() {
            self.sent = (self.sent + len).min(self.head.len());
        } else {
            self.advance_rest(len);
        }
    }

    fn advance_rest(&mut self, len: usize) {
        if let Some(Item::Bytes(bytes)) = self.rest.front_mut() {
            let len = len.min(bytes.len());
            bytes.advance(len);
            self.behind -= len;
            if bytes.is_empty() {
                self.rest.pop_front();
            }
        }
    }

    /// Puts a producer's chunk in front of it; small ones gather in the head.
    fn put_first(&mut self, chunk: Bytes) {
        if chunk.len() < SHARED {
            self.head.extend_from_slice(&chunk);
        } else {
            self.behind += chunk.len();
            self.push_front(Item::Bytes(chunk));
        }
    }
}

/// The queue of one channel, with its producers in the order of their places.
pub(crate) struct Output<P> {
    pub(crate) queue: Queue,
    producers: VecDeque<P>,
    /// So many producers have their place in the channel: the next frame waits for them.
    holding: usize,
    /// The producer at the front said "not yet".
    asleep: bool,
}

impl<P> Default for Output<P> {
    fn default() -> Self {
        Self { queue: Queue::default(), producers: VecDeque::new(), holding: 0, asleep: false }
    }
}

impl<P> fmt::Debug for Output<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("bytes", &self.queue.len())
            .field("producers", &self.producers.len())
            .finish()
    }
}

impl<P> Output<P> {
    /// Bytes queued.
    #[inline]
    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing is queued, not even a producer or an empty datagram.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.len() == 0 && self.queue.rest.is_empty()
    }

    /// Whether there is something to do for it as soon as there is room.
    #[inline]
    pub(crate) fn is_waiting_for_room(&self) -> bool {
        self.queue.sent < self.queue.head.len()
            || match self.queue.rest.front() {
                None => false,
                Some(Item::Producer) => !self.asleep,
                Some(_) => true,
            }
    }

    #[inline]
    pub(crate) fn holds_input(&self) -> bool {
        self.holding > 0
    }

    pub(crate) fn push_producer(&mut self, pull: P, holds_input: bool) {
        self.holding += usize::from(holds_input);
        self.producers.push_back(pull);
        self.queue.push_back(Item::Producer);
    }

    /// What to write next; `None` if a producer has to be asked first, or nothing is left.
    pub(crate) fn front(&mut self) -> Option<Front<'_>> {
        self.queue.front()
    }

    /// Whether whoever stands next should be asked for more before the next write, as there are
    /// fewer than `bytes` flat ones: a producer, or nobody.
    #[inline]
    pub(crate) fn may_gather(&self, bytes: usize) -> bool {
        let is_bytes = matches!(
            self.queue.rest.front(),
            Some(Item::Bytes(_) | Item::Datagram(..) | Item::Flat(_))
        );
        !is_bytes && self.queue.head.len() - self.queue.sent < bytes
    }

    #[inline]
    pub(crate) fn has_producers(&self) -> bool {
        !self.producers.is_empty()
    }

    /// `len` bytes of the front were written.
    pub(crate) fn advance(&mut self, len: usize) {
        self.queue.advance(len);
    }

    /// The datagram at the front was sent, or cannot be.
    pub(crate) fn datagram_done(&mut self) {
        if let Some(Item::Datagram(_, bytes)) = self.queue.rest.pop_front() {
            self.queue.behind -= bytes.len();
        }
    }

    /// Takes the producer whose turn it is: nothing is queued before it and it is not asleep.
    /// [`put_back`](Self::put_back) or [`ended`](Self::ended) must follow.
    pub(crate) fn take_producer(&mut self) -> Option<P> {
        match self.queue.rest.front_mut() {
            Some(item @ Item::Producer) if !self.asleep => {
                *item = Item::Asked;
                self.producers.pop_front()
            }
            _ => None,
        }
    }

    /// The producer gave `chunk` and may have more, or `None`: not yet.
    pub(crate) fn put_back(&mut self, pull: P, chunk: Option<Bytes>) {
        // Unless it discarded the queue while it was asked, and itself with it.
        let Some(item @ Item::Asked) = self.queue.rest.front_mut() else { return };
        *item = Item::Producer;
        self.producers.push_front(pull);
        match chunk {
            None => self.asleep = true,
            Some(chunk) => self.queue.put_first(chunk),
        }
    }

    /// The producer that was asked has no more.
    pub(crate) fn ended(&mut self, held_input: bool) {
        if let Some(Item::Asked) = self.queue.rest.front() {
            self.queue.rest.pop_front();
            self.holding -= usize::from(held_input);
        }
    }

    /// The producer at the front may have something now. Whether there is one that slept.
    pub(crate) fn wake(&mut self) -> bool {
        std::mem::take(&mut self.asleep)
    }

    /// Drops everything queued; how many bytes that were.
    pub(crate) fn clear(&mut self) -> usize {
        let dropped = self.queue.len();
        let is_aside = self.queue.is_aside;
        *self = Self::default();
        self.queue.is_aside = is_aside;
        dropped
    }

    /// Uses `spare` for the head, so that a channel at rest needs no buffer of its own.
    #[inline]
    pub(crate) fn borrow(&mut self, spare: &mut Vec<u8>) {
        if self.queue.head.capacity() == 0 {
            std::mem::swap(&mut self.queue.head, spare);
        }
        self.queue.is_open = self.queue.rest.is_empty() && !self.queue.is_aside;
    }

    /// Gives the larger buffer back.
    #[inline]
    pub(crate) fn give_back(&mut self, spare: &mut Vec<u8>) {
        let queue = &mut self.queue;
        let kept = if queue.sent < queue.head.len() { queue.keep_unsent() } else { Vec::new() };
        queue.sent = 0;
        queue.head.clear();
        if spare.capacity() < queue.head.capacity() {
            std::mem::swap(spare, &mut queue.head);
        }
        queue.head = kept;
    }
}

impl Queue {
    /// What could not be written goes into a buffer that just fits.
    fn keep_unsent(&mut self) -> Vec<u8> {
        let unsent = self.head.get(self.sent..).unwrap_or(&[]);
        if unsent.len() < SHARED {
            return unsent.to_vec();
        }
        // A slow reader takes little at a time: what waits for it is not copied again.
        let unsent = Bytes::copy_from_slice(unsent);
        self.behind += unsent.len();
        self.push_front(Item::Bytes(unsent));
        Vec::new()
    }
}
