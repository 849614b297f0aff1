//! The channel under test: asynchat's three names on fields, driven by a script.

use asyncore_runtime::{channel, Bytes, Closed, Collect, Error, Io, Producer, Terminator};
use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::record::{self, close, hex, Event, Played};
use super::scenario::{Action, Item, Scenario};
use serde_json::Value;

/// Nothing is bounded: the scenarios of asynchat, which has no bounds, are to run to their ends.
const UNBOUNDED: usize = 1 << 40;

/// A channel that does what a scenario says.
#[channel(
    max_frame = UNBOUNDED,
    max_length = UNBOUNDED,
    max_output = UNBOUNDED,
    output_high = UNBOUNDED,
    first_frame_timeout = "never",
    frame_timeout = "never",
    idle_timeout = "never",
    write_timeout = "never"
)]
#[derive(Debug)]
pub struct Scripted {
    terminators: Vec<Item>,
    next: usize,
    cycle: bool,
    actions: BTreeMap<usize, Vec<Action>>,
    found: usize,
    #[on_read]
    payload: Payload,
    #[terminator]
    until: Terminator,
    log: Log,
}

/// What the scripted code raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Raised {
    /// By `["raise"]`.
    RuntimeError,
    /// By a terminator that is less than nothing.
    ValueError,
}

impl Raised {
    /// The name of Python's exception.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RuntimeError => "RuntimeError",
            Self::ValueError => "ValueError",
        }
    }
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::error::Error for Raised {}

impl TryFrom<&Item> for Terminator {
    type Error = Raised;

    fn try_from(item: &Item) -> Result<Self, Raised> {
        match item {
            Item::None => Ok(Self::None),
            Item::Len(len) => Ok(Self::Len(*len)),
            Item::Negative(_) => Err(Raised::ValueError),
            Item::Bytes(bytes) => Ok(Self::Bytes(Bytes::copy_from_slice(bytes))),
        }
    }
}

/// The field that collects incoming data.
#[derive(Debug, Default)]
struct Payload {
    data: Vec<u8>,
    log: Log,
}

impl Collect for Payload {
    fn collect(&mut self, data: &[u8]) {
        self.data.extend_from_slice(data);
        self.log.change(|seen| {
            seen.collects.push(hex(data));
            seen.taken += data.len();
        });
    }
}

#[derive(Debug)]
struct Parts(std::vec::IntoIter<Vec<u8>>);

impl Producer for Parts {
    fn more(&mut self) -> Option<Bytes> {
        self.0.next().map(Bytes::from)
    }
}

#[channel]
impl Scripted {
    #[terminator]
    fn found(&mut self, io: &mut Io<Self>) -> Result<(), Raised> {
        let payload = std::mem::take(&mut self.payload.data);
        let end = if let Terminator::Bytes(end) = &self.until { end.len() } else { 0 };
        self.log.change(|seen| {
            seen.events.push(record::found(&payload));
            seen.taken += end;
        });
        let number = self.found;
        self.found += 1;
        self.advance()?;
        let actions = self.actions.remove(&number).unwrap_or_default();
        actions.into_iter().try_for_each(|action| self.act(action, io))
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        // asyncore took a peer that is gone for a close, not for an error.
        if !error.is_disconnect() {
            self.log.change(|seen| seen.events.push(record::error(&name_of(error))));
        }
        io.close();
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        let payload = std::mem::take(&mut self.payload.data);
        let terminator = self.shown_terminator();
        self.log.change(|seen| {
            seen.leftover = payload;
            seen.terminator = terminator;
            seen.held = why.unread;
            seen.is_closed = true;
            // `close()` is not followed by `handle_close` in asyncore: whoever calls it knows.
            if !seen.closed_itself {
                seen.events.push(close());
            }
        });
    }
}

fn raises(action: &Action) -> Result<(), Raised> {
    match action {
        Action::Raise => Err(Raised::RuntimeError),
        Action::Terminator(item) => Terminator::try_from(item).map(|_| ()),
        _ => Ok(()),
    }
}

fn name_of(error: &Error) -> String {
    match error {
        Error::Handler(raised) => raised.to_string(),
        other => format!("{other:?}"),
    }
}

impl Scripted {
    /// The channel of a scenario.
    ///
    /// # Errors
    /// What its first terminator, or its output before the first chunk, raises.
    pub fn new(scenario: &Scenario, log: &Log) -> Result<Self, Raised> {
        let mut scripted = Self {
            terminators: scenario.terminators.clone(),
            next: 0,
            cycle: scenario.cycle,
            actions: scenario.actions.clone(),
            found: 0,
            payload: Payload { data: Vec::new(), log: log.clone() },
            until: Terminator::None,
            log: log.clone(),
        };
        scripted.advance()?;
        scenario.output.iter().try_for_each(raises)?;
        Ok(scripted)
    }

