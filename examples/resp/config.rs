//! `CONFIG`: what can be set, and what clients ask for.

use std::collections::BTreeMap;

use crate::args::Arg;
use crate::command::bad_subcommand;
use crate::glob;
use crate::number;
use crate::reply::{Answer, Error, Reply, SYNTAX};
use crate::server::{Context, Stats};
use crate::value::Listpack;

/// Bytes of a bulk string, unless it is set: 512 MiB, as Redis has it.
const MAX_BULK: usize = 512 * 1024 * 1024;
/// It may not be set lower: what is shorter is not asked about.
const LEAST_MAX_BULK: usize = 1024 * 1024;

#[derive(Clone)]
pub struct Config {
    /// Bytes of a bulk string, and of a string that commands make longer.
    pub max_bulk: usize,
    pub listpack: Listpack,
    /// Integers of an intset.
    pub max_intset: usize,
    /// What is set and asked for without an effect here.
    others: BTreeMap<&'static str, String>,
}

/// Parameters that clients and tools ask for, with their only or first value.
const OTHERS: [(&str, &str); 18] = [
    ("appendonly", "no"),
    ("bind", ""),
    ("client-output-buffer-limit", "normal 0 0 0 slave 0 0 0 pubsub 8388608 0 0"),
    ("client-query-buffer-limit", "1073741824"),
    ("databases", "16"),
    ("dir", "/"),
    ("hz", "10"),
    ("list-compress-depth", "0"),
    ("list-max-listpack-size", "-2"),
    ("list-max-ziplist-size", "-2"),
    ("maxclients", "10000"),
    ("maxmemory", "0"),
    ("maxmemory-policy", "noeviction"),
    ("notify-keyspace-events", ""),
    ("port", "0"),
    ("save", ""),
    ("timeout", "0"),
    ("zset-max-ziplist-entries", "128"),
];

/// Those of them that may be set, as nothing of what they say is done otherwise here.
const HARMLESS: [&str; 4] =
    ["list-compress-depth", "list-max-listpack-size", "list-max-ziplist-size", "save"];

impl Default for Config {
    fn default() -> Self {
        Self {
            max_bulk: MAX_BULK,
            listpack: Listpack { entries: 512, value: 64 },
            max_intset: 512,
            others: OTHERS.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        }
    }
}

/// The numbers that have an effect, also by the names they had before.
const NUMBERS: [&str; 6] = [
    "hash-max-listpack-entries",
    "hash-max-listpack-value",
    "hash-max-ziplist-entries",
    "hash-max-ziplist-value",
    "proto-max-bulk-len",
    "set-max-intset-entries",
];

impl Config {
    fn number(&mut self, name: &str) -> Option<&mut usize> {
        match name {
            "proto-max-bulk-len" => Some(&mut self.max_bulk),
            "set-max-intset-entries" => Some(&mut self.max_intset),
            "hash-max-listpack-entries" | "hash-max-ziplist-entries" => {
                Some(&mut self.listpack.entries)
            }
            "hash-max-listpack-value" | "hash-max-ziplist-value" => Some(&mut self.listpack.value),
            _ => None,
        }
    }

    fn get(&mut self, name: &'static str) -> String {
        match self.number(name) {
            Some(number) => number.to_string(),
            None => self.others.get(name).cloned().unwrap_or_default(),
        }
    }

    fn set(&mut self, name: &str, value: &Arg<'_>) -> Answer {
        if let Some(number) = self.number(name) {
            *number = parse(name, value)?;
            return Ok(());
        }
        let is_harmless = HARMLESS.contains(&name);
        let Some(other) = self.others.get_mut(name) else {
            let option = "ERR Unknown option or number of arguments for CONFIG SET - '";
            return Err(Error::showing(option, name.as_bytes(), "'"));
        };
        // What it is already can be set again.
        if !is_harmless && *other != value.show() {
            return Err(failed(name, "can't set immutable config"));
        }
        *other = value.show().into_owned();
        Ok(())
    }
}

/// Of a parameter that is a number.
fn parse(name: &str, value: &Arg<'_>) -> Result<usize, Error> {
    let least = if name == "proto-max-bulk-len" { LEAST_MAX_BULK } else { 0 };
    let value =
        number::integer(value).ok_or_else(|| failed(name, "argument must be a memory value"))?;
    usize::try_from(value).ok().filter(|value| *value >= least).ok_or_else(|| {
        failed(name, &format!("argument must be between {least} and {} inclusive", i64::MAX))
    })
}

/// All of it, or nothing.
fn set_all(config: &mut Config, pairs: &[[Arg<'_>; 2]]) -> Answer {
    let mut changed = config.clone();
    for (place, [name, value]) in pairs.iter().enumerate() {
        let name = name.show().to_ascii_lowercase();
        if pairs[..place].iter().any(|[other, _]| other.is(&name)) {
            return Err(failed(&name, "duplicate parameter"));
        }
        changed.set(&name, value)?;
    }
    *config = changed;
    Ok(())
}

fn failed(name: &str, why: &str) -> Error {
    format!("ERR CONFIG SET failed (possibly related to argument '{name}') - {why}").into()
}

/// `GET pattern.. | SET (parameter value).. | RESETSTAT | REWRITE`
pub fn config(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    match &args[1..] {
        [word, patterns @ ..] if word.is("GET") => get(context, patterns, reply),
        [word, pairs @ ..] if word.is("SET") => {
            let (pairs, []) = pairs.as_chunks::<2>() else { return Err(SYNTAX.into()) };
            set_all(&mut context.server.config, pairs)?;
            reply.ok()
        }
        [word] if word.is("RESETSTAT") => {
            context.server.stats =
                Stats { connections: context.server.stats.connections, ..Stats::default() };
            reply.ok()
        }
        [word] if word.is("REWRITE") => {
            Err("ERR The server is running without a config file".into())
        }
        _ => Err(bad_subcommand(args)),
    }
}

fn get(context: &mut Context<'_>, patterns: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let patterns = patterns.iter().map(|pattern| pattern.to_ascii_lowercase()).collect::<Vec<_>>();
    let config = &mut context.server.config;
    let names = OTHERS.iter().map(|(name, _)| *name).chain(NUMBERS);
    let is_meant =
        |name: &&str| patterns.iter().any(|pattern| glob::matches(pattern, name.as_bytes()));
    let found = names.filter(is_meant).flat_map(|name| [name.to_owned(), config.get(name)]);
    let found = found.collect::<Vec<_>>();
    reply.map(found.len() / 2)?;
    found.iter().try_for_each(|text| reply.bulk(text.as_bytes()))
}
