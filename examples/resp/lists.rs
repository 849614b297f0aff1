//! Lists.

use crate::args::Arg;
use crate::reply::{Answer, Error, Reply, NO_SUCH_KEY, SYNTAX};
use crate::server::{integer, positive, range, Context};
use crate::text::Text;
use crate::value::List;

/// An end of a list.
#[derive(Clone, Copy)]
enum End {
    Left,
    Right,
}

impl End {
    fn parse(word: &Arg<'_>) -> Result<Self, Error> {
        match () {
            () if word.is("LEFT") => Ok(Self::Left),
            () if word.is("RIGHT") => Ok(Self::Right),
            () => Err(SYNTAX.into()),
        }
    }

    fn push(self, list: &mut List, item: Text) {
        match self {
            Self::Left => list.push_front(item),
            Self::Right => list.push_back(item),
        }
    }

    fn pop(self, list: &mut List) -> Option<Text> {
        match self {
            Self::Left => list.pop_front(),
            Self::Right => list.pop_back(),
        }
    }
}

pub fn lpush(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    push(context, args, End::Left, reply)
}

pub fn rpush(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    push(context, args, End::Right, reply)
}

pub fn lpushx(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    push_if_there(context, args, End::Left, reply)
}

pub fn rpushx(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    push_if_there(context, args, End::Right, reply)
}

fn push(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    end: End,
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let db = context.db();
    let list = db.get_or_default::<List>(&args[1])?;
    args[2..].iter().for_each(|item| end.push(list, item.into()));
    let len = list.len();
    db.changed(&args[1]);
    reply.count(len)
}

fn push_if_there(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    end: End,
    reply: &mut Reply<'_, '_>,
) -> Answer {
    match context.db().get::<List>(&args[1])? {
        Some(_) => push(context, args, end, reply),
        None => reply.count(0),
    }
}

pub fn lpop(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    pop(context, args, "lpop", End::Left, reply)
}

pub fn rpop(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    pop(context, args, "rpop", End::Right, reply)
}

/// `key [count]`
fn pop(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    command: &str,
    end: End,
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let [_, key, count @ ..] = args else { return Err(SYNTAX.into()) };
    if count.len() > 1 {
        return Err(crate::command::wrong_number(command));
    }
    let count = count.first().map(positive).transpose()?;
    let db = context.db();
    let Some(list) = db.get::<List>(key)? else {
        return if count.is_some() { reply.null_array() } else { reply.null() };
    };
    match count {
        Some(count) => pop_some(list, end, count, reply)?,
        None => end.pop(list).map_or(Ok(()), |item| reply.text(&item))?,
    }
    db.changed(key);
    db.remove_if_empty(key);
    Ok(())
}

fn pop_some(list: &mut List, end: End, count: usize, reply: &mut Reply<'_, '_>) -> Answer {
    let count = count.min(list.len());
    reply.array(count)?;
    (0..count).filter_map(|_| end.pop(list)).try_for_each(|item| reply.text(&item))
}

/// `numkeys key.. LEFT | RIGHT [COUNT count]`
pub fn lmpop(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let count = positive(&args[1]).ok().filter(|count| *count > 0);
    let count = count.ok_or("ERR numkeys should be greater than 0")?;
    let (keys, rest) = args[2..].split_at_checked(count).ok_or(SYNTAX)?;
    let (end, most) = match rest {
        [end] => (End::parse(end)?, 1),
        [end, word, most, odd @ ..] if word.is("COUNT") => {
            let (end, most) = (End::parse(end)?, positive(most).ok().filter(|most| *most > 0));
            let most = most.ok_or("ERR count should be greater than 0")?;
            (odd.is_empty()).then_some((end, most)).ok_or(SYNTAX)?
        }
        _ => return Err(SYNTAX.into()),
    };
    for key in keys {
        let db = context.db();
        let Some(list) = db.get::<List>(key)? else { continue };
        reply.array(2)?;
        reply.bulk(key)?;
        pop_some(list, end, most, reply)?;
        db.changed(key);
        db.remove_if_empty(key);
        return Ok(());
    }
    reply.null_array()
}

pub fn llen(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let list = context.db().get::<List>(&args[1])?;
    reply.count(list.map_or(0, |list| list.len()))
}

/// The place that an index means, if there is one.
fn place(index: i64, list: &List) -> Option<usize> {
    let from_start = if index < 0 { list.len() as i64 + index } else { index };
    usize::try_from(from_start).ok().filter(|place| *place < list.len())
}

/// `key index`
pub fn lindex(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let Some(list) = context.db().get::<List>(&args[1])? else { return reply.null() };
    let place = place(integer(&args[2])?, list);
    match place.and_then(|place| list.get(place)) {
        Some(item) => reply.text(item),
        None => reply.null(),
    }
}

/// `key index element`
pub fn lset(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    let list = db.get::<List>(&args[1])?.ok_or(NO_SUCH_KEY)?;
    let place = place(integer(&args[2])?, list).ok_or("ERR index out of range")?;
    list[place] = Text::from(&args[3]);
    db.changed(&args[1]);
    reply.ok()
}

