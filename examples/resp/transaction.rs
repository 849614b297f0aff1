//! `MULTI`, and what watches keys until `EXEC`.

use asyncore_runtime::Bytes;

use crate::args::Arg;
use crate::command;
use crate::reply::{Answer, Error, Reply};
use crate::server::{Context, Transaction, Watch, MAX_GATHERED};

pub fn multi(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    if context.session.transaction.is_some() {
        return Err("ERR MULTI calls can not be nested".into());
    }
    context.session.transaction = Some(Transaction::default());
    reply.ok()
}

pub fn discard(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    end(context).ok_or("ERR DISCARD without MULTI")?;
    forget(context);
    reply.ok()
}

pub fn exec(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let transaction = end(context).ok_or("ERR EXEC without MULTI")?;
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
    context: &mut Context<'_>,
    command: &'static command::Command,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let Some(transaction) = &mut context.session.transaction else { return Ok(()) };
    let held = args.iter().map(|arg| arg.len() + size_of::<Bytes>()).sum::<usize>();
    if context.server.gathered.saturating_add(held) > MAX_GATHERED {
        return Err("OOM command not allowed when used memory > 'maxmemory'.".into());
    }
    context.server.gathered += held;
    transaction.held += held;
    transaction.queue.push((command, args.iter().map(|arg| arg.to_bytes()).collect()));
    reply.simple("QUEUED")
}

/// A command may not stand here, so that nothing of the transaction will be carried out. If it was to be
/// `EXEC`, this is its end.
pub fn fail(context: &mut Context<'_>, name: &Arg<'_>, error: Error) -> Error {
    if !name.is("EXEC") {
        if let Some(transaction) = &mut context.session.transaction {
            transaction.has_failed = true;
        }
        return error;
    }
    end(context);
    forget(context);
    let why = error.0.strip_prefix(b"ERR ").unwrap_or(&error.0);
    Error::showing("EXECABORT Transaction discarded because of: ", why, "")
}

/// What was queued, if anything is; it counts no more.
pub fn end(context: &mut Context<'_>) -> Option<Transaction> {
    let transaction = context.session.transaction.take()?;
    context.server.gathered -= transaction.held;
    Some(transaction)
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
    let mut is_as_seen = true;
    for Watch { database, key, seen } in &watched {
        is_as_seen &= context.server.database(*database).unwatch(key, seen);
    }
    is_as_seen
}
