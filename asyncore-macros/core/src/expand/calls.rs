//! In: the handlers. Out: the methods through which the runtime calls them.
//!
//! A handler is called by its path: `self.name(..)` may be the method of some trait, and then the
//! user's own is never called.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned, ToTokens};
use syn::Type;

use super::names::Names;
use super::paths::{done, primitive};
use super::span::Spans;
use super::until::pattern;
use crate::events::{self, Answer, Fact, Given};
use crate::model::{Event, EventKind, Handler, Parameter, Protocol, State};
use crate::tokens::joined;

/// `fn found_terminator`: an arm for each state.
pub(super) fn found_terminator(
    protocol: &Protocol,
    names: &Names<'_>,
    spans: Spans,
) -> TokenStream {
    let single = match protocol.states.as_slice() {
        [] => return of_field(protocol, names, spans),
        [only] if only.handler.cfgs.is_empty() => Some(&only.handler),
        _ => None,
    };
    let is_used = single.is_none_or(|handler| handler.takes_context() || handler.replies());
    let (this, io_parameter) = (spans.local("self"), spans.parameter("io", is_used));
    let io = spans.ours("io");
    let (frame_ty, io_ty, result) = (names.get("Frame"), names.get("Io"), names.get("Result"));
    let body = match single {
        Some(handler) => reply(handler, names, spans),
        None => {
            let arms = arms(&protocol.states, names, spans);
            quote!(match #io_ty::terminator(#io) #arms)
        }
    };
    let takes_frames = protocol.states.iter().any(|state| state.handler.facts().next().is_some());
    let frame = spans.parameter("frame", takes_frames);
    // Where there is one handler and it is small, it becomes part of the runtime's loop over
    // frames: a nanosecond for each. The choice among several is not worth a copy.
    let inline = single.map(|_| quote!(#[inline]));
    quote! {
        #inline
        fn found_terminator(&mut #this, #frame: #frame_ty<'_>, #io_parameter: &mut #io_ty<Self>) -> #result {
            #body
        }
    }
}

/// The same where a field says what ends a frame, which another handler has got by then.
fn of_field(protocol: &Protocol, names: &Names<'_>, spans: Spans) -> TokenStream {
    let methods = protocol.field_handlers.iter().map(|handler| {
        let is_used = handler.takes_context() || handler.replies();
        let (this, io, cfgs) = (spans.local("self"), spans.parameter("io", is_used), &handler.cfgs);
        let (frame_ty, io_ty, result) = (names.get("Frame"), names.get("Io"), names.get("Result"));
        let reply = reply(handler, names, spans);
        quote! {
            #(#cfgs)*
            #[inline]
            fn found_terminator(&mut #this, _: #frame_ty<'_>, #io: &mut #io_ty<Self>) -> #result {
                #reply
            }
        }
    });
    joined(methods)
}

/// The calls of the states' handlers. One that does not reply makes the others statements, too.
fn arms(all: &[State], names: &Names<'_>, spans: Spans) -> TokenStream {
    let states = names.states();
    let ends_in = |handler: &Handler| handler.replies() || handler.never_returns();
    let all_reply = all.iter().all(|state| ends_in(&state.handler));
    let arms = all.iter().map(|state| {
        let (cfgs, pattern) = (&state.handler.cfgs, pattern(state, &states));
        let called = if ends_in(&state.handler) {
            reply(&state.handler, names, spans)
        } else {
            call(&state.handler, spans)
        };
        let question_mark = (!all_reply && state.handler.replies()).then(|| quote!(?));
        quote!(#(#cfgs)* #pattern => #called #question_mark,)
    });
    let done = (!all_reply).then(done);
    quote!({ #(#arms)* } #done)
}

/// The method of one event.
pub(super) fn event(event: &Event, names: &Names<'_>, spans: Spans) -> TokenStream {
    let handler = &event.handler;
    let Some(shape) = events::shape_of(handler.helper).filter(|_| event.kind != EventKind::Timer)
    else {
        return TokenStream::new();
    };
    let method = if event.kind == EventKind::Readable { "on_readable" } else { shape.method };
    let facts = if event.kind == EventKind::Readable { &[] } else { shape.facts };
    let cfgs = &handler.cfgs;
    let head = Head { method, facts, answer: shape.answer };
    let method = head.method(handler, names, spans);
    quote!(#(#cfgs)* #method)
}

/// `fn on_timer` of one type of timer.
pub(super) fn timer(handler: &Handler, names: &Names<'_>, spans: Spans) -> TokenStream {
    let facts = events::shape_of(handler.helper).map_or(&[][..], |shape| shape.facts);
    Head { method: "on_timer", facts, answer: Answer::Reply }.method(handler, names, spans)
}

/// What a method of the runtime's traits looks like.
struct Head {
    method: &'static str,
    facts: &'static [Fact],
    answer: Answer,
}

impl Head {
    /// The method, which calls the handler.
    fn method(&self, handler: &Handler, names: &Names<'_>, spans: Spans) -> TokenStream {
        let (this, method) = (spans.local("self"), Ident::new(self.method, handler.name.span()));
        if self.answer == Answer::Bool {
            let (bool, call) = (primitive("bool"), call(handler, spans));
            return quote!(fn #method(&mut #this) -> #bool { #call });
        }
        let (used, io_ty) = (handler.facts().count(), names.get("Io"));
        let facts = self.facts.iter().enumerate().map(|(at, fact)| {
            let (name, ty) =
                (spans.parameter(fact.name, at < used), given(fact.given, handler, names));
            quote!(#name: #ty,)
        });
        let replies = self.answer == Answer::Reply;
        let io = spans.parameter("io", replies && handler.replies() || handler.takes_context());
        let (answer, body) = if replies {
            let result = names.get("Result");
            (quote!(-> #result), reply(handler, names, spans))
        } else {
            let call = call(handler, spans);
            (TokenStream::new(), quote!(#call;))
        };
        quote!(fn #method(&mut #this, #(#facts)* #io: &mut #io_ty<Self>) #answer { #body })
    }
}

/// The type of a parameter, as the runtime declares it.
fn given(given: Given, handler: &Handler, names: &Names<'_>) -> TokenStream {
    match given {
        Given::Frame => {
            let frame = names.get("Frame");
            quote!(#frame<'_>)
        }
        Given::Reference(name) => {
            let name = names.get(name);
            quote!(&#name)
        }
        Given::Value(name) => names.get(name).into_token_stream(),
        Given::Own => timer_value(handler),
    }
}

/// The type a timer is set with; without a parameter that is `()`.
pub(super) fn timer_value(handler: &Handler) -> TokenStream {
    match handler.facts().next() {
        Some(ty) => quote!(#ty),
        None => quote!(()),
    }
}

/// `reply(Self::line(self, frame_.parse()?, io_), io_)`: what a handler returns is its reply,
/// and without a return type it is only called. Behind one that never returns nothing is written.
fn reply(handler: &Handler, names: &Names<'_>, spans: Spans) -> TokenStream {
    if handler.never_returns() {
        return call(handler, spans);
    }
    if !handler.replies() {
        let (call, done) = (call(handler, spans), done());
        return quote!(#call; #done);
    }
    let (call, io, reply) = (call(handler, spans), spans.ours("io"), names.get("reply"));
    quote!(#reply(#call, #io))
}

/// The call itself, with the parameters in the user's order.
fn call(handler: &Handler, spans: Spans) -> TokenStream {
    let mut facts = events::shape_of(handler.helper).map_or(&[][..], |shape| shape.facts).iter();
    let this = handler.takes_self.then(|| {
        let this = spans.local("self");
        quote!(#this)
    });
    let arguments = handler.parameters.iter().map(|parameter| match parameter {
        Parameter::Context(ty) => located("io", ty, spans),
        Parameter::Fact(ty) => {
            let Some(fact) = facts.next() else { return TokenStream::new() };
            let value = located(fact.name, ty, spans);
            match fact.given {
                // The conversion is reported at the parameter's type.
                Given::Frame => quote_spanned!(spans.at_type(ty)=> #value.parse()?),
                _ => value,
            }
        }
    });
    let arguments: Vec<TokenStream> = this.into_iter().chain(arguments).collect();
    // All of the call is at the type that it returns: there a reply that is none is shown.
    let (mut name, at) = (handler.name.clone(), spans.answer(handler));
    name.set_span(at);
    quote_spanned!(at=> Self::#name(#(#arguments),*))
}

/// A local of the generated function, shown at the user's parameter.
fn located(name: &str, ty: &Type, spans: Spans) -> TokenStream {
    let mut name = spans.ours(name);
    name.set_span(spans.at_type(ty));
    quote!(#name)
}
