//! In: a channel without mistakes. Out: what a good engineer would have written by hand.
//!
//! The shape is here, the logic is in the runtime: constants, one `match` for each question the
//! runtime asks, calls of the user's methods. Only public, documented items are named.

mod bounds;
mod calls;
mod checks;
mod describe;
pub(crate) mod docs;
mod drawing;
pub(crate) mod editor;
pub(crate) mod examples;
mod forgotten;
mod names;
mod paths;
mod settings;
mod sizes;
mod span;
mod states;
pub(crate) mod stub;
mod until;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned, ToTokens};

use crate::graph::Graph;
use crate::model::{Event, EventKind, Level, Levels, Protocol, Settings};
use crate::tokens::joined;
use bounds::owned;
use names::Names;
use paths::primitive;
use span::Spans;

pub(crate) use settings::settings;

/// The methods whose `#[expect(dead_code)]` is written anew, at what it is about.
pub(crate) fn expected(protocol: &Protocol, graph: &Graph) -> Vec<String> {
    checks::expected(protocol, graph)
}

/// What `#[channel]` writes for an impl block.
pub(crate) fn protocol(protocol: &Protocol, graph: &Graph) -> TokenStream {
    let names = Names::new(protocol, states::path(protocol, graph));
    let enumeration = states::enumeration(protocol, graph);
    let sizes = sizes::constants(protocol, &names);
    let checks = checks::beside(protocol, &names);
    let warnings = checks::never_entered(protocol, graph);
    let channel = channel(protocol, graph, &names);
    let timers = timers(protocol, &names);
    let imports = names.imports();
    let examples = examples::tests(protocol);
    let levels = levels(&protocol.header.levels);
    let inside = joined([imports, sizes, checks, warnings, channel, timers]);
    let block = quote!(#levels const _: () = { #inside };);
    joined([enumeration, block, examples])
}

/// What is written for a struct, in a block of its own where the runtime needs a name.
pub(crate) fn named(
    settings: &mut Settings,
    write: impl FnOnce(&Settings) -> TokenStream,
) -> TokenStream {
    let Some((name, import)) = paths::renamed(&settings.runtime) else { return write(settings) };
    settings.runtime = name;
    let written = write(settings);
    quote!(const _: () = { #import #written };)
}

fn channel(protocol: &Protocol, graph: &Graph, names: &Names<'_>) -> TokenStream {
    let spans = Spans::of(protocol.header.keyword);
    let docs = docs::protocol(protocol, graph);
    let terminator = terminator_type(protocol, names);
    let max_frame = until::max_frame(protocol, names);
    let check = checks::inside(protocol, names);
    let seeds = examples::seeds(protocol);
    let until = until::until(protocol, names, spans);
    let found = calls::found_terminator(protocol, names, spans);
    let constants = constants(protocol);
    let events = protocol.events.iter();
    let events = joined(events.map(|event| calls::event(event, names, spans)));
    let terminator = quote!(type Terminator = #terminator;);
    let body = joined([terminator, max_frame, constants, check, seeds, until, found, events]);
    let (impl_generics, _, where_clause) = owned(&protocol.header.generics);
    let (channel, self_ty) = (names.get("Channel"), &protocol.header.self_ty);
    let levels = levels_of(protocol);
    quote_spanned! {spans.header()=>
        #docs
        #levels
        #[automatically_derived]
        impl #impl_generics #channel for #self_ty #where_clause { #body }
    }
}

/// `#[allow(..)]` of what the user lifted on the item that this is written for.
fn levels(levels: &Levels) -> Option<TokenStream> {
    lifted(&[levels])
}

/// The same of all handlers of a block, which are called in one place.
fn levels_of(protocol: &Protocol) -> Option<TokenStream> {
    let handlers: Vec<&Levels> = protocol.handlers().map(|handler| &handler.levels).collect();
    lifted(&handlers)
}

fn lifted(all: &[&Levels]) -> Option<TokenStream> {
    let (mut attributes, mut is_deprecated) = (TokenStream::new(), false);
    for levels in all {
        is_deprecated |= levels.is_deprecated;
        for Level { lints, .. } in &levels.lifted {
            attributes.extend(quote!(#[allow(#lints)]));
        }
    }
    if is_deprecated {
        attributes.extend(quote!(#[allow(deprecated)]));
    }
    (!attributes.is_empty()).then_some(attributes)
}

/// What the runtime has to know of the events before one happens.
fn constants(protocol: &Protocol) -> TokenStream {
    let is_question =
        |event: &&Event| matches!(event.kind, EventKind::WantsRead | EventKind::WantsWrite);
    let bool = primitive("bool");
    let raw =
        protocol.events.iter().filter(|event| event.kind == EventKind::Readable).map(|event| {
            let cfgs = &event.handler.cfgs;
            quote! {
                /// From `#[on_read]` without data.
                #(#cfgs)*
                const RAW: #bool = true;
            }
        });
    // Asking in vain, where `#[cfg]` took the method away, costs a call and changes nothing.
    let asked = protocol.events.iter().find(is_question).map(|_| {
        quote! {
            /// From `#[readable]`, `#[writable]`: asked in each pass.
            const ASKED: #bool = true;
        }
    });
    let idle = protocol.events.iter().filter(|event| event.kind == EventKind::Idle).map(|event| {
        let cfgs = &event.handler.cfgs;
        quote! {
            /// From `#[on_idle]`: told of silence.
            #(#cfgs)*
            const HEARS_IDLE: #bool = true;
        }
    });
    let waits = protocol.field_handlers.iter().map(|handler| {
        let cfgs = &handler.cfgs;
        quote! {
            /// From `#[terminator]` without arguments.
            #(#cfgs)*
            const WAITS_FOR_FIELD: #bool = true;
        }
    });
    quote!(#(#raw)* #asked #(#idle)* #(#waits)*)
}

fn terminator_type(protocol: &Protocol, names: &Names<'_>) -> TokenStream {
    if protocol.field_handler().is_some() {
        names.get("FieldTerminator").into_token_stream()
    } else if protocol.states.is_empty() {
        names.get("Unframed").into_token_stream()
    } else {
        names.enumeration()
    }
}

/// One small impl for each type of timer.
fn timers(protocol: &Protocol, names: &Names<'_>) -> TokenStream {
    let spans = Spans::of(protocol.header.keyword);
    let timers = protocol.events.iter().filter(|event| event.kind == EventKind::Timer);
    let written = timers.map(|event| {
        let cfgs = &event.handler.cfgs;
        let value = calls::timer_value(&event.handler);
        let method = calls::timer(&event.handler, names, spans);
        let (impl_generics, _, where_clause) = owned(&protocol.header.generics);
        let (on_timer, self_ty) = (names.get("OnTimer"), &protocol.header.self_ty);
        let docs = docs::line(&format!("From `#[on_timer] fn {}`.", event.handler.name));
        let levels = levels(&event.handler.levels);
        quote_spanned! {spans.header()=>
            #docs
            #(#cfgs)*
            #levels
            #[automatically_derived]
            impl #impl_generics #on_timer<#value> for #self_ty #where_clause { #method }
        }
    });
    joined(written)
}
