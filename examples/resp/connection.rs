//! What a client says of its connection: `PING`, `SELECT`, `CLIENT` and the like.

use asyncore_runtime::Bytes;

use crate::args::Arg;
use crate::command::bad_subcommand;
use crate::reply::{Answer, Error, Reply, SYNTAX};
use crate::server::{database, integer, Context, Session};
use crate::transaction;

/// `[message]`
pub fn ping(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    if args.len() > 2 {
        return Err(crate::command::wrong_number("ping"));
    }
    let message = args.get(1).map_or(&b""[..], |message| message);
    // Who subscribes reads nothing but arrays, in RESP2.
    if context.session.subscriptions() > 0 && !reply.is_resp3 {
        return reply.strings([b"pong", message].into_iter());
    }
    if args.len() == 2 {
        reply.bulk(message)
    } else {
        reply.simple("PONG")
    }
}

pub fn echo(_: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    reply.bulk(&args[1])
}

pub fn select(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    context.session.database = database(&args[1])?;
    reply.ok()
}

pub fn quit(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    context.session.is_closing = true;
    reply.ok()
}

pub fn time(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let now = context.server.now();
    let [seconds, micros] = [now / 1000, now % 1000 * 1000].map(|part| part.to_string());
    reply.strings([seconds, micros].into_iter())
}

/// `[username] password`
pub fn auth(_: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    match &args[1..] {
        [name, _] => {
            admit(name)?;
            reply.ok()
        }
        [_] => Err("ERR AUTH <password> called without any password configured for the default \
                    user. Are you sure your configuration is correct?"
            .into()),
        _ => Err(SYNTAX.into()),
    }
}

/// There is one user, with whatever password.
fn admit(name: &Arg<'_>) -> Answer {
    match **name == *b"default" {
        true => Ok(()),
        false => Err("WRONGPASS invalid username-password pair or user is disabled.".into()),
    }
}

/// Everything is as it was when the connection began.
pub fn reset(context: &mut Context<'_>, _: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    transaction::end(context);
    transaction::forget(context);
    context.session.unsubscribe(&mut context.server.exchange);
    context.session.database = 0;
    context.session.name = Bytes::new();
    context.session.is_resp3 = false;
    reply.is_resp3 = false;
    reply.simple("RESET")
}

/// `[protover [AUTH username password] [SETNAME name]]`: from here on that version of the protocol is spoken, 2 or 3.
pub fn hello(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let version = match args.get(1) {
        Some(version) => integer(version)
            .map_err(|_| "ERR Protocol version is not an integer or out of range")?,
        None if reply.is_resp3 => 3,
        None => 2,
    };
    if !(2..=3).contains(&version) {
        return Err("NOPROTO unsupported protocol version".into());
    }
    let mut options = args.get(2..).unwrap_or_default();
    while let [word, behind @ ..] = options {
        options = match behind {
            [name, rest @ ..] if word.is("SETNAME") => set_name(context, name).map(|()| rest),
            [name, _, rest @ ..] if word.is("AUTH") => admit(name).map(|()| rest),
            _ => Err(Error::showing("ERR Syntax error in HELLO option '", word, "'")),
        }?;
    }
    reply.is_resp3 = version == 3;
    context.session.set_version(reply.is_resp3, &mut context.server.exchange);
    greet(context, version, reply)
}

/// Who is spoken to.
fn greet(context: &Context<'_>, version: i64, reply: &mut Reply<'_, '_>) -> Answer {
    reply.map(7)?;
    for (name, value) in [("server", "redis"), ("version", crate::info::VERSION)] {
        reply.bulk(name.as_bytes())?;
        reply.bulk(value.as_bytes())?;
    }
    reply.bulk(b"proto")?;
    reply.integer(version)?;
    reply.bulk(b"id")?;
    reply.count(context.session.id as usize)?;
    for (name, value) in [("mode", "standalone"), ("role", "master")] {
        reply.bulk(name.as_bytes())?;
        reply.bulk(value.as_bytes())?;
    }
    reply.bulk(b"modules")?;
    reply.array(0)
}

