//! In: what the impl block needs of the struct. Out: constants that fail the build without it.
//!
//! The two runs of the macro cannot see each other; what the struct's run wrote is asked for in a
//! constant, and the answer is shown at the attribute that needs it.

use proc_macro2::{Group, TokenStream};
use quote::{format_ident, quote, quote_spanned, ToTokens};
use syn::ext::IdentExt;

use super::forgotten;
use super::names::Names;
use super::paths::primitive;
use super::span::{moved, Spans};
use super::states::{checks_itself, is_named_outside_only, Watched};
use crate::graph::Graph;
use crate::model::{Handler, Header, Method, Protocol, State};
use crate::tokens::joined;
use crate::words;

/// One thing to ask.
struct Demand {
    /// A constant of `Settings`, `!` before it if it must not be set.
    holds: TokenStream,
    otherwise: String,
    at: TokenStream,
    /// Of the handler that needs it.
    cfgs: Vec<TokenStream>,
}

/// Beside the impl, where the type is one type: `cargo check` finds it.
pub(super) fn beside(protocol: &Protocol, names: &Names<'_>) -> TokenStream {
    if is_generic(protocol) {
        return TokenStream::new();
    }
    let demands = demands(protocol, names).into_iter().map(|demand| {
        let ensured = ensured(&demand, protocol, names);
        let cfgs = &demand.cfgs;
        quote!(#(#cfgs)* const _: () = #ensured;)
    });
    joined(demands)
}

/// Inside a generic impl, where the runtime evaluates it for each type.
pub(super) fn inside(protocol: &Protocol, names: &Names<'_>) -> TokenStream {
    let demands = demands(protocol, names);
    if demands.is_empty() || !is_generic(protocol) {
        return TokenStream::new();
    }
    let all = demands.iter().map(|demand| {
        let (cfgs, ensured) = (&demand.cfgs, ensured(demand, protocol, names));
        quote!(#(#cfgs)* #ensured;)
    });
    quote! {
        /// What this impl needs of the struct.
        const CHECK: () = { #(#all)* };
    }
}

fn is_generic(protocol: &Protocol) -> bool {
    !protocol.header.generics.params.is_empty()
}

fn demands(protocol: &Protocol, names: &Names<'_>) -> Vec<Demand> {
    let (self_ty, name) = (&protocol.header.self_ty, &protocol.header.name);
    let asked = |constant: &str| {
        let (constant, settings) = (format_ident!("{constant}"), names.get("Settings"));
        quote!(<#self_ty as #settings>::#constant)
    };
    let field = protocol.field_handler().map(|handler| {
        Demand::of(handler, asked("HAS_TERMINATOR"), |handler| {
            format!("`{handler}` has no terminator to wait for: mark a field of `{name}` with `#[terminator]`")
        })
    });
    let collects = match (protocol.on_read(), protocol.collecting_handler()) {
        (Some(event), _) => {
            let collects = asked("COLLECTS");
            Some(Demand::of(&event.handler, quote!(!#collects), |handler| {
                format!(
                    "both a field of `{name}` and `{handler}` are `#[on_read]`: keep one of them"
                )
            }))
        }
        (None, Some(handler)) => Some(Demand::of(handler, asked("COLLECTS"), |handler| {
            format!("`{handler}` takes no frame: mark a method or a field with `#[on_read]` for its data")
        })),
        (None, None) => None,
    };
    field.into_iter().chain(collects).chain(something(protocol, asked)).collect()
}

/// A channel whose impl block has no handler lives by its fields. If it does not, what is missing is
/// shown at the methods that look like handlers, or at the block.
fn something(protocol: &Protocol, asked: impl Fn(&str) -> TokenStream) -> Vec<Demand> {
    let may_be_hidden = !protocol.macros.is_empty() || protocol.methods.iter().any(has_unknown);
    if protocol.handlers().next().is_some() || may_be_hidden {
        return Vec::new();
    }
    let (collects, produces) = (asked("COLLECTS"), asked("PRODUCES"));
    let demand = |otherwise: String, at: TokenStream| {
        let holds = quote!(#collects || #produces);
        Demand { holds, otherwise, at, cfgs: Vec::new() }
    };
    let forgotten = forgotten::methods(protocol).into_iter().map(|(name, attribute)| {
        demand(format!("nothing calls `fn {name}`: mark it `{attribute}`"), quote!(#name))
    });
    let forgotten: Vec<Demand> = forgotten.collect();
    if !forgotten.is_empty() {
        return forgotten;
    }
    let Header { keyword, self_ty, name, .. } = &protocol.header;
    let otherwise = format!(
        "`impl {name}` has no handler: mark a method with `#[terminator(..)]` or `#[on_read]`"
    );
    vec![demand(otherwise, quote_spanned!(*keyword=> impl #self_ty))]
}

/// Whether an attribute stands there that may be one of ours under another name: then it says so.
fn has_unknown(method: &Method) -> bool {
    let mut attributes = method.attrs.iter().map(syn::Attribute::path);
    attributes.any(|path| {
        path.get_ident().is_some_and(|name| !words::LANGUAGE.iter().any(|known| name == known))
    })
}

impl Demand {
    fn of(handler: &Handler, holds: TokenStream, otherwise: impl Fn(&str) -> String) -> Self {
        Self {
            holds,
            otherwise: otherwise(&format!("fn {}", handler.name)),
            at: handler.attribute.clone(),
            cfgs: handler.cfgs.clone(),
        }
    }
}

/// `ensure(<Chat as Settings>::COLLECTS, "..")`, as wide as the tokens it is about.
fn ensured(demand: &Demand, protocol: &Protocol, names: &Names<'_>) -> TokenStream {
    let (first, last) = Spans::of(protocol.header.keyword).ends(demand.at.clone());
    let Demand { holds, otherwise, .. } = demand;
    let mut arguments = Group::new(proc_macro2::Delimiter::Parenthesis, quote!(#holds, #otherwise));
    arguments.set_span(last);
    let ensure = moved(names.get("ensure").into_token_stream(), first);
    quote!(#ensure #arguments)
}

/// The states that nothing in the block enters.
pub(super) fn warnings<'a>(
    protocol: &'a Protocol,
    graph: &'a Graph,
) -> impl Iterator<Item = &'a State> {
    let states = protocol.states.iter().enumerate();
    let states = states
        .filter(|(at, _)| protocol.first_of(*at) == *at && checks_itself(protocol, graph, *at));
    states.map(|(_, state)| state)
}

/// The warnings of these states: constants that nothing uses, so that rustc's own `dead_code` speaks,
/// as loud as the user wants it there.
pub(super) fn never_entered(protocol: &Protocol, graph: &Graph) -> TokenStream {
    let constants = constants(protocol, graph);
    if constants.is_empty() || is_named_outside_only(protocol) {
        return TokenStream::new();
    }
    joined(constants.into_iter().map(|watched| watched.constant))
}

/// A constant for each of these states.
pub(super) fn constants(protocol: &Protocol, graph: &Graph) -> Vec<Watched> {
    let (spans, usize) = (Spans::of(protocol.header.keyword), primitive("usize"));
    let constants = warnings(protocol, graph).map(|state| {
        let (name, cfgs) = (&state.handler.name, &state.handler.cfgs);
        let level = match state.handler.levels.of_dead_code() {
            Some(level) if level.expected => Some(quote!(#[expect(dead_code)])),
            own => {
                own.or(protocol.header.levels.of_dead_code()).map(|_| quote!(#[allow(dead_code)]))
            }
        };
        let upper = name.unraw().to_string().to_uppercase();
        let constant = format_ident!("NOTHING_GOES_TO_{upper}", span = spans.at(name));
        let declared = quote_spanned! {spans.at(name)=>
            #(#cfgs)* #level pub const #constant: #usize = 0;
        };
        Watched { name: cfgs.is_empty().then_some(constant), constant: declared }
    });
    constants.collect()
}

/// The methods on which `#[expect(dead_code)]` speaks of their state: it stands at the constant.
pub(super) fn expected(protocol: &Protocol, graph: &Graph) -> Vec<String> {
    let states = protocol.states.iter().enumerate();
    let expected = states.filter(|(at, state)| {
        let level = state.handler.levels.of_dead_code();
        level.is_some_and(|level| level.expected) && checks_itself(protocol, graph, *at)
    });
    expected.map(|(_, state)| state.handler.name.to_string()).collect()
}
