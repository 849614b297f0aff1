//! The output queue: one FIFO of bytes, and of places for what is to come.

use bytes::{Buf, Bytes};
use std::collections::VecDeque;

use crate::vocabulary::addr::Addr;
use crate::vocabulary::guard::dispose;

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
    pub(super) head: Vec<u8>,
    pub(super) sent: usize,
    pub(super) rest: VecDeque<Item>,
    pub(super) behind: usize,
    /// What is pushed is not for here: it is too late, or each push is a datagram.
    pub(super) is_aside: bool,
    /// What is pushed goes to the end of `head`, and nothing else need be asked: one test for each
    /// push. It may be false without a reason until the next event.
    pub(super) is_open: bool,
    /// A `Display` of the user's failed; what it had written was taken back.
    has_failed: bool,
}

#[derive(Debug)]
pub(super) enum Item {
    Bytes(Bytes),
    /// Bytes that may still grow.
    Flat(Vec<u8>),
    Datagram(Addr, Bytes),
    /// The next one of the producers has its place here.
    Producer,
    /// A producer is being asked just now: what it pushes goes behind it.
    Asked,
    /// An answer is owed here: what is pushed after it waits for it.
    Place(u64),
}

/// How far a queue had been filled.
pub(super) struct Mark {
    head: usize,
    rest: usize,
    flat: usize,
}

/// What goes next.
pub(crate) enum Front<'a> {
    Bytes(&'a [u8]),
    Datagram(&'a Addr, &'a [u8]),
}

impl Queue {
    #[inline]
    pub(crate) fn len(&self) -> usize {
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

    pub(super) fn push_back(&mut self, item: Item) {
        self.is_open = false;
        self.rest.push_back(item);
    }

    pub(super) fn push_front(&mut self, item: Item) {
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

    pub(crate) fn put_datagram(&mut self, to: Addr, bytes: Bytes) {
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
                Item::Producer | Item::Asked | Item::Place(_) => {}
            }
        }
        self.head.into()
    }

    pub(super) fn mark(&self) -> Mark {
        let flat = match self.rest.back() {
            Some(Item::Flat(flat)) => flat.len(),
            _ => 0,
        };
        Mark { head: self.head.len(), rest: self.rest.len(), flat }
    }

    /// Takes back what was put since, and remembers that it was.
    #[cold]
    pub(super) fn take_back(&mut self, mark: &Mark) {
        self.fail();
        self.head.truncate(mark.head);
        self.rest.truncate(mark.rest);
        if let Some(Item::Flat(flat)) = self.rest.back_mut() {
            flat.truncate(mark.flat);
        }
        self.behind = self.rest.iter().map(Item::len).sum();
    }

    #[inline]
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Whether a push has failed since this was asked.
    #[inline]
    pub(crate) fn take_failure(&mut self) -> bool {
        std::mem::take(&mut self.has_failed)
    }

    /// Puts all that is in `other`, which has no producers, behind what is here.
    pub(crate) fn append(&mut self, other: &mut Self) {
        if other.take_failure() {
            self.fail();
        }
        self.put(&other.head);
        other.head.clear();
        for item in other.rest.drain(..) {
            match item {
                Item::Bytes(bytes) => self.put_bytes(bytes),
                Item::Flat(flat) => self.put(&flat),
                Item::Datagram(to, bytes) => self.put_datagram(to, bytes),
                Item::Producer | Item::Asked | Item::Place(_) => {}
            }
        }
        other.behind = 0;
    }

    /// A queue of its own, that takes pushes whatever is said of another one.
    pub(crate) fn open() -> Self {
        Self { is_open: true, ..Self::default() }
    }

    /// As [`open`](Self::open), in a buffer that is lent.
    pub(crate) fn open_in(spare: Vec<u8>) -> Self {
        Self { head: spare, ..Self::open() }
    }

    /// Gives the buffer back.
    pub(crate) fn into_spare(mut self) -> Vec<u8> {
        self.head.clear();
        self.head
    }

    /// A push has failed, here or on its way here. Not open, so that one test tells.
    pub(crate) fn fail(&mut self) {
        self.has_failed = true;
        self.is_open = false;
    }

    /// What to write next; `None` if a producer has to be asked first, or nothing is left.
    #[inline(always)]
    pub(super) fn front(&mut self) -> Option<Front<'_>> {
        if self.sent == self.head.len() {
            self.refill();
        }
        match self.rest.front() {
            _ if self.sent < self.head.len() => self.head.get(self.sent..).map(Front::Bytes),
            Some(Item::Bytes(bytes)) => Some(Front::Bytes(bytes)),
            Some(Item::Datagram(to, bytes)) => Some(Front::Datagram(to, bytes)),
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
    pub(super) fn advance(&mut self, len: usize) {
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
                // Even bytes can be the user's, and run code of the user's here.
                dispose(self.rest.pop_front());
            }
        }
    }

    /// Puts a producer's chunk in front of it; small ones gather in the head.
    pub(super) fn put_first(&mut self, chunk: Bytes, to: Option<Addr>) {
        if to.is_none() && chunk.len() < SHARED {
            return self.head.extend_from_slice(&chunk);
        }
        self.behind += chunk.len();
        self.push_front(match to {
            Some(to) => Item::Datagram(to, chunk),
            None => Item::Bytes(chunk),
        });
    }
}

impl Queue {
    /// What could not be written goes into a buffer that just fits.
    pub(super) fn keep_unsent(&mut self) -> Vec<u8> {
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

impl Item {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) | Self::Datagram(_, bytes) => bytes.len(),
            Self::Flat(flat) => flat.len(),
            Self::Producer | Self::Asked | Self::Place(_) => 0,
        }
    }
}
