//! In: the states. Out: the enum with a variant for each.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Visibility;

use super::paths::primitive;
use super::{checks, describe, docs};
use crate::graph::Graph;
use crate::model::{Ends, Protocol, State};
use crate::tokens::joined;
use crate::words;

/// The enum, in a private module unless the user published it: rustc's dead-code lint then finds
/// a variant nobody makes, and the enum can still stand in the trait of a public channel.
pub(super) fn enumeration(protocol: &Protocol, graph: &Graph) -> TokenStream {
    if protocol.states.is_empty() {
        return TokenStream::new();
    }
    let is_derived = protocol.starts().all(|state| state.payload().is_none());
    let start = protocol.states.first().map(|state| &state.variant);
    let is_published = protocol.states_vis.is_some();
    let variants = protocol.states.iter().enumerate().map(|(at, state)| {
        // Of an enum that is not published the table says it.
        let docs = is_published.then(|| {
            docs::prose(&format!("`fn {}`: {}.", state.handler.name, describe::ends(state)))
        });
        let default = (is_derived && Some(&state.variant) == start).then(|| quote!(#[default]));
        let cfgs = &state.handler.cfgs;
        let is_known = checks_itself(protocol, graph, at)
            || state.handler.levels.of_dead_code().is_some()
            || protocol.header.levels.of_dead_code().is_some();
        let variant = variant(state, &protocol.runtime, is_known);
        quote!(#(#cfgs)* #docs #default #variant)
    });
    let default = (!is_derived).then(|| defaults(protocol));
    let mut watched = checks::constants(protocol, graph);
    if !watched.is_empty() && !is_named_outside_only(protocol) {
        watched.clear();
    }
    declaration(protocol, joined(variants), default, watched)
}

/// The start that `#[default]` cannot mark: a length, which `#[on_connect]` sets before it counts.
fn defaults(protocol: &Protocol) -> TokenStream {
    let name = &protocol.states_name;
    let starts = protocol.starts().map(|state| {
        let (variant, cfgs) = (&state.variant, &state.handler.cfgs);
        let payload = state.payload().map(|_| quote!((0)));
        quote! {
            /// Until `#[on_connect]` sets the length.
            #(#cfgs)*
            impl ::core::default::Default for #name {
                fn default() -> Self { Self::#variant #payload }
            }
        }
    });
    joined(starts)
}

/// Whether nothing in the block enters the state, so that the macro warns by itself.
pub(super) fn checks_itself(protocol: &Protocol, graph: &Graph, state: usize) -> bool {
    let sees_all = !graph.is_open() && protocol.states_vis.is_none() && protocol.macros.is_empty();
    graph.is_orphan(protocol.first_of(state)) && sees_all
}

/// Whether the name of the enum stands nowhere in the block. Then whoever names it is outside, and may
/// enter what nothing here does: the name stands for the [warnings](super::checks::never_entered), too.
pub(super) fn is_named_outside_only(protocol: &Protocol) -> bool {
    let name = protocol.states_name.to_string();
    !protocol.names_its_states()
        && !protocol.methods.iter().any(|method| words::mentions(&method.body, &name))
}

/// How the generated code writes the enum: past its name, where that stands for more.
pub(super) fn path(protocol: &Protocol, graph: &Graph) -> TokenStream {
    let name = &protocol.states_name;
    let is_sure = |state: &State| state.handler.cfgs.is_empty();
    if !checks::warnings(protocol, graph).any(is_sure) || !is_named_outside_only(protocol) {
        return quote!(#name);
    }
    let module = Ident::new(&protocol.module(), Span::call_site());
    quote!(#module::#name)
}

/// The enum around its variants.
pub(super) fn declaration(
    protocol: &Protocol,
    variants: TokenStream,
    default: Option<TokenStream>,
    watched: Vec<Watched>,
) -> TokenStream {
    let name = &protocol.states_name;
    let says = docs::prose(&format!(
        "What `{}` can wait for: a variant for each `#[terminator]` method.",
        protocol.header.name
    ));
    let derives = if default.is_some() {
        quote!(::core::fmt::Debug)
    } else {
        quote!(::core::fmt::Debug, ::core::default::Default)
    };
    let declared = |vis: TokenStream| {
        quote! {
            #says
            #[derive(#derives)]
            #vis enum #name { #variants }
            #default
        }
    };
    match &protocol.states_vis {
        Some(vis @ Visibility::Public(_)) => declared(quote!(#vis)),
        vis => hidden(protocol, vis.as_ref(), &declared(quote!(pub)), &watched),
    }
}

/// A constant that the name of the enum stands for, too, unless it may be configured away.
pub(super) struct Watched {
    pub(super) name: Option<Ident>,
    pub(super) constant: TokenStream,
}

/// The enum in a module of its own, and its name where the user is.
fn hidden(
    protocol: &Protocol,
    vis: Option<&Visibility>,
    declared: &TokenStream,
    watched: &[Watched],
) -> TokenStream {
    let name = &protocol.states_name;
    // No name of the user's, so no lint on names either.
    let module = Ident::new(&protocol.module(), Span::call_site());
    let constants = watched.iter().map(|watched| &watched.constant);
    let names: Vec<&Ident> = watched.iter().filter_map(|watched| watched.name.as_ref()).collect();
    // An import would be ambiguous beside `use super::*`, where a channel of that name stands above;
    // but of an enum that the user named the variants may be imported, too.
    let outside = if protocol.names_its_states() {
        quote!(#vis use #module::#name;)
    } else if names.is_empty() {
        quote_spanned!(name.span()=> type #name = #module::#name;)
    } else {
        let runtime = &protocol.runtime;
        // A name that nobody uses is no news.
        let silent = Ident::new(&name.to_string(), Span::call_site().located_at(name.span()));
        quote!(type #silent = #runtime::Watched<#module::#name, { #(#module::#names)+* }>;)
    };
    quote! {
        mod #module { #declared #(#constants)* }
        #outside
    }
}

/// `Body(u64)`. Of one that is no news to the user rustc does not speak: it is the macro's own.
pub(super) fn variant(state: &State, runtime: &TokenStream, is_known: bool) -> TokenStream {
    let mut variant = state.variant.clone();
    if is_known {
        variant.set_span(Span::call_site().located_at(variant.span()));
    }
    let payload = match state.ends() {
        Some(Ends::LenAtRunTime) => Some(primitive("u64")),
        Some(Ends::BytesAtRunTime) => Some(quote!(#runtime::Bytes)),
        _ => None,
    };
    let payload = payload.map(|ty| quote!((#ty)));
    quote!(#variant #payload,)
}
