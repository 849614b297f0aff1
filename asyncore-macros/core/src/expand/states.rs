//! In: the states. Out: the enum with a variant for each.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, ToTokens};
use syn::Visibility;

use super::paths::primitive;
use super::{describe, docs};
use crate::graph::Graph;
use crate::model::{Ends, Protocol, State};
use crate::text;

/// The enum, in a private module unless the user published it: rustc's dead-code lint then finds
/// a variant nobody makes, and the enum can still stand in the trait of a public channel.
pub(super) fn enumeration(protocol: &Protocol, graph: &Graph) -> TokenStream {
    if protocol.states.is_empty() {
        return TokenStream::new();
    }
    let variants = protocol.states.iter().enumerate().map(|(at, state)| {
        let docs = docs::prose(&format!("`fn {}`: {}.", state.handler.name, describe::ends(state)));
        // Our own warning takes the place of rustc's, which would not see exported channels.
        let allows = checks_itself(protocol, graph, at) || allows_dead_code(state, protocol);
        let allow = allows.then(|| quote!(#[allow(dead_code)]));
        let default = (at == 0 && state.payload().is_none()).then(|| quote!(#[default]));
        let variant = variant(state, &protocol.runtime);
        quote!(#docs #allow #default #variant)
    });
    declaration(protocol, variants.collect(), default(protocol))
}

/// The start that `#[default]` cannot mark: a length, which `#[on_connect]` sets before it counts.
fn default(protocol: &Protocol) -> Option<TokenStream> {
    let (name, first) = (&protocol.states_name, protocol.states.first()?);
    let variant = &first.variant;
    first.payload().map(|_| {
        quote! {
            /// Until `#[on_connect]` sets the length.
            impl ::core::default::Default for #name {
                fn default() -> Self { Self::#variant(0) }
            }
        }
    })
}

/// Whether nothing in the block enters the state, so that the macro warns by itself.
pub(super) fn checks_itself(protocol: &Protocol, graph: &Graph, state: usize) -> bool {
    let sees_all = !graph.is_open() && protocol.states_vis.is_none() && protocol.macros.is_empty();
    !graph.is_entered(state) && sees_all
}

/// `#[allow(dead_code)]` on the method or the block says that the user knows.
pub(super) fn allows_dead_code(state: &State, protocol: &Protocol) -> bool {
    let name = &state.handler.name;
    let methods = protocol.methods.iter().filter(|method| method.sig.ident == *name);
    let mut attrs = methods.flat_map(|method| &method.attrs).chain(&protocol.header.attrs);
    attrs.any(|attr| {
        let is_level = attr.path().is_ident("allow") || attr.path().is_ident("expect");
        is_level && text::written(attr.to_token_stream()).contains("dead_code")
    })
}

/// The enum around its variants.
pub(super) fn declaration(
    protocol: &Protocol,
    variants: TokenStream,
    default: Option<TokenStream>,
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
        vis => {
            // No name of the user's, so no lint on names either.
            let module = Ident::new(&protocol.module(), Span::call_site());
            let inside = declared(quote!(pub));
            // An import would be ambiguous beside `use super::*`, where a channel of that name
            // stands above; but of an enum that the user named the variants may be imported, too.
            let outside = if protocol.names_its_states() {
                quote!(#vis use #module::#name;)
            } else {
                quote!(type #name = #module::#name;)
            };
            quote! {
                mod #module { #inside }
                #outside
            }
        }
    }
}

/// `Body(u64)`
pub(super) fn variant(state: &State, runtime: &TokenStream) -> TokenStream {
    let (cfgs, variant) = (&state.handler.cfgs, &state.variant);
    let payload = match state.ends() {
        Some(Ends::LenAtRunTime) => Some(primitive("u64")),
        Some(Ends::BytesAtRunTime) => Some(quote!(#runtime::Bytes)),
        _ => None,
    };
    let payload = payload.map(|ty| quote!((#ty)));
    quote!(#(#cfgs)* #variant #payload,)
}
