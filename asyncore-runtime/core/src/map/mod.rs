//! The map and its loop over mio.

pub(crate) mod default;
pub(crate) mod handle;
pub(crate) mod listen;
pub(crate) mod open;
pub(crate) mod reception;

use core::fmt;
use core::time::Duration;
use mio::{Events, Poll, Waker};
use std::io;
use std::rc::Rc;

use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::connection::Entry;
use crate::key::{Key, RawKey};
use crate::limits::{Counters, Limit};
use crate::scheduler::inbox::{Inbox, Post};
use crate::scheduler::scratch::Scratch;
use crate::scheduler::shared::Shared;
use crate::scheduler::turn::Wake;
use crate::transport::addr::Addr;

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
    shared: Rc<Shared>,
    poll: Poll,
    events: Events,
    scratch: Scratch,
}

impl Map {
    /// An empty map.
    ///
    /// # Errors
    /// The system has no descriptor left for the poller or the waker.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), RawKey::WAKER.token())?;
        let registry = poll.registry().try_clone()?;
        let shared = Shared::new(Some(registry), Inbox::new(Some(waker)));
        Ok(Self { shared, poll, events: Events::with_capacity(EVENTS), scratch: Scratch::new() })
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
        self.shared.ask(&mut self.scratch);
        let patience = self.shared.patience(timeout);
        match self.poll.poll(&mut self.events, patience) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.events.clear(),
            result => result?,
        }
        self.shared.clock.refresh();
        let mut is_woken = false;
        for event in &self.events {
            match RawKey::from_token(event.token()) {
                RawKey::WAKER => is_woken = true,
                key => self.shared.note(key, event.into()),
            }
        }
        if is_woken {
            self.open_inbox();
        }
        self.shared.pass(&mut self.scratch);
        Ok(())
    }

    /// What other threads want done.
    fn open_inbox(&mut self) {
        self.shared.counters.hit_times(Limit::Inbox, self.shared.inbox.take_refused());
        for post in self.shared.inbox.take() {
            match post {
                Post::Channel(key, run) => self.shared.add_task(key, run),
                Post::Map(run) => run(self),
            }
        }
    }

    /// How many channels there are, listeners included, and connections that wait for their peer
    /// to read the end.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether there is no channel: where [`run`](Map::run) ends.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Starts to drain, and [`run`](Map::run) ends when it is done: listeners close, channels
    /// finish the frames they have and send what is queued; what is left at the deadline is
    /// closed.
    pub fn drain(&mut self, deadline: Duration) {
        self.shared.drain(deadline);
    }

    /// Closes every channel, each after one attempt to write what it has: `asyncore.close_all()`.
    pub fn close_all(&mut self) {
        self.shared.end_all(Wake::Close, &mut self.scratch);
        self.shared.run_tasks(&mut self.scratch);
    }

    /// Runs `f` on a channel in the next pass; what it returns is sent like a handler's reply. A
    /// dead key is a no-op.
    pub fn tell<T: Channel, R: Reply<T>>(
        &mut self,
        key: Key<T>,
        f: impl FnOnce(&mut T, &mut crate::Io<T>) -> R + 'static,
    ) {
        self.shared.tell(key, f);
    }

    /// Whether the channel of this key has not closed.
    #[must_use]
    pub fn is_alive<T: Channel>(&self, key: Key<T>) -> bool {
        self.shared.is_alive(key.raw)
    }

    /// This end's address of a channel's socket: the port of a [`datagram`](Map::datagram) channel.
    #[must_use]
    pub fn local_addr<T: Channel>(&self, key: Key<T>) -> Option<Addr> {
        self.shared.with_entry(key, |entry: &mut Entry<T>| entry.io.local_addr())?
    }

    /// All channels of one type, in the order of the map.
    #[must_use]
    pub fn keys<T: Channel>(&self) -> Vec<Key<T>> {
        self.shared.keys_of()
    }

    /// How often things happened.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    pub(crate) fn shared(&self) -> &Rc<Shared> {
        &self.shared
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        self.shared.inbox.close();
        // The channels hold the map they are in: without this neither would ever be freed.
        self.shared.clear();
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("channels", &self.len()).finish_non_exhaustive()
    }
}

/// `asyncore.loop` with its arguments.
///
/// ```no_run
/// # use asyncore_runtime::{Loop, Map};
/// # use std::time::Duration;
/// # let mut map = Map::new()?;
/// Loop::new().timeout(Duration::from_secs(1)).count(1).run(&mut map)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a loop does nothing unless it is run"]
pub struct Loop {
    timeout: Duration,
    count: Option<usize>,
}

impl Loop {
    /// For ever, with passes of up to 30 seconds.
    pub const fn new() -> Self {
        Self { timeout: Duration::from_secs(30), count: None }
    }

    /// How long one pass may wait; 30 seconds by default. Not a bound for the whole loop.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// So many passes at most; for ever by default.
    pub const fn count(mut self, passes: usize) -> Self {
        self.count = Some(passes);
        self
    }

    /// Runs until the passes are used up, or the last channel has closed.
    ///
    /// # Errors
    /// Of the poller itself.
    pub fn run(self, map: &mut Map) -> io::Result<()> {
        let mut passes = 0;
        while !map.is_empty() && self.count.is_none_or(|count| passes < count) {
            map.poll(Some(self.timeout))?;
            passes += 1;
        }
        Ok(())
    }
}

impl Default for Loop {
    fn default() -> Self {
        Self::new()
    }
}
