//! Channels and patterns, those who subscribe to them, and what is published.

use asyncore_runtime::{Bytes, Key};
use indexmap::{IndexMap, IndexSet};

use crate::args::Arg;
use crate::glob;
use crate::protocol::Client;
use crate::reply::{Answer, Reply};
use crate::server::{Context, Session};

/// Somebody who subscribes.
pub type Subscriber = Key<Client>;

/// Who subscribes to what.
#[derive(Default)]
pub struct Exchange {
    channels: Subscriptions,
    patterns: Subscriptions,
}

/// Each with whether it is told so as RESP3 has it.
type Subscriptions = IndexMap<Bytes, IndexMap<Subscriber, bool>>;

/// What can be subscribed to.
#[derive(Clone, Copy)]
enum Topic {
    Channel,
    Pattern,
}

impl Topic {
    fn of(self, exchange: &mut Exchange) -> &mut Subscriptions {
        match self {
            Self::Channel => &mut exchange.channels,
            Self::Pattern => &mut exchange.patterns,
        }
    }

    fn in_session(self, session: &mut Session) -> &mut IndexSet<Bytes> {
        match self {
            Self::Channel => &mut session.channels,
            Self::Pattern => &mut session.patterns,
        }
    }
}

impl Exchange {
    fn enter(&mut self, topic: Topic, name: &Bytes, subscriber: Subscriber, is_resp3: bool) {
        topic.of(self).entry(name.clone()).or_default().insert(subscriber, is_resp3);
    }

    fn leave(&mut self, topic: Topic, name: &[u8], subscriber: Subscriber) {
        let subscriptions = topic.of(self);
        if let Some(subscribers) = subscriptions.get_mut(name) {
            subscribers.swap_remove(&subscriber);
            if subscribers.is_empty() {
                subscriptions.swap_remove(name);
            }
        }
    }
}

impl Session {
    /// How many channels and patterns it subscribes to.
    pub fn subscriptions(&self) -> usize {
        self.channels.len() + self.patterns.len()
    }

    /// From here on another version of the protocol is spoken.
    pub fn set_version(&mut self, is_resp3: bool, exchange: &mut Exchange) {
        self.is_resp3 = is_resp3;
        let Some(key) = self.key else { return };
        for topic in [Topic::Channel, Topic::Pattern] {
            let names = topic.in_session(self);
            names.iter().for_each(|name| exchange.enter(topic, name, key, is_resp3));
        }
    }

    /// Ends all subscriptions, without a word.
    pub fn unsubscribe(&mut self, exchange: &mut Exchange) {
        let Some(key) = self.key else { return };
        for topic in [Topic::Channel, Topic::Pattern] {
            let names = std::mem::take(topic.in_session(self));
            names.iter().for_each(|name| exchange.leave(topic, name, key));
        }
    }
}

pub fn subscribe(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    enter(context, args, "subscribe", Topic::Channel, reply)
}

pub fn psubscribe(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    enter(context, args, "psubscribe", Topic::Pattern, reply)
}

fn enter(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    word: &str,
    topic: Topic,
    reply: &mut Reply<'_, '_>,
) -> Answer {
    for name in &args[1..] {
        let name = name.to_bytes();
        if let Some(key) = context.session.key {
            context.server.exchange.enter(topic, &name, key, reply.is_resp3);
        }
        topic.in_session(context.session).insert(name.clone());
        told(word, Some(&name), context, reply)?;
    }
    Ok(())
}

pub fn unsubscribe(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    leave(context, args, "unsubscribe", Topic::Channel, reply)
}

pub fn punsubscribe(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    reply: &mut Reply<'_, '_>,
) -> Answer {
    leave(context, args, "punsubscribe", Topic::Pattern, reply)
}

/// From those that are named, or from all.
fn leave(
    context: &mut Context<'_>,
    args: &[Arg<'_>],
    word: &str,
    topic: Topic,
    reply: &mut Reply<'_, '_>,
) -> Answer {
    let names = match &args[1..] {
        [] => topic.in_session(context.session).iter().cloned().collect::<Vec<_>>(),
        names => names.iter().map(|name| name.to_bytes()).collect(),
    };
    if names.is_empty() {
        return told(word, None, context, reply);
    }
    for name in names {
        topic.in_session(context.session).shift_remove(&name);
        if let Some(key) = context.session.key {
            context.server.exchange.leave(topic, &name, key);
        }
        told(word, Some(&name), context, reply)?;
    }
    Ok(())
}

/// What has become of a subscription, and how many there are now.
fn told(
    word: &str,
    name: Option<&[u8]>,
    context: &Context<'_>,
    reply: &mut Reply<'_, '_>,
) -> Answer {
    reply.push(3)?;
    reply.bulk(word.as_bytes())?;
    reply.optional(name)?;
    reply.count(context.session.subscriptions())
}

/// `channel message`
pub fn publish(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let (name, server) = (&*args[1], &mut *context.server);
    let mut heard = 0;
    let mut send = |subscribers: &IndexMap<Subscriber, bool>, message: &[&[u8]]| {
        heard += subscribers.len();
        // Made once for all who hear it in the same way.
        for is_resp3 in [false, true] {
            let mut them = subscribers.iter().filter(|(_, it)| **it == is_resp3).peekable();
            if them.peek().is_some() {
                let message = encoded(if is_resp3 { '>' } else { '*' }, message);
                server.outbox.extend(them.map(|(key, _)| (*key, message.clone())));
            }
        }
    };
    if let Some(subscribers) = server.exchange.channels.get(name) {
        send(subscribers, &[b"message", name, &args[2]]);
    }
    for (pattern, subscribers) in &server.exchange.patterns {
        if glob::matches(pattern, name) {
            send(subscribers, &[b"pmessage", pattern, name, &args[2]]);
        }
    }
    reply.count(heard)
}

/// An array of bulk strings.
fn encoded(kind: char, parts: &[&[u8]]) -> Bytes {
    let mut message = format!("{kind}{}\r\n", parts.len()).into_bytes();
    for part in parts {
        message.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
        message.extend_from_slice(part);
        message.extend_from_slice(b"\r\n");
    }
    message.into()
}

/// `CHANNELS [pattern] | NUMSUB [channel..] | NUMPAT`
pub fn pubsub(context: &mut Context<'_>, args: &[Arg<'_>], reply: &mut Reply<'_, '_>) -> Answer {
    let exchange = &context.server.exchange;
    match &args[1..] {
        [word, pattern @ ..] if word.is("CHANNELS") && pattern.len() <= 1 => {
            let is_meant =
                |name: &&Bytes| pattern.first().is_none_or(|pattern| glob::matches(pattern, name));
            let names = exchange.channels.keys().filter(is_meant).collect::<Vec<_>>();
            reply.strings(names.into_iter())
        }
        [word, names @ ..] if word.is("NUMSUB") => {
            reply.array(2 * names.len())?;
            names.iter().try_for_each(|name| {
                reply.bulk(name)?;
                reply.count(exchange.channels.get(&**name).map_or(0, |them| them.len()))
            })
        }
        [word] if word.is("NUMPAT") => reply.count(exchange.patterns.len()),
        _ => Err(crate::command::bad_subcommand(args)),
    }
}
