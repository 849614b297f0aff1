//! What is on its way out of a channel: one FIFO of bytes, producers, and places for answers.
//!
//! Knows the vocabulary, and nothing of channels, of who writes, and of when: a producer is
//! whatever the room above says it is.

pub(crate) mod line;
pub(crate) mod producer;
pub(crate) mod push;
mod queue;

use bytes::Bytes;
use core::fmt;
use std::collections::VecDeque;

use crate::vocabulary::addr::Addr;
use crate::vocabulary::guard::{dispose, dispose_each};
use queue::Item;

pub(crate) use queue::{Front, Queue};

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

impl<P> Output<P> {
    /// One that takes pushes whatever is said of another one.
    pub(crate) fn open() -> Self {
        // Asleep as the other one may be: what is woken meanwhile is awake when both are one again.
        Self { queue: Queue::open(), asleep: true, ..Self::default() }
    }

    /// What was pushed before goes behind what is here now.
    pub(crate) fn append(&mut self, before: Self) {
        self.fill_place(None, before);
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
                None | Some(Item::Place(_)) => false,
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

    pub(crate) fn producers(&self) -> usize {
        self.producers.len()
    }

    /// `len` bytes of the front were written.
    pub(crate) fn advance(&mut self, len: usize) {
        self.queue.advance(len);
    }

    /// Sends the datagrams at the front, as long as they go.
    pub(crate) fn send_ready(&mut self, mut send: impl FnMut(&Addr, &[u8]) -> bool) {
        while let Some(Front::Datagram(to, bytes)) = self.front() {
            if !send(to, bytes) {
                return;
            }
            self.datagram_done();
        }
    }

    /// The datagram at the front was sent, or cannot be.
    pub(crate) fn datagram_done(&mut self) {
        if let Some(Item::Datagram(_, bytes)) = self.queue.rest.pop_front() {
            self.queue.behind -= bytes.len();
            dispose(bytes);
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

    /// The producer gave `chunk` and may have more, or `None`: not yet. Where there are datagrams it
    /// is one, `to` whom the producer was pushed.
    pub(crate) fn put_back(&mut self, pull: P, chunk: Option<Bytes>, to: Option<Addr>) {
        // Unless it discarded the queue while it was asked, and itself with it.
        let Some(item @ Item::Asked) = self.queue.rest.front_mut() else { return };
        *item = Item::Producer;
        self.producers.push_front(pull);
        match chunk {
            None => self.asleep = true,
            Some(chunk) => self.queue.put_first(chunk, to),
        }
    }

    /// The producer that was asked has no more.
    pub(crate) fn ended(&mut self, held_input: bool) {
        if let Some(Item::Asked) = self.queue.rest.front() {
            self.queue.rest.pop_front();
            self.holding = self.holding.saturating_sub(usize::from(held_input));
        }
    }

    /// The producer at the front may have something now. Whether there is one that slept.
    pub(crate) fn wake(&mut self) -> bool {
        std::mem::take(&mut self.asleep)
    }

    /// Drops everything queued, producers included; how many bytes that were.
    pub(crate) fn clear(&mut self) -> usize {
        let dropped = self.queue.len();
        let is_aside = self.queue.is_aside;
        let old = std::mem::take(self);
        self.queue.is_aside = is_aside;
        dispose_each(old.producers);
        dispose_each(old.queue.rest);
        dropped
    }

    /// Takes all that is queued, unless there is more than bytes: producers, places, datagrams.
    #[cfg(feature = "tls")]
    pub(crate) fn take_bytes(&mut self) -> Option<Vec<u8>> {
        let is_bytes = |item: &Item| matches!(item, Item::Bytes(_) | Item::Flat(_));
        if !self.queue.rest.iter().all(is_bytes) {
            return None;
        }
        let mut taken = Vec::with_capacity(self.queue.len());
        while let Some(Front::Bytes(bytes)) = self.front() {
            let len = bytes.len();
            taken.extend_from_slice(bytes);
            self.advance(len);
        }
        Some(taken)
    }

    /// Keeps a place for an answer: what is pushed from now on goes behind it.
    pub(crate) fn hold_place(&mut self, id: u64) {
        self.queue.push_back(Item::Place(id));
    }

    /// Nobody will fill the places that are kept.
    pub(crate) fn give_up_places(&mut self) {
        self.queue.rest.retain(|item| !matches!(item, Item::Place(_)));
    }

    /// Puts an answer into its place, or behind everything if it has none; `false` if the place is
    /// gone, as the queue was cleared meanwhile.
    pub(crate) fn fill_place(&mut self, id: Option<u64>, mut answer: Self) -> bool {
        let place = |id| {
            let is_place = |item: &Item| matches!(item, Item::Place(other) if *other == id);
            self.queue.rest.iter().position(is_place)
        };
        let Some(at) = id.map_or(Some(self.queue.rest.len()), place) else {
            // Its producers are the user's.
            answer.clear();
            return false;
        };
        let behind = self.queue.rest.split_off(at);
        if answer.queue.has_failed() {
            self.queue.fail();
        }
        self.insert(at, answer);
        self.queue.rest.extend(behind.into_iter().skip(usize::from(id.is_some())));
        self.queue.behind = self.queue.rest.iter().map(Item::len).sum();
        self.queue.is_open = false;
        true
    }

    /// Puts an answer behind what is left of the queue, its producers among those of the places
    /// before and behind it.
    fn insert(&mut self, at: usize, answer: Self) {
        let before = self.queue.rest.iter().take(at);
        let producers = before.filter(|item| matches!(item, Item::Producer)).count();
        let later = self.producers.split_off(producers.min(self.producers.len()));
        self.producers.extend(answer.producers);
        self.producers.extend(later);
        self.holding = self.holding.saturating_add(answer.holding);
        self.asleep &= answer.asleep;
        let Queue { head, rest, .. } = answer.queue;
        if self.queue.rest.is_empty() {
            // Nothing stands before it: it leaves with what is in the head, in one write.
            self.queue.head.extend_from_slice(&head);
        } else if !head.is_empty() {
            self.queue.rest.push_back(Item::Flat(head));
        }
        self.queue.rest.extend(rest);
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

#[cfg(test)]
mod tests;
