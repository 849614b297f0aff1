//! In: the arguments of `#[channel(..)]` itself. Out: limits, the runtime's path, the enum's name.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprPath, Path, Visibility};

use super::arguments::{self, Argument, Once};
use super::{meant, value};
use crate::errors::Errors;
use crate::model::{Amount, Limit};
use crate::text;
use crate::words::{self, IMPL_OPTIONS, SIZES, TIMES};

/// Options on a struct.
pub(super) struct StructOptions {
    pub(super) runtime: TokenStream,
    pub(super) limits: Vec<Limit>,
}

/// Options on an impl block.
pub(super) struct ImplOptions {
    pub(super) runtime: TokenStream,
    pub(super) states: Option<(Visibility, Ident)>,
}

pub(super) fn of_struct(attr: TokenStream, errors: &mut Errors) -> StructOptions {
    let mut options = StructOptions { runtime: default_runtime(), limits: Vec::new() };
    let known = [SIZES, TIMES, &["crate"]].concat();
    each(attr, &known, errors, &mut |name, expr, errors| {
        let word = name.to_string();
        if word == "crate" {
            options.runtime = runtime(&expr, errors).unwrap_or_else(default_runtime);
            return;
        }
        let written = format!("{word} = {}", text::written(quote!(#expr)));
        let value = if SIZES.contains(&word.as_str()) {
            not_zero(&word, &expr, errors);
            value::size(&word, expr, errors).map(Amount::Size)
        } else {
            value::time(&word, expr, errors).map(Amount::Time)
        };
        options.limits.extend(value.map(|value| Limit { name, value, written }));
    });
    options
}

/// A bound of 0 lets nothing pass at all.
fn not_zero(word: &str, expr: &Expr, errors: &mut Errors) {
    if value::constant(expr) == Some(0) && !words::MAY_BE_ZERO.contains(&word) {
        errors.help(
            expr,
            format_args!("with `{word} = 0` nothing could ever pass"),
            "write a number above 0, or remove it for the default",
        );
    }
}

pub(super) fn of_impl(attr: TokenStream, errors: &mut Errors) -> ImplOptions {
    let mut options = ImplOptions { runtime: default_runtime(), states: None };
    each(attr, IMPL_OPTIONS, errors, &mut |name, expr, errors| {
        if name == "crate" {
            options.runtime = runtime(&expr, errors).unwrap_or_else(default_runtime);
        } else {
            options.states = states(&expr, errors);
        }
    });
    options
}

/// Hands over each `name = value` whose name is known; reports everything else.
fn each(
    attr: TokenStream,
    known: &[&str],
    errors: &mut Errors,
    set: &mut dyn FnMut(Ident, Expr, &mut Errors),
) {
    let mut once = Once::default();
    for argument in arguments::read(attr, errors) {
        match &argument {
            Argument::Set(name, _)
            | Argument::Flag(name)
            | Argument::Call(name, _)
            | Argument::Unset(name, ..) => {
                if !known.iter().any(|known| name == known) {
                    arguments::unknown(name, known, errors);
                    continue;
                }
            }
            Argument::Literal(_) | Argument::Other(_) => {
                let options = words::list(known);
                errors.help(
                    argument.tokens(),
                    "an option has a name",
                    format_args!("the options are {options}"),
                );
                continue;
            }
        }
        match argument {
            Argument::Set(name, value) if once.first(&name, errors) => set(name, value, errors),
            other => not_set(&other, errors),
        }
    }
}

/// `max_frame`, `max_frame(8192)`: the right name in another shape.
fn not_set(argument: &Argument, errors: &mut Errors) {
    match argument {
        Argument::Flag(name) => {
            let shape = shape(&name.to_string());
            errors.help(
                name,
                format_args!("`{name}` needs a value"),
                format_args!("write `{shape}`"),
            );
        }
        Argument::Call(name, inside) => {
            is_set(name, argument.tokens(), &text::written(inside.stream()), errors);
        }
        Argument::Unset(name, _, value) => {
            is_set(name, argument.tokens(), &text::written(value.clone()), errors);
        }
        Argument::Set(..) | Argument::Literal(_) | Argument::Other(_) => {}
    }
}

fn is_set(name: &Ident, at: TokenStream, given: &str, errors: &mut Errors) {
    let word = name.to_string();
    let given = if SIZES.contains(&word.as_str()) {
        meant::size(given).unwrap_or_else(|| given.to_owned())
    } else if TIMES.contains(&word.as_str()) {
        meant::time(given).map_or_else(|| given.to_owned(), |time| format!("\"{time}\""))
    } else {
        given.to_owned()
    };
    errors.help(
        at,
        format_args!("`{word}` is set with `=`"),
        format_args!("write `{word} = {given}`"),
    );
}

fn shape(word: &str) -> String {
    match word {
        "crate" => "crate = ::path".to_owned(),
        "states" => "states = pub Name".to_owned(),
        _ if TIMES.contains(&word) => format!("{word} = \"10s\""),
        _ => format!("{word} = 4096"),
    }
}

fn default_runtime() -> TokenStream {
    quote!(::asyncore_runtime)
}

/// `crate = ::path`: absolute, because the generated code may stand in any module.
fn runtime(expr: &Expr, errors: &mut Errors) -> Option<TokenStream> {
    let Expr::Path(ExprPath { path, .. }) = value::plain(expr) else {
        let meant = text::written(quote!(#expr));
        let meant = meant.trim_matches('"').trim_start_matches(':');
        let is_name = !meant.contains(' ') && !meant.is_empty();
        let meant = if is_name { meant } else { "asyncore_runtime" };
        let help = format_args!("write `crate = ::{meant}`").to_string();
        errors.help(expr, "`crate` is the path of the runtime", help);
        return None;
    };
    let first = path.segments.first();
    let of_crate = first.is_some_and(|first| first.ident == "crate" || first.ident == "$crate");
    if path.leading_colon.is_some() || of_crate {
        return Some(quote!(#path));
    }
    relative(path, errors);
    None
}

fn relative(path: &Path, errors: &mut Errors) {
    let written = text::written(quote!(#path));
    let here = ["self::", "super::"].iter().find_map(|here| written.strip_prefix(here));
    match here {
        Some(inside) => errors.help(
            path,
            format_args!("the path must be absolute, and `::{written}` is none"),
            format_args!("write `crate = crate::..::{inside}`"),
        ),
        None => errors.help(
            path,
            "the path must be absolute",
            format_args!("write `crate = ::{written}`"),
        ),
    }
}

/// `states = Name`, `states = pub Name`.
fn states(expr: &Expr, errors: &mut Errors) -> Option<(Visibility, Ident)> {
    let read = |input: ParseStream<'_>| Ok((input.parse::<Visibility>()?, input.parse::<Ident>()?));
    match read.parse2(quote!(#expr)) {
        Ok(states) => Some(states),
        Err(_) => {
            errors.help(
                expr,
                "`states` is the name of the enum",
                "write `states = Name` or `states = pub Name`",
            );
            None
        }
    }
}
