//! In: the arguments of `any(..)`. Out: the strings of bytes, or what should stand there.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::quote;
use syn::Lit;

use super::arguments::{self, Argument};
use super::meant::{self, Meant};
use super::value;
use crate::errors::Errors;
use crate::model::Bytes;
use crate::text;
use crate::words::TERMINATOR_OPTIONS;

/// `any(..)`, and not `any[..]`
pub(super) fn is_any(name: &Ident, inside: &Group) -> bool {
    name == "any" && inside.delimiter() == Delimiter::Parenthesis
}

pub(super) fn alternatives(
    name: &Ident,
    inside: TokenStream,
    errors: &mut Errors,
) -> Option<Vec<Bytes>> {
    let before = errors.count();
    let (mut all, mut strange) = (Vec::new(), Vec::new());
    let arguments = arguments::read(inside.clone(), errors);
    let (options, arguments): (Vec<_>, Vec<_>) = arguments.into_iter().partition(is_option);
    for option in &options {
        behind_any(option, &arguments, errors);
    }
    for argument in &arguments {
        match argument {
            Argument::Literal(lit @ (Lit::ByteStr(_) | Lit::Str(_))) => {
                all.extend(value::bytes(lit, errors));
            }
            other => strange.push(other.tokens()),
        }
    }
    strange_alternatives(strange, &arguments, errors);
    if all.is_empty() && errors.count() == before {
        errors.help(
            name,
            "`any` lists nothing that could end the frame",
            "write `any(b\"\\n\", b\"\\r\\n\")`",
        );
    }
    (errors.count() == before).then_some(all)
}

/// An option of the terminator among what ends it.
fn is_option(argument: &Argument) -> bool {
    match argument {
        Argument::Set(name, _) | Argument::Flag(name) | Argument::Unset(name, ..) => {
            TERMINATOR_OPTIONS.iter().any(|option| name == option)
        }
        _ => false,
    }
}

fn behind_any(option: &Argument, alternatives: &[Argument], errors: &mut Errors) {
    let (Argument::Set(name, _) | Argument::Flag(name) | Argument::Unset(name, ..)) = option else {
        return;
    };
    let all: Vec<String> = alternatives.iter().map(|one| text::written(one.tokens())).collect();
    let (all, written) = (all.join(", "), text::written(option.tokens()));
    errors.help(
        option.tokens(),
        format_args!("`{name}` goes behind `any(..)`, not into it"),
        format_args!("write `any({all}), {written}`"),
    );
}

/// What is no string of bytes: one mistake, if all of it can be read together.
fn strange_alternatives(strange: Vec<TokenStream>, arguments: &[Argument], errors: &mut Errors) {
    let meant = |tokens: TokenStream| match meant::bytes(tokens)? {
        Meant::One(bytes) => Some(vec![bytes]),
        Meant::Several(all) => Some(all),
    };
    let all: Option<Vec<Vec<Vec<u8>>>> =
        arguments.iter().map(|argument| meant(argument.tokens())).collect();
    match (strange.as_slice(), all) {
        ([], _) => {}
        (strange, Some(all)) => errors.help(
            quote!(#(#strange),*),
            "the terminator is a string of bytes",
            format_args!("write `{}`", meant::any(&all.concat())),
        ),
        (_, None) => {
            strange.into_iter().for_each(|tokens| value::not_a_literal(tokens, errors));
        }
    }
}