    fn advance(&mut self) -> Result<(), Raised> {
        if self.cycle && self.next >= self.terminators.len() {
            self.next = 0;
        }
        match self.terminators.get(self.next) {
            None => return Ok(()),
            Some(item) => self.until = item.try_into()?,
        }
        self.log.change(|seen| seen.is_terminator_set = true);
        self.next += 1;
        Ok(())
    }

    /// What is done before the first chunk; what would raise in it was refused at once.
    pub fn act_all(&mut self, output: Vec<Action>, io: &mut Io<Self>) {
        let done = output.into_iter().try_for_each(|action| self.act(action, io));
        debug_assert_eq!(done, Ok(()));
    }

    fn act(&mut self, action: Action, io: &mut Io<Self>) -> Result<(), Raised> {
        match action {
            Action::Push(data) => io.push(data),
            Action::Producer(parts) => io.push_with_producer(Parts(parts.into_iter())),
            Action::CloseWhenDone => io.close_when_done(),
            Action::Close => {
                self.log.change(|seen| seen.closed_itself = true);
                io.close();
            }
            Action::Discard => {
                self.log.change(Seen::discard);
                io.discard_buffers();
            }
            Action::Terminator(item) => {
                self.until = Terminator::try_from(&item)?;
                self.log.change(|seen| seen.is_terminator_set = true);
            }
            Action::Raise => return Err(Raised::RuntimeError),
        }
        Ok(())
    }

    fn shown_terminator(&self) -> Value {
        if !self.log.look().is_terminator_set {
            return serde_json::json!({ "unset": true });
        }
        match &self.until {
            Terminator::None => Value::Null,
            Terminator::Len(len) => (*len).into(),
            Terminator::Bytes(bytes) => serde_json::json!({ "hex": hex(bytes) }),
        }
    }
}

/// What channel and peer have seen so far; it outlives the channel.
#[derive(Debug, Clone, Default)]
pub struct Log(Rc<RefCell<Seen>>);

/// What there is in a log.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // independent facts, not one state
pub struct Seen {
    pub events: Vec<Event>,
    pub collects: Vec<String>,
    pub is_closed: bool,
    /// All that was given to the channel to read, and where each read ends.
    pub fed: Vec<u8>,
    pub read_ends: Vec<usize>,
    closed_itself: bool,
    is_terminator_set: bool,
    /// How much of what was fed is in frames, or collected, or was discarded.
    taken: usize,
    leftover: Vec<u8>,
    held: usize,
    terminator: Value,
}

impl Log {
    /// Notes something.
    pub fn change(&self, note: impl FnOnce(&mut Seen)) {
        note(&mut self.0.borrow_mut());
    }

    /// What was noted.
    #[must_use]
    pub fn look(&self) -> Ref<'_, Seen> {
        self.0.borrow()
    }
}

impl Seen {
    /// One more read.
    pub fn feed(&mut self, read: &[u8]) {
        self.fed.extend_from_slice(read);
        self.read_ends.push(self.fed.len());
    }

    /// The rest of the read under way is gone.
    fn discard(&mut self) {
        let end = self.read_ends.iter().find(|end| **end >= self.taken);
        self.taken = end.copied().unwrap_or(self.fed.len());
    }

    /// The trace of a channel that closed at last. `events` of them came before it was made to.
    #[must_use]
    pub fn trace(&self, scenario: &Scenario, before: &Before, peer: PeerSaw) -> Played {
        let held = self.fed.get(self.taken..self.taken + self.held).unwrap_or(&[]);
        Played {
            events: self.events.iter().take(before.events).cloned().collect(),
            leftover: hex(&self.leftover),
            held: hex(held),
            terminator: self.terminator.clone(),
            sent: hex(&peer.received),
            eof: peer.eof,
            open: before.open,
            unread: peer.unwritten,
            collects: scenario.raw.then(|| self.collects.clone()),
            sends: peer.sends.filter(|_| scenario.raw),
        }
    }
}

/// How things stood at the end of the scenario, before the channel was made to close.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    events: usize,
    open: bool,
}

impl Before {
    /// How they stand now.
    #[must_use]
    pub fn of(log: &Log) -> Self {
        let seen = log.look();
        Self { events: seen.events.len(), open: !seen.is_closed }
    }
}

/// What the peer has seen.
#[derive(Debug, Default)]
pub struct PeerSaw {
    pub received: Vec<u8>,
    pub eof: bool,
    /// Bytes it could not write, as the channel had closed.
    pub unwritten: usize,
    /// The length of each send, where that can be seen.
    pub sends: Option<Vec<usize>>,
}
