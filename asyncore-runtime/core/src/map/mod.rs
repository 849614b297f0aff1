//! The map and its loop over mio: what a program calls first.
//!
//! The top of the house: knows every room, and no room knows it, but that `Io` has the same ways
//! in, which are written once in `open`.

pub(crate) mod datagram;
pub(crate) mod default;
pub(crate) mod dial;
#[cfg(unix)]
pub(crate) mod file;
pub(crate) mod handle;
pub(crate) mod listen;
pub(crate) mod listener;
pub(crate) mod looping;
mod nested;
pub(crate) mod open;
#[cfg(all(unix, feature = "signals"))]
mod signals;
#[cfg(all(test, unix, feature = "signals"))]
mod signals_tests;
pub(crate) mod workers;

use core::fmt;
use core::time::Duration;
use mio::{Events, Poll, Registry, Waker};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::driver::Driver;
use crate::scheduler::inbox::{Inbox, Post};
use crate::scheduler::pass::POSTS_PER_PASS;
use crate::scheduler::scratch::Scratch;
use crate::scheduler::Scheduler;
use crate::transport::system::{self, System};
use crate::vocabulary::addr::Addr;
use crate::vocabulary::counters::{Counters, Limit};
use crate::vocabulary::guard::guarded;
use crate::vocabulary::key::Key;

/// Readiness events taken from the system at a time.
const EVENTS: usize = 256;

/// All channels of one loop: asyncore's map, with `loop()` and `poll()` on it.
///
/// ```no_run
/// # use asyncore_runtime::{channel, Map};
/// # #[channel] struct Shout;
/// # #[channel] impl Shout { #[terminator(b"\r\n")] fn line(line: &[u8]) -> &[u8] { line } }
/// let mut map = Map::new()?;
/// map.listen("127.0.0.1:8080", |_peer| Shout)?;
/// map.run()?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A map lives in one thread; [`handle`](Map::handle) reaches it from others. Dropping it closes
/// all descriptors, without events.
///
/// # In one pass
/// Channels with `#[readable]` or `#[writable]` are asked; the system is waited for; each channel
/// that is ready has a turn, in the order the system reports them, or of the map where channels
/// are asked: it connects, reads and handles frames, writes, hears of out-of-band data, and
/// closes. What it told others comes after its turn, timers that are due after all turns.
pub struct Map {
    scheduler: Rc<Scheduler>,
    poll: Poll,
    events: Events,
    scratch: Scratch,
    #[cfg(all(unix, feature = "signals"))]
    signals: signals::Signals,
}

impl Map {
    /// An empty map.
    ///
    /// # Errors
    /// The system has no descriptor left for the poller or the waker.
    pub fn new() -> io::Result<Self> {
        Ok(Seed::new()?.grow())
    }

    /// Serves until the last channel has closed: `asyncore.loop()`.
    ///
    /// # Errors
    /// Of the poller itself; those of channels stay with them.
    pub fn run(&mut self) -> io::Result<()> {
        while !self.is_empty() {
            self.poll(None)?;
        }
        Ok(())
    }