/// `GETNAME | SETNAME name | ID | LIST | INFO | NO-EVICT on | REPLY on`
pub fn client(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    match &args[1..] {
        [word] if word.is("GETNAME") => match &context.session.name {
            name if name.is_empty() => reply.null(),
            name => reply.shared(name),
        },
        [word, name] if word.is("SETNAME") => {
            set_name(context, name)?;
            reply.ok()
        }
        [word] if word.is("ID") => reply.count(context.session.id as usize),
        [word] if word.is("INFO") => reply.verbatim(&line(context.session, context)),
        [word, ..] if word.is("LIST") => list(context, &args[2..], reply),
        [word, it] if word.is("NO-EVICT") && (it.is("on") || it.is("off")) => reply.ok(),
        [word, _] if word.is("NO-EVICT") => Err(SYNTAX.into()),
        _ => Err(bad_subcommand(args)),
    }
}

fn set_name(context: &mut Context<'_>, name: &Arg<'_>) -> Answer {
    if !name.iter().all(|byte| (b'!'..=b'~').contains(byte)) {
        return Err(
            "ERR Client names cannot contain spaces, newlines or special characters.".into()
        );
    }
    context.session.name = name.to_bytes();
    Ok(())
}

/// `[TYPE normal | pubsub | ..] [ID id..]`
fn list(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let is_meant: Box<dyn Fn(&Session) -> bool> = match args {
        [] => Box::new(|_| true),
        [word, kind] if word.is("TYPE") => match () {
            () if kind.is("normal") => Box::new(|session| session.subscriptions() == 0),
            () if kind.is("pubsub") => Box::new(|session| session.subscriptions() > 0),
            () if kind.is("master") || kind.is("replica") || kind.is("slave") => {
                Box::new(|_| false)
            }
            () => return Err(Error::showing("ERR Unknown client type '", kind, "'")),
        },
        [word, ids @ ..] if word.is("ID") && !ids.is_empty() => {
            let ids = ids.iter().map(|id| integer(id).map_err(|_| "ERR Invalid client ID"));
            let ids = ids.collect::<Result<Vec<_>, _>>()?;
            Box::new(move |session| ids.contains(&(session.id as i64)))
        }
        _ => return Err(SYNTAX.into()),
    };
    let mut lines = String::new();
    for (id, session) in &context.server.clients {
        // Its own is in use.
        let line = match session.try_borrow() {
            Ok(other) => is_meant(&other).then(|| line(&other, context)),
            Err(_) if *id == context.session.id => {
                is_meant(context.session).then(|| line(context.session, context))
            }
            Err(_) => None,
        };
        lines.extend(line);
    }
    reply.verbatim(&lines)
}

/// A connection, as `CLIENT LIST` shows it.
fn line(session: &Session, context: &Context<'_>) -> String {
    let name = String::from_utf8_lossy(&session.name);
    let age = (context.server.now() - session.since) / 1000;
    let flags = match session {
        Session { transaction: Some(_), .. } => "x",
        session if session.subscriptions() > 0 => "P",
        _ => "N",
    };
    let queued = session.transaction.as_ref().map_or(-1, |it| it.queue.len() as i64);
    let Session { id, address, local_address, database, channels, patterns, .. } = session;
    let (subscriptions, patterns) = (channels.len(), patterns.len());
    let version = if session.is_resp3 { 3 } else { 2 };
    let command = session.command.map_or("NULL", |command| command.name);
    format!(
        "id={id} addr={address} laddr={local_address} fd=-1 name={name} age={age} idle=0 \
         flags={flags} db={database} sub={subscriptions} psub={patterns} ssub=0 multi={queued} \
         qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 \
         events=r cmd={command} user=default redir=-1 resp={version}\n"
    )
}
