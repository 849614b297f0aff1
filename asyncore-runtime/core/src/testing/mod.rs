//! Channels without sockets: the same generated code, the same turns, limits and deadlines, on
//! connections in memory and a clock that is turned by hand.
//!
//! [`Session`] is one channel whose peer is the test; [`Net`] is a small network of them.

mod fuzz;
mod session;

pub use fuzz::{explore, fuzz};
pub use session::{Sample, Session};

use bytes::Bytes;
use core::fmt;
use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;

use crate::channel::io::Io;
use crate::channel::Channel;
use crate::driver::start;
use crate::map::open::ways_in;
use crate::scheduler::clock::nanos;
use crate::scheduler::inbox::{Inbox, Post};
use crate::scheduler::scratch::Scratch;
use crate::scheduler::Scheduler;
use crate::transport::network::Network;
use crate::transport::pipe::{Pipe, PipeEnd, SharedPipe};
use crate::transport::readiness::Ready;
use crate::transport::system::System;
use crate::vocabulary::addr::{resolve, ToAddr};
use crate::vocabulary::closed::Closed;
use crate::vocabulary::counters::{Counters, Limit};
use crate::vocabulary::guard::dispose;
use crate::vocabulary::key::{Key, RawKey};

/// So many passes without an end are a loop in the channels under test.
const PASSES: usize = 1_000_000;

/// Several channels in one map without sockets: `tell`, `push_to`, `connect`, `listen`, timers.
///
/// ```
/// # use asyncore_runtime::{channel, Io, Key, testing::Net};
/// # #[channel] struct Echo;
/// # #[channel] impl Echo { #[terminator(b"\r\n")] fn line(line: &str) -> String { format!("{line}!") } }
/// let mut net = Net::new();
/// let (a, b) = (net.open(Echo), net.open(Echo));
/// net.feed(a, b"hi\r\n");
/// assert_eq!(net.output(a), b"hi!");
/// assert_eq!(net.output(b), b"");
/// ```
///
/// `listen` and `connect` stay inside: who connects to an address that is listened on here is
/// connected to that listener, to any other the test is the peer, unless it was
/// [`refuse`](Net::refuse)d.
pub struct Net {
    scheduler: Rc<Scheduler>,
    scratch: Scratch,
    /// What is done now happens together with what is done next.
    is_held: bool,
}

impl Net {
    /// An empty network, at time zero.
    #[must_use]
    pub fn new() -> Self {
        let system = System::Memory(RefCell::default());
        let scheduler = Scheduler::new(system, Inbox::new(|| ()));
        Self { scheduler, scratch: Scratch::new(), is_held: false }
    }

    ways_in!(self => &self.scheduler);

    /// A channel whose peer, accepted as by a listener, is the test.
    pub fn open<T: Channel>(&mut self, channel: T) -> Key<T> {
        let key =
            start::accepted(&self.scheduler, PipeEnd(Pipe::new(None)).into(), channel, |_| ());
        let key = key.unwrap_or_else(|_| unreachable_in_memory());
        self.settle();
        key
    }

    /// As [`open`](Net::open), over a stream that is made into another one first.
    #[cfg(test)]
    pub(crate) fn open_over<T: Channel>(
        &mut self,
        channel: T,
        wrap: impl FnOnce(crate::transport::stream::Stream) -> crate::transport::stream::Stream,
    ) -> Key<T> {
        let stream = wrap(PipeEnd(Pipe::new(None)).into());
        let key = start::accepted(&self.scheduler, stream, channel, |_| ());
        let key = key.unwrap_or_else(|_| unreachable_in_memory());
        self.settle();
        key
    }

    /// The peer sends `data`: one read's worth, unless it is longer than that.
    pub fn feed<T: Channel>(&mut self, key: Key<T>, data: impl AsRef<[u8]>) {
        if let Some(pipe) = self.pipe(key.raw) {
            if !data.as_ref().is_empty() {
                pipe.borrow_mut().incoming.push_back(Bytes::copy_from_slice(data.as_ref()));
            }
        }
        self.news(key.raw, Ready::READABLE);
    }

