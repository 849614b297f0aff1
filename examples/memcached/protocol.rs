//! memcached's text protocol, in the order of its own description, `doc/protocol.txt`.

use asyncore_runtime::{channel, Closed, Error, Io};
use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use crate::line::{self, int, number, Line, Words};
use crate::store::{Delta, Mode, NotNumeric, Outcome, Retrieval, Stats, Store, MAX_VALUE};

const MAX_KEY: usize = 250;
/// With the `\r\n` behind its block, a length must still be a C `int`.
const MAX_BYTES: i32 = i32::MAX - 2;

/// Whose behaviour this is: clients look here for what they may ask for.
const VERSION: &str = "VERSION 1.6.18-asyncore\r\n";

const ERROR: &str = "ERROR\r\n";
const BAD_FORMAT: &str = "CLIENT_ERROR bad command line format\r\n";
const BAD_EXPTIME: &str = "CLIENT_ERROR invalid exptime argument\r\n";
const BAD_DELTA: &str = "CLIENT_ERROR invalid numeric delta argument\r\n";
const BAD_DELETE: &str = "CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n";
const NOT_NUMERIC: &str = "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
const NOT_FOUND: &str = "NOT_FOUND\r\n";

/// The line that answers a command, if one does; as an error, what was wrong with the command.
type Answer = Result<&'static str, &'static str>;
const NOTHING: Answer = Ok("");

/// One connection. Like memcached's it may be idle for ever.
#[channel(first_frame_timeout = "never", idle_timeout = "never", max_output = 2 * MAX_VALUE)]
pub struct Memcached {
    store: Rc<RefCell<Store>>,
    storage: Storage,
    retrieval: Retrieval,
}

/// A storage command whose block is to come.
#[derive(Default)]
struct Storage {
    mode: Mode,
    key: Vec<u8>,
    flags: u32,
    exptime: i32,
    is_quiet: bool,
}

#[channel]
impl Memcached {
    // Commands

    /// `<command name> [<argument>..] [noreply]\r\n`
    #[terminator(with = line::command)]
    fn command(&mut self, line: Line<'_>, io: &mut Io<Self>) -> &'static str {
        let mut rest = line;
        let answer = match rest.words.next() {
            Some(b"get") => self.get(false, rest, io),
            Some(b"gets") => self.get(true, rest, io),
            Some(b"gat") => self.gat(false, rest, io),
            Some(b"gats") => self.gat(true, rest, io),
            Some(name) => self.other(name, rest.words.fill(&mut [&b""[..]; 7]), io),
            None => Err(ERROR),
        };
        answer.unwrap_or_else(|wrong| wrong)
    }

    fn other(&mut self, name: &[u8], args: &[&[u8]], io: &mut Io<Self>) -> Answer {
        let answer = match (name, args) {
            (b"set", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Set, args, io),
            (b"add", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Add, args, io),
            (b"replace", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Replace, args, io),
            (b"append", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Append, args, io),
            (b"prepend", [_, _, _, _] | [_, _, _, _, _]) => self.storage(Mode::Prepend, args, io),
            (b"cas", [_, _, _, _, cas] | [_, _, _, _, cas, _]) => {
                number(cas).ok_or(BAD_FORMAT).and_then(|cas| self.storage(Mode::Cas(cas), args, io))
            }
            (b"delete", [key]) => return self.delete(key, io),
            (b"delete", [key, b"0" | b"noreply"] | [key, b"0", b"noreply"]) => self.delete(key, io),
            (b"delete", [_, _] | [_, _, _]) => Err(BAD_DELETE),
            (b"incr", [_, _] | [_, _, _]) => self.change(Delta::Incr, args, io),
            (b"decr", [_, _] | [_, _, _]) => self.change(Delta::Decr, args, io),
            (b"touch", [key, exptime] | [key, exptime, _]) => self.touch(key, exptime, io),
            (b"flush_all", [] | [b"noreply"]) => self.flush_all(b"0", io),
            (b"flush_all", [exptime] | [exptime, _]) => self.flush_all(exptime, io),
            (b"verbosity", [it] | [it, _]) => int(it).map(|_| "OK\r\n").ok_or(BAD_FORMAT),
            (b"stats", _) => return self.stats(args, io),
            (b"version", _) => return Ok(VERSION),
            (b"quit", _) => {
                io.close_when_done();
                NOTHING
            }
            // A browser was led here, with commands in the body of its request.
            (_, [.., last]) if last.starts_with(b"HTTP/") => {
                io.close();
                NOTHING
            }
            _ => return Err(ERROR),
        };
        Some(answer).filter(|_| !is_quiet(args)).unwrap_or(NOTHING)
    }

    // Storage commands

    /// `<command name> <key> <flags> <exptime> <bytes> [<cas unique>] [noreply]\r\n`
    fn storage(&mut self, mode: Mode, args: &[&[u8]], io: &mut Io<Self>) -> Answer {
        let &[key, flags, exptime, bytes, ..] = args else { return Err(ERROR) };
        let (key, flags) = (checked(key)?, number::<u64>(flags).ok_or(BAD_FORMAT)? as u32);
        let exptime = int(exptime).ok_or(BAD_FORMAT)?;
        let bytes = int(bytes).filter(|bytes| (0..=MAX_BYTES).contains(bytes)).ok_or(BAD_FORMAT)?;
        if bytes as usize > MAX_VALUE {
            io.set_terminator(MemcachedTerminator::Swallow(bytes as u64 + 2));
            self.store(io).refuse(mode, key);
            return Err("SERVER_ERROR object too large for cache\r\n");
        }
        io.set_terminator(MemcachedTerminator::Block(bytes as u64));
        let mut room = std::mem::take(&mut self.storage.key);
        key.clone_into(&mut room);
        self.storage = Storage { mode, key: room, flags, exptime, is_quiet: is_quiet(args) };
        NOTHING
    }

    /// `<data block>\r\n`
    #[terminator(len, end = b"\r\n", max = MAX_VALUE, busy, next = command)]
    fn block(&mut self, data: &[u8], io: &mut Io<Self>) -> &'static str {
        let Storage { mode, ref key, flags, exptime, is_quiet } = self.storage;
        match self.store(io).store(mode, key, flags, exptime, data) {
            _ if is_quiet => "",
            Outcome::Stored => "STORED\r\n",
            Outcome::NotStored => "NOT_STORED\r\n",
            Outcome::Exists => "EXISTS\r\n",
            Outcome::NotFound => NOT_FOUND,
        }
    }

