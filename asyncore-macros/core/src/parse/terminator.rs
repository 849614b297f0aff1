//! In: the arguments of one `#[terminator(..)]`. Out: what ends the frame, and its options.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, ToTokens};
use syn::{Attribute, Expr};

use super::alternatives::{alternatives, is_any};
use super::arguments::{self, Argument, Once};
use super::{meant, shapes, value};
use crate::errors::Errors;
use crate::model::{Bytes, Ends, Misnamed, Order, Terminator, Time, Width};
use crate::text;

/// What was read so far.
#[derive(Default)]
struct Parts {
    ends: Option<(Ends, TokenStream)>,
    order: Option<(Order, Ident)>,
    /// `be` or `le`, wherever it stands.
    written_order: Option<String>,
    end: Option<Bytes>,
    max: Option<Expr>,
    within: Option<(Time, String)>,
    discard: Option<Ident>,
    busy: bool,
    next: Option<Ident>,
    misnamed: Option<Misnamed>,
    once: Once,
}

/// Reads the arguments; `None` if they do not say what ends the frame (which is reported).
pub(super) fn read(attribute: &Attribute, errors: &mut Errors) -> Option<Terminator> {
    let before = errors.count();
    let arguments = arguments::of_attribute(attribute, errors);
    let mut parts = Parts { written_order: written_order(&arguments), ..Parts::default() };
    for argument in joined(arguments, errors) {
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
    let Parts { end, max, within, discard, busy, next, misnamed, .. } = parts;
    Some(Terminator { ends, at, end, max, within, discard, busy, next, misnamed })
}

/// The byte order that stands alone somewhere in the list.
fn written_order(arguments: &[Argument]) -> Option<String> {
    arguments.iter().find_map(|argument| match argument {
        Argument::Flag(name) if name == "be" || name == "le" => Some(name.to_string()),
        _ => None,
    })
}

/// `b'\r', b'\n'`, `13, 10`: one string, byte by byte, which is one mistake.
fn joined(arguments: Vec<Argument>, errors: &mut Errors) -> Vec<Argument> {
    let is_single =
        |argument: &Argument| matches!(argument, Argument::Literal(lit) if meant::is_single(lit));
    let (singles, mut others): (Vec<_>, Vec<_>) = arguments.into_iter().partition(is_single);
    if singles.len() < 2 {
        others.extend(singles);
        return others;
    }
    let tokens = singles.iter().map(Argument::tokens);
    value::not_a_literal(quote!(#(#tokens),*), errors);
    others
}

impl Parts {
    fn wrong_shape(&self, name: &Ident, at: TokenStream, value: &TokenStream, errors: &mut Errors) {
        shapes::wrong(name, at, value, self.written_order.as_deref(), errors);
    }

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
            Argument::Call(name, inside) if is_any(&name, &inside) => {
                if let Some(all) = alternatives(&name, inside.stream(), errors) {
                    self.ends_at(Ends::Any(all), at, errors);
                }
            }
            Argument::Call(name, inside) => {
                self.wrong_shape(&name, at, &inside.stream(), errors);
            }
            Argument::Unset(name, _, value) => self.wrong_shape(&name, at, &value, errors),
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
            "busy" => self.busy = true,
            _ => self.wrong_shape(&name, at, &TokenStream::new(), errors),
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
                if let Some(ends) = prefix(&expr, self.written_order.as_deref(), errors) {
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
            "next" => match value::plain(&expr) {
                Expr::Path(path) if path.path.get_ident().is_some() => {
                    self.next = path.path.get_ident().cloned();
                }
                other => {
                    let (at, meant) = (other.to_token_stream(), meant::method(other));
                    self.misnamed = Some(Misnamed { at, meant });
                }
            },
            _ => self.wrong_shape(&name, at, &quote!(#expr), errors),
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
                no_order(&ends, name, errors);
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

/// `be`, `le` where no prefix is: beside a length, its width may have been meant.
fn no_order(ends: &Ends, name: &Ident, errors: &mut Errors) {
    let problem = match ends {
        Ends::Varint => format!("a varint has one byte order, so `{name}` says nothing"),
        _ => format!("`{name}` is the byte order of a prefix, and there is none"),
    };
    let width = match ends {
        Ends::Bytes(_) => Some("prefix = u32".to_owned()),
        Ends::Len(len) => meant::prefix(&text::written(quote!(#len))),
        _ => None,
    };
    match width {
        Some(width) => errors.help(name, problem, format_args!("write `{width}, {name}`")),
        None => errors.help(name, problem, format_args!("remove `{name}`")),
    }
}

fn prefix(expr: &Expr, order: Option<&str>, errors: &mut Errors) -> Option<Ends> {
    let word = text::written(quote!(#expr));
    let bytes = match word.as_str() {
        "varint" => return Some(Ends::Varint),
        "u8" => 1,
        "u16" => 2,
        "u32" => 4,
        "u64" => 8,
        _ => {
            let problem = format_args!("`{word}` is not the width of a prefix").to_string();
            match shapes::meant_prefix(&word, order) {
                Some(meant) => errors.help(expr, problem, format_args!("write `{meant}`")),
                None => errors.help(
                    expr,
                    problem,
                    "write `prefix = u32`; the widths are `u8`, `u16`, `u32`, `u64` and `varint`",
                ),
            }
            return None;
        }
    };
    Some(Ends::Prefix { width: Width { bytes }, order: Order::Big })
}
