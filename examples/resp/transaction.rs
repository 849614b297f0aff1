//! `MULTI`, and what watches keys until `EXEC`.

use asyncore_runtime::Bytes;

use crate::command;
use crate::frame::Arg;
use crate::reply::{Answer, Reply};
use crate::server::{Context, Transaction, Watch};

pub fn multi(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    if context.session.transaction.is_some() {
        return Err("ERR MULTI calls can not be nested".into());
    }
    context.session.transaction = Some(Transaction::default());
    reply.ok()
}

pub fn discard(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    context.session.transaction.take().ok_or("ERR DISCARD without MULTI")?;
    forget(context);
    reply.ok()
}

pub fn exec(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let transaction = context.session.transaction.take().ok_or("ERR EXEC without MULTI")?;
    let is_as_seen = forget(context);
    if transaction.has_failed {
        return Err("EXECABORT Transaction discarded because of previous errors.".into());
    }
    if !is_as_seen {
        return reply.null_array();
    }
    reply.array(transaction.queue.len())?;
    for (command, args) in &transaction.queue {
        let args = args.iter().map(Arg::from).collect::<Vec<_>>();
        command::carry_out(command, context, &args, reply);
    }
    Ok(())
}

/// Keeps a command for `EXEC`.
pub fn queue(
    transaction: &mut Transaction,
    command: &'static command::Command,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let args = args.iter().map(|arg| arg.to_bytes()).collect::<Vec<Bytes>>();
    transaction.queue.push((command, args));
    reply.simple("QUEUED")
}

pub fn watch(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    if context.session.transaction.is_some() {
        return Err("ERR WATCH inside MULTI is not allowed".into());
    }
    let database = context.session.database;
    for key in &args[1..] {
        let is_it = |watch: &Watch| watch.database == database && watch.key == **key;
        if !context.session.watched.iter().any(is_it) {
            let seen = context.db().watch(key);
            let watch = Watch { database, key: key.to_bytes(), seen };
            context.session.watched.push(watch);
        }
    }
    reply.ok()
}

pub fn unwatch(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    forget(context);
    reply.ok()
}

/// Watches no key any more; whether all of them are as they were.
pub fn forget(context: &mut Context<'_>) -> bool {
    let watched = std::mem::take(&mut context.session.watched);
    let is_as_seen = |watch: &Watch| {
        context.server.database(watch.database).unwatch(&watch.key, &watch.seen)
    };
    // Each is let go, also behind one that has changed.
    watched.iter().map(is_as_seen).fold(true, |all, is_so| all && is_so)
}