    /// A block that is too large, with its `\r\n`.
    #[terminator(len, discard, next = command)]
    fn swallow(&mut self) {}

    // Retrieval commands

    /// `get <key>*\r\n`, `gets <key>*\r\n`
    fn get(&mut self, with_cas: bool, keys: Line<'_>, io: &mut Io<Self>) -> Answer {
        if !keys.is_part {
            keys.words.clone().next().ok_or(ERROR)?;
        }
        self.retrieve(Retrieval { with_cas, exptime: None }, keys, io)
    }

    /// `gat <exptime> <key>*\r\n`, `gats <exptime> <key>*\r\n`
    fn gat(&mut self, with_cas: bool, mut args: Line<'_>, io: &mut Io<Self>) -> Answer {
        let exptime = int(args.words.next().ok_or(ERROR)?).ok_or(BAD_EXPTIME)?;
        self.retrieve(Retrieval { with_cas, exptime: Some(exptime) }, args, io)
    }

    fn retrieve(&mut self, how: Retrieval, keys: Line<'_>, io: &mut Io<Self>) -> Answer {
        let Line { words, is_part } = keys;
        if words.0.len() > MAX_KEY && words.clone().any(|key| checked(key).is_err()) {
            if is_part {
                io.set_terminator(MemcachedTerminator::RestOfLine);
            }
            return Err(BAD_FORMAT);
        }
        self.send(how, words, io);
        if is_part {
            self.retrieval = how;
            io.set_terminator(MemcachedTerminator::MoreKeys);
            return NOTHING;
        }
        Ok("END\r\n")
    }