    /// One pass, which waits up to `timeout` for something to happen, or for ever: to live inside
    /// another loop.
    ///
    /// # Errors
    /// Of the poller itself.
    pub fn poll(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.scheduler.ask(&mut self.scratch);
        let patience = self.scheduler.patience(timeout);
        match self.poll.poll(&mut self.events, patience) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            result => result?,
        }
        self.scheduler.clock.refresh();
        for event in &self.events {
            if event.token() != system::WAKER {
                self.scheduler.report(system::key_of(event.token()), event.into());
            }
        }
        #[cfg(all(unix, feature = "signals"))]
        self.hear_signals();
        self.open_inbox();
        self.scheduler.pass(&mut self.scratch);
        Ok(())
    }

    /// Whether somebody was asked in the last pass, or the system had something to say. That a new
    /// socket can be written is nothing.
    fn had_news(&self) -> bool {
        let is_news = |event: &mio::event::Event| event.is_readable() || event.is_error();
        self.events.iter().any(is_news) || self.scheduler.asks()
    }

    /// Whether the next pass is there for channels that have had no turn yet.
    fn only_begins(&self) -> bool {
        self.scheduler.has_fresh()
    }

    /// What other threads want done: as much as a pass does, and the rest goes on waiting there.
    fn open_inbox(&mut self) {
        // Also of refusals: there are none but by a full inbox.
        if self.scheduler.inbox.is_empty() {
            return;
        }
        self.scheduler.counters.hit_times(Limit::Inbox, self.scheduler.inbox.take_refused());
        for _ in 0..POSTS_PER_PASS {
            let Some((post, taken)) = self.scheduler.inbox.take() else { return };
            match post {
                Post::Channel(key, run) => self.scheduler.add_post(key, run, taken),
                Post::Ready(key) => self.scheduler.make_ready(key),
                Post::Map(run) => {
                    if guarded(|| run(self)).is_err() {
                        self.scheduler.count_panic();
                    }
                }
            }
        }
    }

    /// How many channels there are, listeners included, and connections that wait for their peer
    /// to read the end.
    #[must_use]
    pub fn len(&self) -> usize {
        self.scheduler.len()
    }

    /// Whether there is no channel: where [`run`](Map::run) ends.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts to drain, and [`run`](Map::run) ends when it is done: listeners close, channels
    /// finish the frames they have, give the answers they owe and send what is queued; what is left
    /// at the deadline is closed, whenever it came. Until the map is empty it takes no new
    /// listeners, and nobody connects again; what is under way may still
    /// [`connect`](Self::connect).
    pub fn drain(&mut self, deadline: Duration) {
        self.scheduler.drain(deadline);
    }

    /// Closes every channel, each after one attempt to write what it has: `asyncore.close_all()`.
    /// Until the map is empty, nobody comes in.
    pub fn close_all(&mut self) {
        self.scheduler.close_all(&mut self.scratch);
    }

    /// Runs `f` on a channel in the next pass; what it returns is sent like a handler's reply. A
    /// dead key is a no-op.
    pub fn tell<T: Channel, R: Reply<T>>(
        &mut self,
        key: Key<T>,
        f: impl FnOnce(&mut T, &mut crate::Io<T>) -> R + 'static,
    ) {
        self.scheduler.tell(key, f);
    }

    /// Whether the channel of this key has not closed.
    #[must_use]
    pub fn is_alive<T: Channel>(&self, key: Key<T>) -> bool {
        self.scheduler.is_alive(key.raw)
    }

    /// This end's address of a channel's socket: the port of a [`datagram`](Map::datagram) channel.
    #[must_use]
    pub fn local_addr<T: Channel>(&self, key: Key<T>) -> Option<Addr> {
        self.scheduler
            .with_driver(key, |driver: &mut Driver<T>| driver.connection.io.local_addr())?
    }

    /// All channels of one type, in the order of the map.
    #[must_use]
    pub fn keys<T: Channel>(&self) -> Vec<Key<T>> {
        self.scheduler.keys_of()
    }

    /// The most bytes that all channels may hold together, in their output queues and of frames
    /// that are not whole; 256 MiB by default. Beyond it the channel that holds most is closed with
    /// [`Error::Shed`](crate::Error::Shed), until the others have room.
    pub fn set_max_held(&mut self, bytes: usize) {
        self.scheduler.most_bytes.set(bytes);
    }

    /// How often things happened.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.scheduler.counters
    }

    pub(crate) fn scheduler(&self) -> &Rc<Scheduler> {
        &self.scheduler
    }
}

/// What a map grows from, in the thread it will live in: all of it that can fail, or is known to
/// others before.
struct Seed {
    poll: Poll,
    registry: Registry,
    inbox: Arc<Inbox>,
}

impl Seed {
    fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), system::WAKER)?;
        // An eventfd refuses only when its counter is full: then the loop is awake anyway.
        let inbox = Inbox::new(move || drop(waker.wake()));
        Ok(Self { registry: poll.registry().try_clone()?, poll, inbox })
    }

    fn grow(self) -> Map {
        Map {
            scheduler: Scheduler::new(System::Mio(self.registry), self.inbox),
            poll: self.poll,
            events: Events::with_capacity(EVENTS),
            scratch: Scratch::new(),
            #[cfg(all(unix, feature = "signals"))]
            signals: signals::Signals::default(),
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // The channels hold the map they are in: without this neither would ever be freed.
        self.scheduler.clear();
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("channels", &self.len()).finish_non_exhaustive()
    }
}
