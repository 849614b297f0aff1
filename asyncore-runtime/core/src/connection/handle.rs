//! Reaching a channel, or the map, from another thread.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use crate::channel::io::Io;
use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::connection::Entry;
use crate::error::Refused;
use crate::key::{Key, RawKey};
use crate::scheduler::inbox::{Inbox, Post};

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
