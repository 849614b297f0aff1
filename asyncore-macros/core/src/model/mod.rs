//! What a channel is, after parsing and before writing: the nouns of this crate.
//!
//! Everything keeps the user's own tokens, because errors point at them.

mod settings;
mod terminator;

use std::rc::Rc;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Abi, Attribute, Generics, Path, ReturnType, Token, Type, Visibility};

use crate::protocol::Places;

pub(crate) use settings::*;
pub(crate) use terminator::*;

/// The part of an impl block before its brace.
pub(crate) struct Header {
    /// Of the word `impl`: what is written for the block resolves as it does.
    pub(crate) keyword: Span,
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    pub(crate) levels: Levels,
    /// The type's last segment: `Chat` of `impl crate::Chat<T>`.
    pub(crate) name: Ident,
    /// It cannot be a channel, and was reported.
    pub(crate) is_refused: bool,
}

/// An impl block marked `#[channel]`.
pub(crate) struct Protocol {
    pub(crate) header: Header,
    pub(crate) runtime: TokenStream,
    pub(crate) states_name: Ident,
    /// `states = pub Name`; `None` keeps the enum in a private module.
    pub(crate) states_vis: Option<Visibility>,
    /// All methods, marked or not: the graph reads their bodies.
    pub(crate) methods: Vec<Method>,
    /// In the order they are written; the first is where a connection starts.
    pub(crate) states: Vec<State>,
    /// `#[terminator] fn found(&mut self)`, whose terminator is a field; several where they stand
    /// under `#[cfg]`.
    pub(crate) field_handlers: Vec<Handler>,
    pub(crate) events: Vec<Event>,
    pub(crate) producers: Vec<Handler>,
    /// Item macros of the block, which may hide anything.
    pub(crate) macros: Vec<Path>,
    pub(crate) places: Places,
}

/// A method as it stands in the block; its body is never parsed.
pub(crate) struct Method {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) sig: Signature,
    pub(crate) body: TokenStream,
    /// It has no `pub` of any kind.
    pub(crate) is_private: bool,
    /// The signature is the user's, not one put in the place of a half-typed one.
    pub(crate) readable: bool,
}

/// What stands in the place of a method that was reported, and that the compiler would report again.
pub(crate) struct Repair {
    pub(crate) method: String,
    pub(crate) tokens: TokenStream,
}

/// `fn name(&mut self, line: &[u8]) -> Reply`
pub(crate) struct Signature {
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) unsafety: Option<Token![unsafe]>,
    pub(crate) abi: Option<Abi>,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) inputs: Vec<Input>,
    pub(crate) output: Rc<ReturnType>,
}

/// What stands between two commas of a signature.
pub(crate) enum Input {
    /// `&self`, `self: Box<Self>`
    Receiver { tokens: TokenStream, is_borrowed: bool },
    /// `line: &[u8]`
    Typed(Typed),
}

pub(crate) struct Typed {
    pub(crate) pattern: TokenStream,
    pub(crate) colon: Token![:],
    /// None for a pattern that takes the value apart.
    pub(crate) name: Option<Ident>,
    pub(crate) ty: Rc<Type>,
    /// The `#[cfg(..)]`s on it.
    pub(crate) cfgs: Vec<Attribute>,
}

impl Input {
    pub(crate) fn typed(&self) -> Option<&Typed> {
        match self {
            Self::Typed(typed) => Some(typed),
            Self::Receiver { .. } => None,
        }
    }
}

/// How a method is called by the runtime.
pub(crate) struct Handler {
    /// The attribute that makes it one, as it stands there, and its name.
    pub(crate) attribute: TokenStream,
    pub(crate) helper: &'static str,
    pub(crate) name: Ident,
    pub(crate) takes_self: bool,
    /// In the order the user wrote them.
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) output: Rc<ReturnType>,
    pub(crate) cfgs: Vec<TokenStream>,
    pub(crate) levels: Levels,
    /// The first line of its docs.
    pub(crate) summary: Option<String>,
}

/// What an item says of lints: what is written for it must not be heard of where the user's own is
/// not.
#[derive(Default)]
pub(crate) struct Levels {
    pub(crate) lifted: Vec<Level>,
    pub(crate) is_deprecated: bool,
}

/// `#[allow(..)]`, `#[expect(..)]`
pub(crate) struct Level {
    /// What stands in the parentheses.
    pub(crate) lints: TokenStream,
    pub(crate) expected: bool,
    pub(crate) of_dead_code: bool,
}

