//! In: the tokens of a source file. Out: the same file with every `#[channel]` expanded.
//!
//! What a compiler does, as far as it needs no compiler: for the printer, the snapshots and the
//! book. Works on tokens, so that channels inside functions are found like those in modules.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::{Attribute, Meta};

use crate::words;

/// Expands every `#[channel]` of a file; all else stays as it is.
pub fn file(source: TokenStream) -> TokenStream {
    let mut written = TokenStream::new();
    let mut item: Vec<TokenTree> = Vec::new();
    for token in source {
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        item.push(token);
        if ends {
            written.extend(expanded(core::mem::take(&mut item)));
        }
    }
    written.extend(expanded(item));
    written
}

/// One item: through the macro if it is marked, else searched for items inside.
fn expanded(item: Vec<TokenTree>) -> TokenStream {
    match marked(&item) {
        Some((attr, rest)) => file(crate::expanded(attr, rest).0),
        None if imports_runtime(&item) => without_channel(item),
        None => item.into_iter().map(searched).collect(),
    }
}

/// `use asyncore_runtime::..;`
fn imports_runtime(item: &[TokenTree]) -> bool {
    let mut words = item.iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word),
        _ => None,
    });
    words.next().is_some_and(|word| word == "use")
        && words.next().is_some_and(|word| word == "asyncore_runtime")
}

/// An import without the name of the macro, which nothing needs any more.
fn without_channel(import: Vec<TokenTree>) -> TokenStream {
    let is_channel =
        |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "channel");
    if import.iter().any(is_channel) {
        // The file's own docs stand before its first item.
        let is_use = |token: &TokenTree| matches!(token, TokenTree::Ident(_));
        return import.into_iter().take_while(|token| !is_use(token)).collect();
    }
    let listed = |token: TokenTree| {
        let TokenTree::Group(names) = &token else {
            return TokenStream::from(token);
        };
        let mut kept: Vec<TokenTree> = names.stream().into_iter().collect();
        if let Some(at) = kept.iter().position(is_channel) {
            // With the comma behind it.
            kept.drain(at..kept.len().min(at + 2));
        }
        match kept.as_slice() {
            [TokenTree::Ident(_)] => kept.into_iter().collect(),
            _ => TokenTree::Group(Group::new(names.delimiter(), kept.into_iter().collect())).into(),
        }
    };
    import.into_iter().flat_map(listed).collect()
}

fn searched(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = &token else {
        return token;
    };
    let mut inside = Group::new(group.delimiter(), file(group.stream()));
    inside.set_span(group.span());
    TokenTree::Group(inside)
}

/// The arguments of the first `#[channel]` before the item, and the item without it.
fn marked(item: &[TokenTree]) -> Option<(TokenStream, TokenStream)> {
    let mut at = 0;
    while let (Some(TokenTree::Punct(hash)), Some(TokenTree::Group(body))) =
        (item.get(at), item.get(at + 1))
    {
        if hash.as_char() != '#' || body.delimiter() != Delimiter::Bracket {
            return None;
        }
        let attribute: TokenStream = item.get(at..at + 2)?.iter().cloned().collect();
        let attributes = Attribute::parse_outer.parse2(attribute).ok()?;
        if let Some(attribute) =
            attributes.iter().find(|attribute| words::is_channel(attribute.path()))
        {
            let attr = match &attribute.meta {
                Meta::List(list) => list.tokens.clone(),
                _ => TokenStream::new(),
            };
            let rest = item.iter().take(at).chain(item.iter().skip(at + 2)).cloned().collect();
            return Some((attr, rest));
        }
        at += 2;
    }
    None
}
