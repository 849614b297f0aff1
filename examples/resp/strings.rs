//! Strings: `SET`, `GET` and what else reads and writes them.

use itoa::Buffer;

use crate::args::Arg;
use crate::database::{Moment, NEVER};
use crate::expiry;
use crate::reply::{Answer, Error, Reply, SYNTAX, TOO_LONG};
use crate::server::{integer, range, Context};
use crate::text::Text;
use crate::value::{Str, Value};

fn string(arg: &Arg<'_>) -> Value {
    Value::Str(Str::new(arg))
}

fn show(text: &Str, reply: &mut Reply<'_, '_>) -> Answer {
    match text {
        Str::Text(text) => reply.text(text),
        text => reply.bulk(text.text(&mut Buffer::new())),
    }
}

pub fn get(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    match context.db().get::<Str>(&args[1])? {
        Some(text) => show(text, reply),
        None => reply.null(),
    }
}

/// What `SET` and `GETEX` are told.
#[derive(Default)]
struct Options<'a> {
    nx: bool,
    xx: bool,
    get: bool,
    keep_ttl: bool,
    persist: bool,
    /// How long it lives, and how that is written.
    time: Option<(&'a Arg<'a>, (expiry::Unit, bool))>,
}

impl<'a> Options<'a> {
    fn parse(args: &'a [Arg<'a>], is_set: bool) -> Result<Self, Error> {
        let mut options = Self::default();
        let mut rest = args.iter();
        while let Some(word) = rest.next() {
            match () {
                () if is_set && word.is("NX") && !options.xx => options.nx = true,
                () if is_set && word.is("XX") && !options.nx => options.xx = true,
                () if is_set && word.is("GET") => options.get = true,
                () if is_set && word.is("KEEPTTL") && options.time.is_none() => {
                    options.keep_ttl = true
                }
                () if !is_set && word.is("PERSIST") && options.time.is_none() => {
                    options.persist = true
                }
                () => {
                    let unit = expiry::option(word).ok_or(SYNTAX)?;
                    // What says how long it lives is said in one way.
                    let is_other = options.time.is_some_and(|(_, other)| other != unit);
                    if is_other || options.keep_ttl || options.persist {
                        return Err(SYNTAX.into());
                    }
                    options.time = Some((rest.next().ok_or(SYNTAX)?, unit));
                }
            }
        }
        Ok(options)
    }

    fn deadline(&self, now: Moment, command: &str) -> Result<Option<Moment>, Error> {
        let moment = |(time, unit)| expiry::option_moment(time, unit, now, command);
        self.time.map(moment).transpose()
    }
}

/// `key value [NX | XX] [GET] [EX time | PX time | EXAT time | PXAT time | KEEPTTL]`
pub fn set(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let key = &args[1];
    if args.len() == 3 {
        context.db().insert(key, string(&args[2]));
        return reply.ok();
    }
    let options = Options::parse(&args[3..], true)?;
    let deadline = options.deadline(context.server.now(), "set")?;
    let db = context.db();
    if options.get {
        match db.get::<Str>(key)? {
            Some(text) => show(text, reply)?,
            None => reply.null()?,
        }
    }
    let is_there = (options.nx || options.xx) && db.contains(key);
    if options.nx && is_there || options.xx && !is_there {
        return if options.get { Ok(()) } else { reply.null() };
    }
    match options.keep_ttl {
        true => db.replace(key, string(&args[2])),
        false => db.insert(key, string(&args[2])),
    }
    if let Some(deadline) = deadline {
        db.set_deadline(key, deadline);
    }
    if options.get {
        Ok(())
    } else {
        reply.ok()
    }
}

pub fn setnx(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    let is_new = !db.contains(&args[1]);
    if is_new {
        db.insert(&args[1], string(&args[2]));
    }
    reply.truth(is_new)
}

pub fn setex(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    set_until(context, args, reply, ("setex", expiry::Unit::Seconds))
}

pub fn psetex(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    set_until(context, args, reply, ("psetex", expiry::Unit::Millis))
}

fn set_until(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
    (command, unit): (&str, expiry::Unit),
) -> Answer {
    let now = context.server.now();
    let deadline = expiry::option_moment(&args[2], (unit, false), now, command)?;
    let db = context.db();
    db.insert(&args[1], string(&args[3]));
    db.set_deadline(&args[1], deadline);
    reply.ok()
}

