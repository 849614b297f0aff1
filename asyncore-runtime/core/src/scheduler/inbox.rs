//! What other threads want done.

use core::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::scratch::Scratch;
use super::turn::After;
use crate::vocabulary::error::Refused;
use crate::vocabulary::guard::dispose_each;
use crate::vocabulary::key::RawKey;

/// So many posts wait at most for a loop that is busy elsewhere.
pub(crate) const CAPACITY: usize = 64 * 1024;

/// A task from another thread.
type PostFn = Box<dyn FnOnce(&mut dyn Any, &mut Scratch) -> After + Send>;

/// The same, given the map.
type MapFn = Box<dyn FnOnce(&mut dyn Any) + Send>;

/// What other threads want done.
pub(crate) enum Post {
    Channel(RawKey, PostFn),
    /// What it waits for is there: it is to have a turn.
    Ready(RawKey),
    Map(MapFn),
}

/// The bounded queue between other threads and one loop. What the bound counts is all that waits: a
/// post that was taken counts until it is run, wherever it waits meanwhile.
pub(crate) struct Inbox {
    waiting: Mutex<Waiting>,
    /// How many posts can be taken, for a look without the lock.
    len: AtomicUsize,
    is_gone: AtomicBool,
    /// Posts refused since the loop looked last.
    refused: AtomicU64,
    /// Rings when there is room again, or never will be.
    room: Condvar,
    /// Ends the loop's wait for the system.
    wake: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct Waiting {
    posts: VecDeque<Post>,
    /// So many more have been taken, and are still to be run.
    taken: usize,
}

impl Waiting {
    fn is_full(&self) -> bool {
        self.posts.len().saturating_add(self.taken) >= CAPACITY
    }
}

/// A post that was taken: dropped when it has run, or never will.
pub(crate) struct Taken(Arc<Inbox>);

impl Drop for Taken {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        let was_full = waiting.is_full();
        waiting.taken = waiting.taken.saturating_sub(1);
        drop(waiting);
        if was_full {
            // Whoever finds no room after all waits on.
            self.0.room.notify_all();
        }
    }
}

