//! In: tokens of the user. Out: spans for the tokens we write, so that rustc's errors land there.
//!
//! A generated call must be reported at the handler's own types, and not as coming from a macro.
//! So its tokens are *located* at the user's, but *resolved* as the item's keyword is:
//! that keeps `self` and the parameters one family even where a `macro_rules!` mixes its tokens
//! with those of its caller.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, ToTokens};
use syn::{ReturnType, Type, TypePath, TypeReference};

use crate::model::Handler;
use crate::tokens::stream;

/// Spans that belong to one item.
#[derive(Clone, Copy)]
pub(super) struct Spans {
    family: Span,
}

impl Spans {
    /// Of the item that begins with this keyword.
    pub(super) fn of(keyword: Span) -> Self {
        Self { family: keyword }
    }

    pub(super) fn header(self) -> Span {
        self.family
    }

    pub(super) fn at(self, tokens: &impl ToTokens) -> Span {
        self.family.located_at(anchor(tokens.to_token_stream()).unwrap_or(self.family))
    }

    /// The same of a type, most of which need not become tokens for it.
    pub(super) fn at_type(self, ty: &Type) -> Span {
        let word = match ty {
            Type::Reference(TypeReference { lifetime: Some(lifetime), .. }) => {
                lifetime.ident.span()
            }
            Type::Reference(reference) => return self.at_type(&reference.elem),
            Type::Slice(slice) => return self.at_type(&slice.elem),
            Type::Array(array) => return self.at_type(&array.elem),
            Type::Path(TypePath { qself: None, path, .. }) => match path.segments.first() {
                Some(first) => first.ident.span(),
                None => return self.at(ty),
            },
            other => return self.at(other),
        };
        self.family.located_at(word)
    }

    /// Where an answer that cannot be sent is shown: the return type, or the name.
    pub(super) fn answer(self, handler: &Handler) -> Span {
        match &*handler.output {
            ReturnType::Type(_, ty) => self.at_type(ty),
            ReturnType::Default => self.family.located_at(handler.name.span()),
        }
    }

    /// `self` of a generated function.
    pub(super) fn local(self, name: &str) -> Ident {
        Ident::new(name, self.family)
    }

    /// A local of a generated function. Its name ends in `_`: a constant of the user that is
    /// called `io` would take the place of a parameter `io`.
    pub(super) fn ours(self, name: &str) -> Ident {
        Ident::new(&format!("{name}_"), self.family)
    }

    /// A parameter of a generated function, if it is used there.
    pub(super) fn parameter(self, name: &str, is_used: bool) -> TokenStream {
        if is_used {
            self.ours(name).to_token_stream()
        } else {
            quote!(_)
        }
    }

    /// The first and the last token, for an expression that is to cover all of these.
    pub(super) fn ends(self, tokens: TokenStream) -> (Span, Span) {
        let mut tokens = tokens.into_iter();
        let first = tokens.next().map_or(self.family, |token| token.span());
        let last = tokens.last().map_or(first, |token| token.span());
        (self.family.located_at(first), self.family.located_at(last))
    }
}

/// The tokens, as if they stood there.
pub(super) fn moved(tokens: TokenStream, to: Span) -> TokenStream {
    let moved = tokens.into_iter().map(|mut token| {
        token.set_span(to);
        token
    });
    stream(moved)
}

/// The word of a type that says most: `Vec` of `&mut Vec<u8>`.
fn anchor(tokens: TokenStream) -> Option<Span> {
    let mut first = None;
    for token in tokens {
        match &token {
            TokenTree::Ident(ident) if ident != "mut" && ident != "dyn" => {
                return Some(ident.span())
            }
            TokenTree::Group(group) => {
                if let Some(span) = anchor(group.stream()) {
                    return Some(span);
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {}
            _ => {}
        }
        first.get_or_insert(token.span());
    }
    first
}
