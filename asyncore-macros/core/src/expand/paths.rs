//! In: nothing. Out: the names of the language that every crate has, from where no crate can take
//! them.
//!
//! A user may have a variant `None`, a function `Ok`, a type `u64`, or no prelude at all.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::text;

/// `Option`
pub(super) fn option() -> TokenStream {
    quote!(::core::option::Option)
}

/// `Ok(())`
pub(super) fn done() -> TokenStream {
    quote!(::core::result::Result::Ok(()))
}

/// `bool`, `u8`, `u64`, `usize`
pub(super) fn primitive(name: &str) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    quote!(::core::primitive::#name)
}

/// The name of a runtime that is not where it usually is, and its import: a path that leads nowhere is
/// told once then.
pub(super) fn renamed(runtime: &TokenStream) -> Option<(TokenStream, TokenStream)> {
    let is_usual = text::written(runtime.clone()) == "::asyncore_runtime";
    (!is_usual).then(|| (quote!(rt_), import(runtime)))
}

/// `use ::path as rt_;`, shown at the path.
pub(super) fn import(runtime: &TokenStream) -> TokenStream {
    let last = runtime.clone().into_iter().last().map(|token| token.span());
    let name = quote_spanned!(last.unwrap_or_else(Span::call_site)=> as rt_);
    quote!(use #runtime #name;)
}
