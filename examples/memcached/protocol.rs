//! memcached's text protocol, in the order of its own description (`doc/protocol.txt`).

use asyncore_runtime::{channel, Closed, Error, Io};
use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use crate::line::{self, signed, unsigned, Line, Words};
use crate::store::{Delta, Item, Mode, Outcome, Second, Stats, Store, MAX_VALUE, PAST};

const MAX_KEY: usize = 250;
/// What clients look for in the answer to `version`: whose behaviour this is.
const VERSION: &str = "VERSION 1.6.18-asyncore\r\n";
/// A length with its `\r\n` must be a C `int`.
const MAX_BYTES: i32 = i32::MAX - 2;

const BAD_FORMAT: &str = "CLIENT_ERROR bad command line format\r\n";
const BAD_EXPTIME: &str = "CLIENT_ERROR invalid exptime argument\r\n";
const DELETE_USAGE: &str =
    "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n";
const NOT_NUMERIC: &str = "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
const END: &str = "END\r\n";
const ERROR: &str = "ERROR\r\n";
const NOT_FOUND: &str = "NOT_FOUND\r\n";
const OK: &str = "OK\r\n";

/// The answer to a command, where one line is all of it.
type Answer = Option<&'static str>;

/// One connection. What memcached does not limit in time, this does not either.
#[channel(
    first_frame_timeout = "never",
    idle_timeout = "never",
    max_output = 2 * MAX_VALUE
)]
pub struct Memcached {
    store: Rc<RefCell<Store>>,
    storage: Storage,
    retrieval: Retrieval,
}

/// A storage command whose block is still to come.
struct Storage {
    mode: Mode,
    key: Vec<u8>,
    flags: u32,
    expires: Second,
    is_quiet: bool,
}

impl Memcached {
    pub fn new(store: Rc<RefCell<Store>>) -> Self {
        let storage =
            Storage { mode: Mode::Set, key: Vec::new(), flags: 0, expires: 0, is_quiet: false };
        Self { store, storage, retrieval: Retrieval::default() }
    }
}

/// How the items of a `get`, `gets`, `gat` or `gats` are sent.
#[derive(Clone, Copy, Default)]
struct Retrieval {
    with_cas: bool,
    touch: Option<Second>,
}

impl Retrieval {
    /// Shows the item to `found`, if there is one.
    fn find(self, store: &mut Store, key: &[u8], found: impl FnOnce(&Item)) {
        if let Some(expires) = self.touch {
            store.touch(key, expires, found);
        } else {
            store.get(key, found);
        }
    }
}

#[channel]
impl Memcached {
    // Commands

    /// `<command name> [<argument>..] [noreply]\r\n`
    #[terminator(with = line::command)]
    fn command(&mut self, line: Line<'_>, io: &mut Io<Self>) -> Answer {
        let mut rest = line;
        match rest.words.next() {
            Some(b"get") => self.get(false, rest, io),
            Some(b"gets") => self.get(true, rest, io),
            Some(b"gat") => self.get_and_touch(false, rest, io),
            Some(b"gats") => self.get_and_touch(true, rest, io),
            Some(name) => self.other(name, rest.words.fill(&mut [&b""[..]; 7]), io),
            None => Some(ERROR),
        }
    }

    fn other(&mut self, name: &[u8], args: &[&[u8]], io: &mut Io<Self>) -> Answer {
        let is_quiet = args.last() == Some(&b"noreply".as_slice());
        let answer = match (name, args) {
            (b"set", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Set, args, io),
            (b"add", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Add, args, io),
            (b"replace", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Replace, args, io),
            (b"append", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Append, args, io),
            (b"prepend", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Prepend, args, io),
            (b"cas", [_, _, _, _, cas] | [_, _, _, _, cas, _]) => match unsigned(cas) {
                Some(cas) => self.storage(Mode::Cas(cas), args, io),
                None => Some(BAD_FORMAT),
            },
            (b"delete", [key]) => return self.delete(key, io),
            (b"delete", [key, b"0" | b"noreply"] | [key, b"0", b"noreply"]) => self.delete(key, io),
            (b"delete", [_, _] | [_, _, _]) => Some(DELETE_USAGE),
            (b"incr", [key, value] | [key, value, _]) => {
                self.change(Delta::Incr, key, value, is_quiet, io)
            }
            (b"decr", [key, value] | [key, value, _]) => {
                self.change(Delta::Decr, key, value, is_quiet, io)
            }
            (b"touch", [key, exptime] | [key, exptime, _]) => self.touch(key, exptime, io),
            (b"flush_all", [] | [b"noreply"]) => self.flush_all(b"0", io),
            (b"flush_all", [exptime] | [exptime, _]) => self.flush_all(exptime, io),
            (b"verbosity", [level] | [level, _]) => {
                unsigned(level).map_or(Some(BAD_FORMAT), |_| Some(OK))
            }
            (b"stats", _) => return self.stats(args, io),
            (b"version", _) => return Some(VERSION),
            (b"quit", _) => {
                io.close_when_done();
                None
            }
            (_, [.., last]) if last.starts_with(b"HTTP/") => {
                io.close();
                None
            }
            _ => return Some(ERROR),
        };
        answer.filter(|_| !is_quiet)
    }

