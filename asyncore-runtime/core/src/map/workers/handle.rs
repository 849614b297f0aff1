//! Reaching all workers.

use bytes::Bytes;
use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use super::crew::Crew;
use crate::channel::io::Io;
use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::driver::many::SlowReader;
use crate::map::handle::MapHandle;
use crate::map::Map;
use crate::vocabulary::counters::Counters;
use crate::vocabulary::error::Refused;

/// All workers of a [`Workers`](crate::Workers), for other threads and for their channels: `Send` and
/// `Clone`.
///
/// What is posted here is done in each worker's thread, in the order of the posts of one thread. A
/// worker that has ended is passed over.
///
/// ```no_run
/// use asyncore_runtime::{channel, SlowReader, Workers, WorkersHandle};
///
/// /// Everybody hears everybody, whichever worker they are of.
/// #[channel]
/// struct Guest {
///     all: WorkersHandle,
/// }
///
/// #[channel]
/// impl Guest {
///     #[terminator(b"\n")]
///     fn say(&mut self, text: &str) -> Result<(), asyncore_runtime::Refused> {
///         self.all.broadcast::<Self>(format!("{text}\n"), SlowReader::Skip)
///     }
/// }
///
/// let workers = Workers::per_core();
/// let all = workers.handle();
/// let guests = move || {
///     let all = all.clone();
///     move |_peer| Guest { all: all.clone() }
/// };
/// workers.listen("127.0.0.1:8080", guests)?.run()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct WorkersHandle {
    crew: Arc<Crew>,
}

impl WorkersHandle {
    pub(super) fn new(crew: Arc<Crew>) -> Self {
        Self { crew }
    }

    /// Drains all: nothing is listened on any more, and each worker [drains](Map::drain) its map.
    /// [`Map::drain`] and [`Io::drain`] in one worker drain that worker's channels, and the others
    /// serve on.
    ///
    /// # Errors
    /// As of [`MapHandle::post`].
    pub fn drain(&self, deadline: Duration) -> Result<(), Refused> {
        let crew = Arc::clone(&self.crew);
        self.crew.acceptor.post(move |acceptor| crew.drain(acceptor, deadline))
    }

    /// Closes all at once, each channel after one attempt to write what it has.
    ///
    /// # Errors
    /// As of [`MapHandle::post`].
    pub fn close_all(&self) -> Result<(), Refused> {
        let crew = Arc::clone(&self.crew);
        self.crew.acceptor.post(move |acceptor| crew.close_all(acceptor))
    }

    /// Runs `f` with each worker's map, in its thread.
    ///
    /// # Errors
    /// [`Refused::Full`] if one of them has as many posts waiting as there may be; the others have it.
    /// [`Refused::Gone`] if all have ended.
    pub fn post(&self, f: impl FnOnce(&mut Map) + Clone + Send + 'static) -> Result<(), Refused> {
        let mut posted = Err(Refused::Gone);
        for map in self.crew.maps() {
            posted = match (posted, map.post(f.clone())) {
                (Err(Refused::Full), _) | (_, Err(Refused::Full)) => Err(Refused::Full),
                (before, Err(Refused::Gone)) => before,
                (_, Ok(())) => Ok(()),
            };
        }
        posted
    }

    /// Runs `f` on each channel of type `T`, of all workers; what it returns is sent there like a
    /// handler's reply.
    ///
    /// # Errors
    /// As of [`post`](Self::post).
    pub fn tell_all<T: Channel, R: Reply<T>>(
        &self,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R + Clone + Send + 'static,
    ) -> Result<(), Refused> {
        self.post(move |map| {
            for key in map.keys::<T>() {
                map.tell(key, f.clone());
            }
        })
    }

    /// Pushes the same to each channel of type `T`, of all workers. Nobody is there who could wait for
    /// a slow reader, so with [`SlowReader::Wait`] it misses this one as with [`SlowReader::Skip`].
    ///
    /// # Errors
    /// As of [`post`](Self::post).
    pub fn broadcast<T: Channel>(
        &self,
        data: impl Into<Bytes>,
        slow: SlowReader,
    ) -> Result<(), Refused> {
        let data = data.into();
        self.post(move |map| map.scheduler().push_to_all::<T>(&data, slow))
    }

    /// The map of each worker, in the order of the workers.
    #[must_use]
    pub fn maps(&self) -> Vec<MapHandle> {
        self.crew.maps().collect()
    }

    /// How many connections each worker has, in the order of the workers: those that listeners have
    /// accepted and given to it, as long as their descriptors are open.
    #[must_use]
    pub fn connections(&self) -> Vec<usize> {
        self.crew.loads().collect()
    }

    /// What has been counted in all workers, and where they are accepted, together.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.crew.counters()
    }
}

impl fmt::Debug for WorkersHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WorkersHandle({})", self.crew.len())
    }
}
