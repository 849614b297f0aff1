//! Times to live: `EXPIRE` and its family, and the options `SET` and `GETEX` have of it.

use crate::args::Arg;
use crate::database::{Moment, NEVER};
use crate::reply::{Answer, Error, Reply};
use crate::server::{integer, Context};

/// How a time is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Millis,
}

/// A time in milliseconds, from now or, if `is_absolute`, since 1970.
pub fn moment(
    time: i64,
    unit: Unit,
    is_absolute: bool,
    now: Moment,
    command: &str,
) -> Result<Moment, Error> {
    let millis = if unit == Unit::Seconds { time.checked_mul(1000) } else { Some(time) };
    let from = if is_absolute { 0 } else { now };
    // The last moment of all stands for "never".
    let moment = millis.and_then(|millis| millis.checked_add(from)).filter(|it| *it != NEVER);
    moment.ok_or_else(|| invalid(command))
}

pub fn invalid(command: &str) -> Error {
    format!("ERR invalid expire time in '{command}' command").into()
}

/// `EX`, `PX`, `EXAT` and `PXAT`: how the time behind it is written, and whether it is absolute.
pub fn option(word: &Arg<'_>) -> Option<(Unit, bool)> {
    let options = [("EX", Unit::Seconds, false), ("PX", Unit::Millis, false)];
    let absolute = [("EXAT", Unit::Seconds, true), ("PXAT", Unit::Millis, true)];
    let mut all = options.into_iter().chain(absolute);
    all.find(|(name, ..)| word.is(name)).map(|(_, unit, is_absolute)| (unit, is_absolute))
}

/// The time of such an option, which must lie in the future of 1970.
pub fn option_moment(
    time: &Arg<'_>,
    (unit, is_absolute): (Unit, bool),
    now: Moment,
    command: &str,
) -> Result<Moment, Error> {
    let time = integer(time)?;
    if time <= 0 {
        return Err(invalid(command));
    }
    moment(time, unit, is_absolute, now, command)
}

pub fn expire(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    set(context, args, reply, ("expire", Unit::Seconds, false))
}

pub fn pexpire(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    set(context, args, reply, ("pexpire", Unit::Millis, false))
}

pub fn expireat(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    set(context, args, reply, ("expireat", Unit::Seconds, true))
}

pub fn pexpireat(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    set(context, args, reply, ("pexpireat", Unit::Millis, true))
}

/// `key time [NX | XX | GT | LT]`
fn set(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
    (command, unit, is_absolute): (&str, Unit, bool),
) -> Answer {
    let condition = Condition::parse(&args[3..])?;
    let now = context.server.now();
    let when = moment(integer(&args[2])?, unit, is_absolute, now, command)?;
    let db = context.db();
    match db.deadline(&args[1]) {
        Some(current) if condition.allows(current, when) => {
            if when <= now {
                db.remove(&args[1]);
            } else {
                db.set_deadline(&args[1], when);
            }
            reply.truth(true)
        }
        _ => reply.truth(false),
    }
}

#[derive(Default)]
struct Condition {
    nx: bool,
    xx: bool,
    gt: bool,
    lt: bool,
}

impl Condition {
    fn parse(options: &[Arg<'_>]) -> Result<Self, Error> {
        let mut condition = Self::default();
        for option in options {
            let flag = match () {
                () if option.is("NX") => &mut condition.nx,
                () if option.is("XX") => &mut condition.xx,
                () if option.is("GT") => &mut condition.gt,
                () if option.is("LT") => &mut condition.lt,
                () => return Err(Error::showing("ERR Unsupported option ", option, "")),
            };
            *flag = true;
        }
        let Self { nx, xx, gt, lt } = condition;
        if nx && (xx || gt || lt) {
            return Err(
                "ERR NX and XX, GT or LT options at the same time are not compatible".into()
            );
        }
        if gt && lt {
            return Err("ERR GT and LT options at the same time are not compatible".into());
        }
        Ok(condition)
    }

    /// Without a time a key lives for ever.
    fn allows(&self, current: Moment, when: Moment) -> bool {
        !(self.nx && current != NEVER
            || self.xx && current == NEVER
            || self.gt && when <= current
            || self.lt && when >= current)
    }
}

pub fn persist(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    let is_volatile = db.deadline(&args[1]).is_some_and(|deadline| deadline != NEVER);
    reply.truth(is_volatile && db.set_deadline(&args[1], NEVER))
}

pub fn ttl(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    show(context, args, reply, |deadline, now| seconds(deadline - now))
}

pub fn pttl(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    show(context, args, reply, |deadline, now| deadline - now)
}

pub fn expiretime(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    show(context, args, reply, |deadline, _| seconds(deadline))
}

pub fn pexpiretime(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    show(context, args, reply, |deadline, _| deadline)
}

/// Rounded to the nearest.
fn seconds(millis: i64) -> i64 {
    millis / 1000 + i64::from(millis % 1000 >= 500)
}

fn show(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
    time: fn(Moment, Moment) -> Moment,
) -> Answer {
    let now = context.server.now();
    match context.db().deadline(&args[1]) {
        None => reply.integer(-2),
        Some(NEVER) => reply.integer(-1),
        Some(deadline) => reply.integer(time(deadline, now)),
    }
}
