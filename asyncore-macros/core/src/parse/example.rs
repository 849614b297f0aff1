//! In: `#[example(b"in" => b"out", .., with = expr)]`. Out: the conversation it tells.

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Lit, Meta, Token};

use super::value::byte_string;
use super::{arguments, code};
use crate::errors::Errors;
use crate::model::{Bytes, Example, Pair};
use crate::strip;
use crate::text;

/// Reads the examples of a method. Those that say nothing are one mistake: who tells one in the wrong
/// way tells them all so, and has one thing to learn.
pub(super) fn all<'a>(
    attributes: impl Iterator<Item = &'a Attribute>,
    errors: &mut Errors,
) -> Vec<Example> {
    let (mut examples, mut mistakes) = (Vec::new(), Vec::new());
    for attribute in attributes {
        match read(attribute) {
            Ok(example) => examples.push(example),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    report(&mistakes, errors);
    examples
}

fn report(mistakes: &[Mistake], errors: &mut Errors) {
    let ends = mistakes.first().into_iter().chain(mistakes.iter().skip(1).last());
    let at: TokenStream = ends.flat_map(|mistake| mistake.at.clone()).collect();
    let (mut problems, mut meant): (Vec<&str>, Vec<String>) = (Vec::new(), Vec::new());
    for mistake in mistakes {
        if !problems.contains(&mistake.problem.as_str()) {
            problems.push(&mistake.problem);
        }
        let written = format!("write `#[example({})]`", mistake.meant);
        if !meant.contains(&written) {
            meant.push(written);
        }
    }
    if !problems.is_empty() {
        errors.help(at, problems.join("; "), meant.join("\nhelp: "));
    }
}

/// An example that cannot be read: where it goes wrong, how, and how it is written.
pub(crate) struct Mistake {
    at: TokenStream,
    problem: String,
    meant: String,
}

/// Reads one example.
pub(crate) fn read(attribute: &Attribute) -> Result<Example, Mistake> {
    let parse = |input: ParseStream<'_>| parse(input, attribute);
    let read = match &attribute.meta {
        Meta::List(list) => list.parse_args_with(parse),
        _ => parse.parse2(TokenStream::new()),
    };
    let (at, problem) = match read {
        Ok(example) if !example.pairs.is_empty() => return Ok(example),
        Ok(_) => (
            attribute.to_token_stream(),
            "an example shows what comes in and what goes out".to_owned(),
        ),
        Err(error) => (Ident::new("_at", error.span()).into_token_stream(), error.to_string()),
    };
    Err(Mistake { at, problem, meant: likely(attribute) })
}

/// The conversation that is told by the strings alone, one in, one out.
fn likely(attribute: &Attribute) -> String {
    let told = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(meta) => meta.value.to_token_stream(),
        Meta::Path(_) => TokenStream::new(),
    };
    let (mut strings, mut with) = (Vec::new(), String::new());
    let mut named = Vec::new();
    for argument in strip::between(told, &[',', ';']) {
        let (mut tokens, mut found) = (argument.clone().into_iter(), Vec::new());
        find_strings(argument.clone(), &mut found);
        match (tokens.next(), tokens.next()) {
            (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(_))) if name != "with" => {
                named.extend(found);
            }
            (Some(TokenTree::Ident(name)), _) => {
                let value = if name == "with" { tokens.collect() } else { argument };
                let (value, behind) = without_string(value);
                with = format!(", with = {}", text::written(value));
                find_strings(behind, &mut strings);
            }
            _ => strings.extend(found),
        }
    }
    let mut told = if strings.is_empty() { named } else { strings };
    if told.is_empty() {
        told.push("b\"in\\r\\n\"".to_owned());
    }
    if told.len() % 2 == 1 {
        told.push("b\"out\\r\\n\"".to_owned());
    }
    let pairs: Vec<String> = told.chunks(2).map(|pair| pair.join(" => ")).collect();
    format!("{}{with}", pairs.join(", "))
}

/// `D` of `D "in" => "out"`, and what is behind it, where a comma is missing.
fn without_string(value: TokenStream) -> (TokenStream, TokenStream) {
    let (mut before, mut behind) = (TokenStream::new(), TokenStream::new());
    let mut is_value = false;
    for token in value {
        let is_string = is_value && matches!(token, TokenTree::Literal(_));
        is_value = !matches!(token, TokenTree::Punct(_));
        if is_string || !behind.is_empty() {
            behind.extend([token]);
        } else {
            before.extend([token]);
        }
    }
    (before, behind)
}

/// The strings among the tokens, and as strings single bytes and numbers.
fn find_strings(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => find_strings(group.stream(), found),
            TokenTree::Literal(literal) => found.extend(match Lit::new(literal.clone()) {
                Lit::Str(_) | Lit::ByteStr(_) => Some(literal.to_string()),
                Lit::Char(char) => Some(byte_string(char.value().to_string().as_bytes())),
                Lit::Byte(byte) => Some(byte_string(&[byte.value()])),
                Lit::Int(number) => Some(byte_string(number.base10_digits().as_bytes())),
                _ => None,
            }),
            _ => {}
        }
    }
}

fn parse(input: ParseStream<'_>, attribute: &Attribute) -> syn::Result<Example> {
    let at = attribute.path().to_token_stream();
    let mut example = Example { at, pairs: Vec::new(), with: None };
    while !input.is_empty() {
        if input.peek(Ident::peek_any) {
            let name = input.call(Ident::parse_any)?;
            if name != "with" || example.with.is_some() {
                let problem = match name == "with" {
                    true => "`with` is set twice".to_owned(),
                    false => {
                        format!("`{name}` is no option of an example, which knows only `with`")
                    }
                };
                return Err(syn::Error::new(name.span(), problem));
            }
            input.parse::<Token![=]>()?;
            let value = arguments::value(&name, input)?;
            if matches!(&value, Expr::Verbatim(tokens) if !code::may_be(tokens)) {
                return Err(syn::Error::new_spanned(value, "`with` is how the channel is built"));
            }
            example.with = Some(value.to_token_stream());
        } else {
            let sent = bytes(input)?;
            input.parse::<Token![=>]>()?;
            example.pairs.push(Pair { sent, answered: bytes(input)? });
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(example)
}

/// As a byte string, so that one type is compared.
fn bytes(input: ParseStream<'_>) -> syn::Result<Bytes> {
    let at = input.span();
    let (value, span) = match input.parse() {
        Ok(Lit::ByteStr(lit)) => (lit.value(), lit.span()),
        Ok(Lit::Str(lit)) => (lit.value().into_bytes(), lit.span()),
        _ => return Err(syn::Error::new(at, "an example is told in byte strings")),
    };
    let mut token = Literal::byte_string(&value);
    token.set_span(span);
    Ok(Bytes { token, value })
}
