//! In: the handlers. Out: the methods through which the runtime calls them.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::docs;
use super::names::Names;
use super::span::Spans;
use super::until::pattern;
use crate::model::{Event, EventKind, Handler, Parameter, Protocol, State};

/// `fn found_terminator`: an arm for each state.
pub(super) fn found_terminator(
    protocol: &Protocol,
    names: &Names<'_>,
    spans: Spans,
) -> TokenStream {
    let single = match (protocol.states.as_slice(), &protocol.field_handler) {
        ([], None) => return TokenStream::new(),
        ([], Some(handler)) => Some(handler),
        ([only], _) => Some(&only.handler),
        _ => None,
    };
    let parse = |_: usize, ty: &Type| parsed(&spans.local("frame"), ty, spans);
    let (io, body) = match single {
        Some(handler) => (context(handler, spans), reply(handler, names, spans, parse)),
        None => {
            let (io, arms) = (spans.local("io"), arms(&protocol.states, names, spans));
            let body = quote!(match #io.terminator() #arms);
            (io, body)
        }
    };
    let takes_frames = protocol.states.iter().any(|state| state.handler.facts().next().is_some());
    let frame = if takes_frames { spans.local("frame") } else { spans.local("_frame") };
    let this = spans.local("self");
    let (frame_ty, io_ty, result) = (names.get("Frame"), names.get("Io"), names.get("Result"));
    let docs = docs::line("Calls the handler of the state whose frame is complete.");
    // Where there is one handler and it is small, it becomes part of the runtime's loop over
    // frames: a nanosecond for each. The choice among several is not worth a copy.
    let inline = single.map(|_| quote!(#[inline]));
    quote! {
        #docs
        #inline
        fn found_terminator(&mut #this, #frame: #frame_ty<'_>, #io: &mut #io_ty<Self>) -> #result {
            #body
        }
    }
}

/// The calls of the states' handlers. One that does not reply makes the others statements, too.
fn arms(all: &[State], names: &Names<'_>, spans: Spans) -> TokenStream {
    let states = &names.states();
    let parse = |_: usize, ty: &Type| parsed(&spans.local("frame"), ty, spans);
    let all_reply = all.iter().all(|state| state.handler.replies());
    let arms = all.iter().map(|state| {
        let (cfgs, pattern) = (&state.handler.cfgs, pattern(state, states));
        let called = if state.handler.replies() {
            reply(&state.handler, names, spans, parse)
        } else {
            call(&state.handler, spans, parse)
        };
        let question_mark = (!all_reply && state.handler.replies()).then(|| quote!(?));
        quote!(#(#cfgs)* #pattern => #called #question_mark,)
    });
    let ok = (!all_reply).then(|| quote!(Ok(())));
    quote!({ #(#arms)* } #ok)
}

/// The context, if the handler or its reply needs it.
fn context(handler: &Handler, spans: Spans) -> Ident {
    let is_used = handler.takes_context() || handler.replies();
    spans.local(if is_used { "io" } else { "_io" })
}

/// The method of one event.
pub(super) fn event(event: &Event, names: &Names<'_>, spans: Spans) -> TokenStream {
    let handler = &event.handler;
    let (method, facts) = match event.kind {
        EventKind::Read => ("on_read", vec![("data", with_lifetime(names.get("Frame")))]),
        EventKind::Readable => ("on_readable", vec![]),
        EventKind::Connect => ("on_connect", vec![]),
        EventKind::Accepted => {
            ("on_accepted", vec![("socket", names.get("Socket")), ("peer", names.get("Addr"))])
        }
        EventKind::Write => ("on_write", vec![]),
        EventKind::Expt => ("on_expt", vec![]),
        EventKind::Eof => ("on_eof", vec![]),
        EventKind::Error => ("on_error", vec![("error", reference(names.get("Error")))]),
        EventKind::Close => return closing(handler, names, spans),
        EventKind::WantsRead => return question(handler, "readable", spans),
        EventKind::WantsWrite => return question(handler, "writable", spans),
        EventKind::Timer => return TokenStream::new(),
    };
    answered(handler, method, &facts, names, spans)
}

fn with_lifetime(name: TokenStream) -> TokenStream {
    quote!(#name<'_>)
}

fn reference(name: TokenStream) -> TokenStream {
    quote!(&#name)
}

/// A method whose handler may reply.
fn answered(
    handler: &Handler,
    method: &str,
    facts: &[(&'static str, TokenStream)],
    names: &Names<'_>,
    spans: Spans,
) -> TokenStream {
    let (this, io) = (spans.local("self"), context(handler, spans));
    let reply = reply(handler, names, spans, |at, ty| {
        let name = facts.get(at).map_or("value", |(name, _)| *name);
        if name == "data" {
            return parsed(&spans.local(name), ty, spans);
        }
        located(name, ty, spans)
    });
    let used = handler.facts().count();
    let parameters = facts.iter().enumerate().map(|(at, (name, ty))| {
        let name = if at < used { spans.local(name) } else { spans.local(&format!("_{name}")) };
        quote!(#name: #ty)
    });
    let (method, cfgs, docs) =
        (Ident::new(method, handler.name.span()), &handler.cfgs, docs::from(handler));
    let (io_ty, result) = (names.get("Io"), names.get("Result"));
    quote! {
        #docs
        #(#cfgs)*
        fn #method(&mut #this, #(#parameters,)* #io: &mut #io_ty<Self>) -> #result { #reply }
    }
}

/// `fn on_timer` of one type of timer.
pub(super) fn timer(handler: &Handler, names: &Names<'_>, spans: Spans) -> TokenStream {
    let (this, io) = (spans.local("self"), context(handler, spans));
    let value_ty = timer_value(handler);
    let value =
        if handler.facts().next().is_some() { spans.local("value") } else { spans.local("_value") };
    let reply = reply(handler, names, spans, |_, ty| located("value", ty, spans));
    let (io_ty, result) = (names.get("Io"), names.get("Result"));
    quote! {
        fn on_timer(&mut #this, #value: #value_ty, #io: &mut #io_ty<Self>) -> #result { #reply }
    }
}

/// The type a timer is set with; without a parameter that is `()`.
pub(super) fn timer_value(handler: &Handler) -> TokenStream {
    match handler.facts().next() {
        Some(ty) => quote!(#ty),
        None => quote!(()),
    }
}

/// `fn on_close`, where nobody is left to reply to.
fn closing(handler: &Handler, names: &Names<'_>, spans: Spans) -> TokenStream {
    let this = spans.local("self");
    let why =
        if handler.facts().next().is_some() { spans.local("why") } else { spans.local("_why") };
    let io = if handler.takes_context() { spans.local("io") } else { spans.local("_io") };
    let call = call(handler, spans, |_, ty| located("why", ty, spans));
    let (cfgs, docs, closed, io_ty) =
        (&handler.cfgs, docs::from(handler), names.get("Closed"), names.get("Io"));
    quote! {
        #docs
        #(#cfgs)*
        fn on_close(&mut #this, #why: &#closed, #io: &mut #io_ty<Self>) { #call; }
    }
}

/// `fn readable`, `fn writable`.
fn question(handler: &Handler, method: &str, spans: Spans) -> TokenStream {
    let (this, method) = (spans.local("self"), Ident::new(method, handler.name.span()));
    let call = call(handler, spans, |_, _| TokenStream::new());
    let (cfgs, docs) = (&handler.cfgs, docs::from(handler));
    quote! {
        #docs
        #(#cfgs)*
        fn #method(&mut #this) -> bool { #call }
    }
}

/// `Reply::send(self.line(frame.parse()?, io), io)`: what a handler returns is its reply. Without a
/// return type it is only called.
fn reply(
    handler: &Handler,
    names: &Names<'_>,
    spans: Spans,
    fact: impl Fn(usize, &Type) -> TokenStream,
) -> TokenStream {
    let (call, io) = (call(handler, spans, fact), spans.local("io"));
    if !handler.replies() {
        return quote!(#call; Ok(()));
    }
    let reply = names.get("Reply");
    quote!(#reply::send(#call, #io))
}

/// The call itself, with the parameters in the user's order.
fn call(
    handler: &Handler,
    spans: Spans,
    fact: impl Fn(usize, &Type) -> TokenStream,
) -> TokenStream {
    let mut facts = 0;
    let arguments = handler.parameters.iter().map(|parameter| match parameter {
        Parameter::Context(ty) => located("io", ty, spans),
        Parameter::Fact(ty) => {
            facts += 1;
            fact(facts - 1, ty)
        }
    });
    let arguments: Vec<TokenStream> = arguments.collect();
    let (name, at) = (&handler.name, spans.answer(handler));
    if !handler.takes_self {
        quote_spanned!(at=> Self::#name(#(#arguments),*))
    } else if is_named_like_an_event(name) {
        let this = spans.local("self");
        quote_spanned!(at=> Self::#name(#this #(, #arguments)*))
    } else {
        quote_spanned!(at=> self.#name(#(#arguments),*))
    }
}

/// Whether `self.name()` could be the trait's method: it takes `&mut self`, and so is found before
/// a handler of the same name that takes `&self`, which it would call for ever. A path finds the
/// user's own.
fn is_named_like_an_event(name: &Ident) -> bool {
    const METHODS: [&str; 13] = [
        "found_terminator",
        "on_read",
        "on_readable",
        "on_connect",
        "on_accepted",
        "on_write",
        "on_expt",
        "on_eof",
        "on_error",
        "on_close",
        "on_timer",
        "readable",
        "writable",
    ];
    METHODS.iter().any(|method| name == method)
}

/// `frame.parse()?`: the conversion is reported at the parameter's type.
fn parsed(frame: &Ident, ty: &Type, spans: Spans) -> TokenStream {
    let mut frame = frame.clone();
    frame.set_span(spans.at(ty));
    quote_spanned!(spans.at(ty)=> #frame.parse()?)
}

/// A local of the generated function, shown at the user's parameter.
fn located(name: &str, ty: &Type, spans: Spans) -> TokenStream {
    let name = Ident::new(name, spans.at(ty));
    quote!(#name)
}
