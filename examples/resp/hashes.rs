//! Hashes.

use crate::args::Arg;
use crate::command::wrong_number;
use crate::counters::{float_sum, OVERFLOW};
use crate::number;
use crate::reply::{Answer, Reply, SYNTAX};
use crate::server::{count, integer, Context};
use crate::text::Text;
use crate::value::Hash;

/// `key (field value)..`
pub fn hset(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let added = set_all(context, args, "hset")?;
    reply.count(added)
}

pub fn hmset(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    set_all(context, args, "hmset")?;
    reply.ok()
}

fn set_all(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    command: &str,
) -> Result<usize, crate::reply::Error> {
    let (pairs, []) = args[2..].as_chunks::<2>() else { return Err(wrong_number(command)) };
    let limits = context.server.config.listpack;
    let db = context.db();
    let hash = db.get_or_default::<Hash>(&args[1])?;
    let set = |[field, value]: &&[Arg<'_>; 2]| hash.insert(field.into(), value.into(), limits);
    let added = pairs.iter().filter(set).count();
    db.changed(&args[1]);
    Ok(added)
}

pub fn hsetnx(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let hash = context.db().get::<Hash>(&args[1])?;
    if hash.is_some_and(|hash| hash.fields.contains_key(&*args[2])) {
        return reply.truth(false);
    }
    hset(context, args, reply)
}

fn show(value: Option<&Text>, reply: &mut Reply<'_, '_>) -> Answer {
    match value {
        Some(value) => reply.text(value),
        None => reply.null(),
    }
}

pub fn hget(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let hash = context.db().get::<Hash>(&args[1])?;
    show(hash.and_then(|hash| hash.fields.get(&*args[2])), reply)
}

pub fn hmget(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let hash = context.db().get::<Hash>(&args[1])?;
    reply.array(args.len() - 2)?;
    let value = |field: &Arg<'_>| hash.as_ref().and_then(|hash| hash.fields.get(&**field));
    args[2..].iter().try_for_each(|field| show(value(field), reply))
}

pub fn hgetall(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let Some(hash) = context.db().get::<Hash>(&args[1])? else { return reply.map(0) };
    reply.map(hash.fields.len())?;
    hash.fields.iter().try_for_each(|(field, value)| {
        reply.text(field)?;
        reply.text(value)
    })
}

pub fn hkeys(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let Some(hash) = context.db().get::<Hash>(&args[1])? else { return reply.array(0) };
    reply.array(hash.fields.len())?;
    hash.fields.keys().try_for_each(|field| reply.text(field))
}

pub fn hvals(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let Some(hash) = context.db().get::<Hash>(&args[1])? else { return reply.array(0) };
    reply.array(hash.fields.len())?;
    hash.fields.values().try_for_each(|value| reply.text(value))
}

pub fn hdel(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    let Some(hash) = db.get::<Hash>(&args[1])? else { return reply.count(0) };
    let removed = args[2..].iter().filter(|field| hash.remove(field)).count();
    if removed > 0 {
        db.changed(&args[1]);
        db.remove_if_empty(&args[1]);
    }
    reply.count(removed)
}

pub fn hlen(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let hash = context.db().get::<Hash>(&args[1])?;
    reply.count(hash.map_or(0, |hash| hash.fields.len()))
}

pub fn hexists(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let hash = context.db().get::<Hash>(&args[1])?;
    reply.truth(hash.is_some_and(|hash| hash.fields.contains_key(&*args[2])))
}

pub fn hstrlen(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let hash = context.db().get::<Hash>(&args[1])?;
    let value = hash.and_then(|hash| hash.fields.get(&*args[2]));
    reply.count(value.map_or(0, |value| value.len()))
}

/// `key field increment`
pub fn hincrby(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let delta = integer(&args[3])?;
    let hash = context.db().get::<Hash>(&args[1])?;
    let old = match hash.and_then(|hash| hash.fields.get(&*args[2])) {
        Some(value) => number::integer(value).ok_or("ERR hash value is not an integer")?,
        None => 0,
    };
    let number = old.checked_add(delta).ok_or(OVERFLOW)?;
    put(context, args, itoa::Buffer::new().format(number).as_bytes().into())?;
    reply.integer(number)
}

/// `key field increment`
pub fn hincrbyfloat(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let delta = number::float(&args[3]).ok_or(crate::counters::NOT_A_FLOAT)?;
    if delta.is_infinite() {
        return Err("ERR value is NaN or Infinity".into());
    }
    let hash = context.db().get::<Hash>(&args[1])?;
    let old = hash.and_then(|hash| hash.fields.get(&*args[2])).map_or(&b"0"[..], |value| value);
    let sum = float_sum(old, &args[3], "ERR hash value is not a float")?;
    reply.bulk(sum.as_bytes())?;
    put(context, args, sum.as_bytes().into())
}

fn put(context: &mut Context<'_>, args: &[Arg<'_>], value: Text) -> Answer {
    let limits = context.server.config.listpack;
    let db = context.db();
    db.get_or_default::<Hash>(&args[1])?.insert((&args[2]).into(), value, limits);
    db.changed(&args[1]);
    Ok(())
}

/// `key [count [WITHVALUES]]`
pub fn hrandfield(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let count = args.get(2).map(count).transpose()?;
    let with_values = match args.get(3..).unwrap_or_default() {
        [] => false,
        [word] if word.is("WITHVALUES") => true,
        _ => return Err(SYNTAX.into()),
    };
    if with_values && count.is_some_and(|count| count.unsigned_abs() > i64::MAX as u64 / 2) {
        return Err("ERR value is out of range".into());
    }
    let len = context.db().get::<Hash>(&args[1])?.map_or(0, |hash| hash.fields.len());
    let chosen = crate::sets::choose(context, len, count.unwrap_or(-1))?;
    let hash = context.db().get::<Hash>(&args[1])?;
    let chosen = chosen.iter().filter_map(|at| hash.as_ref()?.fields.get_index(*at));
    if count.is_none() {
        return show(chosen.map(|(field, _)| field).next(), reply);
    }
    let chosen = chosen.collect::<Vec<_>>();
    let is_paired = with_values && reply.is_resp3;
    let each = if with_values && !is_paired { 2 } else { 1 };
    reply.array(chosen.len() * each)?;
    chosen.into_iter().try_for_each(|(field, value)| {
        if is_paired {
            reply.array(2)?;
        }
        reply.text(field)?;
        if with_values {
            reply.text(value)
        } else {
            Ok(())
        }
    })
}
