//! In: nothing. Out: the names of the language that every crate has, from where no crate can take
//! them.
//!
//! A user may have a variant `None`, a function `Ok`, a type `u64`, or no prelude at all.

use proc_macro2::TokenStream;
use quote::quote;

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
    let name = proc_macro2::Ident::new(name, proc_macro2::Span::call_site());
    quote!(::core::primitive::#name)
}
