//! What memcached holds: items under keys, until they expire, are flushed, or have to make room.

use asyncore_runtime::Bytes;
use lru::LruCache;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::line;

/// The longest value.
pub const MAX_VALUE: usize = 1024 * 1024;
/// What an item costs besides its bytes: its places in the table and in the list, and the
/// allocations.
const OVERHEAD: usize = 192;
/// Expiry times up to here are relative.
const MONTH: i32 = 60 * 60 * 24 * 30;

/// Seconds since shortly before the store was made.
type Second = u32;
/// Has passed at any time.
const PAST: Second = 0;
/// Does not come.
const NEVER: Second = Second::MAX;

/// A value, kept as `get` sends it: `VALUE <key> <flags> <bytes>\r\n<value>\r\n`.
struct Item {
    reply: Bytes,
    /// Where the value starts.
    start: usize,
    flags: u32,
    expires: Second,
    cas: u64,
}

impl Item {
    /// With the unique number behind the length, as `gets` sends it.
    fn with_cas(&self) -> Bytes {
        let (head, value) = self.reply.split_at(self.start - 2);
        [head, b" ", self.cas.to_string().as_bytes(), value].concat().into()
    }

    fn value(&self) -> &[u8] {
        &self.reply[self.start..self.reply.len() - 2]
    }

    /// An item whose value is given in two parts.
    fn new(key: &[u8], flags: u32, expires: Second, value: [&[u8]; 2]) -> Self {
        let len = value[0].len() + value[1].len();
        let (mut flag_digits, mut len_digits) = (itoa::Buffer::new(), itoa::Buffer::new());
        let flag_digits = flag_digits.format(flags).as_bytes();
        let len_digits = len_digits.format(len).as_bytes();
        let head = [b"VALUE ", key, b" ", flag_digits, b" ", len_digits, b"\r\n"];
        let start = head.iter().map(|part| part.len()).sum();
        // Of the right size at once, it becomes `Bytes` without a copy.
        let mut reply = Vec::with_capacity(start + len + 2);
        head.iter().chain(&value).for_each(|part| reply.extend_from_slice(part));
        reply.extend_from_slice(b"\r\n");
        Self { reply: reply.into(), start, flags, expires, cas: 0 }
    }

    /// The item with a value made of its own and another one, unless that is too long.
    fn joined(&self, key: &[u8], value: [&[u8]; 2]) -> Result<Self, Outcome> {
        if value[0].len() + value[1].len() > MAX_VALUE {
            return Err(Outcome::NotStored);
        }
        Ok(Self::new(key, self.flags, self.expires, value))
    }

    fn cost(&self, key: &[u8]) -> usize {
        key.len() + self.reply.len() + OVERHEAD
    }
}

/// What a storage command asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Set,
    Add,
    Replace,
    Append,
    Prepend,
    /// If nobody has changed the item since it had this number.
    Cas(u64),
}

/// How an item is sent: with its unique number, and with another expiry time from then on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Retrieval {
    pub with_cas: bool,
    pub exptime: Option<i32>,
}

/// What `incr` and `decr` do to a number: it goes round at 64 bits, but not below 0.
#[derive(Debug, Clone, Copy)]
pub enum Delta {
    Incr(u64),
    Decr(u64),
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Stored,
    NotStored,
    Exists,
    NotFound,
}

/// `incr` and `decr` need a number.
#[derive(Debug)]
pub struct NotNumeric;

/// The items, and the clock they live by.
pub struct Store {
    items: LruCache<Box<[u8]>, Item>,
    /// What the items cost, and may cost.
    bytes: usize,
    limit: usize,
    started: Instant,
    started_unix: i64,
    /// The time, and as items have it.
    instant: Instant,
    now: Second,
    /// When to flush what is there then.
    flush_at: Second,
    /// The number of the last change, and of the last that was flushed.
    last_cas: u64,
    flushed: u64,
    /// Open now.
    connections: u64,
    pub stats: Stats,
}

