//! The table of commands, and how one is found, checked and carried out.

use std::sync::LazyLock;

use crate::args::Arg;
use crate::reply::{shown, Answer, Error, Reply, MOST_SHOWN};
use crate::server::Context;
use crate::{
    config, connection, counters, debug, describe, expiry, hashes, info, keys, lists, pubsub, scan,
    sets, strings, transaction,
};

pub struct Command {
    pub name: &'static str,
    /// Words of it, its name included; so many or more where it is negative.
    pub arity: i32,
    pub flags: Flags,
    /// Where the first and the last key stands, from the end where it is negative, and how far one
    /// stands from the next.
    pub keys: (i32, i32, i32),
    run: Run,
}

type Run = fn(&mut Context<'_>, &[Arg<'_>], &mut Reply<'_, '_>) -> Answer;

/// What a command does to the data, and where it may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flags {
    Write,
    Read,
    /// Neither.
    Other,
    /// Also of a client that subscribes.
    WhileSubscribed,
    /// Also that, and it is not queued by `MULTI`.
    AtOnceWhileSubscribed,
    /// Not queued by `MULTI`.
    AtOnce,
}

use Flags::{AtOnce, AtOnceWhileSubscribed, Other, Read, WhileSubscribed, Write};

macro_rules! commands {
    ($($name:literal $arity:literal $flags:ident ($first:literal, $last:literal, $step:literal)
        $run:path;)*) => {
        /// All commands.
        pub static COMMANDS: &[Command] = &[$(Command {
            name: $name,
            arity: $arity,
            flags: $flags,
            keys: ($first, $last, $step),
            run: $run,
        }),*];
    };
}

