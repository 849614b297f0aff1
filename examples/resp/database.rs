//! A database: values under keys, until they expire, and who watches them.

use indexmap::IndexMap;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::reply::{Error, WRONG_TYPE};
use crate::value::{Kind, Value};

pub type Key = Rc<[u8]>;

/// Milliseconds since 1970.
pub type Moment = i64;
/// Does not come.
pub const NEVER: Moment = Moment::MAX;

pub struct Entry {
    pub value: Value,
    deadline: Moment,
}

/// Keys in no order, but each at a number below their count. A key that is removed leaves its number to
/// the last one: this is what makes `SCAN` and `RANDOMKEY` simple.
#[derive(Default)]
pub struct Database {
    entries: IndexMap<Key, Entry>,
    /// The keys that expire, by their time.
    deadlines: BTreeSet<(Moment, Key)>,
    watched: HashMap<Key, Watched>,
    /// Before each command.
    pub now: Moment,
    /// Keys that have expired so far.
    pub expired: u64,
}

/// A key that somebody watches.
struct Watched {
    watchers: usize,
    /// How often it was changed.
    version: u64,
}

/// How a watched key was.
#[derive(PartialEq, Eq)]
pub struct Seen {
    version: u64,
    /// When it was to expire, if there was one.
    deadline: Option<Moment>,
}

impl Database {
    // Keys

    /// Of all keys, also those whose time has come and that nobody has asked for since.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many keys have a time to live.
    pub fn volatile(&self) -> usize {
        self.deadlines.len()
    }

    /// The key with a number, if its time has not come, and what is under it.
    pub fn at(&self, index: usize) -> Option<(&Key, &Value)> {
        let (key, entry) = self.entries.get_index(index)?;
        (entry.deadline > self.now).then_some((key, &entry.value))
    }

