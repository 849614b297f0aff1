//! In: a channel with mistakes. Out: as much as keeps rustc from reporting what follows of them:
//! the trait is implemented, the states have names.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{GenericParam, Generics, Ident};

use super::bounds::owned;
use super::paths::{done, primitive};
use super::{calls, states};
use crate::model::{EventKind, Header, Protocol, Settings, State};
use crate::tokens::{joined, stream};
use crate::words;

/// What a struct says in spite of its mistakes: the marks on its fields still hold.
pub(crate) fn settings(settings: &Settings) -> TokenStream {
    let Settings { name, generics, runtime, fields, assumed, .. } = settings;
    let (bool, fields) = (primitive("bool"), fields.iter().map(|field| field.drives.attribute()));
    let said: Vec<&str> = fields.chain(assumed.iter().copied()).flat_map(says).copied().collect();
    let constants = ["COLLECTS", "HAS_TERMINATOR", "PRODUCES"].into_iter();
    let constants =
        constants.filter(|name| said.contains(name)).map(|name| format_ident!("{name}"));
    let (impl_generics, where_clause) = unborrowed(generics);
    let (_, ty_generics, _) = generics.split_for_impl();
    let ty_generics = owning(quote!(#ty_generics));
    quote! {
        impl #impl_generics #runtime::Settings for #name #ty_generics #where_clause {
            #(const #constants: #bool = true;)*
        }
    }
}

/// The constants that a helper sets, on a field or where it does not belong.
fn says(helper: &'static str) -> &'static [&'static str] {
    match helper {
        "on_read" => &["COLLECTS"],
        // Without its method there is no handler, and that follows from the mistake.
        "terminator" => &["HAS_TERMINATOR", "PRODUCES"],
        _ => &["PRODUCES"],
    }
}

/// An item that is no struct.
pub(crate) fn empty(name: &Ident, generics: &Generics) -> TokenStream {
    let (impl_generics, ty_generics, where_clause) = owned(generics);
    let runtime = quote!(::asyncore_runtime);
    quote!(impl #impl_generics #runtime::Settings for #name #ty_generics #where_clause {})
}

/// The generics of an impl for a channel that borrows, as if it did so for ever.
fn unborrowed(generics: &Generics) -> (TokenStream, TokenStream) {
    let params = generics.params.iter();
    let params = params.filter(|param| !matches!(param, GenericParam::Lifetime(_)));
    let clause = &generics.where_clause;
    let (params, clause) = (owning(quote!(<#(#params),*>)), owning(quote!(#clause)));
    let mut generics: Generics = syn::parse2(params).unwrap_or_default();
    generics.where_clause = syn::parse2(clause).ok();
    let (impl_generics, _, where_clause) = owned(&generics);
    (quote!(#impl_generics), where_clause)
}

/// `'static` for each lifetime.
fn owning(tokens: TokenStream) -> TokenStream {
    let mut tick = false;
    let owning = tokens.into_iter().map(|token| {
        let is_name = core::mem::replace(
            &mut tick,
            matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\''),
        );
        match token {
            TokenTree::Ident(name) if is_name => Ident::new("static", name.span()).into(),
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), owning(group.stream()));
                inside.set_span(group.span());
                inside.into()
            }
            token => token,
        }
    });
    stream(owning)
}

/// The constant that carries the refusal of a block whose type cannot be a channel.
pub(crate) fn refusal(protocol: &Protocol) -> Option<Ident> {
    let Header { name, is_refused, keyword, .. } = &protocol.header;
    let word = name.unraw().to_string().to_uppercase();
    is_refused.then(|| format_ident!("{word}_REFUSED_", span = *keyword))
}

/// The user's block, of which rustc holds back what follows from the refusal: a bound without a value
/// is neither met nor missed, and so is what stands beside it.
pub(crate) fn refused(item: TokenStream, refusal: &Ident) -> TokenStream {
    let mut header: Vec<TokenTree> = item.into_iter().collect();
    let body = header.pop();
    let last = header.last().map(ToString::to_string).unwrap_or_default();
    let clause = match header.iter().any(|token| words::is_word(Some(token), "where")) {
        false => quote!(where),
        true if last == "," || last == "where" => TokenStream::new(),
        true => quote!(,),
    };
    quote!(#(#header)* #clause [(); #refusal]: #body)
}

pub(crate) fn protocol(protocol: &Protocol) -> TokenStream {
    let runtime = &protocol.runtime;
    let enumeration = enumeration(protocol);
    let states = &protocol.states_name;
    let terminator = if !protocol.states.is_empty() {
        quote!(#states)
    } else if protocol.field_handler().is_some() {
        quote!(#runtime::FieldTerminator)
    } else {
        quote!(#runtime::Unframed)
    };
    let (impl_generics, where_clause) = unborrowed(&protocol.header.generics);
    let self_ty = &protocol.header.self_ty;
    let self_ty = owning(quote!(#self_ty));
    let where_clause = match (refusal(protocol), where_clause.is_empty()) {
        (None, _) => where_clause,
        (Some(refusal), true) => quote!(where [(); #refusal]:),
        (Some(refusal), false) => quote!(#where_clause, [(); #refusal]:),
    };
    let (bool, done) = (primitive("bool"), done());
    let timers = protocol.events.iter().filter(|event| event.kind == EventKind::Timer).map(|event| {
        let value = calls::timer_value(&event.handler);
        quote! {
            impl #impl_generics #runtime::OnTimer<#value> for #self_ty #where_clause {
                fn on_timer(&mut self, _: #value, _: &mut #runtime::Io<Self>) -> #runtime::Result {
                    #done
                }
            }
        }
    });
    quote! {
        #enumeration
        impl #impl_generics #runtime::Channel for #self_ty #where_clause {
            type Terminator = #terminator;
            const WAITS_FOR_FIELD: #bool = true;
        }
        #(#timers)*
    }
}

fn enumeration(protocol: &Protocol) -> TokenStream {
    if protocol.states.is_empty() {
        return TokenStream::new();
    }
    let runtime = &protocol.runtime;
    let mut start_is_marked = false;
    let variants = protocol.states.iter().map(|state| {
        let unit = state.payload().is_none() && guessed_payload(state, protocol).is_none();
        let default = (unit && !start_is_marked && state.handler.cfgs.is_empty()).then(|| {
            start_is_marked = true;
            quote!(#[default])
        });
        let (cfgs, name) = (&state.handler.cfgs, &state.variant);
        let variant = match guessed_payload(state, protocol) {
            Some(payload) => quote!(#name #payload,),
            None => states::variant(state, runtime, false),
        };
        quote!(#(#cfgs)* #[allow(dead_code)] #default #variant)
    });
    let variants = joined(variants);
    let start = (!start_is_marked).then(|| {
        quote!(
            #[default]
            Unreadable,
        )
    });
    states::declaration(protocol, quote!(#variants #start), None, Vec::new())
}

/// What the variant of an unreadable terminator carries, judged by how the methods make it.
fn guessed_payload(state: &State, protocol: &Protocol) -> Option<TokenStream> {
    if state.terminator.is_some() {
        return None;
    }
    let variant = state.variant.to_string();
    let is_called = protocol.methods.iter().any(|method| is_called(method.body.clone(), &variant));
    is_called.then(|| {
        let u64 = primitive("u64");
        quote!((#u64))
    })
}

fn is_called(tokens: TokenStream, name: &str) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens
        .iter()
        .zip(tokens.iter().skip(1))
        .any(|pair| matches!(pair, (TokenTree::Ident(word), TokenTree::Group(_)) if word == name))
        || tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => is_called(group.stream(), name),
            _ => false,
        })
}
