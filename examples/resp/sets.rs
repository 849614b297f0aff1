//! Sets, and what they have in common.

use indexmap::IndexSet;

use crate::args::Arg;
use crate::reply::{Answer, Error, Reply, SYNTAX};
use crate::server::{count, positive, Context};
use crate::text::Text;
use crate::value::{Kind, Set};

/// Members that one command may be given, where they may be given more than once.
const MOST_REPEATED: usize = 1 << 24;

pub fn sadd(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let most = context.server.config.max_intset;
    let db = context.db();
    let set = db.get_or_default::<Set>(&args[1])?;
    let added = args[2..].iter().filter(|member| set.insert((*member).into(), most)).count();
    if added > 0 {
        db.changed(&args[1]);
    }
    reply.count(added)
}

pub fn srem(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    let Some(set) = db.get::<Set>(&args[1])? else { return reply.count(0) };
    let removed = args[2..].iter().filter(|member| set.remove(member)).count();
    if removed > 0 {
        db.changed(&args[1]);
        db.remove_if_empty(&args[1]);
    }
    reply.count(removed)
}

pub fn smembers(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    match context.db().get::<Set>(&args[1])? {
        Some(set) => members(set, reply),
        None => reply.set(0),
    }
}

fn members(set: &Set, reply: &mut Reply<'_, '_>) -> Answer {
    reply.set(set.len())?;
    set.iter().try_for_each(|member| reply.text(&member))
}

pub fn sismember(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let set = context.db().get::<Set>(&args[1])?;
    reply.truth(set.is_some_and(|set| set.contains(&args[2])))
}

pub fn smismember(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let set = context.db().get::<Set>(&args[1])?;
    reply.array(args.len() - 2)?;
    let has = |member: &Arg<'_>| set.as_ref().is_some_and(|set| set.contains(member));
    args[2..].iter().try_for_each(|member| reply.truth(has(member)))
}

pub fn scard(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let set = context.db().get::<Set>(&args[1])?;
    reply.count(set.map_or(0, |set| set.len()))
}

/// `source destination member`
pub fn smove(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (source, destination, member) = (&args[1], &args[2], &args[3]);
    let most = context.server.config.max_intset;
    let db = context.db();
    if db.get::<Set>(source)?.is_none() {
        return reply.truth(false);
    }
    db.get::<Set>(destination)?;
    if **source == **destination {
        return sismember(context, &[args[0], args[1], args[3]], reply);
    }
    if !db.get::<Set>(source)?.is_some_and(|set| set.remove(member)) {
        return reply.truth(false);
    }
    db.changed(source);
    db.remove_if_empty(source);
    if db.get_or_default::<Set>(destination)?.insert(member.into(), most) {
        db.changed(destination);
    }
    reply.truth(true)
}

// At random

/// `key [count]`
pub fn spop(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    if args.len() > 3 {
        return Err(SYNTAX.into());
    }
    let (key, count) = (&args[1], args.get(2).map(positive).transpose()?);
    let Some(len) = context.db().get::<Set>(key)?.map(|set| set.len()) else {
        return if count.is_some() { reply.set(0) } else { reply.null() };
    };
    let most = count.unwrap_or(1).min(len);
    if count.is_some() {
        reply.set(most)?;
    }
    for left in (len - most + 1..=len).rev() {
        let at = context.server.random(left);
        let member = context.db().get::<Set>(key)?.and_then(|set| set.take(at));
        member.map_or(Ok(()), |member| reply.text(&member))?;
    }
    if most > 0 {
        context.db().changed(key);
        context.db().remove_if_empty(key);
    }
    Ok(())
}

/// `key [count]`
pub fn srandmember(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    if args.len() > 3 {
        return Err(SYNTAX.into());
    }
    let count = args.get(2).map(count).transpose()?;
    let len = context.db().get::<Set>(&args[1])?.map_or(0, |set| set.len());
    let chosen = choose(context, len, count.unwrap_or(-1))?;
    let set = context.db().get::<Set>(&args[1])?;
    let mut chosen = chosen.iter().filter_map(|at| set.as_ref()?.get(*at));
    if count.is_none() {
        return reply.optional(chosen.next());
    }
    let chosen = chosen.collect::<Vec<_>>();
    reply.array(chosen.len())?;
    chosen.iter().try_for_each(|member| reply.text(member))
}

