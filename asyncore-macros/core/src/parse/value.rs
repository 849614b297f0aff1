//! In: the expression or literal of an option. Out: the bytes, number or time it stands for.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use syn::{BinOp, Expr, Lit, UnOp};

use super::code;
use super::meant::{self, Meant};
use crate::errors::Errors;
use crate::model::{Bytes, Time};
use crate::text;
use crate::words;

/// The bytes of `b".."` or `".."`; anything else is reported.
pub(crate) fn bytes(lit: &Lit, errors: &mut Errors) -> Option<Bytes> {
    let (value, span) = match lit {
        Lit::ByteStr(lit) => (lit.value(), lit.span()),
        Lit::Str(lit) => (lit.value().into_bytes(), lit.span()),
        other => {
            errors.help(
                other,
                "the terminator is a string of bytes",
                format_args!("write `{}`", as_byte_string(other)),
            );
            return None;
        }
    };
    if let Some(meant) = escapes_in_raw(lit, &value) {
        errors.help(
            lit,
            format_args!("this raw string holds a backslash and a letter, not {}", meant.name),
            format_args!(
                "write `{}`, or `{}` for the {} characters",
                meant.escaped,
                byte_string(&value),
                value.len()
            ),
        );
        return None;
    }
    let mut token = Literal::byte_string(&value);
    token.set_span(span);
    Some(Bytes { token, value })
}

