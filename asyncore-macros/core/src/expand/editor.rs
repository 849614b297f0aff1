//! In: the words that a user wrote in attributes. Out: the same words as paths, for editors.
//!
//! An editor knows a word by what it became. A helper attribute becomes nothing, and `next = line`
//! becomes a variant: so both are repeated here as what they mean, and hover, definition and rename
//! find them. To the compiler it is a function that nobody calls.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, Meta};

use super::bounds::owned;
use super::paths;
use crate::model::{Method, Protocol, Settings};
use crate::parse::cfgs;
use crate::strip;
use crate::tokens::joined;
use crate::words;

/// The words of an impl block. If something is `wrong` with it, what is of the channel may not be
/// there: then they lead to what is of the runtime.
pub(crate) fn protocol(protocol: &Protocol, wrong: bool) -> TokenStream {
    let runtime = &protocol.runtime;
    let mut helpers: Vec<Ident> = Vec::new();
    for method in &protocol.methods {
        helpers.extend(ours(method).filter_map(|attribute| words::last(attribute.path())));
    }
    let statements = joined(protocol.methods.iter().map(|method| statements(method, wrong)));
    if statements.is_empty() {
        return block(runtime, &helpers, None);
    }
    let import = paths::import(runtime);
    let function = quote! {
        fn words() {
            #import
            #statements
        }
    };
    let function = if wrong { function } else { of_the_channel(protocol, &function) };
    block(runtime, &helpers, Some(function))
}

/// A function where `Self` is the channel.
fn of_the_channel(protocol: &Protocol, function: &TokenStream) -> TokenStream {
    let (impl_generics, _, where_clause) = owned(&protocol.header.generics);
    let self_ty = &protocol.header.self_ty;
    let levels = super::levels_of(protocol);
    quote! {
        trait Words {
            fn words();
        }
        #levels
        impl #impl_generics Words for #self_ty #where_clause {
            #function
        }
    }
}

/// The words of a struct.
pub(crate) fn settings(settings: &Settings) -> TokenStream {
    let helpers = settings.fields.iter().filter_map(|field| field.helper.clone());
    block(&settings.runtime, &helpers.collect::<Vec<_>>(), None)
}

fn block(runtime: &TokenStream, helpers: &[Ident], function: Option<TokenStream>) -> TokenStream {
    if helpers.is_empty() {
        return TokenStream::new();
    }
    let helpers = helpers.iter().map(|helper| {
        // Where the user wrote it, but no import of theirs that they would hear of.
        Ident::new(&helper.to_string(), Span::call_site().located_at(helper.span()))
    });
    let (name, import) = paths::renamed(runtime).unzip();
    let runtime = name.as_ref().unwrap_or(runtime);
    quote! {
        const _: () = {
            #import
            use #runtime::{#(#helpers as _),*};
            #function
        };
    }
}

/// The attributes on a method that are ours.
fn ours(method: &Method) -> impl Iterator<Item = &Attribute> {
    method.attrs.iter().filter(|attribute| words::helper(attribute.path()).is_some())
}

/// What the words on one method lead to.
fn statements(method: &Method, wrong: bool) -> TokenStream {
    let mut paths: Vec<TokenStream> = Vec::new();
    for attribute in &method.attrs {
        if words::helper(attribute.path()) == Some("terminator") {
            paths.extend(arguments(attribute, wrong));
        }
    }
    if paths.is_empty() {
        return TokenStream::new();
    }
    let cfgs = cfgs(&method.attrs);
    quote!(#(#cfgs)* let _ = (#(#paths),*);)
}

/// The words between the parentheses of a `#[terminator(..)]`.
fn arguments(attribute: &Attribute, wrong: bool) -> Vec<TokenStream> {
    let Meta::List(list) = &attribute.meta else { return Vec::new() };
    let mut paths = Vec::new();
    for argument in strip::between_commas(list.tokens.clone()) {
        let mut tokens = argument.into_iter();
        let Some(TokenTree::Ident(word)) = tokens.next() else { continue };
        paths.extend(meaning(&word));
        if let (true, Some(TokenTree::Ident(method))) = (word == "next" && !wrong, tokens.nth(1)) {
            paths.push(quote!(Self::#method));
        }
    }
    paths
}

/// What a word of a terminator is in the runtime, which documents it.
fn meaning(word: &Ident) -> Option<TokenStream> {
    let name = match word.to_string().as_str() {
        "any" | "bytes" | "len" | "varint" | "eof" | "none" | "with" | "end" | "max" | "within"
        | "busy" => word.to_string(),
        "prefix" | "be" => "prefix_be".to_owned(),
        "le" => "prefix_le".to_owned(),
        "discard" => "discarded".to_owned(),
        "next" => "then".to_owned(),
        _ => return None,
    };
    let method = Ident::new(&name, word.span());
    Some(quote!(rt_::Until::<()>::#method))
}
