//! Reaching a channel, or the map, from another thread.

use core::any::Any;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;
use mio::Waker;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::channel::Channel;
use crate::entry::Entry;
use crate::error::Refused;
use crate::io::Io;
use crate::key::{Key, RawKey};
use crate::map::Map;
use crate::push::Reply;
use crate::scratch::Scratch;
use crate::shared::After;

/// So many posts wait at most for a loop that is busy elsewhere.
const CAPACITY: usize = 64 * 1024;

/// A task from another thread.
type PostFn = Box<dyn FnOnce(&mut dyn Any, &mut Scratch) -> After + Send>;

/// What other threads want done.
pub(crate) enum Post {
    Channel(RawKey, PostFn),
    Map(Box<dyn FnOnce(&mut Map) + Send>),
}

/// The bounded queue between other threads and one loop.
pub(crate) struct Inbox {
    posts: Mutex<VecDeque<Post>>,
    is_gone: AtomicBool,
    /// Posts refused since the loop looked last.
    refused: AtomicU64,
    /// None in a `testing::Net`, which looks by itself.
    waker: Option<Waker>,
}

impl Inbox {
    pub(crate) fn new(waker: Option<Waker>) -> Arc<Self> {
        Arc::new(Self {
            posts: Mutex::default(),
            is_gone: AtomicBool::new(false),
            refused: AtomicU64::new(0),
            waker,
        })
    }

    /// No user code runs under this lock, so a poisoned one holds a whole queue all the same.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Post>> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn close(&self) {
        self.is_gone.store(true, Ordering::Release);
        self.lock().clear();
    }

    pub(crate) fn take(&self) -> VecDeque<Post> {
        std::mem::take(&mut *self.lock())
    }

    pub(crate) fn take_refused(&self) -> u64 {
        self.refused.swap(0, Ordering::Relaxed)
    }

    fn post(&self, post: Post) -> Result<(), Refused> {
        if self.is_gone.load(Ordering::Acquire) {
            return Err(Refused::Gone);
        }
        let mut posts = self.lock();
        if posts.len() >= CAPACITY {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(Refused::Full);
        }
        posts.push_back(post);
        // Whoever finds the queue empty wakes the loop; it takes all there is at once.
        if posts.len() == 1 {
            drop(posts);
            self.wake();
        }
        Ok(())
    }

    fn wake(&self) {
        if let Some(waker) = &self.waker {
            // An eventfd refuses only when its counter is full: then the loop is awake anyway.
            let _ = waker.wake();
        }
    }
}

/// A channel, for other threads: `Send` and `Clone`.
///
/// ```
/// # use asyncore_runtime::{channel, Bytes, Handle, Io};
/// # #[channel] struct Rpc;
/// #[channel]
/// impl Rpc {
///     #[terminator(prefix = u32)]
///     fn call(&mut self, request: Bytes, io: &mut Io<Self>) {
///         let handle: Handle<Rpc> = io.handle();
///         std::thread::spawn(move || {
///             let answer = request.len().to_string(); // the slow work
///             let _ = handle.post(move |_rpc, io| io.push(answer));
///         });
///     }
/// }
/// ```
pub struct Handle<T> {
    inbox: Arc<Inbox>,
    key: RawKey,
    kind: PhantomData<fn(T)>,
}

impl<T: Channel> Handle<T> {
    pub(crate) fn new(inbox: Arc<Inbox>, key: Key<T>) -> Self {
        Self { inbox, key: key.raw, kind: PhantomData }
    }

    /// Runs `f` on the channel, in the loop's thread, in the order of the posts; what it returns is
    /// sent like a handler's reply. If the channel has closed meanwhile, `f` is dropped.
    ///
    /// # Errors
    /// [`Refused::Full`] with 65,536 posts waiting, [`Refused::Gone`] if the map is gone.
    pub fn post<R: Reply<T>>(
        &self,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R + Send + 'static,
    ) -> Result<(), Refused> {
        self.inbox.post(Post::Channel(
            self.key,
            Box::new(|any, scratch| Entry::run_task(any, scratch, f)),
        ))
    }

    /// The channel's key, to be used in its map.
    #[must_use]
    pub fn key(&self) -> Key<T> {
        Key::new(self.key)
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        Self { inbox: Arc::clone(&self.inbox), key: self.key, kind: PhantomData }
    }
}

impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}#{})", self.key.index, self.key.generation)
    }
}

/// A map, for other threads: `Send` and `Clone`.
#[derive(Clone)]
pub struct MapHandle {
    inbox: Arc<Inbox>,
}

impl MapHandle {
    pub(crate) fn new(inbox: Arc<Inbox>) -> Self {
        Self { inbox }
    }

    /// Runs `f` with the map, between two passes of its loop.
    ///
    /// # Errors
    /// As of [`Handle::post`].
    pub fn post(&self, f: impl FnOnce(&mut Map) + Send + 'static) -> Result<(), Refused> {
        self.inbox.post(Post::Map(Box::new(f)))
    }

    /// [`Map::drain`], from another thread: what a signal handler's thread calls.
    ///
    /// # Errors
    /// As of [`Handle::post`].
    pub fn drain(&self, deadline: Duration) -> Result<(), Refused> {
        self.post(move |map| map.drain(deadline))
    }

    /// Ends a wait for the system.
    pub fn wake(&self) {
        self.inbox.wake();
    }
}

impl fmt::Debug for MapHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MapHandle")
    }
}