/// The bytes of an expression that has to be such a literal (`end = b"\r\n"`, `any(..)`).
pub(crate) fn bytes_of(expr: &Expr, errors: &mut Errors) -> Option<Bytes> {
    match plain(expr) {
        Expr::Lit(lit) => bytes(&lit.lit, errors),
        other => {
            not_a_literal(quote!(#other), errors);
            None
        }
    }
}

pub(crate) fn not_a_literal(tokens: TokenStream, errors: &mut Errors) {
    match meant::bytes(tokens.clone()) {
        Some(meant @ Meant::Several(_)) => errors.help(
            tokens,
            "what ends a frame in one way or another stands in `any`",
            format_args!("write `{}`", meant.written()),
        ),
        Some(meant) => errors.help(
            tokens,
            "the terminator is a string of bytes",
            format_args!("write `{}`", meant.written()),
        ),
        None => {
            let sample = byte_string(meant::by_name(&tokens));
            errors.help(
                tokens,
                "the terminator must be a literal, so that its search is chosen now",
                format_args!("write it out like `{sample}`, or use `bytes` and set it at run time"),
            );
        }
    }
}

/// Checks that an expression can be a number of bytes.
pub(crate) fn size(name: &str, expr: Expr, errors: &mut Errors) -> Option<Expr> {
    let written = text::written(quote!(#expr));
    let (problem, help) = if words::mentions(&quote!(#expr), "self") {
        (format!("`{name}` is a constant, and there is no `self` here"), of_self(name))
    } else if is_endless(&expr) || name == "max" && is_minus_one(&expr) {
        (format!("every state has a limit, and `{name}` is its number of bytes"), sample(name, ""))
    } else if constant(&expr).is_some_and(|value| value > u64::MAX.into()) {
        (format!("`{name}` does not fit in 64 bits"), sample(name, ""))
    } else if !may_be_size(name, &expr) {
        (format!("`{name}` is a number"), sample(name, &written))
    } else {
        return Some(without_suffix(expr));
    };
    errors.help(&expr, problem, help);
    None
}

fn sample(name: &str, written: &str) -> String {
    let meant = meant::size(written).unwrap_or_else(|| "4096".to_owned());
    format!("write `{name} = {meant}`")
}

/// Where to put what is a matter of each channel.
fn of_self(name: &str) -> String {
    match name {
        "len" => "write `len` alone, and set it with `set_terminator`".to_owned(),
        "max" => "a length of `self` is set with `set_terminator`, \
                  and a terminator of `self` is a `#[terminator]` field"
            .to_owned(),
        _ => format!("write a number, as in `{name} = 4096`"),
    }
}

fn is_endless(expr: &Expr) -> bool {
    match plain(expr) {
        Expr::Path(path) => {
            path.path.get_ident().is_some_and(|word| meant::is_endless(&word.to_string()))
        }
        _ => false,
    }
}

/// Where others have it for "no limit".
fn is_minus_one(expr: &Expr) -> bool {
    match plain(expr) {
        Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_)) && constant(&unary.expr) == Some(1),
        _ => false,
    }
}

/// Whether it is a number, or something that only the compiler can know.
fn may_be_size(name: &str, expr: &Expr) -> bool {
    match plain(expr) {
        Expr::Lit(lit) => match &lit.lit {
            // What is counted is a `usize`; a length on the wire may say how wide it is there.
            Lit::Int(int) if name == "len" => {
                meant::is_integer(int.suffix()) && int.base10_parse::<u128>().is_ok()
            }
            Lit::Int(int) => ["", "usize"].contains(&int.suffix()),
            _ => false,
        },
        Expr::Unary(unary) => !matches!(unary.op, UnOp::Neg(_)),
        Expr::Call(call) => !matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some")),
        Expr::Verbatim(tokens) => code::may_be(tokens),
        _ => true,
    }
}

/// `4` of `4u32`: the macro knows the number, and the runtime its type.
fn without_suffix(expr: Expr) -> Expr {
    let Expr::Lit(lit) = &expr else { return expr };
    match &lit.lit {
        Lit::Int(int) if !int.suffix().is_empty() => {
            let plain = syn::LitInt::new(int.base10_digits(), int.span());
            Expr::Lit(syn::ExprLit { attrs: Vec::new(), lit: Lit::Int(plain) })
        }
        _ => expr,
    }
}

/// `"10s"`, `"never"`, or any expression of type `Duration`.
pub(crate) fn time(name: &str, expr: Expr, errors: &mut Errors) -> Option<Time> {
    let problem = match plain(&expr) {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Str(text) => match parse_time(&text.value()) {
                Some(Time::Parts { count: 0, .. }) => "a time of 0 is over before it begins",
                Some(time) => return Some(time),
                None => "this is not a time",
            },
            _ => "this is not a time",
        },
        Expr::Verbatim(tokens) if !code::may_be(tokens) => "this is not a time",
        // A number without its unit.
        _ if constant(&expr).is_some() || is_endless(&expr) => "this is not a time",
        _ if words::mentions(&quote!(#expr), "self") => "a time is a constant, without `self`",
        _ => return Some(Time::Expr(expr)),
    };
    let meant = meant::time(&text::written(quote!(#expr))).unwrap_or_else(|| "10s".to_owned());
    errors.help(
        &expr,
        problem,
        format_args!(
            "write `{name} = \"{meant}\"`; the units are `ms`, `s`, `m` and `h`, or `\"never\"`"
        ),
    );
    None
}

fn parse_time(text: &str) -> Option<Time> {
    if text == "never" {
        return Some(Time::Never);
    }
    let digits = text.len() - text.trim_start_matches(|char: char| char.is_ascii_digit()).len();
    let (count, unit) = text.split_at_checked(digits)?;
    let count: u64 = count.parse().ok()?;
    let (unit, scale) = match unit {
        "ms" => ("millis", 1),
        "s" => ("secs", 1),
        "m" => ("secs", 60),
        "h" => ("secs", 3600),
        _ => return None,
    };
    count.checked_mul(scale)?;
    Some(Time::Parts { unit, count, scale })
}

/// The value of `4096`, `1 << 20`, `8 * 1024`; `None` for what only the compiler can know.
pub(crate) fn constant(expr: &Expr) -> Option<u128> {
    match plain(expr) {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Int(int) => int.base10_parse().ok(),
            _ => None,
        },
        Expr::Binary(binary) => {
            let (left, right) = (constant(&binary.left)?, constant(&binary.right)?);
            match binary.op {
                BinOp::Add(_) => left.checked_add(right),
                BinOp::Sub(_) => left.checked_sub(right),
                BinOp::Mul(_) => left.checked_mul(right),
                BinOp::Div(_) => left.checked_div(right),
                BinOp::Shl(_) => left.checked_mul(1u128.checked_shl(u32::try_from(right).ok()?)?),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The expression inside parentheses and the invisible groups `macro_rules!` leaves.
pub(crate) fn plain(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => plain(&paren.expr),
        Expr::Group(group) => plain(&group.expr),
        other => other,
    }
}

/// `b".."` as source text.
pub(crate) fn byte_string(bytes: &[u8]) -> String {
    format!("b\"{}\"", bytes.escape_ascii())
}

/// What somebody meant who wrote `'\n'`, `c"\n"` or `10` for a terminator.
fn as_byte_string(lit: &Lit) -> String {
    match lit {
        Lit::Char(lit) => byte_string(lit.value().to_string().as_bytes()),
        Lit::Byte(lit) => byte_string(&[lit.value()]),
        Lit::CStr(lit) => byte_string(lit.value().to_bytes()),
        Lit::Int(lit) => match lit.base10_parse::<u8>() {
            Ok(byte) if byte < 32 => byte_string(&[byte]),
            _ => format!("len = {}", lit.base10_digits()),
        },
        _ => byte_string(b"\n"),
    }
}

/// The escape a raw string spells out.
struct Escape {
    name: &'static str,
    escaped: String,
}

/// `r"\r\n"` is four characters, and its writer meant two.
fn escapes_in_raw(lit: &Lit, value: &[u8]) -> Option<Escape> {
    let source = quote!(#lit).to_string();
    if !source.starts_with('r') && !source.starts_with("br") {
        return None;
    }
    let spelled = String::from_utf8_lossy(value).into_owned();
    let meant = spelled.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
    if meant == spelled {
        return None;
    }
    let name = match meant.as_str() {
        "\r\n" => "CR LF",
        "\n" => "a line feed",
        "\0" => "a zero byte",
        _ => "the escape it looks like",
    };
    Some(Escape { name, escaped: byte_string(meant.as_bytes()) })
}

/// An unsuffixed number: `quote!` would write `5u64`.
pub(crate) fn number(value: u64) -> Literal {
    let mut literal = Literal::u64_unsuffixed(value);
    literal.set_span(Span::call_site());
    literal
}
