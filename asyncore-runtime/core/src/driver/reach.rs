//! Reaching a channel of a known type in the map.

use super::Driver;
use crate::channel::io::Io;
use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::scheduler::Scheduler;
use crate::vocabulary::key::Key;

impl Scheduler {
    /// A channel at rest, without a turn: to push to it. No user code may run in `f`.
    pub(crate) fn with_driver<T: Channel, R>(
        &self,
        key: Key<T>,
        f: impl FnOnce(&mut Driver<T>) -> R,
    ) -> Option<R> {
        self.with_resting(key.raw, f)
    }

    /// All channels of type `T`, in the order of the map.
    pub(crate) fn keys_of<T: Channel>(&self) -> Vec<Key<T>> {
        let keys = self.keys().into_iter().map(Key::new);
        keys.filter(|key| self.with_driver(*key, |_: &mut Driver<T>| ()).is_some()).collect()
    }

    /// Has `f` run on a channel, after whatever has its turn now.
    pub(crate) fn tell<T: Channel, R: Reply<T>>(
        &self,
        key: Key<T>,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R + 'static,
    ) {
        self.add_task(key.raw, Box::new(|any, scratch| Driver::run_task(any, scratch, f)));
    }
}
