//! In: nothing. Out: the names of the language that every crate has, from where no crate can take
//! them.
//!
//! A user may have a variant `None`, a function `Ok`, a type `u64`, or no prelude at all.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// `Option`
pub(super) fn option() -> TokenStream {
    quote!(::core::option::Option)
}

/// `Option`, `Some`, `None`
pub(super) fn of_option(name: &str) -> TokenStream {
    let (option, ident) = (option(), Ident::new(name, Span::call_site()));
    match name {
        "Option" => option,
        _ => quote!(#option::#ident),
    }
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