    // Storage commands

    /// `<command name> <key> <flags> <exptime> <bytes> [<cas unique>] [noreply]\r\n`
    fn storage(&mut self, mode: Mode, args: &[&[u8]], io: &mut Io<Self>) -> Answer {
        let &[key, flags, exptime, bytes, ..] = args else { return Some(ERROR) };
        let numbers = (unsigned(flags), signed(exptime), signed(bytes));
        let (Some(flags), Some(exptime), Some(bytes @ 0..=MAX_BYTES)) = numbers else {
            return Some(BAD_FORMAT);
        };
        if key.len() > MAX_KEY {
            return Some(BAD_FORMAT);
        }
        if bytes as usize > MAX_VALUE {
            io.set_terminator(MemcachedTerminator::Swallow(bytes as u64 + 2));
            self.store(io).refuse(mode, key);
            return Some("SERVER_ERROR object too large for cache\r\n");
        }
        io.set_terminator(MemcachedTerminator::Block(bytes as u64));
        let expires = self.store(io).moment(exptime);
        self.storage.key.clear();
        self.storage.key.extend_from_slice(key);
        self.storage.mode = mode;
        self.storage.flags = flags as u32;
        self.storage.expires = expires;
        self.storage.is_quiet = args.last() == Some(&b"noreply".as_slice());
        None
    }

    /// `<data block>\r\n`
    #[terminator(len, end = b"\r\n", max = MAX_VALUE, next = command)]
    fn block(&mut self, data: &[u8], io: &mut Io<Self>) -> Answer {
        let Storage { mode, ref key, flags, expires, is_quiet } = self.storage;
        let outcome = self.store(io).store(mode, key, flags, expires, data);
        let answer = match outcome {
            Outcome::Stored => "STORED\r\n",
            Outcome::NotStored => "NOT_STORED\r\n",
            Outcome::Exists => "EXISTS\r\n",
            Outcome::NotFound => NOT_FOUND,
        };
        Some(answer).filter(|_| !is_quiet)
    }

    /// The block of an item that was refused.
    #[terminator(len, discard, next = command)]
    fn swallow(&mut self) {}

    // Retrieval commands

    /// `get <key>*\r\n`, `gets <key>*\r\n`
    fn get(&mut self, with_cas: bool, keys: Line<'_>, io: &mut Io<Self>) -> Answer {
        if keys.words.is_empty() {
            return Some(ERROR);
        }
        self.retrieve(Retrieval { with_cas, touch: None }, keys, io)
    }

    /// `gat <exptime> <key>*\r\n`, `gats <exptime> <key>*\r\n`
    fn get_and_touch(&mut self, with_cas: bool, mut args: Line<'_>, io: &mut Io<Self>) -> Answer {
        let Some(exptime) = args.words.next() else { return Some(ERROR) };
        let Some(exptime) = signed(exptime) else { return Some(BAD_EXPTIME) };
        let touch = Some(self.store(io).moment(exptime));
        self.retrieve(Retrieval { with_cas, touch }, args, io)
    }

    /// More keys of a `get` or `gets` that is longer than a line.
    #[terminator(with = line::keys, next = command)]
    fn more_keys(&mut self, keys: Line<'_>, io: &mut Io<Self>) -> Answer {
        self.retrieve(self.retrieval, keys, io)
    }

    fn retrieve(&mut self, how: Retrieval, keys: Line<'_>, io: &mut Io<Self>) -> Answer {
        if keys.words.0.len() > MAX_KEY && keys.words.clone().any(|key| key.len() > MAX_KEY) {
            if keys.is_part {
                io.set_terminator(MemcachedTerminator::RestOfLine);
            }
            return Some(BAD_FORMAT);
        }
        self.send(how, keys.words, io);
        if keys.is_part {
            self.retrieval = how;
            io.set_terminator(MemcachedTerminator::MoreKeys);
            return None;
        }
        Some(END)
    }

    /// What is left of a `get` that was refused.
    #[terminator(b"\n", discard, next = command)]
    fn rest_of_line(&mut self) {}

