//! In: tokens in parts. Out: one stream of them.
//!
//! A stream collects from any iterator, and each kind of it is compiled anew in the clean build of
//! every user, once for the compiler's tokens and once for those outside of it: here all are one kind.

use proc_macro2::{TokenStream, TokenTree};

/// The parts one behind the other, moved: what `quote!` is given it copies.
pub(crate) fn joined(parts: impl IntoIterator<Item = TokenStream>) -> TokenStream {
    fn all(parts: &mut dyn Iterator<Item = TokenStream>) -> TokenStream {
        parts.collect()
    }
    all(&mut parts.into_iter())
}

/// The tokens as a stream.
pub(crate) fn stream(tokens: impl IntoIterator<Item = TokenTree>) -> TokenStream {
    fn all(tokens: &mut dyn Iterator<Item = TokenTree>) -> TokenStream {
        tokens.collect()
    }
    all(&mut tokens.into_iter())
}
