//! In: an item as the compiler hands it over. Out: the same, without the invisible groups that would
//! hide something from us.
//!
//! A `macro_rules!` wraps what it was given as a fragment: the `terminator(b"\n")` of `#[$m]`, the
//! braces of `$body`. Where a fragment is one token, or the whole of an attribute, the group says
//! nothing. Around several tokens it keeps `$max * 2` together, and stays.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::tokens::stream;

/// Opens the groups of an item and of its members; a body is nobody's but rustc's.
pub(crate) fn item(tokens: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if let [TokenTree::Group(group)] = tokens.as_slice() {
        // All of it is one `$item`.
        if group.delimiter() == Delimiter::None {
            return item(group.stream());
        }
    }
    tokens = opened(tokens);
    let members = |token: TokenTree| inside(token, &|tokens| nested(tokens));
    stream(tokens.into_iter().map(members))
}

/// Opens the groups among the arguments of `#[channel]`.
pub(crate) fn arguments(tokens: TokenStream) -> TokenStream {
    stream(tokens.into_iter().filter_map(single))
}

/// What stands between the braces of an item: its methods or fields.
fn nested(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let parameters = |token: TokenTree| match &token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            inside(token, &opened)
        }
        _ => token,
    };
    opened(tokens).into_iter().map(parameters).collect()
}

/// Opens what is one token, and the attributes.
fn opened(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let mut found: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let is_attribute = matches!(found.last(), Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), '#' | '!'));
        match single(token) {
            Some(TokenTree::Group(group))
                if is_attribute && group.delimiter() == Delimiter::Bracket =>
            {
                found.push(inside(TokenTree::Group(group), &attribute));
            }
            token => found.extend(token),
        }
    }
    found
}

/// The one token in invisible groups, if it is one; `None` if there is nothing.
fn single(token: TokenTree) -> Option<TokenTree> {
    let TokenTree::Group(group) = &token else { return Some(token) };
    if group.delimiter() != Delimiter::None {
        return Some(token);
    }
    let mut tokens = group.stream().into_iter();
    match (tokens.next(), tokens.next()) {
        (None, _) => None,
        (Some(only), None) => single(only),
        _ => Some(token),
    }
}

/// `terminator(..)` of an attribute, in one group or with its path in one.
fn attribute(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let open = |token: TokenTree| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            attribute(group.stream().into_iter().collect())
        }
        token => vec![inside(token, &|tokens| tokens.into_iter().filter_map(single).collect())],
    };
    tokens.into_iter().flat_map(open).collect()
}

/// The group with its tokens changed; the very same group if they are not.
fn inside(token: TokenTree, change: &dyn Fn(Vec<TokenTree>) -> Vec<TokenTree>) -> TokenTree {
    let TokenTree::Group(group) = &token else { return token };
    if group.delimiter() == Delimiter::None || !hides(group.stream()) {
        return token;
    }
    let changed = stream(change(group.stream().into_iter().collect()));
    let mut rebuilt = Group::new(group.delimiter(), changed);
    rebuilt.set_span(group.span());
    TokenTree::Group(rebuilt)
}

/// Whether there is an invisible group, at any depth but in the body of a member, which is nobody's but
/// rustc's.
fn hides(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::None => true,
            Delimiter::Brace => false,
            Delimiter::Parenthesis | Delimiter::Bracket => hides(group.stream()),
        },
        _ => false,
    })
}