/// So many of `len` places; of a negative count some may be chosen more than once.
pub fn choose(context: &mut Context<'_>, len: usize, count: i64) -> Result<Vec<usize>, Error> {
    let most = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if len == 0 {
        return Ok(Vec::new());
    }
    if count < 0 {
        // Nothing else bounds what may be asked for.
        if most > MOST_REPEATED {
            return Err("ERR value is out of range".into());
        }
        return Ok((0..most).map(|_| context.server.random(len)).collect());
    }
    let most = most.min(len);
    if most > len / 2 {
        return Ok(shuffled(context, len, most));
    }
    let mut places = IndexSet::with_capacity(most);
    while places.len() < most {
        places.insert(context.server.random(len));
    }
    Ok(places.into_iter().collect())
}

/// The first of all places in a random order, by Fisher and Yates.
fn shuffled(context: &mut Context<'_>, len: usize, most: usize) -> Vec<usize> {
    let mut places = (0..len).collect::<Vec<_>>();
    for at in 0..most {
        let other = at + context.server.random(len - at);
        places.swap(at, other);
    }
    places.truncate(most);
    places
}

// Several of them

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Intersection,
    Union,
    Difference,
}

pub fn sinter(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let set = combined(context, Operation::Intersection, &args[1..])?;
    members(&set, reply)
}

pub fn sunion(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let set = combined(context, Operation::Union, &args[1..])?;
    members(&set, reply)
}

pub fn sdiff(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let set = combined(context, Operation::Difference, &args[1..])?;
    members(&set, reply)
}

pub fn sinterstore(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    store(context, Operation::Intersection, args, reply)
}

pub fn sunionstore(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    store(context, Operation::Union, args, reply)
}

pub fn sdiffstore(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    store(context, Operation::Difference, args, reply)
}

/// `destination key..`
fn store(
    context: &mut Context<'_>,
    operation: Operation,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let set = combined(context, operation, &args[2..])?;
    let (len, db) = (set.len(), context.db());
    match len {
        0 => drop(db.remove(&args[1])),
        _ => db.insert(&args[1], set.into_value()),
    }
    reply.count(len)
}

/// `numkeys key.. [LIMIT limit]`
pub fn sintercard(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let count = positive(&args[1]).ok().filter(|count| *count > 0);
    let count = count.ok_or("ERR numkeys should be greater than 0")?;
    let (keys, rest) = args[2..]
        .split_at_checked(count)
        .ok_or("ERR Number of keys can't be greater than number of args")?;
    let (pairs, odd) = rest.as_chunks::<2>();
    let mut limit = 0;
    for [word, number] in pairs {
        if !word.is("LIMIT") {
            return Err(SYNTAX.into());
        }
        limit = positive(number).map_err(|_| "ERR LIMIT can't be negative")?;
    }
    if !odd.is_empty() {
        return Err(SYNTAX.into());
    }
    let len = combined(context, Operation::Intersection, keys)?.len();
    reply.count(if limit == 0 { len } else { len.min(limit) })
}

/// A set made of others; what is not there is empty.
fn combined(
    context: &mut Context<'_>,
    operation: Operation,
    keys: &[Arg<'_>],
) -> Result<Set, Error> {
    let most = context.server.config.max_intset;
    for key in keys {
        context.db().get::<Set>(key)?;
    }
    if operation == Operation::Union {
        let mut union = Set::default();
        for key in keys {
            let set = context.db().get::<Set>(key)?;
            set.iter().flat_map(|set| set.iter()).for_each(|it| {
                union.insert(it, most);
            });
        }
        return Ok(union);
    }
    let base = base(context, operation, keys)?;
    let mut left: Vec<Text> =
        context.db().get::<Set>(&keys[base])?.iter().flat_map(|set| set.iter()).collect();
    for key in keys.iter().enumerate().filter(|(at, _)| *at != base).map(|(_, key)| key) {
        let set = context.db().get::<Set>(key)?;
        let has = |member: &Text| set.as_ref().is_some_and(|set| set.contains(member));
        left.retain(|member| has(member) == (operation == Operation::Intersection));
    }
    let mut result = Set::default();
    for member in left {
        result.insert(member, most);
    }
    Ok(result)
}

/// The set that members are taken away from: of an intersection the smallest one.
fn base(context: &mut Context<'_>, operation: Operation, keys: &[Arg<'_>]) -> Result<usize, Error> {
    let mut lens = Vec::with_capacity(keys.len());
    for key in keys {
        lens.push(context.db().get::<Set>(key)?.map_or(0, |set| set.len()));
    }
    let smallest = (0..keys.len()).min_by_key(|at| lens[*at]).unwrap_or(0);
    Ok(if operation == Operation::Intersection { smallest } else { 0 })
}