    /// The peer closes its side.
    pub fn feed_eof<T: Channel>(&mut self, key: Key<T>) {
        if let Some(pipe) = self.pipe(key.raw) {
            pipe.borrow_mut().incoming_ended = true;
        }
        self.news(key.raw, Ready::READABLE.and(Ready::READ_CLOSED));
    }

    /// The peer goes without a word: what it sent can still be read, then reading fails with
    /// `ConnectionReset`, and writing with `BrokenPipe`.
    pub fn feed_reset<T: Channel>(&mut self, key: Key<T>) {
        if let Some(pipe) = self.pipe(key.raw) {
            pipe.borrow_mut().is_reset = true;
        }
        let gone = Ready::READABLE.and(Ready::WRITABLE).and(Ready::READ_CLOSED).and(Ready::FAILED);
        self.news(key.raw, gone);
    }

    /// What the channel sent since the last look.
    pub fn output<T: Channel>(&mut self, key: Key<T>) -> Vec<u8> {
        let pipe = self.pipe(key.raw);
        pipe.map(|pipe| std::mem::take(&mut pipe.borrow_mut().outgoing)).unwrap_or_default()
    }

    /// The peer reads so many bytes from now on, and then no more; `usize::MAX`, as at first, for
    /// all.
    pub fn window<T: Channel>(&mut self, key: Key<T>, bytes: usize) {
        if let Some(pipe) = self.pipe(key.raw) {
            pipe.borrow_mut().window = bytes;
        }
        self.news(key.raw, Ready::WRITABLE);
    }

    /// What the peer sent and the channel has not read yet, in bytes: it is paused, say, or its queue is
    /// high.
    pub fn unread<T: Channel>(&mut self, key: Key<T>) -> usize {
        let unread = |pipe: SharedPipe| pipe.borrow().incoming.iter().map(Bytes::len).sum();
        self.pipe(key.raw).map_or(0, unread)
    }