pub fn getset(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    get(context, args, reply)?;
    context.db().insert(&args[1], string(&args[2]));
    Ok(())
}

pub fn getdel(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    get(context, args, reply)?;
    context.db().remove(&args[1]);
    Ok(())
}

/// `key [EX time | PX time | EXAT time | PXAT time | PERSIST]`
pub fn getex(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let options = Options::parse(&args[2..], false)?;
    let now = context.server.now();
    let Some(text) = context.db().get::<Str>(&args[1])? else { return reply.null() };
    let deadline = options.deadline(now, "getex")?;
    show(text, reply)?;
    let deadline = if options.persist { Some(NEVER) } else { deadline };
    let db = context.db();
    match deadline {
        Some(deadline) if deadline <= db.now => drop(db.remove(&args[1])),
        Some(deadline) if db.deadline(&args[1]) != Some(deadline) => {
            db.set_deadline(&args[1], deadline);
        }
        _ => {}
    }
    Ok(())
}

pub fn mget(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    reply.array(args.len() - 1)?;
    for key in &args[1..] {
        // What is no string is as if it were not there.
        match context.db().get::<Str>(key) {
            Ok(Some(text)) => show(text, reply)?,
            _ => reply.null()?,
        }
    }
    Ok(())
}

pub fn mset(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    set_all(context, args, "mset")?;
    reply.ok()
}

pub fn msetnx(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let is_any_there = args[1..].iter().step_by(2).any(|key| context.db().contains(key));
    if is_any_there && args.len() % 2 == 1 {
        return reply.truth(false);
    }
    set_all(context, args, "msetnx")?;
    reply.truth(true)
}

fn set_all(context: &mut Context<'_>, args: &[Arg<'_>], command: &str) -> Answer {
    let (pairs, []) = args[1..].as_chunks::<2>() else {
        return Err(crate::command::wrong_number(command));
    };
    let db = context.db();
    pairs.iter().for_each(|[key, value]| db.insert(key, string(value)));
    Ok(())
}

pub fn strlen(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let text = context.db().get::<Str>(&args[1])?;
    reply.count(text.map_or(0, |text| text.len()))
}

/// How long a string may get.
fn checked_len(context: &Context<'_>, len: Option<usize>) -> Result<usize, Error> {
    len.filter(|len| *len <= context.server.config.max_bulk).ok_or(TOO_LONG.into())
}

pub fn append(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (key, more) = (&args[1], &args[2]);
    let Some(text) = context.db().get::<Str>(key)? else {
        context.db().insert(key, string(more));
        return reply.count(more.len());
    };
    let len = text.len().checked_add(more.len());
    let len = checked_len(context, len)?;
    let db = context.db();
    if let Some(text) = db.get::<Str>(key)? {
        text.raw().extend_from_slice(more);
        db.changed(key);
    }
    reply.count(len)
}

/// `key offset value`
pub fn setrange(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (key, part) = (&args[1], &args[3]);
    let start = usize::try_from(integer(&args[2])?).map_err(|_| "ERR offset is out of range")?;
    let len = context.db().get::<Str>(key)?.map(|text| text.len());
    if part.is_empty() {
        return reply.count(len.unwrap_or(0));
    }
    let end = checked_len(context, start.checked_add(part.len()))?;
    let db = context.db();
    if len.is_none() {
        db.insert(key, Value::Str(Str::Raw(Vec::new())));
    }
    let Some(text) = db.get::<Str>(key)? else { return reply.null() };
    let text = text.raw();
    text.resize(text.len().max(end), 0);
    text[start..end].copy_from_slice(part);
    let len = text.len();
    db.changed(key);
    reply.count(len)
}

/// `key start end`
pub fn getrange(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (first, last) = (integer(&args[2])?, integer(&args[3])?);
    let Some(text) = context.db().get::<Str>(&args[1])? else { return reply.bulk(b"") };
    if first < 0 && last < 0 && first > last {
        return reply.bulk(b"");
    }
    // Unlike the places of a list, those of a string begin at 0 where they lie before it.
    let last = if last < 0 { last.max(-(text.len() as i64)) } else { last };
    let places = range(first, last, text.len());
    match text {
        Str::Text(Text::Long(bytes)) => reply.shared(&bytes.slice(places)),
        text => reply.bulk(&text.text(&mut Buffer::new())[places]),
    }
}
