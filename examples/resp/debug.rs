//! What is asked of a server by those who look into it: `OBJECT`, `MEMORY`, `DEBUG`.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::args::Arg;
use crate::command::bad_subcommand;
use crate::reply::{Answer, Reply, NO_SUCH_KEY, SYNTAX};
use crate::server::{integer, Context};
use crate::value::Value;

/// What a key costs beside its value.
const OVERHEAD: usize = 96;

/// `ENCODING key | REFCOUNT key | IDLETIME key | FREQ key`
pub fn object(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let [_, word, key] = args else { return Err(bad_subcommand(args)) };
    let value = context.db().find(key);
    match () {
        () if value.is_none() => reply.null(),
        () if word.is("ENCODING") => reply.optional(value.map(|value| value.encoding())),
        () if word.is("REFCOUNT") => reply.integer(1),
        () if word.is("IDLETIME") => reply.integer(0),
        () if word.is("FREQ") => Err("ERR An LFU maxmemory policy is not selected, access \
             frequency not tracked. Please note that when switching between policies at runtime LRU \
             and LFU data will take some time to adjust."
            .into()),
        () => Err(bad_subcommand(args)),
    }
}

/// `USAGE key [SAMPLES count]`
pub fn memory(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    match &args[1..] {
        [word, key, options @ ..] if word.is("USAGE") => {
            match options {
                [] => {}
                [word, count] if word.is("SAMPLES") => drop(integer(count)?),
                _ => return Err(SYNTAX.into()),
            }
            match context.db().find(key) {
                Some(value) => reply.count(key.len() + value.size() + OVERHEAD),
                None => reply.null(),
            }
        }
        _ => Err(bad_subcommand(args)),
    }
}

/// What tests ask for. Nothing is stored anywhere else, so what is loaded again is what is there.
pub fn debug(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    match &args[1..] {
        [word, value] if word.is("SET-ACTIVE-EXPIRE") => {
            context.server.expires_actively = **value != *b"0";
            reply.ok()
        }
        [word, ..] if word.is("RELOAD") || word.is("LOADAOF") => reply.ok(),
        [word, _] if word.is("QUICKLIST-PACKED-THRESHOLD") => reply.ok(),
        [word, key] if word.is("OBJECT") => {
            let value = context.db().find(key).ok_or(NO_SUCH_KEY)?;
            let (encoding, size) = (value.encoding(), value.size());
            reply.simple(&format!(
                "Value at:{value:p} refcount:1 encoding:{encoding} serializedlength:{size} lru:0 \
                 lru_seconds_idle:0"
            ))
        }
        [word, keys @ ..] if word.is("DIGEST-VALUE") => {
            reply.array(keys.len())?;
            keys.iter().try_for_each(|key| {
                let digest = context.db().find(key).map_or(0, |value| digest(value));
                reply.simple(&format!("{digest:040x}"))
            })
        }
        [word, ..] if word.is("LOG") => reply.ok(),
        _ => Err(bad_subcommand(args)),
    }
}

/// The same for the same value, however it is held.
fn digest(value: &Value) -> u64 {
    match value {
        Value::Str(text) => hash(text.text(&mut itoa::Buffer::new())),
        Value::List(list) => hash(list),
        Value::Hash(fields) => fields.fields.iter().fold(0, |sum, it| sum ^ hash(it)),
        Value::Set(set) => set.iter().fold(0, |sum, it| sum ^ hash(it)),
    }
}

fn hash(it: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    it.hash(&mut hasher);
    hasher.finish()
}