impl Inbox {
    pub(crate) fn new(wake: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            waiting: Mutex::default(),
            len: AtomicUsize::new(0),
            is_gone: AtomicBool::new(false),
            refused: AtomicU64::new(0),
            room: Condvar::new(),
            wake: Box::new(wake),
        })
    }

    /// No user code runs under this lock, so a poisoned one holds a whole queue all the same.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The map goes: nothing comes in any more, and what waits is dropped.
    pub(crate) fn close(&self) {
        self.is_gone.store(true, Ordering::Release);
        let posts = std::mem::take(&mut self.lock().posts);
        self.len.store(0, Ordering::Release);
        self.room.notify_all();
        dispose_each(posts);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Ordering::Acquire) == 0
    }

    /// The next post, to be run soon.
    pub(crate) fn take(self: &Arc<Self>) -> Option<(Post, Taken)> {
        let mut waiting = self.lock();
        let post = waiting.posts.pop_front()?;
        waiting.taken = waiting.taken.saturating_add(1);
        self.len.store(waiting.posts.len(), Ordering::Release);
        Some((post, Taken(Arc::clone(self))))
    }

    pub(crate) fn take_refused(&self) -> u64 {
        self.refused.swap(0, Ordering::Relaxed)
    }

    /// Posts what `make` makes of `value`, which comes back if there is no room.
    pub(crate) fn post<V>(
        &self,
        value: V,
        make: impl FnOnce(V) -> Post,
    ) -> Result<(), (Refused, V)> {
        let waiting = self.lock();
        if self.is_gone.load(Ordering::Acquire) {
            return Err((Refused::Gone, value));
        }
        if waiting.is_full() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err((Refused::Full, value));
        }
        self.put(waiting, make(value));
        Ok(())
    }

    /// As [`post`](Self::post), when there is room.
    pub(crate) fn post_when_room<V>(
        &self,
        value: V,
        make: impl FnOnce(V) -> Post,
    ) -> Result<(), (Refused, V)> {
        let must_wait =
            |waiting: &mut Waiting| waiting.is_full() && !self.is_gone.load(Ordering::Acquire);
        let waiting = self.room.wait_while(self.lock(), must_wait);
        let waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        if self.is_gone.load(Ordering::Acquire) {
            return Err((Refused::Gone, value));
        }
        self.put(waiting, make(value));
        Ok(())
    }

    /// Posts what must not be refused, as the loop has asked for it and counts on it: what is given
    /// back is for the caller to drop.
    pub(crate) fn post_owed(&self, post: Post) -> Result<(), Post> {
        let waiting = self.lock();
        if self.is_gone.load(Ordering::Acquire) {
            return Err(post);
        }
        self.put(waiting, post);
        Ok(())
    }

    fn put(&self, mut waiting: MutexGuard<'_, Waiting>, post: Post) {
        waiting.posts.push_back(post);
        self.len.store(waiting.posts.len(), Ordering::Release);
        // Whoever finds the queue empty wakes the loop, which does not wait while there is more.
        let is_first = waiting.posts.len() == 1;
        drop(waiting);
        if is_first {
            self.wake();
        }
    }

    pub(crate) fn wake(&self) {
        (self.wake)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> Post {
        Post::Map(Box::new(|_| ()))
    }

    fn post(inbox: &Inbox) -> Result<(), Refused> {
        inbox.post((), |()| nothing()).map_err(|(why, ())| why)
    }

    fn post_when_room(inbox: &Inbox) -> Result<(), Refused> {
        inbox.post_when_room((), |()| nothing()).map_err(|(why, ())| why)
    }

    fn inbox() -> (Arc<Inbox>, Arc<AtomicUsize>) {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let wake = move || {
            count.fetch_add(1, Ordering::SeqCst);
        };
        (Inbox::new(wake), woken)
    }

    #[test]
    fn the_loop_is_woken_by_the_first_post_and_not_by_those_behind_it() {
        let (inbox, woken) = inbox();
        for _ in 0..3 {
            post(&inbox).unwrap();
        }
        assert_eq!(woken.load(Ordering::SeqCst), 1);
        while inbox.take().is_some() {}
        post(&inbox).unwrap();
        assert_eq!(woken.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn it_holds_so_many_and_gives_the_next_back() {
        let (inbox, _) = inbox();
        for _ in 0..CAPACITY {
            post(&inbox).unwrap();
        }
        let refused = inbox.post("it", |_| unreachable!("there is no room"));
        assert_eq!(refused, Err((Refused::Full, "it")));
        assert_eq!(inbox.take_refused(), 1);
        assert!(inbox.post_owed(nothing()).is_ok(), "what is owed is never refused");
    }

    #[test]
    fn a_post_that_was_taken_counts_until_it_is_done_with() {
        let (inbox, _) = inbox();
        for _ in 0..CAPACITY {
            post(&inbox).unwrap();
        }
        let taken: Vec<_> = std::iter::from_fn(|| inbox.take()).collect();
        assert_eq!((taken.len(), post(&inbox)), (CAPACITY, Err(Refused::Full)));
        drop(taken);
        assert_eq!(post(&inbox), Ok(()));
    }

    #[test]
    fn who_waits_for_room_gets_it() {
        let (inbox, _) = inbox();
        for _ in 0..CAPACITY {
            post(&inbox).unwrap();
        }
        let other = Arc::clone(&inbox);
        let waiting = std::thread::spawn(move || post_when_room(&other));
        // Whether it waits already or not, one place has to be enough for it.
        drop(inbox.take());
        assert_eq!(waiting.join().unwrap(), Ok(()));
    }

    #[test]
    fn who_waits_for_room_hears_that_the_map_has_gone() {
        let (inbox, _) = inbox();
        for _ in 0..CAPACITY {
            post(&inbox).unwrap();
        }
        let other = Arc::clone(&inbox);
        let waiting = std::thread::spawn(move || post_when_room(&other));
        inbox.close();
        assert_eq!(waiting.join().unwrap(), Err(Refused::Gone));
        assert_eq!(post(&inbox), Err(Refused::Gone));
    }
}
