//! Strings that are numbers.

use itoa::Buffer;

use crate::args::Arg;
use crate::number;
use crate::reply::{Answer, Error, Reply, NOT_AN_INTEGER};
use crate::server::{integer, Context};
use crate::value::{Str, Value};

pub const OVERFLOW: &str = "ERR increment or decrement would overflow";
pub const NOT_A_FLOAT: &str = "ERR value is not a valid float";
pub const NOT_FINITE: &str = "ERR increment would produce NaN or Infinity";

pub fn incr(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    add(context, &args[1], 1, reply)
}

pub fn decr(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    add(context, &args[1], -1, reply)
}

pub fn incrby(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let delta = integer(&args[2])?;
    add(context, &args[1], delta, reply)
}

pub fn decrby(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let delta = integer(&args[2])?.checked_neg().ok_or("ERR decrement would overflow")?;
    add(context, &args[1], delta, reply)
}

fn add(context: &mut Context<'_>, key: &Arg<'_>, delta: i64, reply: &mut Reply<'_, '_>) -> Answer {
    let db = context.db();
    let Some(text) = db.get::<Str>(key)? else {
        db.insert(key, Value::Str(Str::Int(delta)));
        return reply.integer(delta);
    };
    let number = text.integer().ok_or(NOT_AN_INTEGER)?.checked_add(delta).ok_or(OVERFLOW)?;
    *text = Str::Int(number);
    db.changed(key);
    reply.integer(number)
}

pub fn incrbyfloat(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let (key, db) = (&args[1], context.db());
    let old = db.get::<Str>(key)?;
    let mut buffer = Buffer::new();
    let old: &[u8] = old.as_ref().map_or(b"0", |text| text.text(&mut buffer));
    let sum = float_sum(old, &args[2], NOT_A_FLOAT)?;
    reply.bulk(sum.as_bytes())?;
    // It is no integer to `OBJECT ENCODING`, whatever it looks like.
    db.replace(key, Value::Str(Str::Text(sum.as_bytes().into())));
    Ok(())
}

/// The sum of a value and an argument; what is said if the value is no number.
pub fn float_sum(old: &[u8], delta: &Arg<'_>, no_float: &'static str) -> Result<String, Error> {
    number::float(old).ok_or(no_float)?;
    number::float(delta).ok_or(NOT_A_FLOAT)?;
    number::sum(old, delta).ok_or(NOT_FINITE.into())
}
