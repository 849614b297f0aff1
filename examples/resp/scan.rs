//! `SCAN` and its family.
//!
//! What is scanned has places below its length, and what is removed is replaced by the last one. So
//! from the last place to the first nothing is missed, whatever is added and removed meanwhile, and
//! the cursor is the number of places that are left.

use crate::args::Arg;
use crate::glob;
use crate::reply::{Answer, Error, Reply, SYNTAX};
use crate::server::{integer, Context};
use crate::value::{Hash, Set};

struct Options<'a> {
    pattern: Option<&'a [u8]>,
    kind: Option<&'a [u8]>,
    count: usize,
}

impl<'a> Options<'a> {
    /// `[MATCH pattern] [COUNT count] [TYPE type]`
    fn parse(args: &'a [Arg<'a>], has_types: bool) -> Result<Self, Error> {
        let (pairs, odd) = args.as_chunks::<2>();
        let mut options = Self { pattern: None, kind: None, count: 10 };
        for [word, value] in pairs {
            match () {
                () if word.is("MATCH") => options.pattern = Some(value),
                () if word.is("TYPE") && has_types => options.kind = Some(value),
                () if word.is("COUNT") => {
                    let count = usize::try_from(integer(value)?).ok().filter(|count| *count > 0);
                    options.count = count.ok_or(SYNTAX)?;
                }
                () => return Err(SYNTAX.into()),
            }
        }
        if !odd.is_empty() {
            return Err(SYNTAX.into());
        }
        Ok(options)
    }

    fn matches(&self, text: &[u8]) -> bool {
        self.pattern.is_none_or(|pattern| glob::matches(pattern, text))
    }

    /// The places to look at now, the last one first, of `len` or what the cursor says is left.
    fn places(&self, cursor: usize, len: usize) -> std::ops::Range<usize> {
        let end = if cursor == 0 { len } else { cursor.min(len) };
        end.saturating_sub(self.count)..end
    }
}

/// As `strtoul` reads it: nothing is 0, and -1 the largest.
fn cursor(arg: &Arg<'_>) -> Result<usize, Error> {
    let text = std::str::from_utf8(arg).map_err(|_| "ERR invalid cursor")?;
    let cursor = match text.strip_prefix('-') {
        _ if text.is_empty() => Ok(0),
        Some(digits) => digits.parse().map(usize::wrapping_neg),
        None => text.parse(),
    };
    cursor.map_err(|_| "ERR invalid cursor".into())
}

/// `cursor [MATCH pattern] [COUNT count] [TYPE type]`
pub fn scan(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (cursor, options) = (cursor(&args[1])?, Options::parse(&args[2..], true)?);
    let db = context.db();
    let places = options.places(cursor, db.len());
    let is_kind =
        |name: &str| options.kind.is_none_or(|kind| kind.eq_ignore_ascii_case(name.as_bytes()));
    let keys = places.clone().rev().filter_map(|place| db.at(place));
    let found = keys.filter(|(key, value)| options.matches(key) && is_kind(value.type_name()));
    let found = found.map(|(key, _)| key).collect::<Vec<_>>();
    begin(places.start, found.len(), reply)?;
    found.iter().try_for_each(|key| reply.bulk(key))
}

/// `key cursor [MATCH pattern] [COUNT count]`
pub fn hscan(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let cursor = cursor(&args[2])?;
    let Some(hash) = context.db().get::<Hash>(&args[1])? else { return begin(0, 0, reply) };
    let options = Options::parse(&args[3..], false)?;
    let all = 0..hash.fields.len();
    let places = if hash.is_table { options.places(cursor, all.end) } else { all };
    let fields = places.clone().filter_map(|place| hash.fields.get_index(place));
    let found = fields.filter(|(field, _)| options.matches(field)).collect::<Vec<_>>();
    begin(places.start, 2 * found.len(), reply)?;
    found.iter().try_for_each(|(field, value)| {
        reply.text(field)?;
        reply.text(value)
    })
}

/// `key cursor [MATCH pattern] [COUNT count]`
pub fn sscan(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let cursor = cursor(&args[2])?;
    let Some(set) = context.db().get::<Set>(&args[1])? else { return begin(0, 0, reply) };
    let options = Options::parse(&args[3..], false)?;
    let all = 0..set.len();
    let places = if matches!(set, Set::Ints(_)) { all } else { options.places(cursor, all.end) };
    let members = places.clone().filter_map(|place| set.get(place));
    let found = members.filter(|member| options.matches(member)).collect::<Vec<_>>();
    begin(places.start, found.len(), reply)?;
    found.iter().try_for_each(|member| reply.text(member))
}

/// The cursor, and how many follow.
fn begin(cursor: usize, count: usize, reply: &mut Reply<'_, '_>) -> Answer {
    reply.array(2)?;
    reply.bulk(itoa::Buffer::new().format(cursor).as_bytes())?;
    reply.array(count)
}
