//! Channels without sockets: the same generated code, the same turns, limits and deadlines, on
//! connections in memory and a clock that is turned by hand.
//!
//! [`Session`] is one channel whose peer is the test; [`Net`] is a small network of them.

use bytes::Bytes;
use core::fmt;
use core::time::Duration;
use std::rc::Rc;

use crate::channel::io::Io;
use crate::channel::Channel;
use crate::error::Closed;
use crate::key::{Key, RawKey};
use crate::limits::Counters;
use crate::map::open::{self, ways_in};
use crate::scheduler::clock::nanos;
use crate::scheduler::inbox::{Inbox, Post};
use crate::scheduler::scratch::Scratch;
use crate::scheduler::shared::Shared;
use crate::scheduler::turn::{Ready, Wake};
use crate::transport::addr::{resolve, ToAddr};
use crate::transport::link::Link;
use crate::transport::pipe::{End, Pipe};
use crate::transport::socket::Socket;

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
    shared: Rc<Shared>,
    scratch: Scratch,
}

impl Net {
    /// An empty network, at time zero.
    #[must_use]
    pub fn new() -> Self {
        Self { shared: Shared::new(None, Inbox::new(None)), scratch: Scratch::new() }
    }

    ways_in!(self => &self.shared);

    /// A channel whose peer, accepted as by a listener, is the test.
    pub fn open<T: Channel>(&mut self, channel: T) -> Key<T> {
        let socket = Socket(Link::Memory(End::new(Pipe::new().into())));
        let key =
            open::add(&self.shared, socket, channel).unwrap_or_else(|_| unreachable_in_memory());
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
        self.news(key.raw, Ready { hung_up: true, ..Ready::READABLE });
    }

    /// The peer goes without a word: what it sent can still be read, then reading fails with
    /// `ConnectionReset`, and writing with `BrokenPipe`.
    pub fn feed_reset<T: Channel>(&mut self, key: Key<T>) {
        if let Some(pipe) = self.pipe(key.raw) {
            pipe.borrow_mut().is_reset = true;
        }
        self.news(key.raw, Ready { hung_up: true, ..Ready::READABLE });
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
        self.news(key.raw, Ready { writable: true, ..Ready::default() });
    }

    /// Connections to this address will be refused.
    pub fn refuse(&mut self, addr: impl ToAddr) {
        let network = self.shared.network.iter();
        let addrs = resolve("refuse", &addr).unwrap_or_default();
        network.for_each(|network| {
            addrs.iter().for_each(|addr| network.borrow_mut().refuse(addr.clone()));
        });
    }

    /// Connects to a listener of this network, with the test as the peer; whether there is one.
    /// The channel it makes is the last of [`keys`](Net::keys).
    pub fn dial(&mut self, addr: impl ToAddr) -> bool {
        let addrs = resolve("dial", &addr).unwrap_or_default();
        let network = self.shared.network.as_ref();
        let arrived = network.is_some_and(|network| {
            addrs.iter().any(|addr| network.borrow_mut().arrive(addr).is_some())
        });
        self.settle();
        arrived
    }

    /// Lets time pass: what becomes due meanwhile comes at its own time.
    pub fn advance(&mut self, time: Duration) {
        self.settle();
        let until = self.shared.clock.now().saturating_add(nanos(time));
        loop {
            let next = self.shared.timers.borrow().next().filter(|at| *at <= until);
            let Some(at) = next else { break };
            self.shared.clock.turn_to(at.max(self.shared.clock.now()));
            self.settle();
        }
        self.shared.clock.turn_to(until);
        self.settle();
    }

