//! `COMMAND`: the table of commands, as clients read it.

use crate::args::Arg;
use crate::command::{self, bad_subcommand, Command, Flags, COMMANDS};
use crate::reply::{Answer, Reply};
use crate::server::Context;

/// `[COUNT | DOCS [name..] | INFO [name..] | LIST]`
pub fn command(_: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    match &args[1..] {
        [] => all(reply),
        [word] if word.is("COUNT") => reply.count(COMMANDS.len()),
        [word] if word.is("LIST") => reply.strings(COMMANDS.iter().map(|command| command.name)),
        [word] if word.is("INFO") => all(reply),
        [word, names @ ..] if word.is("INFO") => {
            reply.array(names.len())?;
            names.iter().try_for_each(|name| match command::find(name) {
                Some(command) => describe(command, reply),
                None => reply.null(),
            })
        }
        // There are none; clients do without.
        [word, ..] if word.is("DOCS") => reply.map(0),
        _ => Err(bad_subcommand(args)),
    }
}

fn all(reply: &mut Reply<'_, '_>) -> Answer {
    reply.array(COMMANDS.len())?;
    COMMANDS.iter().try_for_each(|command| describe(command, reply))
}

/// Name, arity, flags, places of the keys, and four lists that are empty here.
fn describe(command: &Command, reply: &mut Reply<'_, '_>) -> Answer {
    let (first, last, step) = command.keys;
    reply.array(10)?;
    reply.bulk(command.name.as_bytes())?;
    reply.integer(command.arity.into())?;
    let flag = match command.flags {
        Flags::Write => Some("write"),
        Flags::Read => Some("readonly"),
        Flags::WhileSubscribed | Flags::AtOnceWhileSubscribed => Some("pubsub"),
        Flags::Other | Flags::AtOnce => None,
    };
    reply.set(usize::from(flag.is_some()))?;
    flag.map_or(Ok(()), |flag| reply.simple(flag))?;
    [first, last, step].into_iter().try_for_each(|place| reply.integer(place.into()))?;
    (0..4).try_for_each(|_| reply.array(0))
}

/// `FLUSH`: there are no functions, so that none is left of them.
pub fn function(_: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    match &args[1..] {
        [word, ..] if word.is("FLUSH") => reply.ok(),
        _ => Err(bad_subcommand(args)),
    }
}
