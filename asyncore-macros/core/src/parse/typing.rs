//! In: an item that cannot be read. Out: the same without what is only half typed.
//!
//! The compiler reads the item before we do, and has said what is wrong; the rest of the channel
//! keeps working in the editor.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// The struct without its half-typed fields; `None` if it has none.
pub(crate) fn without_half_fields(item: TokenStream) -> Option<TokenStream> {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let at = tokens.iter().position(is_body)?;
    let TokenTree::Group(body) = tokens.get(at)? else { return None };
    let fields = between_commas(body.stream());
    let count = fields.len();
    let whole: Vec<_> = fields.into_iter().filter(|field| is_field(field)).collect();
    if whole.len() == count {
        return None;
    }
    let mut kept = TokenStream::new();
    for field in whole {
        kept.extend(field);
        kept.extend([TokenTree::Punct(proc_macro2::Punct::new(',', Spacing::Alone))]);
    }
    let mut rebuilt = Group::new(Delimiter::Brace, kept);
    rebuilt.set_span(body.span());
    *tokens.get_mut(at)? = TokenTree::Group(rebuilt);
    Some(tokens.into_iter().collect())
}

/// Whether a method's parameters are half typed, behind its name.
pub(super) fn has_half_parameters(signature: &TokenStream) -> bool {
    let is_list = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis);
    let Some(TokenTree::Group(list)) = signature.clone().into_iter().find(is_list) else {
        return true;
    };
    let parameters = between_commas(list.stream());
    let is_whole = |parameter: &Vec<TokenTree>| {
        let is_self =
            parameter.iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "self"));
        is_self || is_field(parameter)
    };
    !parameters.iter().all(is_whole)
}

/// What stands between the commas that are not inside of `<..>`; an empty end is nothing.
fn between_commas(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut parts, mut depth, mut before) = (vec![Vec::new()], 0i32, ' ');
    for token in tokens {
        let char = char_of(&token);
        match char {
            '<' => depth += 1,
            '>' if before != '-' && before != '=' => depth -= 1,
            _ => {}
        }
        before = char;
        if char == ',' && depth <= 0 {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(token);
        }
    }
    if parts.last().is_some_and(Vec::is_empty) {
        parts.pop();
    }
    parts
}

fn char_of(token: &TokenTree) -> char {
    match token {
        TokenTree::Punct(punct) => punct.as_char(),
        _ => ' ',
    }
}

/// Whether there is a name, one colon, and a type whose angles are closed.
fn is_field(tokens: &[TokenTree]) -> bool {
    let (mut colons, mut depth, mut before) = (0, 0i32, ' ');
    let mut behind = false;
    for (at, token) in tokens.iter().enumerate() {
        let char = char_of(token);
        let next = tokens.get(at + 1).map_or(' ', char_of);
        match char {
            ':' if next != ':' && before != ':' && depth == 0 => colons += 1,
            '<' => depth += 1,
            '>' if before != '-' => depth -= 1,
            _ => behind |= colons > 0,
        }
        before = char;
    }
    colons == 1 && behind && depth == 0
}
