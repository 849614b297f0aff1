//! In: an option of a terminator in a shape that it does not have. Out: how it is written, with the
//! value that was given for it.

use proc_macro2::{Ident, TokenStream};
use syn::Expr;

use super::arguments;
use super::meant::{self, Meant};
use super::value;
use crate::errors::Errors;
use crate::text;
use crate::words::{self, KINDS, TERMINATOR_OPTIONS};

/// A word that is known but written in another shape, or not known at all. The byte order may stand
/// elsewhere in the list.
pub(super) fn wrong(
    name: &Ident,
    at: TokenStream,
    value: &TokenStream,
    order: Option<&str>,
    errors: &mut Errors,
) {
    let word = name.to_string();
    if value.is_empty() && meant::is_width(&word) {
        let meant = meant_prefix(&word, order).unwrap_or_default();
        let problem = format_args!("`{word}` is the width of a prefix").to_string();
        return errors.help(at, problem, format_args!("write `{meant}`"));
    }
    let Some(shape) = shape(&word, value, order) else {
        return unknown(name, at, errors);
    };
    let problem = if value.is_empty() {
        format!("`{word}` needs a value")
    } else if shape == word {
        format!("`{word}` takes no value")
    } else if word == "any" {
        "what ends a frame in one way or another stands in `any(..)`".to_owned()
    } else {
        format!("`{word}` is set with `=`")
    };
    errors.help(at, problem, format_args!("write `{shape}`"));
}

/// How an option is written, with the value that was given for it.
fn shape(word: &str, value: &TokenStream, order: Option<&str>) -> Option<String> {
    let given = text::written(value.clone());
    let given = if given.is_empty() { None } else { Some(given) };
    let given = given.as_deref();
    Some(match word {
        "max" | "len" => {
            if word == "len" && given.is_none() {
                return None;
            }
            let size = given.and_then(|given| meant::size(given).or_else(|| expression(given)));
            format!("{word} = {}", size.as_deref().unwrap_or("4096"))
        }
        "within" => {
            let time = given.and_then(meant::time);
            format!("within = \"{}\"", time.as_deref().unwrap_or("10s"))
        }
        "next" => {
            let method =
                given.and_then(|given| meant::method(&Expr::Verbatim(given.parse().ok()?)));
            format!("next = {}", method.as_deref().unwrap_or("head"))
        }
        "end" => format!("end = {}", given.unwrap_or("b\"\\r\\n\"")),
        "prefix" => given
            .and_then(|given| meant_prefix(given, order))
            .unwrap_or_else(|| "prefix = u32".to_owned()),
        "with" => format!("with = {}", given.map_or("path::scan", |given| given.trim_matches('"'))),
        "any" => match meant::bytes(value.clone()) {
            Some(Meant::Several(all)) => meant::any(&all),
            Some(Meant::One(one)) => meant::any(&[one]),
            None => "any(b\"\\n\", b\"\\r\\n\")".to_owned(),
        },
        "bytes" | "varint" | "eof" | "none" | "be" | "le" | "discard" | "busy" => word.to_owned(),
        _ => return None,
    })
}

/// What is left to the compiler: `SIZE`, `2 * SIZE`.
fn expression(given: &str) -> Option<String> {
    syn::parse_str::<Expr>(given).ok().filter(|expr| !matches!(expr, Expr::Lit(_)))?;
    Some(given.to_owned())
}

/// A lone `CRLF` is a constant somebody hoped to use, not a misspelt option.
fn unknown(name: &Ident, at: TokenStream, errors: &mut Errors) {
    let word = name.to_string();
    let known = [KINDS, TERMINATOR_OPTIONS].concat();
    let is_flag = at.clone().into_iter().count() == 1;
    let nothing_like_it = words::home(&word).is_none()
        && words::synonym(&word).is_none()
        && words::similar(&word, &known).is_none();
    if is_flag && nothing_like_it {
        value::not_a_literal(at, errors);
    } else {
        arguments::unknown(name, &known, errors);
    }
}

/// The prefix that was meant, with the order that stands elsewhere.
pub(super) fn meant_prefix(word: &str, order: Option<&str>) -> Option<String> {
    let meant = meant::prefix(word)?;
    Some(match order.filter(|_| !meant.contains(',') && !meant.ends_with("varint")) {
        Some(order) => format!("{meant}, {order}"),
        None => meant,
    })
}
