//! What is known of a simulated world from outside of the runtime, and what must be true of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use asyncore_runtime::{Key, Owed};

use super::puppet::Puppet;
use super::script::{Act, Life};

/// No more channels than these are opened by channels.
const MOST: usize = 24;

/// How far a channel is, by its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    #[default]
    New,
    Open,
    Closed,
}

/// What one channel has gone through.
#[derive(Debug, Default)]
pub struct Log {
    pub key: Option<Key<Puppet>>,
    pub phase: Phase,
    /// The test is its peer, from the beginning to the end.
    pub is_ours: bool,
    pub has_dialled: bool,
    pub returns: bool,
    pub connects: u32,
    pub closes: u32,
    pub drops: u32,
    /// Bytes its handlers were given, with their terminators.
    pub handled: usize,
    pub fed: usize,
    /// What it was fed ends with a line, and lines are what it waits for: then nothing is left of what was
    /// read.
    pub fed_lines: bool,
    pub awaits_other: bool,
    /// Something was dropped that no event counts: after an error, `discard_buffers`, `close_when_done`.
    pub is_lossy: bool,
    /// What was queued was dropped, perhaps in the middle of a record.
    pub has_discarded: bool,
    pub is_paused: bool,
    pub owes: usize,
    pub pending: usize,
    pub has_produced: bool,
    pub pushes_to_others: bool,
    pub is_pushed_to: bool,
    pub window: Option<usize>,
    /// The end of what `close` told, if it was told.
    pub unread_at_close: Option<usize>,
    /// Numbers given to what was queued, in order.
    pub places: u64,
    pub sent_to: BTreeMap<usize, u64>,
    pub heard: Heard,
}

impl Log {
    /// Whether its queue may stay high, so that whoever pushes to it waits.
    pub fn may_hold_up(&self) -> bool {
        let is_away = self.phase == Phase::New || self.phase == Phase::Closed && self.returns;
        is_away || self.window.is_some() || self.pending > 0 || self.owes > 0
    }
}

/// What the peer of a channel has got.
#[derive(Debug, Default)]
pub struct Heard {
    pub connection: u32,
    pub rest: Vec<u8>,
    pub place: u64,
    pub from: BTreeMap<usize, u64>,
}

/// An answer that a channel owes, and its place among what it queues.
pub struct Debt {
    pub by: usize,
    pub place: Option<u64>,
    pub connection: u32,
    pub owed: Owed<Puppet>,
}

/// All that the channels of one simulation share.
#[derive(Default)]
pub struct World {
    pub logs: RefCell<Vec<Log>>,
    pub lines: RefCell<Vec<Vec<Act>>>,
    pub debts: RefCell<Vec<Debt>>,
    /// Panics that were raised.
    pub panics: Cell<u64>,
    pub is_draining: Cell<bool>,
    faults: RefCell<Vec<String>>,
}

impl World {
    pub fn puppet(self: &Rc<Self>, life: Life) -> Puppet {
        let mut logs = self.logs.borrow_mut();
        logs.push(Log::default());
        Puppet::new(logs.len() - 1, life, Rc::clone(self))
    }

    /// Something that must not be.
    pub fn fault(&self, what: impl Into<String>) {
        self.faults.borrow_mut().push(what.into());
    }

    pub fn first_fault(&self) -> Option<String> {
        self.faults.borrow().first().cloned()
    }

    pub fn log<R>(&self, id: usize, f: impl FnOnce(&mut Log) -> R) -> R {
        f(&mut self.logs.borrow_mut()[id])
    }

    pub fn len(&self) -> usize {
        self.logs.borrow().len()
    }

    pub fn has_room(&self) -> bool {
        self.len() < MOST
    }

    /// One of the channels there are, or were.
    pub fn target(&self, number: usize) -> Option<(usize, Key<Puppet>)> {
        let logs = self.logs.borrow();
        let id = number.checked_rem(logs.len())?;
        Some((id, logs[id].key?))
    }

    /// Raises a panic, which has to be counted.
    pub fn panic(&self) -> ! {
        self.panics.set(self.panics.get() + 1);
        std::panic::panic_any("a panic of the script")
    }

    /// What a channel sent, as its peer got it: each record is whole, and none has overtaken another.
    pub fn hear(&self, id: usize, data: &[u8]) {
        let mut logs = self.logs.borrow_mut();
        let log = &mut logs[id];
        if log.heard.connection != log.connects {
            log.heard = Heard { connection: log.connects, ..Heard::default() };
        }
        log.heard.rest.extend_from_slice(data);
        let Some(end) = log.heard.rest.iter().rposition(|byte| *byte == b'\n') else { return };
        let rest = log.heard.rest.split_off(end + 1);
        let whole = std::mem::replace(&mut log.heard.rest, rest);
        for record in whole.split_inclusive(|byte| *byte == b'\n') {
            let Err(why) = log.heard.record(record) else { continue };
            if !log.has_discarded {
                self.fault(format!("#{id}: {why}: b\"{}\"", record.escape_ascii()));
            }
        }
    }
}

impl Heard {
    fn record(&mut self, record: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(record).map_err(|error| error.to_string())?;
        let mut parts = text.trim_end_matches('\n').split(' ');
        let kind = parts.next().unwrap_or_default();
        let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok());
        let (source, number, len) = match (number(), number(), number()) {
            (Some(source), Some(number), Some(len)) => (source, number, len),
            _ => return Err("a broken record".into()),
        };
        let pad = parts.next().unwrap_or_default();
        if pad.len() as u64 != len || pad.bytes().any(|byte| byte != b'-') {
            return Err("a record is not whole".into());
        }
        self.in_order(kind, source, number)
    }

    fn in_order(&mut self, kind: &str, source: u64, number: u64) -> Result<(), String> {
        let source = usize::try_from(source).unwrap_or(usize::MAX);
        let last = match kind {
            "own" => &mut self.place,
            "from" => self.from.entry(source).or_default(),
            _ => return Ok(()),
        };
        if number < *last {
            return Err(format!("after {last}"));
        }
        *last = number;
        Ok(())
    }
}

/// What is pushed: who says it, which number it is, and its length.
pub fn record(kind: &str, source: usize, number: u64, len: usize) -> String {
    format!("{kind} {source} {number} {len} {}\n", "-".repeat(len))
}
