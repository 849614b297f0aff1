//! What all connections share, what each is, and how a command sees both.

use asyncore_runtime::Bytes;
use indexmap::IndexSet;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::args::Arg;
use crate::command::Command;
use crate::config::Config;
use crate::database::{Database, Moment, Seen};
use crate::number;
use crate::pubsub::{Exchange, Subscriber};
use crate::reply::{Error, MUST_BE_POSITIVE, NOT_AN_INTEGER, NO_SUCH_DATABASE};

pub const DATABASES: usize = 16;
/// Of the arguments that are held before their command is carried out, of all connections together.
pub const MAX_GATHERED: usize = 1024 * 1024 * 1024;
/// Keys of a database that may expire between two rounds.
const EXPIRED_AT_ONCE: usize = 10_000;

pub struct Server {
    pub databases: Vec<Database>,
    pub config: Config,
    pub exchange: Exchange,
    pub clients: BTreeMap<u64, Rc<RefCell<Session>>>,
    /// To be sent when the command has been carried out.
    pub outbox: Vec<(Subscriber, Bytes)>,
    /// Bytes of arguments whose commands are not complete or queued by `MULTI`, of all connections.
    pub gathered: usize,
    pub stats: Stats,
    /// Whether keys expire although nobody asks for them.
    pub expires_actively: bool,
    /// The same moment on both clocks; in microseconds since 1970, so that nothing is rounded twice.
    started_at: (Instant, i64),
    instant: Instant,
    now: Moment,
    random: u64,
}

#[derive(Default)]
pub struct Stats {
    pub commands: u64,
    pub connections: u64,
}

/// One connection, as the commands see it.
#[derive(Default)]
pub struct Session {
    pub id: u64,
    pub database: usize,
    pub name: Bytes,
    pub is_resp3: bool,
    pub address: String,
    pub local_address: String,
    pub since: Moment,
    pub key: Option<Subscriber>,
    pub channels: IndexSet<Bytes>,
    pub patterns: IndexSet<Bytes>,
    pub transaction: Option<Transaction>,
    pub watched: Vec<Watch>,
    /// The last command.
    pub command: Option<&'static Command>,
    /// Nothing more is said.
    pub is_closing: bool,
}

/// What stands between `MULTI` and `EXEC`.
#[derive(Default)]
pub struct Transaction {
    pub queue: Vec<(&'static Command, Vec<Bytes>)>,
    /// Bytes of it.
    pub held: usize,
    /// One of them was no command.
    pub has_failed: bool,
}

/// A key that is watched, and how it was.
pub struct Watch {
    pub database: usize,
    pub key: Bytes,
    pub seen: Seen,
}

/// What a command works with.
pub struct Context<'a> {
    pub server: &'a mut Server,
    pub session: &'a mut Session,
}

impl Server {
    pub fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let micros = i64::try_from(now.as_micros()).unwrap_or_default();
        let instant = Instant::now();
        Self {
            databases: (0..DATABASES).map(|_| Database::default()).collect(),
            config: Config::default(),
            exchange: Exchange::default(),
            clients: BTreeMap::new(),
            outbox: Vec::new(),
            gathered: 0,
            stats: Stats::default(),
            expires_actively: true,
            started_at: (instant, micros),
            instant,
            now: micros / 1000,
            random: u64::from(std::process::id()) ^ micros.unsigned_abs() | 1,
        }
    }

    /// Turns the clock.
    pub fn set_time(&mut self, instant: Instant) {
        if instant != self.instant {
            self.instant = instant;
            let (start, micros) = self.started_at;
            let passed = instant.saturating_duration_since(start).as_micros();
            self.now = (micros + i64::try_from(passed).unwrap_or_default()) / 1000;
        }
    }

    /// When it was started.
    pub fn started(&self) -> Moment {
        self.started_at.1 / 1000
    }

    pub fn now(&self) -> Moment {
        self.now
    }

    pub fn database(&mut self, index: usize) -> &mut Database {
        let database = &mut self.databases[index];
        database.now = self.now;
        database
    }

    /// Lets keys expire whose time has come.
    pub fn expire(&mut self) {
        if self.expires_actively {
            (0..DATABASES).for_each(|index| self.database(index).expire(EXPIRED_AT_ONCE));
        }
    }

    /// A connection stands.
    pub fn enter(&mut self, session: &Rc<RefCell<Session>>, key: Subscriber) {
        self.stats.connections += 1;
        let id = self.stats.connections;
        self.clients.insert(id, Rc::clone(session));
        let mut session = session.borrow_mut();
        (session.id, session.since, session.key) = (id, self.now, Some(key));
    }

    /// A number below `end`, by Marsaglia's xorshift: nothing secret depends on it.
    pub fn random(&mut self, end: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random % end.max(1) as u64) as usize
    }
}

impl Context<'_> {
    /// The database this connection has selected.
    pub fn db(&mut self) -> &mut Database {
        self.server.database(self.session.database)
    }
}

/// An integer of an argument.
pub fn integer(arg: &Arg<'_>) -> Result<i64, Error> {
    number::integer(arg).ok_or(NOT_AN_INTEGER.into())
}

/// How many of something.
pub fn positive(arg: &Arg<'_>) -> Result<usize, Error> {
    let number = number::integer(arg).and_then(|number| usize::try_from(number).ok());
    number.ok_or(MUST_BE_POSITIVE.into())
}

/// An integer of an argument, if it is neither less nor more.
pub fn between(arg: &Arg<'_>, least: i64, most: i64) -> Result<i64, Error> {
    let number = integer(arg)?;
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(format!("ERR value is out of range, value must between {least} and {most}").into())
}

/// How many of something; of a negative number some may come more than once.
pub fn count(arg: &Arg<'_>) -> Result<i64, Error> {
    between(arg, -i64::MAX, i64::MAX)
}

/// The number of a database.
pub fn database(arg: &Arg<'_>) -> Result<usize, Error> {
    let index = between(arg, i32::MIN.into(), i32::MAX.into())?;
    let index = usize::try_from(index).ok().filter(|index| *index < DATABASES);
    index.ok_or(NO_SUCH_DATABASE.into())
}

/// The places `start..end` of `len` that a command means by its first and last, which count from the
/// end where they are negative.
pub fn range(first: i64, last: i64, len: usize) -> std::ops::Range<usize> {
    let count = i64::try_from(len).unwrap_or(i64::MAX);
    let place = |at: i64| if at < 0 { count.saturating_add(at) } else { at };
    let start = place(first).max(0);
    let end = place(last).min(count - 1) + 1;
    if start >= end {
        return 0..0;
    }
    start as usize..end as usize
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn places_count_from_either_end() {
        assert_eq!(range(0, -1, 3), 0..3);
        assert_eq!(range(-2, -1, 3), 1..3);
        assert_eq!(range(-100, 100, 3), 0..3);
        assert_eq!(range(2, 1, 3), 0..0);
        assert_eq!(range(3, 5, 3), 0..0);
        assert_eq!(range(0, -4, 3), 0..0);
        assert_eq!(range(i64::MIN, i64::MAX, 3), 0..3);
        assert_eq!(range(0, -1, 0), 0..0);
    }
}
