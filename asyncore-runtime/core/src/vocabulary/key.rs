//! Names for channels: a slot in the map and its generation.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;

/// A channel of type `T` in a map: small, `Copy`, and dead once the channel has closed; what is
/// sent to a dead key goes nowhere. Of no use in another map.
pub struct Key<T> {
    pub(crate) raw: RawKey,
    kind: PhantomData<fn(T)>,
}

/// The slot's number comes first: sorting puts channels in the order of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RawKey {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

impl<T> Key<T> {
    pub(crate) const fn new(raw: RawKey) -> Self {
        Self { raw, kind: PhantomData }
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T> Eq for Key<T> {}

impl<T> PartialOrd for Key<T> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Key<T> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.raw.cmp(&other.raw)
    }
}

impl<T> Hash for Key<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}#{})", self.raw.index, self.raw.generation)
    }
}