commands! {
    // Strings
    "get" 2 Read (1, 1, 1) strings::get;
    "set" -3 Write (1, 1, 1) strings::set;
    "setnx" 3 Write (1, 1, 1) strings::setnx;
    "setex" 4 Write (1, 1, 1) strings::setex;
    "psetex" 4 Write (1, 1, 1) strings::psetex;
    "getset" 3 Write (1, 1, 1) strings::getset;
    "getdel" 2 Write (1, 1, 1) strings::getdel;
    "getex" -2 Write (1, 1, 1) strings::getex;
    "mget" -2 Read (1, -1, 1) strings::mget;
    "mset" -3 Write (1, -1, 2) strings::mset;
    "msetnx" -3 Write (1, -1, 2) strings::msetnx;
    "append" 3 Write (1, 1, 1) strings::append;
    "strlen" 2 Read (1, 1, 1) strings::strlen;
    "setrange" 4 Write (1, 1, 1) strings::setrange;
    "getrange" 4 Read (1, 1, 1) strings::getrange;
    "substr" 4 Read (1, 1, 1) strings::getrange;
    "incr" 2 Write (1, 1, 1) counters::incr;
    "decr" 2 Write (1, 1, 1) counters::decr;
    "incrby" 3 Write (1, 1, 1) counters::incrby;
    "decrby" 3 Write (1, 1, 1) counters::decrby;
    "incrbyfloat" 3 Write (1, 1, 1) counters::incrbyfloat;
    // Lists
    "lpush" -3 Write (1, 1, 1) lists::lpush;
    "rpush" -3 Write (1, 1, 1) lists::rpush;
    "lpushx" -3 Write (1, 1, 1) lists::lpushx;
    "rpushx" -3 Write (1, 1, 1) lists::rpushx;
    "lpop" -2 Write (1, 1, 1) lists::lpop;
    "rpop" -2 Write (1, 1, 1) lists::rpop;
    "lmpop" -4 Write (0, 0, 0) lists::lmpop;
    "llen" 2 Read (1, 1, 1) lists::llen;
    "lindex" 3 Read (1, 1, 1) lists::lindex;
    "lset" 4 Write (1, 1, 1) lists::lset;
    "lrange" 4 Read (1, 1, 1) lists::lrange;
    "ltrim" 4 Write (1, 1, 1) lists::ltrim;
    "lrem" 4 Write (1, 1, 1) lists::lrem;
    "linsert" 5 Write (1, 1, 1) lists::linsert;
    "lpos" -3 Read (1, 1, 1) lists::lpos;
    "lmove" 5 Write (1, 2, 1) lists::lmove;
    "rpoplpush" 3 Write (1, 2, 1) lists::rpoplpush;
    // Hashes
    "hset" -4 Write (1, 1, 1) hashes::hset;
    "hmset" -4 Write (1, 1, 1) hashes::hmset;
    "hsetnx" 4 Write (1, 1, 1) hashes::hsetnx;
    "hget" 3 Read (1, 1, 1) hashes::hget;
    "hmget" -3 Read (1, 1, 1) hashes::hmget;
    "hgetall" 2 Read (1, 1, 1) hashes::hgetall;
    "hkeys" 2 Read (1, 1, 1) hashes::hkeys;
    "hvals" 2 Read (1, 1, 1) hashes::hvals;
    "hdel" -3 Write (1, 1, 1) hashes::hdel;
    "hlen" 2 Read (1, 1, 1) hashes::hlen;
    "hexists" 3 Read (1, 1, 1) hashes::hexists;
    "hstrlen" 3 Read (1, 1, 1) hashes::hstrlen;
    "hincrby" 4 Write (1, 1, 1) hashes::hincrby;
    "hincrbyfloat" 4 Write (1, 1, 1) hashes::hincrbyfloat;
    "hrandfield" -2 Read (1, 1, 1) hashes::hrandfield;
    "hscan" -3 Read (1, 1, 1) scan::hscan;
    // Sets
    "sadd" -3 Write (1, 1, 1) sets::sadd;
    "srem" -3 Write (1, 1, 1) sets::srem;
    "smembers" 2 Read (1, 1, 1) sets::smembers;
    "sismember" 3 Read (1, 1, 1) sets::sismember;
    "smismember" -3 Read (1, 1, 1) sets::smismember;
    "scard" 2 Read (1, 1, 1) sets::scard;
    "smove" 4 Write (1, 2, 1) sets::smove;
    "spop" -2 Write (1, 1, 1) sets::spop;
    "srandmember" -2 Read (1, 1, 1) sets::srandmember;
    "sinter" -2 Read (1, -1, 1) sets::sinter;
    "sunion" -2 Read (1, -1, 1) sets::sunion;
    "sdiff" -2 Read (1, -1, 1) sets::sdiff;
    "sinterstore" -3 Write (1, -1, 1) sets::sinterstore;
    "sunionstore" -3 Write (1, -1, 1) sets::sunionstore;
    "sdiffstore" -3 Write (1, -1, 1) sets::sdiffstore;
    "sintercard" -3 Read (0, 0, 0) sets::sintercard;
    "sscan" -3 Read (1, 1, 1) scan::sscan;
    // Keys
    "del" -2 Write (1, -1, 1) keys::del;
    "unlink" -2 Write (1, -1, 1) keys::del;
    "exists" -2 Read (1, -1, 1) keys::exists;
    "touch" -2 Read (1, -1, 1) keys::exists;
    "type" 2 Read (1, 1, 1) keys::type_of;
    "keys" 2 Read (0, 0, 0) keys::keys;
    "scan" -2 Read (0, 0, 0) scan::scan;
    "randomkey" 1 Read (0, 0, 0) keys::randomkey;
    "rename" 3 Write (1, 2, 1) keys::rename;
    "renamenx" 3 Write (1, 2, 1) keys::renamenx;
    "copy" -3 Write (1, 2, 1) keys::copy;
    "move" 3 Write (1, 1, 1) keys::move_to;
    "dbsize" 1 Read (0, 0, 0) keys::dbsize;
    "flushdb" -1 Write (0, 0, 0) keys::flushdb;
    "flushall" -1 Write (0, 0, 0) keys::flushall;
    "swapdb" 3 Write (0, 0, 0) keys::swapdb;
    "expire" -3 Write (1, 1, 1) expiry::expire;
    "pexpire" -3 Write (1, 1, 1) expiry::pexpire;
    "expireat" -3 Write (1, 1, 1) expiry::expireat;
    "pexpireat" -3 Write (1, 1, 1) expiry::pexpireat;
    "persist" 2 Write (1, 1, 1) expiry::persist;
    "ttl" 2 Read (1, 1, 1) expiry::ttl;
    "pttl" 2 Read (1, 1, 1) expiry::pttl;
    "expiretime" 2 Read (1, 1, 1) expiry::expiretime;
    "pexpiretime" 2 Read (1, 1, 1) expiry::pexpiretime;
    // Publish and subscribe
    "subscribe" -2 WhileSubscribed (0, 0, 0) pubsub::subscribe;
    "unsubscribe" -1 WhileSubscribed (0, 0, 0) pubsub::unsubscribe;
    "psubscribe" -2 WhileSubscribed (0, 0, 0) pubsub::psubscribe;
    "punsubscribe" -1 WhileSubscribed (0, 0, 0) pubsub::punsubscribe;
    "publish" 3 Other (0, 0, 0) pubsub::publish;
    "pubsub" -2 Other (0, 0, 0) pubsub::pubsub;
    // Transactions
    "multi" 1 AtOnce (0, 0, 0) transaction::multi;
    "exec" 1 AtOnce (0, 0, 0) transaction::exec;
    "discard" 1 AtOnce (0, 0, 0) transaction::discard;
    "watch" -2 AtOnce (1, -1, 1) transaction::watch;
    "unwatch" 1 Other (0, 0, 0) transaction::unwatch;
    // The connection
    "ping" -1 WhileSubscribed (0, 0, 0) connection::ping;
    "echo" 2 Other (0, 0, 0) connection::echo;
    "select" 2 Other (0, 0, 0) connection::select;
    "quit" -1 AtOnceWhileSubscribed (0, 0, 0) connection::quit;
    "reset" 1 AtOnceWhileSubscribed (0, 0, 0) connection::reset;
    "hello" -1 Other (0, 0, 0) connection::hello;
    "auth" -2 Other (0, 0, 0) connection::auth;
    "client" -2 Other (0, 0, 0) connection::client;
    // The server
    "info" -1 Other (0, 0, 0) info::info;
    "config" -2 Other (0, 0, 0) config::config;
    "command" -1 Other (0, 0, 0) describe::command;
    "function" -2 Other (0, 0, 0) describe::function;
    "time" 1 Other (0, 0, 0) connection::time;
    "object" -2 Read (2, 2, 1) debug::object;
    "memory" -2 Read (0, 0, 0) debug::memory;
    "debug" -2 Other (0, 0, 0) debug::debug;
}