/// `key start stop`
pub fn lrange(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (first, last) = (integer(&args[2])?, integer(&args[3])?);
    let Some(list) = context.db().get::<List>(&args[1])? else { return reply.array(0) };
    let places = range(first, last, list.len());
    reply.array(places.len())?;
    list.range(places).try_for_each(|item| reply.text(item))
}

/// `key start stop`
pub fn ltrim(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (first, last) = (integer(&args[2])?, integer(&args[3])?);
    let db = context.db();
    let Some(list) = db.get::<List>(&args[1])? else { return reply.ok() };
    let places = range(first, last, list.len());
    list.truncate(places.end);
    list.drain(..places.start);
    db.changed(&args[1]);
    db.remove_if_empty(&args[1]);
    reply.ok()
}

/// `key count element`: from the end where the count is negative, all of them where it is 0.
pub fn lrem(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (key, count, element) = (&args[1], integer(&args[2])?, &*args[3]);
    let db = context.db();
    let Some(list) = db.get::<List>(key)? else { return reply.count(0) };
    let found = list.iter().filter(|item| ***item == *element).count();
    let most = if count == 0 { u64::MAX } else { count.unsigned_abs() };
    let removed = usize::try_from(most).unwrap_or(usize::MAX).min(found);
    // From the end means: all but the first of those found.
    let skipped = if count < 0 { found - removed } else { 0 };
    let mut seen = 0;
    list.retain(|item| {
        let is_it = **item == *element;
        seen += usize::from(is_it);
        !(is_it && seen > skipped && seen <= skipped + removed)
    });
    if removed > 0 {
        db.changed(key);
        db.remove_if_empty(key);
    }
    reply.count(removed)
}

/// `key BEFORE | AFTER pivot element`
pub fn linsert(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let behind = match () {
        () if args[2].is("BEFORE") => 0,
        () if args[2].is("AFTER") => 1,
        () => return Err(SYNTAX.into()),
    };
    let db = context.db();
    let Some(list) = db.get::<List>(&args[1])? else { return reply.count(0) };
    let Some(place) = list.iter().position(|item| **item == *args[3]) else {
        return reply.integer(-1);
    };
    list.insert(place + behind, Text::from(&args[4]));
    let len = list.len();
    db.changed(&args[1]);
    reply.count(len)
}

/// `source destination LEFT | RIGHT LEFT | RIGHT`
pub fn lmove(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (from, to) = (End::parse(&args[3])?, End::parse(&args[4])?);
    move_one(context, args, from, to, reply)
}

pub fn rpoplpush(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    move_one(context, args, End::Right, End::Left, reply)
}

fn move_one(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    from: End,
    to: End,
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let (source, destination, db) = (&args[1], &args[2], context.db());
    if db.get::<List>(source)?.is_none() {
        return reply.null();
    }
    db.get::<List>(destination)?;
    let Some(item) = db.get::<List>(source)?.and_then(|list| from.pop(list)) else {
        return reply.null();
    };
    reply.text(&item)?;
    to.push(db.get_or_default::<List>(destination)?, item);
    db.changed(source);
    db.changed(destination);
    db.remove_if_empty(source);
    Ok(())
}

/// `key element [RANK rank] [COUNT matches] [MAXLEN len]`
pub fn lpos(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (mut rank, mut count, mut most) = (1, None, 0);
    let (options, odd) = args[3..].as_chunks::<2>();
    for [word, number] in options {
        match () {
            () if word.is("RANK") => rank = self::rank(number)?,
            () if word.is("COUNT") => {
                count = Some(positive(number).map_err(|_| "ERR COUNT can't be negative")?);
            }
            () if word.is("MAXLEN") => {
                most = positive(number).map_err(|_| "ERR MAXLEN can't be negative")?;
            }
            () => return Err(SYNTAX.into()),
        }
    }
    if !odd.is_empty() {
        return Err(SYNTAX.into());
    }
    let list = context.db().get::<List>(&args[1])?;
    let found = list.map_or(Vec::new(), |list| find(list, &args[2], rank, count, most));
    match (count, found.first()) {
        (None, Some(at)) => reply.count(*at),
        (None, None) => reply.null(),
        (Some(_), _) => {
            reply.array(found.len())?;
            found.iter().try_for_each(|at| reply.count(*at))
        }
    }
}

fn rank(arg: &Arg<'_>) -> Result<i64, Error> {
    match integer(arg)? {
        0 => Err("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second \
                  ... or use negative to start from the end of the list"
            .into()),
        rank => Ok(rank),
    }
}

/// The places of an element, from the `rank`th on.
fn find(list: &List, element: &[u8], rank: i64, count: Option<usize>, most: usize) -> Vec<usize> {
    let most = if most == 0 { list.len() } else { most };
    let count = match count {
        None => 1,
        Some(0) => usize::MAX,
        Some(count) => count,
    };
    let skipped = usize::try_from(rank.unsigned_abs() - 1).unwrap_or(usize::MAX);
    let is_it = |(_, item): &(usize, &Text)| ***item == *element;
    let places = list.iter().enumerate();
    if rank > 0 {
        places.take(most).filter(is_it).skip(skipped).take(count).map(|(at, _)| at).collect()
    } else {
        places.rev().take(most).filter(is_it).skip(skipped).take(count).map(|(at, _)| at).collect()
    }
}