    /// All keys whose time has not come.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        (0..self.len()).filter_map(|index| self.at(index)).map(|(key, _)| key)
    }

    /// What is under a key.
    pub fn find(&mut self, key: &[u8]) -> Option<&mut Value> {
        let index = self.index(key)?;
        Some(&mut self.entries[index].value)
    }

    fn index(&mut self, key: &[u8]) -> Option<usize> {
        let index = self.entries.get_index_of(key)?;
        if self.entries[index].deadline <= self.now {
            self.expire_at(index);
            return None;
        }
        Some(index)
    }

    pub fn contains(&mut self, key: &[u8]) -> bool {
        self.index(key).is_some()
    }

    /// What is under a key, if it is of this type.
    pub fn get<K: Kind>(&mut self, key: &[u8]) -> Result<Option<&mut K>, Error> {
        match self.find(key) {
            Some(value) => K::of(value).map(Some).ok_or(WRONG_TYPE.into()),
            None => Ok(None),
        }
    }

    /// As [`get`](Self::get); where nothing is, an empty value is put.
    pub fn get_or_default<K: Kind + Default>(&mut self, key: &[u8]) -> Result<&mut K, Error> {
        let index = match self.index(key) {
            Some(index) => index,
            None => {
                let entry = Entry { value: K::default().into_value(), deadline: NEVER };
                self.entries.insert_full(key.into(), entry).0
            }
        };
        K::of(&mut self.entries[index].value).ok_or(WRONG_TYPE.into())
    }

    /// Puts a value under a key, which does not expire then.
    pub fn insert(&mut self, key: &[u8], value: Value) {
        match self.entries.get_index_of(key) {
            Some(index) => {
                self.set_deadline_at(index, NEVER);
                self.entries[index].value = value;
            }
            None => {
                self.entries.insert(key.into(), Entry { value, deadline: NEVER });
            }
        }
        self.changed(key);
    }

    /// As [`insert`](Self::insert), but its time stays.
    pub fn replace(&mut self, key: &[u8], value: Value) {
        match self.index(key) {
            Some(index) => {
                self.entries[index].value = value;
                self.changed(key);
            }
            None => self.insert(key, value),
        }
    }

    /// Removes a key; what was under it, and until when.
    pub fn remove(&mut self, key: &[u8]) -> Option<(Value, Moment)> {
        let index = self.index(key)?;
        self.changed(key);
        let deadline = self.entries[index].deadline;
        self.remove_at(index).map(|entry| (entry.value, deadline))
    }

    /// Removes a key under which nothing is left.
    pub fn remove_if_empty(&mut self, key: &[u8]) {
        if self.find(key).is_some_and(|value| value.is_empty()) {
            self.remove(key);
        }
    }

    fn remove_at(&mut self, index: usize) -> Option<Entry> {
        self.set_deadline_at(index, NEVER);
        self.entries.swap_remove_index(index).map(|(_, entry)| entry)
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        let watched = self.watched.keys().cloned().collect::<Vec<_>>();
        for key in watched {
            if self.contains(&key) {
                self.changed(&key);
            }
        }
        self.entries.clear();
        self.deadlines.clear();
    }

    // Time

    /// When a key expires, if there is one.
    pub fn deadline(&mut self, key: &[u8]) -> Option<Moment> {
        let index = self.index(key)?;
        Some(self.entries[index].deadline)
    }

    /// Gives a key another time, which may have come already; whether there is such a key.
    pub fn set_deadline(&mut self, key: &[u8], deadline: Moment) -> bool {
        let Some(index) = self.index(key) else { return false };
        self.set_deadline_at(index, deadline);
        self.changed(key);
        true
    }

    fn set_deadline_at(&mut self, index: usize, deadline: Moment) {
        let Some((key, entry)) = self.entries.get_index_mut(index) else { return };
        if entry.deadline != NEVER {
            self.deadlines.remove(&(entry.deadline, Rc::clone(key)));
        }
        if deadline != NEVER {
            self.deadlines.insert((deadline, Rc::clone(key)));
        }
        entry.deadline = deadline;
    }

    /// Removes keys whose time has come, so many at most.
    pub fn expire(&mut self, most: usize) {
        for _ in 0..most {
            let due = self.deadlines.first().filter(|(deadline, _)| *deadline <= self.now);
            let Some((_, key)) = due else { return };
            let Some(index) = self.entries.get_index_of(key) else { return };
            self.expire_at(index);
        }
    }

    /// Who watches the key has seen its time.
    #[cold]
    fn expire_at(&mut self, index: usize) {
        self.expired += 1;
        self.remove_at(index);
    }

    // Watching

    /// A key was changed, or what is under it.
    pub fn changed(&mut self, key: &[u8]) {
        if self.watched.is_empty() {
            return;
        }
        if let Some(watched) = self.watched.get_mut(key) {
            watched.version += 1;
        }
    }

    /// Begins to watch a key; how it is now.
    pub fn watch(&mut self, key: &[u8]) -> Seen {
        let none = || Watched { watchers: 0, version: 0 };
        self.watched.entry(key.into()).or_insert_with(none).watchers += 1;
        self.see(key)
    }

    /// Ends to watch a key; whether it is as it was.
    pub fn unwatch(&mut self, key: &[u8], seen: &Seen) -> bool {
        let is_same = self.see(key) == *seen;
        if let Some(watched) = self.watched.get_mut(key) {
            watched.watchers -= 1;
            if watched.watchers == 0 {
                self.watched.remove(key);
            }
        }
        is_same
    }

    fn see(&mut self, key: &[u8]) -> Seen {
        let deadline = self.deadline(key);
        Seen { version: self.watched.get(key).map_or(0, |watched| watched.version), deadline }
    }

    /// Changes places with another database, but for those who watch keys of either.
    pub fn swap(&mut self, other: &mut Self) {
        let keys = self.watched.keys().chain(other.watched.keys()).cloned().collect::<Vec<_>>();
        for key in keys {
            if self.contains(&key) || other.contains(&key) {
                self.changed(&key);
                other.changed(&key);
            }
        }
        std::mem::swap(&mut self.entries, &mut other.entries);
        std::mem::swap(&mut self.deadlines, &mut other.deadlines);
    }
}