    /// All that `f` does happens at the same time, as the system reports several sockets at once: the
    /// channels have their turns when it has returned, in the order in which `f` fed them. Time that
    /// passes in it is a loop that was busy elsewhere. What a [`with`](Net::with) in it would answer is not
    /// there before that.
    pub fn at_once<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        let was_held = std::mem::replace(&mut self.is_held, true);
        let done = f(self);
        self.is_held = was_held;
        self.settle();
        done
    }

    /// Connections to this address will be refused.
    pub fn refuse(&mut self, addr: impl ToAddr) {
        let Some(network) = self.network() else { return };
        let addrs = resolve("refuse", &addr).unwrap_or_default();
        addrs.into_iter().for_each(|addr| network.borrow_mut().refuse(addr));
    }

    /// Connects to a listener of this network, with the test as the peer; whether there is one.
    /// The channel it makes is the last of [`keys`](Net::keys).
    pub fn dial(&mut self, addr: impl ToAddr) -> bool {
        let addrs = resolve("dial", &addr).unwrap_or_default();
        let arrived = self.network().is_some_and(|network| {
            addrs.iter().any(|addr| network.borrow_mut().arrive(addr).is_some())
        });
        self.settle();
        arrived
    }

    /// Lets time pass: what becomes due meanwhile comes at its own time.
    pub fn advance(&mut self, time: Duration) {
        self.settle();
        let until = self.scheduler.clock.now().saturating_add(nanos(time));
        while !self.is_held {
            let next = self.scheduler.next_due().filter(|at| *at <= until);
            let Some(at) = next else { break };
            self.scheduler.clock.turn_to(at.max(self.scheduler.clock.now()));
            self.settle();
        }
        self.scheduler.clock.turn_to(until);
        self.settle();
    }

    /// Runs `f` on a channel, as another channel's `tell` would; `None` if it has closed.
    pub fn with<T: Channel, R: 'static>(
        &mut self,
        key: Key<T>,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R + 'static,
    ) -> Option<R> {
        let answer = Rc::new(RefCell::new(None));
        let slot = Rc::clone(&answer);
        self.scheduler.tell(key, move |channel: &mut T, io: &mut Io<T>| {
            *slot.borrow_mut() = Some(f(channel, io));
        });
        self.settle();
        answer.take()
    }

    /// Whether the channel has not closed.
    #[must_use]
    pub fn is_open<T: Channel>(&self, key: Key<T>) -> bool {
        self.scheduler.is_alive(key.raw)
    }

    /// Why the channel's last connection ended; told once.
    pub fn closed<T: Channel>(&mut self, key: Key<T>) -> Option<Closed> {
        self.settle();
        self.network()?.borrow_mut().closed.remove(&key.raw)
    }

    /// All channels of one type, in the order of the map.
    pub fn keys<T: Channel>(&mut self) -> Vec<Key<T>> {
        self.settle();
        self.scheduler.keys_of()
    }

    /// Starts to drain: [`Map::drain`](crate::Map::drain).
    pub fn drain(&mut self, deadline: Duration) {
        self.scheduler.drain(deadline);
        self.settle();
    }

    /// Closes every channel: [`Map::close_all`](crate::Map::close_all).
    pub fn close_all(&mut self) {
        self.scheduler.close_all(&mut self.scratch);
        self.settle();
    }

    /// The most that all channels may hold: [`Map::set_max_held`](crate::Map::set_max_held).
    pub fn set_max_held(&mut self, bytes: usize) {
        self.scheduler.most_bytes.set(bytes);
    }

    /// How many channels there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scheduler.len()
    }

    /// Whether there is no channel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How often things happened.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.scheduler.counters
    }

    fn network(&self) -> Option<&RefCell<Network>> {
        self.scheduler.system.network()
    }

    /// The test's end of a connection, once everything that led to it has happened.
    fn pipe(&mut self, key: RawKey) -> Option<SharedPipe> {
        self.settle();
        self.network()?.borrow().pipe(key)
    }

    fn news(&mut self, key: RawKey, ready: Ready) {
        if self.scheduler.is_alive(key) {
            self.scheduler.report(key, ready);
        }
        self.settle();
    }

    /// Passes until nothing is left to do but wait.
    ///
    /// # Panics
    /// If there is no end to it.
    fn settle(&mut self) {
        if self.is_held {
            return;
        }
        let refused = self.scheduler.inbox.take_refused();
        self.scheduler.counters.hit_times(Limit::Inbox, refused);
        for _ in 0..PASSES {
            self.carry();
            if !self.scheduler.is_busy() {
                self.scheduler.ask(&mut self.scratch);
                let is_due = self.scheduler.patience(Some(Duration::MAX)) == Some(Duration::ZERO);
                if !self.scheduler.is_busy() && !is_due {
                    return;
                }
            }
            self.scheduler.pass(&mut self.scratch);
        }
        panic!("the channels under test never come to rest");
    }

    /// What came from other threads, and along the cables.
    fn carry(&mut self) {
        while let Some((post, taken)) = self.scheduler.inbox.take() {
            match post {
                Post::Channel(key, run) => self.scheduler.add_post(key, run, taken),
                Post::Ready(key) => self.scheduler.make_ready(key),
                // There is no map here, so there is no handle on one either.
                Post::Map(run) => dispose(run),
            }
        }
        let news = self.network().map(|network| network.borrow_mut().carry()).unwrap_or_default();
        for key in news {
            let ready = Ready::READABLE.and(Ready::WRITABLE);
            if self.scheduler.is_alive(key) {
                self.scheduler.report(key, ready);
            }
        }
    }
}

/// A connection in memory needs nothing that could be refused.
fn unreachable_in_memory() -> ! {
    unreachable!("a channel in memory registers with nobody")
}

impl Default for Net {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        self.scheduler.clear();
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").field("channels", &self.len()).finish_non_exhaustive()
    }
}