impl Command {
    fn may_stand_while_subscribed(&self) -> bool {
        matches!(self.flags, WhileSubscribed | AtOnceWhileSubscribed)
    }

    fn is_queued(&self) -> bool {
        !matches!(self.flags, AtOnce | AtOnceWhileSubscribed)
    }
}

/// Commands whose first argument is a command of its own, and its words with both names.
const SUBCOMMANDS: &[(&str, &[(&str, i32)])] = &[
    (
        "client",
        &[("getname", 2), ("setname", 3), ("id", 2), ("list", -2), ("info", 2), ("no-evict", 3)],
    ),
    ("config", &[("get", -3), ("set", -4), ("resetstat", 2), ("rewrite", 2)]),
    ("object", &[("encoding", 3), ("refcount", 3), ("idletime", 3), ("freq", 3)]),
    ("memory", &[("usage", -3)]),
    ("pubsub", &[("channels", -2), ("numsub", -2), ("numpat", 2)]),
    ("command", &[("count", 2), ("docs", -2), ("info", -2), ("list", -2)]),
    ("function", &[("flush", -2)]),
];

/// The commands, apart by [`letters`].
static BY_LETTERS: LazyLock<Vec<Vec<&Command>>> = LazyLock::new(|| {
    let mut commands = vec![Vec::new(); LETTERS];
    COMMANDS.iter().for_each(|it| commands[letters(it.name.as_bytes())].push(it));
    commands
});

const LETTERS: usize = 1024;

/// Few have the same length, and the same letters at either end and behind the first: this tells them
/// apart quicker than a hash of the whole name.
fn letters(name: &[u8]) -> usize {
    let letter = |at: usize| usize::from(name.get(at).map_or(0, u8::to_ascii_lowercase));
    let last = name.len().saturating_sub(1);
    (name.len() + 7 * letter(0) + 31 * letter(1) + 61 * letter(last)) % LETTERS
}

