//! What other threads want done.

use core::any::Any;
use mio::Waker;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Refused;
use crate::key::RawKey;
use crate::scheduler::scratch::Scratch;
use crate::scheduler::turn::After;

/// So many posts wait at most for a loop that is busy elsewhere.
const CAPACITY: usize = 64 * 1024;

/// A task from another thread.
type PostFn = Box<dyn FnOnce(&mut dyn Any, &mut Scratch) -> After + Send>;

/// What other threads want done.
pub(crate) enum Post {
    Channel(RawKey, PostFn),
    /// Given the map.
    Map(Box<dyn FnOnce(&mut dyn Any) + Send>),
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

    pub(crate) fn post(&self, post: Post) -> Result<(), Refused> {
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

    pub(crate) fn wake(&self) {
        if let Some(waker) = &self.waker {
            // An eventfd refuses only when its counter is full: then the loop is awake anyway.
            let _ = waker.wake();
        }
    }
}