impl Store {
    /// A store of so many bytes in all.
    pub fn new(limit: usize) -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let started = Instant::now();
        Self {
            items: LruCache::unbounded(),
            bytes: 0,
            limit,
            started,
            instant: started,
            started_unix: since_1970.as_secs() as i64,
            now: PAST + 1,
            flush_at: NEVER,
            last_cas: 0,
            flushed: 0,
            connections: 0,
            stats: Stats::default(),
        }
    }

    /// Turns the clock.
    pub fn set_time(&mut self, now: Instant) {
        if now == self.instant {
            return;
        }
        self.instant = now;
        let age = now.saturating_duration_since(self.started).as_secs();
        self.now = PAST + 1 + age as Second;
        if self.now >= self.flush_at {
            self.flush(self.now);
        }
    }

    /// What a client's `exptime` says: 0 is never, what is negative has passed; up to a month it is
    /// so many seconds from now, and a UNIX time above.
    fn moment(&self, exptime: i32) -> Second {
        let from_start = match exptime {
            0 => return NEVER,
            1..=MONTH => i64::from(self.now) + i64::from(exptime),
            _ => i64::from(PAST + 1) + i64::from(exptime) - self.started_unix,
        };
        Second::try_from(from_start).unwrap_or(PAST)
    }

    /// Shows the value to `found`, as it is to be sent.
    pub fn get(&mut self, key: &[u8], how: Retrieval, found: impl FnOnce(&Bytes)) {
        let expires = how.exptime.map(|exptime| self.moment(exptime));
        let found = self.find(key, |item| {
            item.expires = expires.unwrap_or(item.expires);
            match how.with_cas {
                true => found(&item.with_cas()),
                false => found(&item.reply),
            }
        });
        self.stats.looked_up(found.is_some(), expires.is_some());
    }

    /// Gives the item another expiry time; whether there is one.
    pub fn touch(&mut self, key: &[u8], exptime: i32) -> bool {
        let mut is_hit = false;
        let how = Retrieval { with_cas: false, exptime: Some(exptime) };
        self.get(key, how, |_| is_hit = true);
        is_hit
    }

    /// Carries out a storage command.
    pub fn store(
        &mut self,
        mode: Mode,
        key: &[u8],
        flags: u32,
        exptime: i32,
        value: &[u8],
    ) -> Outcome {
        use Outcome::{Exists, NotFound, NotStored};
        let expires = self.moment(exptime);
        let new = || Ok(Item::new(key, flags, expires, [value, b""]));
        let item = match mode {
            Mode::Set => new(),
            Mode::Add => self.find(key, |_| Err(NotStored)).unwrap_or_else(new),
            Mode::Replace => self.find(key, |_| new()).unwrap_or(Err(NotStored)),
            Mode::Append => self
                .find(key, |old| old.joined(key, [old.value(), value]))
                .unwrap_or(Err(NotStored)),
            Mode::Prepend => self
                .find(key, |old| old.joined(key, [value, old.value()]))
                .unwrap_or(Err(NotStored)),
            Mode::Cas(cas) => self
                .find(key, |old| if old.cas == cas { new() } else { Err(Exists) })
                .unwrap_or(Err(NotFound)),
        };
        self.stats.cmd_set += 1;
        let outcome = item.map_or_else(|refusal| refusal, |item| self.put(key, item));
        if let Mode::Cas(_) = mode {
            self.stats.compared(outcome);
        }
        outcome
    }

    /// Changes a number; its text does not get shorter. `None` if there is no such item.
    pub fn change(&mut self, key: &[u8], delta: Delta) -> Option<Result<u64, NotNumeric>> {
        let changed = self.changed(key, delta);
        self.stats.changed(changed.is_some(), delta);
        Some(changed?.map(|(number, item)| {
            self.put(key, item);
            number
        }))
    }

    fn changed(&mut self, key: &[u8], delta: Delta) -> Option<Result<(u64, Item), NotNumeric>> {
        self.find(key, |item| {
            // Spaces may follow, from when there were more digits.
            let digits = item.value().split(u8::is_ascii_whitespace).next();
            let old = digits.and_then(line::number::<u64>).ok_or(NotNumeric)?;
            let number = match delta {
                Delta::Incr(by) => old.wrapping_add(by),
                Delta::Decr(by) => old.saturating_sub(by),
            };
            let text = format!("{number:<width$}", width = item.value().len());
            let changed = Item::new(key, item.flags, item.expires, [text.as_bytes(), b""]);
            Ok((number, changed))
        })
    }

    /// A value was too long: what `set` was to replace must not be found any more.
    pub fn refuse(&mut self, mode: Mode, key: &[u8]) {
        self.stats.store_too_large += 1;
        if mode == Mode::Set {
            self.remove(key);
        }
    }

    /// Whether there was such an item.
    pub fn delete(&mut self, key: &[u8]) -> bool {
        let is_hit = self.find(key, |_| ()).is_some();
        self.remove(key);
        count(is_hit, &mut self.stats.delete_hits, &mut self.stats.delete_misses);
        is_hit
    }

    /// What `stats` tells.
    pub fn report(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let now = u64::from(self.now);
        let facts = [
            ("pid", u64::from(std::process::id())),
            ("uptime", now - 1),
            ("time", self.started_unix as u64 + now - 1),
            ("pointer_size", u64::from(usize::BITS)),
            ("curr_connections", self.connections),
            ("limit_maxbytes", self.limit as u64),
            ("threads", 1),
            ("bytes", self.bytes as u64),
            ("curr_items", self.items.len() as u64),
        ];
        facts.into_iter().chain(self.stats.report())
    }

    /// Flushes what is there now, or at the time `exptime` says if it is positive.
    pub fn flush_all(&mut self, exptime: i32) {
        self.stats.cmd_flush += 1;
        self.flush(if exptime > 0 { self.moment(exptime) } else { self.now });
    }

    fn flush(&mut self, at: Second) {
        if at > self.now {
            self.flush_at = at;
        } else {
            self.flush_at = NEVER;
            self.flushed = self.last_cas;
        }
    }

    pub fn connected(&mut self) {
        self.connections += 1;
        self.stats.total_connections += 1;
    }

    pub fn disconnected(&mut self) {
        self.connections -= 1;
    }

    /// What `found` makes of the item, if there is one.
    fn find<R>(&mut self, key: &[u8], found: impl FnOnce(&mut Item) -> R) -> Option<R> {
        let (now, flushed) = (self.now, self.flushed);
        match self.items.get_mut(key) {
            Some(item) if item.expires > now && item.cas > flushed => Some(found(item)),
            Some(_) => {
                self.remove(key);
                None
            }
            None => None,
        }
    }

    fn put(&mut self, key: &[u8], mut item: Item) -> Outcome {
        self.last_cas += 1;
        item.cas = self.last_cas;
        self.bytes += item.cost(key);
        if let Some(old) = self.items.get_mut(key) {
            self.bytes -= old.cost(key);
            *old = item;
        } else {
            self.items.put(key.into(), item);
        }
        self.stats.total_items += 1;
        self.make_room();
        Outcome::Stored
    }

    /// Evicts what was not used for longest.
    fn make_room(&mut self) {
        while self.bytes > self.limit {
            let Some((key, item)) = self.items.pop_lru() else { break };
            self.bytes -= item.cost(&key);
            self.stats.evictions += 1;
        }
    }

    fn remove(&mut self, key: &[u8]) {
        if let Some(item) = self.items.pop(key) {
            self.bytes -= item.cost(key);
        }
    }
}

