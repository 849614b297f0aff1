//! In: `#[example(b"in" => b"out", .., with = expr)]`. Out: the conversation it tells.

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Lit, Meta, Token};

use super::{arguments, code};
use crate::errors::Errors;
use crate::model::{Bytes, Example, Pair};
use crate::strip;
use crate::text;
use crate::words;

/// Reads one example; `None` if it says nothing (which is reported).
pub(crate) fn read(attribute: &Attribute, errors: &mut Errors) -> Option<Example> {
    let tokens = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let parse = |input: ParseStream<'_>| parse(input, attribute);
    match parse.parse2(tokens) {
        Ok(example) if example.pairs.is_empty() => {
            errors.help(
                attribute,
                "an example shows what comes in and what goes out",
                "write `#[example(b\"in\\r\\n\" => b\"out\\r\\n\")]`",
            );
            None
        }
        Ok(example) => Some(example),
        Err(error) => {
            let help = format!("{error}\nhelp: write `#[example({})]`", likely(attribute));
            errors.syntax(syn::Error::new(error.span(), help));
            None
        }
    }
}

/// The conversation that is told by the strings alone, one in, one out.
fn likely(attribute: &Attribute) -> String {
    let told = match &attribute.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let (mut strings, mut with) = (Vec::new(), String::new());
    for argument in strip::between_commas(told) {
        let mut first = argument.clone().into_iter();
        if words::is_word(first.next().as_ref(), "with") {
            with = format!(", with = {}", text::written(first.skip(1).collect()));
        } else if let Some(TokenTree::Literal(_)) = argument.clone().into_iter().next() {
            strings.extend(argument.into_iter().filter_map(|token| match token {
                TokenTree::Literal(literal) => Some(literal.to_string()),
                _ => None,
            }));
        }
    }
    let is_told = !strings.is_empty() && strings.len() % 2 == 0;
    let is_text = |text: &String| text.starts_with(['"', 'b', 'r']);
    if !is_told || !strings.iter().all(is_text) {
        return "b\"in\\r\\n\" => b\"out\\r\\n\"".to_owned();
    }
    let pairs: Vec<String> = strings.chunks(2).map(|pair| pair.join(" => ")).collect();
    format!("{}{with}", pairs.join(", "))
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
    let lit: Lit = input.parse()?;
    let (value, span) = match &lit {
        Lit::ByteStr(lit) => (lit.value(), lit.span()),
        Lit::Str(lit) => (lit.value().into_bytes(), lit.span()),
        other => return Err(syn::Error::new(other.span(), "an example is told in byte strings")),
    };
    let mut token = Literal::byte_string(&value);
    token.set_span(span);
    Ok(Bytes { token, value })
}
