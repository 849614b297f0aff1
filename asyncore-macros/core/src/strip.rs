//! In: the tokens of the user's item. Out: the same tokens without our helper attributes, an
//! `#[example]` turned into a block of its handler's docs.
//!
//! Works on tokens, not on a syntax tree: the item must come out even where it cannot be parsed
//! (a half-typed body), and a group that held no helper must come out as the very same group,
//! because a rebuilt one loses the spans of its braces and doubles rustc's own errors.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::Parser;
use syn::Attribute;

use crate::events;
use crate::expand::{docs, examples};
use crate::model::Repair;
use crate::parse::example;
use crate::tokens::stream;
use crate::words;

/// Strips the item: its own repeated `#[channel]`, and the helpers on its methods or fields. Of the
/// `expected` methods the `#[expect(dead_code)]` goes, too.
///
/// A method that was reported, and that the compiler would report again, gets its repaired form.
pub(crate) fn item(tokens: TokenStream, expected: &[String], repairs: &[Repair]) -> TokenStream {
    let outside = without(tokens.into_iter().collect(), &[], &[]);
    stream(outside.into_iter().map(|token| strip_members(token, expected, repairs)))
}

/// The item with a helper that stood in front of its `#[channel]` behind it, where that speaks of it.
pub(crate) fn behind_channel(
    name: &str,
    arguments: &TokenStream,
    item: &TokenStream,
    at: Span,
) -> Option<TokenStream> {
    let item: Vec<TokenTree> = item.clone().into_iter().collect();
    let mut attributes = (0..item.len()).step_by(2).map_while(|at| attribute_at(&item, at));
    let behind = 2 * (attributes.position(|name| name == "channel")? + 1);
    let name = Ident::new(name, at);
    let arguments = (!arguments.is_empty()).then(|| quote_spanned!(at=> (#arguments)));
    let helper = quote_spanned!(at=> #[#name #arguments]);
    let (before, after) = item.split_at_checked(behind)?;
    Some(quote!(#(#before)* #helper #(#after)*))
}

/// Whether an attribute of this name is for us alone, by its right name or by another.
fn is_ours(name: &str) -> bool {
    let is_helper = || events::HELPERS.contains(&name);
    name == "channel" || is_helper() || crate::theirs::misnamed(name).is_some()
}

/// Helpers are direct children of the body: an item nested deeper may be a channel of its own.
fn strip_members(token: TokenTree, expected: &[String], repairs: &[Repair]) -> TokenTree {
    let TokenTree::Group(group) = &token else {
        return token;
    };
    if !matches!(group.delimiter(), Delimiter::Brace | Delimiter::Parenthesis) {
        return token;
    }
    let inside: Vec<TokenTree> = group.stream().into_iter().collect();
    let held_one = (0..inside.len()).any(|at| {
        attribute_at(&inside, at).is_some_and(|name| is_ours(&name) || name == "cfg_attr")
    });
    if !held_one && expected.is_empty() && repairs.is_empty() {
        return token;
    }
    let inside = without(inside, expected, repairs);
    let mut stripped = Group::new(group.delimiter(), inside);
    stripped.set_span(group.span());
    TokenTree::Group(stripped)
}

/// The tokens without the outer attributes that are ours.
fn without(tokens: Vec<TokenTree>, expected: &[String], repairs: &[Repair]) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    let mut after_docs = false;
    while at < tokens.len() {
        let Some(name) = attribute_at(&tokens, at) else {
            after_docs = false;
            at += keep(&tokens, at, repairs, &mut kept);
            continue;
        };
        // An attribute goes as a whole, so that its body is not taken for the item's.
        let attribute = tokens.get(at..at + 2).unwrap_or_default();
        let is_of_expected =
            || method_after(&tokens, at).is_some_and(|name| expected.contains(&name));
        if is_ours(&name) {
            let shown = shown(&name, attribute, after_docs);
            after_docs |= !shown.is_empty();
            kept.extend(shown);
        } else if name == "cfg_attr" {
            kept.extend(conditional(attribute));
        } else if name == "expect" && is_of_expected() {
            kept.extend(without_dead_code(attribute));
        } else {
            kept.extend(attribute.iter().cloned());
        }
        after_docs |= name == "doc";
        at += 2;
    }
    stream(kept)
}

/// Keeps what begins here, a token or a method to repair; how long it was.
fn keep(tokens: &[TokenTree], at: usize, repairs: &[Repair], kept: &mut Vec<TokenTree>) -> usize {
    match repaired_at(tokens, at, repairs) {
        Some((repaired, length)) => {
            kept.extend(repaired);
            length
        }
        None => {
            kept.extend(tokens.get(at).cloned());
            1
        }
    }
}

/// The repaired form of the method that begins here, and how long it was.
fn repaired_at(
    tokens: &[TokenTree],
    at: usize,
    repairs: &[Repair],
) -> Option<(TokenStream, usize)> {
    if repairs.is_empty() || !words::is_word(tokens.get(at), "fn") {
        return None;
    }
    let name = tokens.get(at + 1)?.to_string();
    let repair = repairs.iter().find(|repair| repair.method == name)?;
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    let length = tokens.iter().skip(at).position(ends)? + 1;
    Some((repair.tokens.clone(), length))
}

/// The method that these attributes stand on.
fn method_after(tokens: &[TokenTree], at: usize) -> Option<String> {
    let mut after = tokens.iter().skip(at);
    after.find(|token| words::is_word(Some(token), "fn"))?;
    after.next().map(ToString::to_string)
}

/// `#[cfg_attr(unix, inline)]` of `#[cfg_attr(unix, inline, terminator(..))]`: the helper was
/// reported, and is not to report itself.
fn conditional(attribute: &[TokenTree]) -> TokenStream {
    let is_unwanted = |attribute: &TokenStream| {
        last_segment(attribute.clone()).is_some_and(|name| is_ours(&name))
    };
    edited(attribute, &|parts| match parts.split_first() {
        Some((_, attributes)) if attributes.iter().any(is_unwanted) => {
            let is_first = |at: usize| at == 0;
            let mut at = 0..;
            parts.retain(|part| at.next().is_some_and(is_first) || !is_unwanted(part));
            parts.len() > 1
        }
        _ => true,
    })
}

/// The other lints of an `#[expect(dead_code, ..)]`.
fn without_dead_code(attribute: &[TokenTree]) -> TokenStream {
    edited(attribute, &|lints| {
        lints.retain(|lint| lint.to_string() != "dead_code");
        lints.iter().any(|lint| !lint.to_string().starts_with("reason"))
    })
}

/// The attribute with its arguments, which stand between commas, changed; nothing if `edit` says that
/// none are left. The very same attribute if they do not change.
fn edited(attribute: &[TokenTree], edit: &dyn Fn(&mut Vec<TokenStream>) -> bool) -> TokenStream {
    let all = || stream(attribute.iter().cloned());
    let Some(TokenTree::Group(body)) = attribute.last() else { return all() };
    let mut inside: Vec<TokenTree> = body.stream().into_iter().collect();
    let Some(TokenTree::Group(arguments)) = inside.pop() else { return all() };
    let mut parts = between_commas(arguments.stream());
    let count = parts.len();
    if !edit(&mut parts) {
        return TokenStream::new();
    }
    if parts.len() == count {
        return all();
    }
    let changed = Group::new(arguments.delimiter(), quote!(#(#parts),*));
    inside.push(TokenTree::Group(changed));
    let mut rebuilt = Group::new(body.delimiter(), stream(inside));
    rebuilt.set_span(body.span());
    stream(attribute.first().cloned().into_iter().chain(Some(rebuilt.into())))
}

/// What stands between the commas of a list.
pub(crate) fn between_commas(tokens: TokenStream) -> Vec<TokenStream> {
    between(tokens, &[','])
}

/// What stands between these signs.
pub(crate) fn between(tokens: TokenStream, signs: &[char]) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(punct), _) if signs.contains(&punct.as_char()) => {
                parts.push(TokenStream::new());
            }
            (_, Some(part)) => part.extend([token]),
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// What an `#[example]` leaves in its place: a block in the docs of the handler.
fn shown(name: &str, attribute: &[TokenTree], after_docs: bool) -> TokenStream {
    if name != events::EXAMPLE {
        return TokenStream::new();
    }
    let attribute = stream(attribute.iter().cloned());
    let attributes = Attribute::parse_outer.parse2(attribute).unwrap_or_default();
    // What is wrong was reported where the block was parsed.
    let Some(Ok(example)) = attributes.first().map(example::read) else {
        return TokenStream::new();
    };
    let separator = after_docs.then(String::new);
    docs::lines(separator.into_iter().chain(examples::block(&example)).collect())
}

/// The name of the attribute that begins here.
fn attribute_at(tokens: &[TokenTree], at: usize) -> Option<String> {
    match (tokens.get(at), tokens.get(at + 1)) {
        (Some(TokenTree::Punct(hash)), Some(TokenTree::Group(body)))
            if hash.as_char() == '#' && body.delimiter() == Delimiter::Bracket =>
        {
            last_segment(body.stream())
        }
        _ => None,
    }
}

/// `on_read` of `asyncore_runtime::on_read`, of `on_read(..)`, of `on_read = ..`.
pub(crate) fn last_segment(attribute: TokenStream) -> Option<String> {
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
