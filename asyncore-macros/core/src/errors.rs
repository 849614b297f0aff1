//! In: every mistake, where it is found. Out: one `compile_error!` for each, all at once.
//!
//! A bag instead of `?`: a user with three mistakes hears of three. The first line of a text must
//! stand alone; a second one begins with `help:` and holds what to write.

use core::fmt::Display;

use proc_macro2::{Ident, TokenStream};
use quote::{quote, ToTokens};

use crate::tokens::joined;

/// The mistakes found so far. Has to be emptied with [`Errors::into_tokens`].
#[derive(Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
    /// How many mistakes the compiler reports by itself.
    elsewhere: usize,
}

impl Errors {
    /// A mistake that is explained by one line.
    pub(crate) fn add(&mut self, at: impl ToTokens, problem: impl Display) {
        self.put(at.into_token_stream(), &problem);
    }

    /// A mistake, and what to write instead.
    pub(crate) fn help(&mut self, at: impl ToTokens, problem: impl Display, help: impl Display) {
        self.put_both(at.into_token_stream(), &problem, &help);
    }

    fn put_both(&mut self, at: TokenStream, problem: &dyn Display, help: &dyn Display) {
        self.put(at, &format_args!("{problem}\nhelp: {help}"));
    }

    fn put(&mut self, at: TokenStream, text: &dyn Display) {
        self.found.push(syn::Error::new_spanned(at, text));
    }

    /// The mistakes that were found apart.
    pub(crate) fn absorb(&mut self, mut other: Self) {
        self.found.append(&mut other.found);
        self.elsewhere += other.elsewhere;
    }

    /// Drops what is no mistake after all.
    pub(crate) fn forget(mut self) {
        self.found.clear();
    }

    /// What syn could not read.
    pub(crate) fn syntax(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// A mistake that the compiler has reported when it read the item.
    pub(crate) fn elsewhere(&mut self) {
        self.elsewhere += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// How many were found: to learn whether a step added some.
    pub(crate) fn count(&self) -> usize {
        self.found.len() + self.elsewhere
    }

    pub(crate) fn into_tokens(mut self) -> TokenStream {
        let found = core::mem::take(&mut self.found);
        joined(found.iter().map(syn::Error::to_compile_error))
    }

    /// The same, the first as the value of a constant, which then has none.
    pub(crate) fn into_constant(mut self, name: &Ident) -> TokenStream {
        let mut found = core::mem::take(&mut self.found).into_iter();
        let first = found.next().map(|error| error.to_compile_error());
        let rest = found.map(|error| error.to_compile_error());
        quote!(const #name: ::core::primitive::usize = #first; #(#rest)*)
    }
}

impl Drop for Errors {
    /// Forgotten errors would make a mistake compile in silence: our tests shall see it.
    fn drop(&mut self) {
        let all_reported = self.found.is_empty() || std::thread::panicking();
        debug_assert!(all_reported, "errors were found and not reported");
    }
}
