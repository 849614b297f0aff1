//! In: the tokens of the user's item. Out: the same tokens without our helper attributes, an
//! `#[example]` turned into a block of its handler's docs.
//!
//! Works on tokens, not on a syntax tree: the item must come out even where it cannot be parsed
//! (a half-typed body), and a group that held no helper must come out as the very same group,
//! because a rebuilt one loses the spans of its braces and doubles rustc's own errors.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::Attribute;

use crate::errors::Errors;
use crate::events;
use crate::expand::{docs, examples};
use crate::parse::example;
use crate::words;

/// Strips the item: its own repeated `#[channel]`, and the helpers on its methods or fields.
pub(crate) fn item(tokens: TokenStream) -> TokenStream {
    let outside = without(tokens, |name| name == "channel");
    outside.into_iter().map(strip_members).collect()
}

/// Helpers are direct children of the body: an item nested deeper may be a channel of its own.
fn strip_members(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = &token else {
        return token;
    };
    if !matches!(group.delimiter(), Delimiter::Brace | Delimiter::Parenthesis) {
        return token;
    }
    let is_helper =
        |name: &str| events::helpers().any(|helper| helper == name) || name == "channel";
    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
    let held_one = (0..inside.len()).any(|at| attribute_at(&inside, at, is_helper));
    if !held_one {
        return token;
    }
    let mut stripped = Group::new(group.delimiter(), without(group.stream(), is_helper));
    stripped.set_span(group.span());
    TokenTree::Group(stripped)
}

/// The tokens without the outer attributes of these names.
fn without(tokens: TokenStream, unwanted: impl Fn(&str) -> bool) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = TokenStream::new();
    let mut at = 0;
    let mut after_docs = false;
    while at < tokens.len() {
        if attribute_at(&tokens, at, &unwanted) {
            let shown = shown(tokens.get(at..at + 2).unwrap_or_default(), after_docs);
            after_docs |= !shown.is_empty();
            kept.extend(shown);
            at += 2;
            continue;
        }
        let is_attribute = attribute_at(&tokens, at, |_| true);
        after_docs = attribute_at(&tokens, at, |name| name == "doc") || after_docs && is_attribute;
        // An attribute goes as a whole, so that its body is not taken for the item's.
        let length = if is_attribute { 2 } else { 1 };
        kept.extend(tokens.iter().skip(at).take(length).cloned());
        at += length;
    }
    kept
}

/// What an `#[example]` leaves in its place: a block in the docs of the handler.
fn shown(attribute: &[TokenTree], after_docs: bool) -> TokenStream {
    let attribute: TokenStream = attribute.iter().cloned().collect();
    let mut quiet = Errors::default();
    let example = Attribute::parse_outer.parse2(attribute).ok().and_then(|attributes| {
        let attribute = attributes.into_iter().next()?;
        (words::helper(attribute.path())? == "example")
            .then(|| example::read(&attribute, &mut quiet))?
    });
    // It was reported where the block was parsed.
    drop(quiet.into_tokens());
    let Some(example) = example else {
        return TokenStream::new();
    };
    let separator = after_docs.then(String::new);
    docs::lines(separator.into_iter().chain(examples::block(&example)))
}

/// Whether `#[name ..]` with such a name begins here.
fn attribute_at(tokens: &[TokenTree], at: usize, wanted: impl Fn(&str) -> bool) -> bool {
    match (tokens.get(at), tokens.get(at + 1)) {
        (Some(TokenTree::Punct(hash)), Some(TokenTree::Group(body))) => {
            let is_attribute = hash.as_char() == '#' && body.delimiter() == Delimiter::Bracket;
            is_attribute && last_segment(body.stream()).is_some_and(|name| wanted(&name))
        }
        _ => false,
    }
}

/// `on_read` of `asyncore_runtime::on_read`, of `on_read(..)`, of `on_read = ..`.
fn last_segment(attribute: TokenStream) -> Option<String> {
    let mut last = None;
    for token in attribute {
        match token {
            TokenTree::Ident(ident) => last = Some(ident.to_string()),
            TokenTree::Punct(punct) if punct.as_char() == ':' => {}
            _ => break,
        }
    }
    last.map(|name| name.trim_start_matches("r#").to_owned())
}
