//! In: tokens that syn did not read as an expression. Out: whether they can be one all the same.
//!
//! Without its feature `full`, syn reads no block, no `if` and no array. What can be one of these is
//! the compiler's to judge; what cannot be is reported here, because in an expansion it would break all
//! that stands around it.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Lit, Member, Token, Type};

use crate::strip;

/// Whether operands and operators take turns, as far as can be seen.
pub(super) fn may_be(tokens: &TokenStream) -> bool {
    let read = |input: ParseStream<'_>| {
        let is_code = operand(input)? && rest(input)?;
        // What cannot be judged was not read to its end.
        input.parse::<TokenStream>()?;
        Ok(is_code)
    };
    read.parse2(tokens.clone()).unwrap_or(false)
}

/// What begins with such a word ends where only the compiler knows.
const OPEN: &[&str] = &["if", "match", "unsafe", "const", "loop", "while", "for", "move", "async"];

/// Operators before an operand, and the operand; true if it may be one.
fn operand(input: ParseStream<'_>) -> syn::Result<bool> {
    while input.peek(Token![-]) || input.peek(Token![!]) || input.peek(Token![*]) {
        input.parse::<TokenTree>()?;
    }
    if input.peek(Token![&]) {
        input.parse::<TokenTree>()?;
        input.parse::<Option<Token![mut]>>()?;
        return operand(input);
    }
    // A closure; a path of `<Type as Trait>`.
    if input.peek(Token![|]) {
        return open(input);
    }
    if input.parse::<Option<Token![<]>>()?.is_some() {
        input.parse::<Type>()?;
        return open(input);
    }
    if input.peek(Lit) {
        input.parse::<Lit>()?;
        return Ok(true);
    }
    input.parse::<Option<Token![::]>>()?;
    let is_name = input.peek(Ident);
    if input.peek(Ident::peek_any) {
        let word = input.call(Ident::parse_any)?.to_string();
        let is_known = || is_name || VALUES.contains(&word.as_str());
        return if OPEN.contains(&word.as_str()) { open(input) } else { Ok(is_known()) };
    }
    group(input)
}

/// Keywords that are values, or begin a path.
const VALUES: &[&str] = &["self", "Self", "super", "crate", "true", "false"];

/// A list of expressions, or what cannot be judged.
fn group(input: ParseStream<'_>) -> syn::Result<bool> {
    let TokenTree::Group(group) = input.parse()? else { return Ok(false) };
    let is_list = matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::Bracket);
    Ok(!is_list || strip::between_commas(group.stream()).iter().all(may_be_element))
}

/// `(..)`, `[..]` or `{ .. }` behind an operand.
fn arguments_or_fields(input: ParseStream<'_>) -> syn::Result<bool> {
    match input.cursor().token_tree() {
        Some((TokenTree::Group(fields), _)) if fields.delimiter() == Delimiter::Brace => {
            input.parse::<TokenTree>()?;
            Ok(strip::between_commas(fields.stream()).into_iter().all(may_be_field))
        }
        _ => group(input),
    }
}

/// `left: 2`, `left`, `..rest`
fn may_be_field(tokens: TokenStream) -> bool {
    let read = |input: ParseStream<'_>| {
        if input.peek(Token![..]) {
            input.parse::<Token![..]>()?;
        } else if !input.peek(Token![#]) {
            input.parse::<Member>()?;
            if input.is_empty() {
                return Ok(true);
            }
            input.parse::<Token![:]>()?;
        }
        Ok(may_be(&input.parse()?))
    };
    read.parse2(tokens).unwrap_or(false)
}

/// `0; 4` is one, too.
fn may_be_element(tokens: &TokenStream) -> bool {
    let is_repeated =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    tokens.clone().into_iter().any(|token| is_repeated(&token)) || may_be(tokens)
}

/// What follows an operand, to the end.
fn rest(input: ParseStream<'_>) -> syn::Result<bool> {
    while !input.is_empty() {
        if input.peek(Token![::]) {
            input.parse::<Token![::]>()?;
            if input.peek(Token![<]) {
                return open(input);
            }
            input.call(Ident::parse_any)?;
        } else if input.peek(Token![.]) && !input.peek(Token![..]) {
            input.parse::<Token![.]>()?;
            input.parse::<TokenTree>()?;
        } else if input.peek(Token![as]) {
            return open(input);
        } else if input.peek(Token![!]) && !input.peek(Token![!=]) {
            input.parse::<Token![!]>()?;
            // What a macro takes is its own.
            if !is_group(input) {
                return Ok(false);
            }
            input.parse::<TokenTree>()?;
        } else if input.peek(Token![?]) {
            input.parse::<TokenTree>()?;
        } else if is_group(input) {
            if !arguments_or_fields(input)? {
                return Ok(false);
            }
        } else if !operator(input)? || !operand(input)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_group(input: ParseStream<'_>) -> bool {
    matches!(input.cursor().token_tree(), Some((TokenTree::Group(_), _)))
}

/// `+`, `<<`, `==`
fn operator(input: ParseStream<'_>) -> syn::Result<bool> {
    const SINGLE: &str = "+-*/%^&|<>";
    let TokenTree::Punct(first) = input.parse()? else { return Ok(false) };
    for double in ["<<", ">>", "==", "!=", "<=", ">=", "&&", "||"] {
        let mut chars = double.chars();
        let (begins, second) = (chars.next() == Some(first.as_char()), chars.next());
        let next = input.cursor().punct().map(|(punct, _)| punct.as_char());
        if begins && next == second {
            input.parse::<TokenTree>()?;
            return Ok(true);
        }
    }
    Ok(SINGLE.contains(first.as_char()))
}

/// Takes all that is left: something has to be there.
fn open(input: ParseStream<'_>) -> syn::Result<bool> {
    Ok(!input.parse::<TokenStream>()?.is_empty())
}