impl Levels {
    /// That dead code is no news to the user, if they say so.
    pub(crate) fn of_dead_code(&self) -> Option<&Level> {
        self.lifted.iter().find(|level| level.of_dead_code)
    }
}

pub(crate) enum Parameter {
    /// `io: &mut Io<Self>`
    Context(Rc<Type>),
    /// What the event brings: the frame, the error, the socket.
    Fact(Rc<Type>),
}

impl Handler {
    /// The types of the parameters that are not the context.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &Type> {
        self.parameters.iter().filter_map(|parameter| match parameter {
            Parameter::Context(_) => None,
            Parameter::Fact(ty) => Some(&**ty),
        })
    }

    /// Whether its signature says that it returns something.
    pub(crate) fn replies(&self) -> bool {
        matches!(*self.output, ReturnType::Type(..)) && !self.never_returns()
    }

    /// `-> !`
    pub(crate) fn never_returns(&self) -> bool {
        matches!(&*self.output, ReturnType::Type(_, ty) if is_never(ty))
    }

    pub(crate) fn takes_context(&self) -> bool {
        self.parameters.iter().any(|parameter| matches!(parameter, Parameter::Context(_)))
    }
}

/// A `#[terminator]` method: one thing the channel can wait for.
pub(crate) struct State {
    pub(crate) handler: Handler,
    pub(crate) variant: Ident,
    /// `None` if it could not be read, which was reported.
    pub(crate) terminator: Option<Terminator>,
    pub(crate) examples: Vec<Example>,
    /// Nothing about it was reported so far: what follows from a mistake is no second mistake.
    pub(crate) sound: bool,
}

/// What becomes of a state's data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Take {
    /// The handler gets the whole frame.
    Whole,
    /// The handler gets what comes, as it comes: there are no frames.
    Pieces,
    /// The handler gets the whole frame or its pieces: as its parameter's type says, which the
    /// macro does not see.
    AsTyped,
    /// `#[on_read]` gets it, the handler hears of the end.
    Collected,
    /// Nobody gets it.
    Discarded,
}

impl State {
    pub(crate) fn ends(&self) -> Option<&Ends> {
        self.terminator.as_ref().map(|terminator| &terminator.ends)
    }

    pub(crate) fn take(&self) -> Take {
        if self.terminator.as_ref().is_some_and(|terminator| terminator.discard.is_some()) {
            return Take::Discarded;
        }
        match self.handler.facts().next() {
            None => Take::Collected,
            Some(_) if matches!(self.ends(), Some(Ends::Nothing)) => Take::Pieces,
            Some(ty) if is_whole(ty) => Take::Whole,
            Some(_) => Take::AsTyped,
        }
    }

    /// What the variant carries, where that is set at run time: the name it has in patterns.
    pub(crate) fn payload(&self) -> Option<&'static str> {
        match self.ends()? {
            Ends::LenAtRunTime => Some("len"),
            Ends::BytesAtRunTime => Some("bytes"),
            _ => None,
        }
    }

    /// `fn next = ..`, if it is declared.
    pub(crate) fn next(&self) -> Option<&Ident> {
        self.terminator.as_ref()?.next.as_ref()
    }
}

/// `!`
fn is_never(ty: &Type) -> bool {
    match ty {
        Type::Paren(paren) => is_never(&paren.elem),
        Type::Group(group) => is_never(&group.elem),
        other => matches!(other, Type::Never(_)),
    }
}

/// `&[u8]`, `[u8; 4]`: a type of the language, and no name that may stand for a type in pieces.
fn is_whole(ty: &Type) -> bool {
    matches!(ty, Type::Reference(_) | Type::Array(_) | Type::Slice(_) | Type::Tuple(_))
}

/// A method called when something happens.
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    pub(crate) handler: Handler,
}

/// The events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// `#[on_read]` with data.
    Read,
    /// `#[on_read]` without: the channel reads by itself.
    Readable,
    Connect,
    Tls,
    Accepted,
    Write,
    Expt,
    Eof,
    Idle,
    Error,
    Close,
    Timer,
    /// `#[readable]`: a question.
    WantsRead,
    /// `#[writable]`: a question.
    WantsWrite,
}

/// `#[example(b"in" => b"out", ..)]`
pub(crate) struct Example {
    /// The attribute's name, where its test is reported.
    pub(crate) at: TokenStream,
    pub(crate) pairs: Vec<Pair>,
    /// `with = expr`: how to build the channel.
    pub(crate) with: Option<TokenStream>,
}

/// What comes in, and what goes out then.
pub(crate) struct Pair {
    pub(crate) sent: Bytes,
    pub(crate) answered: Bytes,
}
