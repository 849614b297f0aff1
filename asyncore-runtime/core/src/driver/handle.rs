//! Reaching a channel from another thread.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use super::Driver;
use crate::channel::io::Io;
use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::scheduler::inbox::{Inbox, Post};
use crate::vocabulary::error::Refused;
use crate::vocabulary::key::{Key, RawKey};

/// A channel, for other threads: `Send` and `Clone`. For the answer to a frame take
/// [`Io::owe`](crate::Io::owe), which cannot be forgotten.
///
/// ```
/// # use asyncore_runtime::{channel, Handle, Io};
/// # #[channel] struct Ticker;
/// #[channel]
/// impl Ticker {
///     #[on_connect]
///     fn up(&mut self, io: &mut Io<Self>) {
///         let handle: Handle<Ticker> = io.handle();
///         std::thread::spawn(move || {
///             let _ = handle.post(|_ticker, io| io.push("tick\n"));
///         });
///     }
/// #   #[on_read] fn read(_data: &[u8]) {}
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
    /// [`try_post`](Self::try_post) gives `f` back then.
    pub fn post<R: Reply<T>>(
        &self,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R + Send + 'static,
    ) -> Result<(), Refused> {
        self.inbox.post(f, |f| self.made(f)).map_err(|(why, _)| why)
    }

    /// As [`post`](Self::post), but what is refused comes back.
    ///
    /// # Errors
    /// Those of `post`, with `f`.
    pub fn try_post<R: Reply<T>, F>(&self, f: F) -> Result<(), NotPosted<F>>
    where
        F: FnOnce(&mut T, &mut Io<T>) -> R + Send + 'static,
    {
        self.inbox.post(f, |f| self.made(f)).map_err(|(why, post)| NotPosted { why, post })
    }

    /// As [`post`](Self::post), but waits for room. Not for the loop's own thread, which would wait
    /// for itself.
    ///
    /// # Errors
    /// [`Refused::Gone`].
    pub fn post_when_room<R: Reply<T>>(
        &self,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R + Send + 'static,
    ) -> Result<(), Refused> {
        self.inbox.post_when_room(f, |f| self.made(f)).map_err(|(why, _)| why)
    }

    fn made<R: Reply<T>>(&self, f: impl FnOnce(&mut T, &mut Io<T>) -> R + Send + 'static) -> Post {
        Post::Channel(self.key, Box::new(|any, scratch| Driver::run_task(any, scratch, f)))
    }

    /// The channel's key, to be used in its map.
    #[must_use]
    pub fn key(&self) -> Key<T> {
        Key::new(self.key)
    }
}

/// A post that was refused, given back: to be tried again, or done elsewhere.
pub struct NotPosted<F> {
    /// Why.
    pub why: Refused,
    /// What was to be posted.
    pub post: F,
}

impl<F> fmt::Debug for NotPosted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotPosted").field("why", &self.why).finish_non_exhaustive()
    }
}

impl<F> fmt::Display for NotPosted<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not posted: {}", self.why)
    }
}

impl<F> std::error::Error for NotPosted<F> {}

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