    /// `VALUE <key> <flags> <bytes> [<cas unique>]\r\n<data block>\r\n` for each item there is.
    fn send(&mut self, how: Retrieval, mut keys: Words<'_>, io: &mut Io<Self>) {
        let mut store = self.store(io);
        while io.queued() < io.limits().output_high {
            let Some(key) = keys.next() else { return };
            how.find(&mut store, key, |item| match how.with_cas {
                true => io.push(item.with_cas()),
                false => io.push(item.plain()),
            });
        }
        let rest = keys.0.to_vec();
        let mut at = 0;
        // So much is taken out of the store only as the client takes it.
        io.push_with_producer(move |memcached: &mut Self, io: &mut Io<Self>| {
            let mut keys = Words(&rest[at..]);
            let mut store = memcached.store(io);
            let mut value = None;
            while let (None, Some(key)) = (&value, keys.next()) {
                how.find(&mut store, key, |item| {
                    value = Some(if how.with_cas { item.with_cas() } else { item.plain().clone() });
                });
            }
            at = rest.len() - keys.0.len();
            value
        });
    }

    // The others

    /// `delete <key> [noreply]\r\n`
    fn delete(&mut self, key: &[u8], io: &mut Io<Self>) -> Answer {
        if key.len() > MAX_KEY {
            return Some(BAD_FORMAT);
        }
        Some(if self.store(io).delete(key) { "DELETED\r\n" } else { NOT_FOUND })
    }

    /// `incr <key> <value> [noreply]\r\n`, `decr <key> <value> [noreply]\r\n`
    fn change(
        &mut self,
        delta: fn(u64) -> Delta,
        key: &[u8],
        value: &[u8],
        is_quiet: bool,
        io: &mut Io<Self>,
    ) -> Answer {
        if key.len() > MAX_KEY {
            return Some(BAD_FORMAT);
        }
        let Some(by) = unsigned(value) else {
            return Some("CLIENT_ERROR invalid numeric delta argument\r\n");
        };
        match self.store(io).change(key, delta(by)) {
            Some(Ok(number)) => {
                if !is_quiet {
                    io.push(format_args!("{number}\r\n"));
                }
                None
            }
            Some(Err(_)) => Some(NOT_NUMERIC),
            None => Some(NOT_FOUND),
        }
    }

    /// `touch <key> <exptime> [noreply]\r\n`
    fn touch(&mut self, key: &[u8], exptime: &[u8], io: &mut Io<Self>) -> Answer {
        if key.len() > MAX_KEY {
            return Some(BAD_FORMAT);
        }
        let Some(exptime) = signed(exptime) else { return Some(BAD_EXPTIME) };
        let mut store = self.store(io);
        let expires = store.moment(exptime);
        Some(if store.touch(key, expires, |_| {}) { "TOUCHED\r\n" } else { NOT_FOUND })
    }

    /// `flush_all [<exptime>] [noreply]\r\n`
    fn flush_all(&mut self, exptime: &[u8], io: &mut Io<Self>) -> Answer {
        let Some(exptime) = signed(exptime) else { return Some(BAD_EXPTIME) };
        let mut store = self.store(io);
        store.stats.cmd_flush += 1;
        let at = if exptime > 0 { store.moment(exptime) } else { PAST };
        store.flush(at);
        Some(OK)
    }

    /// `stats [<argument>]\r\n`
    fn stats(&mut self, args: &[&[u8]], io: &mut Io<Self>) -> Answer {
        let mut store = self.store(io);
        match args {
            [] => {
                for (name, value) in store.report() {
                    io.push(format_args!("STAT {name} {value}\r\n"));
                }
                Some(END)
            }
            [b"reset", ..] => {
                store.stats = Stats::default();
                Some("RESET\r\n")
            }
            [b"settings" | b"items" | b"slabs" | b"sizes" | b"conns", ..] => Some(END),
            _ => Some(ERROR),
        }
    }

    // The connection

    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) {
        let mut store = self.store(io);
        store.connections += 1;
        store.stats.total_connections += 1;
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) -> Answer {
        if let Error::BadEnd { .. } = error {
            return Some("CLIENT_ERROR bad data chunk\r\n").filter(|_| !self.storage.is_quiet);
        }
        io.close();
        None
    }

    #[on_close]
    fn closed(&mut self, _: &Closed, io: &mut Io<Self>) {
        self.store(io).connections -= 1;
    }

    /// The store, at this time.
    fn store(&self, io: &Io<Self>) -> RefMut<'_, Store> {
        let mut store = self.store.borrow_mut();
        store.set_time(io.now());
        store
    }
}
