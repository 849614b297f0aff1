//! Several maps in several threads, which share listeners.
//!
//! One thread accepts, the one that calls [`Workers::run`]; each connection goes to the loop that has
//! the fewest, and becomes a channel there. What counts for all is the listener's: its seats are shared
//! between threads anyway. So no worker waits for another one, and one that hangs is passed over.

mod crew;
mod desk;
mod error;
mod front;
pub(crate) mod handle;
mod work;

use core::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

#[cfg(all(unix, feature = "signals"))]
use core::time::Duration;

use super::listen::Bind;
use super::listener::Accept;
use super::{Map, Seed};
use crate::vocabulary::addr::Addr;
use crate::vocabulary::error::OpenError;
use crew::Crew;
use desk::Order;
pub use error::WorkersError;
use front::Front;
use handle::WorkersHandle;
use work::Construct;

/// Maps in several threads, which share what is listened on: all cores, for a server that one of
/// them is too slow for.
///
/// What makes the channels is made in each thread, by the outer closure, once: what it holds stays
/// there, so `Rc` and `RefCell` are fine, and keys are of that worker's map.
///
/// ```no_run
/// use asyncore_runtime::{channel, Workers};
///
/// #[channel]
/// struct Shout;
///
/// #[channel]
/// impl Shout {
///     #[terminator(b"\r\n")]
///     fn line(&mut self, line: &str) -> String {
///         line.to_uppercase() + "\r\n"
///     }
/// }
///
/// fn main() -> std::io::Result<()> {
///     Workers::per_core().listen("127.0.0.1:8080", || |_peer| Shout)?.run()
/// }
/// ```
///
/// # Who gets a connection
/// The thread that calls [`run`](Self::run) accepts, and gives each to the worker that has the fewest
/// connections then; there it stays. A worker that has taken none of what was given to it for half a
/// second, as one whose handler blocks, is passed over until it does; what it was given by then
/// waits for it. If all are that slow, connections wait in the kernel.
///
/// # What holds for all
/// The options of the listener: [`max_connections`](crate::Listen::max_connections) and `when_full`
/// count the connections of all workers, and TLS, proxies' headers and limits are as without workers.
/// [`Map::set_max_held`] is each map's own.
///
/// # The end
/// [`run`](Self::run) returns when nothing is listened on any more and every worker's map is empty:
/// after [`WorkersHandle::drain`], say. A worker whose loop ends before that, because what constructs
/// its channels panics or the system fails, costs its own connections and no others: a line is logged,
/// the others serve on, and `run` says so in the end.
pub struct Workers {
    crew: Arc<Crew>,
    parts: io::Result<Parts>,
    constructs: Vec<Construct>,
    addrs: Vec<Addr>,
}

/// What only the thread that accepts has.
struct Parts {
    acceptor: Map,
    seeds: Vec<Seed>,
}