/// The command of a name, in whatever case.
pub fn find(name: &[u8]) -> Option<&'static Command> {
    let mut alike = BY_LETTERS[letters(name)].iter();
    alike.find(|command| command.name.as_bytes().eq_ignore_ascii_case(name)).copied()
}

/// Does what a client asks for, or says why not.
pub fn execute(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) {
    context.server.stats.commands += 1;
    let is_queued =
        |command: &Command| context.session.transaction.is_some() && command.is_queued();
    let queued = match check(context, args) {
        Ok(command) if !is_queued(command) => return carry_out(command, context, args, reply),
        Ok(command) => transaction::queue(context, command, args, reply),
        Err(error) => Err(error),
    };
    if let Err(error) = queued {
        reply.error(&transaction::fail(context, &args[0], error));
    }
}

/// The command that is meant, if it may stand here.
fn check(context: &Context<'_>, args: &[Arg<'_>]) -> Result<&'static Command, Error> {
    let command = find(&args[0]).ok_or_else(|| unknown(args))?;
    if !is_right_number(command.arity, args) {
        return Err(wrong_number(command.name));
    }
    let subcommand = subcommand(command, args)?;
    // In RESP3 what is published stands apart from replies.
    let is_listening = context.session.subscriptions() > 0 && !context.session.is_resp3;
    if is_listening && !command.may_stand_while_subscribed() {
        let name = subcommand.unwrap_or(command.name.to_owned());
        return Err(format!(
            "ERR Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / \
             RESET are allowed in this context"
        )
        .into());
    }
    Ok(command)
}

/// So many words, or so many or more where it is negative.
fn is_right_number(arity: i32, args: &[Arg<'_>]) -> bool {
    let words = i32::try_from(args.len()).unwrap_or(i32::MAX);
    if arity < 0 {
        words >= -arity
    } else {
        words == arity
    }
}

/// Of a command with subcommands, the name of both, if this is one of them.
fn subcommand(command: &Command, args: &[Arg<'_>]) -> Result<Option<String>, Error> {
    let them = SUBCOMMANDS.iter().find(|(name, _)| *name == command.name);
    let (Some((name, them)), Some(word)) = (them, args.get(1)) else { return Ok(None) };
    let Some((sub, arity)) = them.iter().find(|(sub, _)| word.is(sub)) else {
        return Err(subcommand_error("unknown subcommand", args));
    };
    let name = format!("{name}|{sub}");
    match is_right_number(*arity, args) {
        true => Ok(Some(name)),
        false => Err(wrong_number(&name)),
    }
}

/// Does what a command says, and replies.
pub fn carry_out(
    command: &'static Command,
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) {
    context.session.command = Some(command);
    if let Err(error) = (command.run)(context, args, reply) {
        reply.error(&error);
    }
}

pub fn wrong_number(command: &str) -> Error {
    format!("ERR wrong number of arguments for '{command}' command").into()
}

/// As much as Redis shows of a command.
fn unknown(args: &[Arg<'_>]) -> Error {
    let name = shown(&args[0], MOST_SHOWN);
    let mut text = [b"ERR unknown command '", name, b"', with args beginning with: "].concat();
    let most = text.len() + MOST_SHOWN;
    for arg in &args[1..] {
        if text.len() >= most {
            break;
        }
        let arg = shown(arg, most - text.len());
        text.extend_from_slice(&[b"'", arg, b"' "].concat());
    }
    Error(text.into())
}

/// What a subcommand says whose words it does not understand.
pub fn bad_subcommand(args: &[Arg<'_>]) -> Error {
    subcommand_error("unknown subcommand or wrong number of arguments for", args)
}

fn subcommand_error(what: &str, args: &[Arg<'_>]) -> Error {
    let name = args[0].show().to_ascii_uppercase();
    let word = args.get(1).map_or(&b""[..], |word| word);
    Error::showing(&format!("ERR {what} '"), word, &format!("'. Try {name} HELP."))
}