fn count(is_hit: bool, hits: &mut u64, misses: &mut u64) {
    *if is_hit { hits } else { misses } += 1;
}

macro_rules! stats {
    ($($name:ident)*) => {
        /// How often things happened since the start, or since `stats reset`.
        #[derive(Default)]
        pub struct Stats { $(pub $name: u64,)* }

        impl Stats {
            fn report(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name)),*].into_iter()
            }
        }
    };
}

impl Stats {
    fn looked_up(&mut self, is_hit: bool, is_touch: bool) {
        if is_touch {
            self.cmd_touch += 1;
            count(is_hit, &mut self.touch_hits, &mut self.touch_misses);
        } else {
            self.cmd_get += 1;
            count(is_hit, &mut self.get_hits, &mut self.get_misses);
        }
    }

    fn compared(&mut self, outcome: Outcome) {
        *match outcome {
            Outcome::NotFound => &mut self.cas_misses,
            Outcome::Exists => &mut self.cas_badval,
            _ => &mut self.cas_hits,
        } += 1;
    }

    fn changed(&mut self, is_hit: bool, delta: Delta) {
        match delta {
            Delta::Incr(_) => count(is_hit, &mut self.incr_hits, &mut self.incr_misses),
            Delta::Decr(_) => count(is_hit, &mut self.decr_hits, &mut self.decr_misses),
        }
    }
}

stats! {
    total_connections
    cmd_get cmd_set cmd_flush cmd_touch
    get_hits get_misses
    delete_hits delete_misses
    incr_hits incr_misses
    decr_hits decr_misses
    cas_hits cas_misses cas_badval
    touch_hits touch_misses
    store_too_large
    total_items evictions
}
