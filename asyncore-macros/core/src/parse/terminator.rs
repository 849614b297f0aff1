//! In: the arguments of one `#[terminator(..)]`. Out: what ends the frame, and its options.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, ToTokens};
use syn::{Attribute, Expr};

use super::arguments::{self, Argument, Once};
use super::value;
use crate::errors::Errors;
use crate::model::{Bytes, Ends, Order, Terminator, Time, Width};
use crate::text;
use crate::words::{self, KINDS, TERMINATOR_OPTIONS};

/// What was read so far.
#[derive(Default)]
struct Parts {
    ends: Option<(Ends, TokenStream)>,
    order: Option<(Order, Ident)>,
    end: Option<Bytes>,
    max: Option<Expr>,
    within: Option<(Time, String)>,
    discard: Option<Ident>,
    next: Option<Ident>,
    once: Once,
}

/// Reads the arguments; `None` if they do not say what ends the frame (which is reported).
pub(super) fn read(attribute: &Attribute, errors: &mut Errors) -> Option<Terminator> {
    let before = errors.count();
    let mut parts = Parts::default();
    for argument in arguments::of_attribute(attribute, errors) {
        parts.take(argument, errors);
    }
    let silent = errors.count() == before;
    let Some((ends, at)) = parts.ends.take() else {
        if silent {
            errors.help(
                attribute,
                "this does not say what ends the frame",
                "begin with bytes like `b\"\\r\\n\"`, \
                 or with `len`, `prefix = u32`, `eof` or `none`",
            );
        }
        return None;
    };
    let ends = parts.ordered(ends, errors);
    if let (Some(end), false) = (&parts.end, matches!(ends, Ends::Len(_) | Ends::LenAtRunTime)) {
        errors.help(
            &end.token,
            "`end` follows a length",
            "write `len, end = ..`, or only the bytes",
        );
    }
    let Parts { end, max, within, discard, next, .. } = parts;
    Some(Terminator { ends, at, end, max, within, discard, next })
}

impl Parts {
    fn take(&mut self, argument: Argument, errors: &mut Errors) {
        let at = argument.tokens();
        match argument {
            Argument::Literal(lit) => {
                if let Some(bytes) = value::bytes(&lit, errors) {
                    self.ends_at(Ends::Bytes(bytes), at, errors);
                }
            }
            Argument::Other(_) => value::not_a_literal(at, errors),
            Argument::Flag(name) => self.flag(name, errors),
            Argument::Set(name, expr) => self.set(name, expr, at, errors),
            Argument::Call(name, inside) if name == "any" => {
                if let Some(all) = alternatives(&name, inside.stream(), errors) {
                    self.ends_at(Ends::Any(all), at, errors);
                }
            }
            Argument::Call(name, inside) => {
                wrong_shape(&name, at, &text::written(inside.stream()), errors)
            }
        }
    }