    /// The keys of a `get` that is longer than a line may be.
    #[terminator(with = line::keys, busy, next = command)]
    fn more_keys(&mut self, keys: Line<'_>, io: &mut Io<Self>) -> &'static str {
        self.retrieve(self.retrieval, keys, io).unwrap_or_else(|wrong| wrong)
    }

    /// What follows a key that was too long.
    #[terminator(b"\n", discard, next = command)]
    fn rest_of_line(&mut self) {}

    /// `VALUE <key> <flags> <bytes> [<cas unique>]\r\n<data block>\r\n` for each item there is.
    fn send(&self, how: Retrieval, mut keys: Words<'_>, io: &mut Io<Self>) {
        let mut store = self.store(io);
        while io.queued() < io.limits().output_high {
            let Some(key) = keys.next() else { return };
            store.get(key, how, |value| io.push(value));
        }
        self.send_later(how, keys, io);
    }

    /// The same, as the client takes them: there may be a megabyte behind each key.
    fn send_later(&self, how: Retrieval, keys: Words<'_>, io: &mut Io<Self>) {
        let (keys, mut at) = (keys.0.to_vec(), 0);
        io.push_with_producer(move |memcached: &mut Self, io: &mut Io<Self>| {
            let (mut rest, mut found) = (Words(&keys[at..]), None);
            while found.is_none() {
                let Some(key) = rest.next() else { break };
                memcached.store(io).get(key, how, |value| found = Some(value.clone()));
            }
            at = keys.len() - rest.0.len();
            found
        });
    }

    // The others

    /// `delete <key> [noreply]\r\n`
    fn delete(&mut self, key: &[u8], io: &mut Io<Self>) -> Answer {
        let is_hit = self.store(io).delete(checked(key)?);
        Ok(if is_hit { "DELETED\r\n" } else { NOT_FOUND })
    }

    /// `incr <key> <value> [noreply]\r\n`, `decr <key> <value> [noreply]\r\n`
    fn change(&mut self, delta: fn(u64) -> Delta, args: &[&[u8]], io: &mut Io<Self>) -> Answer {
        let &[key, by, ..] = args else { return Err(ERROR) };
        let (key, by) = (checked(key)?, number(by).ok_or(BAD_DELTA)?);
        let changed = self.store(io).change(key, delta(by)).ok_or(NOT_FOUND)?;
        let number = changed.map_err(|NotNumeric| NOT_NUMERIC)?;
        if !is_quiet(args) {
            io.push(format_args!("{number}\r\n"));
        }
        NOTHING
    }

    /// `touch <key> <exptime> [noreply]\r\n`
    fn touch(&mut self, key: &[u8], exptime: &[u8], io: &mut Io<Self>) -> Answer {
        let (key, exptime) = (checked(key)?, int(exptime).ok_or(BAD_EXPTIME)?);
        let is_hit = self.store(io).touch(key, exptime);
        Ok(if is_hit { "TOUCHED\r\n" } else { NOT_FOUND })
    }

    /// `flush_all [<exptime>] [noreply]\r\n`
    fn flush_all(&mut self, exptime: &[u8], io: &mut Io<Self>) -> Answer {
        self.store(io).flush_all(int(exptime).ok_or(BAD_EXPTIME)?);
        Ok("OK\r\n")
    }

    /// `stats [<argument>]\r\n`
    fn stats(&mut self, args: &[&[u8]], io: &mut Io<Self>) -> Answer {
        let mut store = self.store(io);
        match args {
            [] => {
                for (name, value) in store.report() {
                    io.push(format_args!("STAT {name} {value}\r\n"));
                }
                Ok("END\r\n")
            }
            [b"reset", ..] => {
                store.stats = Stats::default();
                Ok("RESET\r\n")
            }
            [b"settings" | b"items" | b"slabs" | b"sizes" | b"conns", ..] => Ok("END\r\n"),
            _ => Err(ERROR),
        }
    }

    // The connection

    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) {
        self.store(io).connected();
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) -> &'static str {
        if let Error::BadEnd { .. } = error {
            return if self.storage.is_quiet { "" } else { "CLIENT_ERROR bad data chunk\r\n" };
        }
        io.close();
        ""
    }

    #[on_close]
    fn closed(&mut self, _: &Closed, io: &mut Io<Self>) {
        self.store(io).disconnected();
    }
}

impl Memcached {
    pub fn new(store: Rc<RefCell<Store>>) -> Self {
        Self { store, storage: Storage::default(), retrieval: Retrieval::default() }
    }

    /// The store, at this time.
    fn store(&self, io: &Io<Self>) -> RefMut<'_, Store> {
        let mut store = self.store.borrow_mut();
        store.set_time(io.now());
        store
    }
}

fn checked(key: &[u8]) -> Result<&[u8], &'static str> {
    (key.len() <= MAX_KEY).then_some(key).ok_or(BAD_FORMAT)
}

fn is_quiet(args: &[&[u8]]) -> bool {
    args.last() == Some(&b"noreply".as_slice())
}
