//! In: a word of an attribute. Out: all that is known of the methods it marks.
//!
//! One row for each: how it is written, how it is read, what it becomes, and the signature that its
//! messages and its documentation show.

use crate::model::EventKind;

/// What one helper makes of a method.
pub(crate) struct Shape {
    /// The attribute, without `#[` and `]`.
    pub(crate) helper: &'static str,
    /// The method of `Channel` that the runtime calls; a producer is called by nobody but the user.
    pub(crate) method: &'static str,
    /// What the event brings, in the runtime's order.
    pub(crate) facts: &'static [Fact],
    /// Whether it is given the context.
    pub(crate) context: bool,
    pub(crate) answer: Answer,
    /// `None` for a state and for a producer.
    pub(crate) event: Option<EventKind>,
}

/// One value that an event brings.
pub(crate) struct Fact {
    /// As a parameter is called.
    pub(crate) name: &'static str,
    /// As a handler may take it.
    pub(crate) taken: &'static str,
    /// As the runtime hands it over.
    pub(crate) given: Given,
    /// As prose calls it.
    pub(crate) said: &'static str,
}

/// The runtime's type of a fact.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// `Frame<'_>`, which the handler's parameter is parsed from.
    Frame,
    /// `&Error`
    Reference(&'static str),
    /// `Socket`
    Value(&'static str),
    /// The value of a timer, of the type that the handler takes.
    Own,
}

/// What the method returns.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A reply, or nothing.
    Reply,
    Nothing,
    Bool,
    /// `Option<Bytes>`
    Bytes,
}

const NOTHING: &[Fact] = &[];
const FRAME: Fact = fact("frame", "&[u8]", Given::Frame, "the frame");
const DATA: Fact = fact("data", "&[u8]", Given::Frame, "the data");
const SOCKET: Fact = fact("socket", "Socket", Given::Value("Socket"), "what the event brings");
const PEER: Fact = fact("peer", "Addr", Given::Value("Addr"), "what the event brings");
const ERROR: Fact = fact("error", "&Error", Given::Reference("Error"), "the error");
const WHY: Fact = fact("why", "&Closed", Given::Reference("Closed"), "the reason");
const VALUE: Fact = fact("value", "Expired", Given::Own, "the timer's value");

/// Every helper that goes on a method and makes it a handler.
#[rustfmt::skip] // one row, one line
const SHAPES: &[Shape] = &[
    shape("terminator", "found_terminator", &[FRAME], Answer::Reply, None),
    shape("on_read", "on_read", &[DATA], Answer::Reply, Some(EventKind::Read)),
    shape("on_connect", "on_connect", NOTHING, Answer::Reply, Some(EventKind::Connect)),
    shape("on_tls", "on_tls", NOTHING, Answer::Reply, Some(EventKind::Tls)),
    shape("on_accepted", "on_accepted", &[SOCKET, PEER], Answer::Reply, Some(EventKind::Accepted)),
    shape("on_write", "on_write", NOTHING, Answer::Reply, Some(EventKind::Write)),
    shape("on_expt", "on_expt", NOTHING, Answer::Reply, Some(EventKind::Expt)),
    shape("on_eof", "on_eof", NOTHING, Answer::Reply, Some(EventKind::Eof)),
    shape("on_idle", "on_idle", NOTHING, Answer::Reply, Some(EventKind::Idle)),
    shape("on_error", "on_error", &[ERROR], Answer::Reply, Some(EventKind::Error)),
    shape("on_close", "on_close", &[WHY], Answer::Nothing, Some(EventKind::Close)),
    shape("on_timer", "on_timer", &[VALUE], Answer::Reply, Some(EventKind::Timer)),
    shape("readable", "readable", NOTHING, Answer::Bool, Some(EventKind::WantsRead)),
    shape("writable", "writable", NOTHING, Answer::Bool, Some(EventKind::WantsWrite)),
    shape("producer", "", NOTHING, Answer::Bytes, None),
];

/// The helper that goes beside another.
pub(crate) const EXAMPLE: &str = "example";

const fn fact(name: &'static str, taken: &'static str, given: Given, said: &'static str) -> Fact {
    Fact { name, taken, given, said }
}

const fn shape(
    helper: &'static str,
    method: &'static str,
    facts: &'static [Fact],
    answer: Answer,
    event: Option<EventKind>,
) -> Shape {
    let context = !matches!(answer, Answer::Bool);
    Shape { helper, method, facts, context, answer, event }
}

/// Every attribute that `#[channel]` takes off methods and fields.
pub(crate) const HELPERS: &[&str] = &{
    let mut helpers = [EXAMPLE; SHAPES.len() + 1];
    let mut at = 0;
    while at < SHAPES.len() {
        helpers[at] = SHAPES[at].helper;
        at += 1;
    }
    helpers
};

/// What this helper makes of a method.
pub(crate) fn shape_of(helper: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.helper == helper)
}

/// The helper whose method the runtime calls so.
pub(crate) fn by_method(method: &str) -> Option<&'static str> {
    SHAPES.iter().find(|shape| shape.method == method).map(|shape| shape.helper)
}

/// Every attribute of a method, the method of `Channel` that it becomes, and a signature to copy: what
/// the documentation has to show.
pub fn documented() -> impl Iterator<Item = (&'static str, &'static str, String)> {
    SHAPES.iter().map(|shape| (shape.helper, shape.method, shape.signature()))
}

impl Shape {
    /// What a handler may look like, behind its name.
    pub(crate) fn signature(&self) -> String {
        let this = if self.answer == Answer::Bool { "&self" } else { "&mut self" };
        let facts = self.facts.iter().map(|fact| format!(", {}: {}", fact.name, fact.taken));
        let facts: String = facts.collect();
        let (context, answer) = match self.answer {
            Answer::Reply | Answer::Nothing => (", io: &mut Io<Self>", ""),
            Answer::Bool => ("", " -> bool"),
            Answer::Bytes => ("", " -> Option<Bytes>"),
        };
        format!("({this}{facts}{context}){answer}")
    }

    /// What the event brings, in a word.
    pub(crate) fn brings(&self) -> &'static str {
        self.facts.first().map_or("what the event brings", |fact| fact.said)
    }
}