    fn flag(&mut self, name: Ident, errors: &mut Errors) {
        if !self.once.first(&name, errors) {
            return;
        }
        let at = quote!(#name);
        match name.to_string().as_str() {
            "bytes" => self.ends_at(Ends::BytesAtRunTime, at, errors),
            "len" => self.ends_at(Ends::LenAtRunTime, at, errors),
            "varint" => self.ends_at(Ends::Varint, at, errors),
            "eof" => self.ends_at(Ends::Eof, at, errors),
            "none" => self.ends_at(Ends::Nothing, at, errors),
            "be" => self.order_is(Order::Big, name, errors),
            "le" => self.order_is(Order::Little, name, errors),
            "discard" => self.discard = Some(name),
            _ => wrong_shape(&name, at, "", errors),
        }
    }

    fn set(&mut self, name: Ident, expr: Expr, at: TokenStream, errors: &mut Errors) {
        if !self.once.first(&name, errors) {
            return;
        }
        let word = name.to_string();
        match word.as_str() {
            "len" => {
                if let Some(expr) = value::size(&word, expr, errors) {
                    self.ends_at(Ends::Len(expr), at, errors);
                }
            }
            "prefix" => {
                if let Some(ends) = prefix(&expr, errors) {
                    self.ends_at(ends, at, errors);
                }
            }
            "with" => {
                if let Some(path) = function(&expr, errors) {
                    self.ends_at(Ends::With(path), at, errors);
                }
            }
            "max" => self.max = value::size(&word, expr, errors),
            "within" => {
                let written = text::written(quote!(#expr));
                self.within = value::time(&word, expr, errors).map(|time| (time, written));
            }
            "end" => self.end = value::bytes_of(&expr, errors),
            "next" => self.next = method_name(&expr, errors),
            _ => wrong_shape(&name, at, &text::written(quote!(#expr)), errors),
        }
    }

    fn ends_at(&mut self, ends: Ends, at: TokenStream, errors: &mut Errors) {
        if let Some((first, written)) = &self.ends {
            let (first_is_bytes, written) =
                (matches!(first, Ends::Bytes(_)), text::written(written.clone()));
            let second = text::written(at.clone());
            let problem = format!("the frame already ends at `{written}`");
            match &ends {
                Ends::Bytes(_) if first_is_bytes => {
                    errors.help(
                        at,
                        problem,
                        format_args!("for either of them write `any({written}, {second})`"),
                    );
                }
                _ => errors.help(at, problem, "keep one of them"),
            }
            return;
        }
        self.ends = Some((ends, at));
    }

    fn order_is(&mut self, order: Order, name: Ident, errors: &mut Errors) {
        match &self.order {
            Some((_, first)) => {
                errors.help(
                    &name,
                    format_args!("the byte order is already `{first}`"),
                    "keep one of them",
                );
            }
            None => self.order = Some((order, name)),
        }
    }

    /// Applies `be` or `le`, which may stand before or after the prefix.
    fn ordered(&self, ends: Ends, errors: &mut Errors) -> Ends {
        match (ends, &self.order) {
            (Ends::Prefix { width, .. }, Some((order, _))) => Ends::Prefix { width, order: *order },
            (ends, Some((_, name))) => {
                errors.help(
                    name,
                    format_args!("`{name}` is the byte order of a prefix, and there is none"),
                    format_args!("write `prefix = u32, {name}`"),
                );
                ends
            }
            (ends, None) => ends,
        }
    }
}

fn function(expr: &Expr, errors: &mut Errors) -> Option<TokenStream> {
    if let Expr::Path(path) = value::plain(expr) {
        return Some(path.to_token_stream());
    }
    errors.help(expr, "`with` is the path of a function", "write `with = path::scan`");
    None
}

fn prefix(expr: &Expr, errors: &mut Errors) -> Option<Ends> {
    let word = text::written(quote!(#expr));
    let bytes = match word.as_str() {
        "varint" => return Some(Ends::Varint),
        "u8" => 1,
        "u16" => 2,
        "u32" => 4,
        "u64" => 8,
        _ => {
            errors.help(
                expr,
                format_args!("`{word}` is not the width of a prefix"),
                "write `prefix = u32`; the widths are `u8`, `u16`, `u32`, `u64` and `varint`",
            );
            return None;
        }
    };
    Some(Ends::Prefix { width: Width { bytes }, order: Order::Big })
}

fn alternatives(name: &Ident, inside: TokenStream, errors: &mut Errors) -> Option<Vec<Bytes>> {
    let before = errors.count();
    let mut all = Vec::new();
    for argument in arguments::read(inside, errors) {
        match &argument {
            Argument::Literal(lit) => all.extend(value::bytes(lit, errors)),
            other => value::not_a_literal(other.tokens(), errors),
        }
    }
    if all.is_empty() && errors.count() == before {
        errors.help(
            name,
            "`any` lists nothing that could end the frame",
            "write `any(b\"\\n\", b\"\\r\\n\")`",
        );
    }
    (errors.count() == before).then_some(all)
}

fn method_name(expr: &Expr, errors: &mut Errors) -> Option<Ident> {
    let (name, meant) = match value::plain(expr) {
        Expr::Path(path) => (path.path.get_ident().cloned(), path.path.segments.last()),
        _ => (None, None),
    };
    if name.is_none() {
        let meant = meant.map_or_else(|| "head".to_owned(), |last| last.ident.to_string());
        errors.help(
            expr,
            "`next` is the name of a `#[terminator]` method",
            format_args!("write `next = {meant}`"),
        );
    }
    name
}

/// A word that is known but written in another shape, or not known at all.
fn wrong_shape(name: &Ident, at: TokenStream, given: &str, errors: &mut Errors) {
    let word = name.to_string();
    let given = given.trim_matches('"');
    let shape = match word.as_str() {
        "max" if given.is_empty() => "max = 4096".to_owned(),
        "len" | "max" if !given.is_empty() => format!("{word} = {given}"),
        "within" => format!("within = \"{}\"", if given.is_empty() { "10s" } else { given }),
        "next" => format!("next = {}", if given.is_empty() { "head" } else { given }),
        "end" => "end = b\"\\r\\n\"".to_owned(),
        "prefix" => format!("prefix = {}", if given.is_empty() { "u32" } else { given }),
        "with" => format!("with = {}", if given.is_empty() { "path::scan" } else { given }),
        "any" => "any(b\"\\n\", b\"\\r\\n\")".to_owned(),
        "bytes" | "varint" | "eof" | "none" | "be" | "le" | "discard" => word.clone(),
        _ => return unknown(name, at, errors),
    };
    let problem = if given.is_empty() {
        format!("`{word}` needs a value")
    } else if shape == word {
        format!("`{word}` takes no value")
    } else {
        format!("`{word}` is set with `=`")
    };
    errors.help(at, problem, format_args!("write `{shape}`"));
}

/// A lone `CRLF` is a constant somebody hoped to use, not a misspelt option.
fn unknown(name: &Ident, at: TokenStream, errors: &mut Errors) {
    let word = name.to_string();
    let known = KINDS.iter().chain(TERMINATOR_OPTIONS).copied();
    let is_flag = at.clone().into_iter().count() == 1;
    let nothing_like_it =
        words::home(&word).is_none() && words::similar(&word, known.clone()).is_none();
    if is_flag && nothing_like_it {
        value::not_a_literal(at, errors);
    } else {
        arguments::unknown(name, known, errors);
    }
}
