//! Reaching the map from another thread.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use crate::channel::Channel;
use crate::driver::handle::{Handle, NotPosted};
use crate::map::Map;
use crate::scheduler::inbox::{Inbox, Post};
use crate::vocabulary::error::Refused;
use crate::vocabulary::key::Key;

/// A map, for other threads: `Send` and `Clone`.
#[derive(Clone)]
pub struct MapHandle {
    inbox: Arc<Inbox>,
}

impl MapHandle {
    pub(crate) fn new(inbox: Arc<Inbox>) -> Self {
        Self { inbox }
    }

    /// Runs `f` with the map, between two passes of its loop. A panic of `f` is caught and counted.
    ///
    /// # Errors
    /// As of [`Handle::post`].
    pub fn post(&self, f: impl FnOnce(&mut Map) + Send + 'static) -> Result<(), Refused> {
        self.inbox.post(f, made).map_err(|(why, _)| why)
    }

    /// As [`post`](Self::post), but what is refused comes back.
    ///
    /// # Errors
    /// Those of `post`, with `f`.
    pub fn try_post<F>(&self, f: F) -> Result<(), NotPosted<F>>
    where
        F: FnOnce(&mut Map) + Send + 'static,
    {
        self.inbox.post(f, made).map_err(|(why, post)| NotPosted { why, post })
    }

    /// As [`post`](Self::post), but waits for room. Not for the loop's own thread, which would wait
    /// for itself.
    ///
    /// # Errors
    /// [`Refused::Gone`].
    pub fn post_when_room(&self, f: impl FnOnce(&mut Map) + Send + 'static) -> Result<(), Refused> {
        self.inbox.post_when_room(f, made).map_err(|(why, _)| why)
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

fn made(f: impl FnOnce(&mut Map) + Send + 'static) -> Post {
    Post::Map(Box::new(|map| {
        if let Some(map) = map.downcast_mut() {
            f(map);
        }
    }))
}

impl fmt::Debug for MapHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MapHandle")
    }
}

impl Map {
    /// A handle on the map, for other threads.
    #[must_use]
    pub fn handle(&self) -> MapHandle {
        MapHandle::new(self.scheduler().inbox.clone())
    }

    /// A handle on a channel, for other threads.
    #[must_use]
    pub fn handle_of<T: Channel>(&self, key: Key<T>) -> Handle<T> {
        Handle::new(self.scheduler().inbox.clone(), key)
    }
}
