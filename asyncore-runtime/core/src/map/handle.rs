//! Reaching the map from another thread.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use crate::channel::Channel;
use crate::connection::handle::Handle;
use crate::error::Refused;
use crate::key::Key;
use crate::map::Map;
use crate::scheduler::inbox::{Inbox, Post};

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
        self.inbox.post(Post::Map(Box::new(|map| {
            if let Some(map) = map.downcast_mut() {
                f(map);
            }
        })))
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

impl Map {
    /// A handle on the map, for other threads.
    #[must_use]
    pub fn handle(&self) -> MapHandle {
        MapHandle::new(self.shared().inbox.clone())
    }

    /// A handle on a channel, for other threads.
    #[must_use]
    pub fn handle_of<T: Channel>(&self, key: Key<T>) -> Handle<T> {
        Handle::new(self.shared().inbox.clone(), key)
    }
}
