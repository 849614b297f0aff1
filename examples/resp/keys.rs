//! What can be done with a key, whatever is under it.

use crate::args::Arg;
use crate::database::{Moment, NEVER};
use crate::glob;
use crate::reply::{Answer, Reply, NO_SUCH_KEY, SAME_OBJECT, SYNTAX};
use crate::server::{between, database, Context, DATABASES};
use crate::value::Value;

pub fn del(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    reply.count(args[1..].iter().filter(|key| db.remove(key).is_some()).count())
}

/// Of a key that is named twice two exist.
pub fn exists(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    reply.count(args[1..].iter().filter(|key| db.contains(key)).count())
}

pub fn type_of(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    reply.simple(context.db().find(&args[1]).map_or("none", |value| value.type_name()))
}

pub fn keys(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    let found = db.keys().filter(|key| glob::matches(&args[1], key)).collect::<Vec<_>>();
    reply.strings(found.into_iter())
}

pub fn randomkey(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    // Keys that have expired are passed over, and in the end the first one is taken that has not.
    for _ in 0..100 {
        let len = context.db().len();
        let at = context.server.random(len);
        if let Some((key, _)) = context.db().at(at) {
            return reply.bulk(key);
        }
    }
    reply.optional(context.db().keys().next())
}

pub fn dbsize(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    reply.count(context.db().len())
}

/// `[ASYNC | SYNC]`
pub fn flushdb(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    check_flush(args)?;
    context.db().clear();
    reply.ok()
}

/// `[ASYNC | SYNC]`
pub fn flushall(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    check_flush(args)?;
    (0..DATABASES).for_each(|index| context.server.database(index).clear());
    reply.ok()
}

fn check_flush(args: &[Arg<'_>]) -> Answer {
    match &args[1..] {
        [] => Ok(()),
        [word] if word.is("ASYNC") || word.is("SYNC") => Ok(()),
        _ => Err(SYNTAX.into()),
    }
}

pub fn rename(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    if *args[1] == *args[2] && db.contains(&args[1]) {
        return reply.ok();
    }
    let (value, deadline) = db.remove(&args[1]).ok_or(NO_SUCH_KEY)?;
    put(context, context.session.database, &args[2], value, deadline);
    reply.ok()
}

pub fn renamenx(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    if !db.contains(&args[1]) {
        return Err(NO_SUCH_KEY.into());
    }
    if db.contains(&args[2]) {
        return reply.truth(false);
    }
    if let Some((value, deadline)) = db.remove(&args[1]) {
        put(context, context.session.database, &args[2], value, deadline);
    }
    reply.truth(true)
}

fn put(context: &mut Context<'_>, index: usize, key: &[u8], value: Value, deadline: Moment) {
    let db = context.server.database(index);
    db.insert(key, value);
    if deadline != NEVER {
        db.set_deadline(key, deadline);
    }
}

/// `source destination [DB number] [REPLACE]`
pub fn copy(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (mut to, mut replaces) = (context.session.database, false);
    let mut rest = args[3..].iter();
    while let Some(word) = rest.next() {
        match () {
            () if word.is("REPLACE") => replaces = true,
            () if word.is("DB") => to = database(rest.next().ok_or(SYNTAX)?)?,
            () => return Err(SYNTAX.into()),
        }
    }
    if *args[1] == *args[2] && to == context.session.database {
        return Err(SAME_OBJECT.into());
    }
    let db = context.db();
    let deadline = db.deadline(&args[1]).unwrap_or(NEVER);
    let Some(value) = db.find(&args[1]).map(|value| value.clone()) else {
        return reply.truth(false);
    };
    if context.server.database(to).contains(&args[2]) && !replaces {
        return reply.truth(false);
    }
    put(context, to, &args[2], value, deadline);
    reply.truth(true)
}

/// `key db`
pub fn move_to(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let to = database(&args[2])?;
    if to == context.session.database {
        return Err(SAME_OBJECT.into());
    }
    if context.server.database(to).contains(&args[1]) {
        return reply.truth(false);
    }
    let Some((value, deadline)) = context.db().remove(&args[1]) else {
        return reply.truth(false);
    };
    put(context, to, &args[1], value, deadline);
    reply.truth(true)
}

/// `index1 index2`
pub fn swapdb(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let is_index = |arg| between(arg, i32::MIN.into(), i32::MAX.into());
    is_index(&args[1]).map_err(|_| "ERR invalid first DB index")?;
    is_index(&args[2]).map_err(|_| "ERR invalid second DB index")?;
    let (a, b) = (database(&args[1])?, database(&args[2])?);
    let mut other = std::mem::take(context.server.database(b));
    other.now = context.server.now();
    if a != b {
        context.server.database(a).swap(&mut other);
    }
    *context.server.database(b) = other;
    reply.ok()
}