    /// Runs `f` on a channel, as another channel's `tell` would; `None` if it has closed.
    pub fn with<T: Channel, R: 'static>(
        &mut self,
        key: Key<T>,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R + 'static,
    ) -> Option<R> {
        let answer = Rc::new(std::cell::RefCell::new(None));
        let slot = Rc::clone(&answer);
        self.shared.tell(key, move |channel: &mut T, io: &mut Io<T>| {
            *slot.borrow_mut() = Some(f(channel, io));
        });
        self.settle();
        answer.take()
    }

    /// Whether the channel has not closed.
    #[must_use]
    pub fn is_open<T: Channel>(&self, key: Key<T>) -> bool {
        self.shared.is_alive(key.raw)
    }

    /// Why the channel's last connection ended; told once.
    pub fn closed<T: Channel>(&mut self, key: Key<T>) -> Option<Closed> {
        self.settle();
        self.shared.network.as_ref()?.borrow_mut().closed.remove(&key.raw)
    }

    /// All channels of one type, in the order of the map.
    pub fn keys<T: Channel>(&mut self) -> Vec<Key<T>> {
        self.settle();
        self.shared.keys_of()
    }

    /// Starts to drain: [`Map::drain`](crate::Map::drain).
    pub fn drain(&mut self, deadline: Duration) {
        self.shared.drain(deadline);
        self.settle();
    }

    /// Closes every channel: [`Map::close_all`](crate::Map::close_all).
    pub fn close_all(&mut self) {
        self.shared.end_all(Wake::Close, &mut self.scratch);
        self.settle();
    }

    /// How many channels there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether there is no channel.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How often things happened.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// The test's end of a connection, once everything that led to it has happened.
    fn pipe(&mut self, key: RawKey) -> Option<End> {
        self.settle();
        self.shared.network.as_ref()?.borrow().pipe(key)
    }

    fn news(&mut self, key: RawKey, ready: Ready) {
        if self.shared.is_alive(key) {
            self.shared.note(key, ready);
        }
        self.settle();
    }

    /// Passes until nothing is left to do but wait.
    ///
    /// # Panics
    /// If there is no end to it.
    fn settle(&mut self) {
        for _ in 0..PASSES {
            self.carry();
            if !self.shared.is_busy() {
                self.shared.ask(&mut self.scratch);
                let is_due = self.shared.patience(Some(Duration::MAX)) == Some(Duration::ZERO);
                if !self.shared.is_busy() && !is_due {
                    return;
                }
            }
            self.shared.pass(&mut self.scratch);
        }
        panic!("the channels under test never come to rest");
    }

    /// What came from other threads, and along the cables.
    fn carry(&mut self) {
        for post in self.shared.inbox.take() {
            if let Post::Channel(key, run) = post {
                self.shared.add_task(key, run);
            }
        }
        let network = self.shared.network.as_ref();
        let news = network.map(|network| network.borrow_mut().carry()).unwrap_or_default();
        for key in news {
            let ready = Ready { readable: true, writable: true, ..Ready::default() };
            if self.shared.is_alive(key) {
                self.shared.note(key, ready);
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
        self.shared.inbox.close();
        self.shared.clear();
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").field("channels", &self.len()).finish_non_exhaustive()
    }
}

/// One channel, whose peer is the test.
///
/// ```
/// # use asyncore_runtime::{channel, testing::Session};
/// # #[channel] struct Shout;
/// # #[channel] impl Shout {
/// #     #[terminator(b"\r\n")] fn line(line: &str) -> String { line.to_uppercase() + "\r\n" }
/// # }
/// let mut session = Session::new(Shout);
/// session.feed(b"hel");
/// session.feed(b"lo\r\n");
/// assert_eq!(session.output(), b"HELLO\r\n");
/// ```
#[derive(Debug)]
pub struct Session<T> {
    net: Net,
    key: Key<T>,
}

impl<T: Channel + Default> Session<T> {
    /// What an `#[example]` is tried on: a channel with its default.
    #[must_use]
    pub fn of_example() -> Self {
        Self::new(T::default())
    }
}

/// What an `#[example]` is tried on where the channel has no `Default`, and needs none: it is a
/// struct without fields. [`Session::of_example`] goes before this.
pub trait Sample {
    /// A session with the only value of its channel.
    ///
    /// # Panics
    /// If the channel has fields: its examples have to say how it is built.
    fn of_example() -> Self;
}

impl<T: Channel> Sample for Session<T> {
    fn of_example() -> Self {
        let built = T::UNIT;
        Self::new(built.expect("derive `Default`, or write `#[example(.., with = ..)]`"))
    }
}

impl<T: Channel> Session<T> {
    /// A session in which `channel` was connected to.
    #[must_use]
    pub fn new(channel: T) -> Self {
        let mut net = Net::new();
        let key = net.open(channel);
        Self { net, key }
    }

    /// The peer sends `data`.
    pub fn feed(&mut self, data: impl AsRef<[u8]>) {
        self.net.feed(self.key, data);
    }

    /// The peer closes its side.
    pub fn feed_eof(&mut self) {
        self.net.feed_eof(self.key);
    }

    /// The peer goes without a word.
    pub fn feed_reset(&mut self) {
        self.net.feed_reset(self.key);
    }

    /// What the channel sent since the last look.
    pub fn output(&mut self) -> Vec<u8> {
        self.net.output(self.key)
    }

    /// Feeds each input and compares what comes out: what `#[example]` tests.
    ///
    /// # Panics
    /// If the output differs, showing both.
    #[track_caller]
    pub fn converse(&mut self, exchanges: &[(&[u8], &[u8])]) {
        for (sent, expected) in exchanges {
            self.feed(sent);
            let output = self.output();
            assert!(
                output == *expected,
                "after b\"{}\": expected b\"{}\", found b\"{}\"",
                sent.escape_ascii(),
                expected.escape_ascii(),
                output.escape_ascii()
            );
        }
    }

    /// The peer reads so many bytes from now on, and then no more.
    pub fn window(&mut self, bytes: usize) {
        self.net.window(self.key, bytes);
    }

    /// Lets time pass.
    pub fn advance(&mut self, time: Duration) {
        self.net.advance(time);
    }

    /// Runs `f` on the channel; `None` if it has closed.
    pub fn with<R: 'static>(
        &mut self,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R + 'static,
    ) -> Option<R> {
        self.net.with(self.key, f)
    }

    /// Whether the channel has not closed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.net.is_open(self.key)
    }

    /// Why the connection ended; told once.
    pub fn closed(&mut self) -> Option<Closed> {
        self.net.closed(self.key)
    }

    /// The channel's key.
    #[must_use]
    pub fn key(&self) -> Key<T> {
        self.key
    }

    /// The network the session is in: to look at what the channel opened.
    pub fn net(&mut self) -> &mut Net {
        &mut self.net
    }
}