impl Workers {
    /// So many workers, a thread and a map each. Nothing runs before [`run`](Self::run).
    ///
    /// What can go wrong here is told by [`listen`](Self::listen) and [`run`](Self::run): `count`
    /// is 0, which is [`WorkersError::None`], or the system has no descriptors left.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let (crew, parts) = match Parts::new(count) {
            Ok((crew, parts)) => (crew, Ok(parts)),
            Err(error) => (Crew::nobody(), Err(error)),
        };
        Self { crew: Arc::new(crew), parts, constructs: Vec::new(), addrs: Vec::new() }
    }

    /// One for each core that the process may use.
    #[must_use]
    pub fn per_core() -> Self {
        Self::new(thread::available_parallelism().map_or(1, NonZeroUsize::get))
    }

    /// Listens, as [`Map::listen`] does. `construct` is called in each worker's thread, once, when it
    /// starts; what it returns makes the channels of those connections that the worker is given.
    ///
    /// Connections wait in the kernel from now on, and are served from [`run`](Self::run) on.
    ///
    /// # Errors
    /// As of [`Map::listen`], and what was wrong with [`new`](Self::new).
    pub fn listen<C, F, A>(mut self, at: impl Bind, construct: C) -> io::Result<Self>
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: FnMut(Addr) -> A + 'static,
        A: Accept,
    {
        let mut parts = self.parts?;
        let front = Front { crew: Arc::clone(&self.crew), listener: self.constructs.len() };
        self.addrs.push(parts.acceptor.serve(at, front)?.local_addr());
        self.constructs.push(work::construct(construct));
        Ok(Self { parts: Ok(parts), ..self })
    }

    /// Where it listens, in the order of the calls of [`listen`](Self::listen): with port 0 asked for,
    /// the port the kernel chose.
    #[must_use]
    pub fn local_addrs(&self) -> &[Addr] {
        &self.addrs
    }

    /// For other threads, and for channels that reach beyond their worker.
    #[must_use]
    pub fn handle(&self) -> WorkersHandle {
        WorkersHandle::new(Arc::clone(&self.crew))
    }

    /// Serves until nothing is listened on any more, and the last channel of each worker has closed.
    ///
    /// # Errors
    /// What was wrong with [`new`](Self::new); the system has no thread or fails to wait; and, when the
    /// others have ended, [`WorkersError::Lost`] if a worker has ended before its time.
    pub fn run(self) -> io::Result<()> {
        self.serve(|acceptor, crew| {
            acceptor.run()?;
            crew.ended(acceptor)
        })
    }

    /// Serves as [`run`](Self::run) does, and ends as [`Map::until_signal`] does: at the first SIGINT or
    /// SIGTERM all workers drain within `deadline`, at the second all is closed.
    ///
    /// # Errors
    /// As of [`run`](Self::run), and of [`Map::on_signal`].
    #[cfg(all(unix, feature = "signals"))]
    pub fn until_signal(self, deadline: Duration) -> io::Result<()> {
        self.serve(|acceptor, crew| {
            let (drains, closes) = (Arc::clone(crew), Arc::clone(crew));
            acceptor.serve_until_signal(
                move |map| drains.drain(map, deadline),
                move |map| closes.close_all(map),
                |acceptor| {
                    acceptor.run()?;
                    crew.ended(acceptor)
                },
            )
        })
    }

    /// Does something at a signal, as [`Map::on_signal`] does, in the thread that accepts.
    ///
    /// # Errors
    /// As of [`Map::on_signal`], and what was wrong with [`new`](Self::new).
    #[cfg(all(unix, feature = "signals"))]
    pub fn on_signal(
        self,
        signal: i32,
        mut act: impl FnMut(&WorkersHandle) + 'static,
    ) -> io::Result<Self> {
        let mut parts = self.parts?;
        let handle = WorkersHandle::new(Arc::clone(&self.crew));
        parts.acceptor.on_signal(signal, move |_| act(&handle))?;
        Ok(Self { parts: Ok(parts), ..self })
    }

    /// Starts the threads, serves, and waits for the end of each thread.
    fn serve(self, serve: impl FnOnce(&mut Map, &Arc<Crew>) -> io::Result<()>) -> io::Result<()> {
        let Parts { mut acceptor, seeds } = self.parts?;
        let constructs: Arc<[Construct]> = self.constructs.into();
        let mut threads = Vec::new();
        let started = seeds.into_iter().enumerate().try_for_each(|(index, seed)| {
            threads.push(start(index, seed, &self.crew, &constructs)?);
            Ok(())
        });
        let served = started.and_then(|()| serve(&mut acceptor, &self.crew));
        if served.is_err() {
            self.crew.order(Order::Close);
        }
        // Nobody is accepted any more, and who waits to be is refused.
        drop(acceptor);
        for thread in threads {
            // Its panics are caught in it.
            let _ = thread.join();
        }
        served.and_then(|()| self.crew.losses())
    }
}

fn start(
    index: usize,
    seed: Seed,
    crew: &Arc<Crew>,
    constructs: &Arc<[Construct]>,
) -> io::Result<JoinHandle<()>> {
    let (crew, constructs) = (Arc::clone(crew), Arc::clone(constructs));
    let name = format!("worker {index}");
    let run = move || work::run(index, seed, &crew, &constructs);
    thread::Builder::new()
        .name(name.clone())
        .spawn(run)
        .map_err(|error| OpenError::wrap("start", name, error))
}

impl Parts {
    fn new(count: usize) -> io::Result<(Crew, Self)> {
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, WorkersError::None));
        }
        let acceptor = Map::new()?;
        let seeds = (0..count).map(|_| Seed::new()).collect::<io::Result<Vec<_>>>()?;
        let inboxes = seeds.iter().map(|seed| Arc::clone(&seed.inbox)).collect();
        Ok((Crew::new(acceptor.scheduler(), inboxes), Self { acceptor, seeds }))
    }
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, addrs) = (self.crew.len(), &self.addrs);
        f.debug_struct("Workers").field("count", &count).field("listening_on", addrs).finish()
    }
}
