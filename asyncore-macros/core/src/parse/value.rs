//! In: the expression or literal of an option. Out: the bytes, number or time it stands for.

use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{BinOp, Expr, Lit, UnOp};

use crate::errors::Errors;
use crate::model::{Bytes, Time};
use crate::text;

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
    errors.help(
        tokens,
        "the terminator must be a literal, so that its search is chosen now",
        "write it out like `b\"\\r\\n\"`, or use `bytes` and set it at run time",
    );
}

/// Checks that an expression can be a number of bytes.
pub(crate) fn size(name: &str, expr: Expr, errors: &mut Errors) -> Option<Expr> {
    let wrong = match plain(&expr) {
        Expr::Lit(lit) => !matches!(lit.lit, Lit::Int(_)),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_)),
        Expr::Verbatim(tokens) => !may_be_code(tokens),
        _ => false,
    };
    if wrong {
        errors.help(
            &expr,
            format_args!("`{name}` is a number"),
            format_args!("write `{name} = {}`", likely_number(&expr)),
        );
        return None;
    }
    Some(expr)
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
        Expr::Verbatim(tokens) if !may_be_code(tokens) => "this is not a time",
        _ => return Some(Time::Expr(expr)),
    };
    errors.help(
        &expr,
        problem,
        format_args!(
            "write `{name} = \"{}\"`; the units are `ms`, `s`, `m` and `h`, or `\"never\"`",
            likely_time(&expr)
        ),
    );
    None
}

/// Whether tokens that syn did not read as an expression can be one all the same, such as a block
/// or an `if`: the compiler will tell.
fn may_be_code(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| matches!(token, TokenTree::Group(_)))
}

/// The user's time in our units; a number alone is of seconds.
fn likely_time(expr: &Expr) -> String {
    let written = text::written(quote!(#expr));
    let text = written.trim_matches('"');
    let unit = text.trim_start_matches(|char: char| char.is_ascii_digit());
    let count = text.strip_suffix(unit).and_then(|count| count.parse::<u32>().ok());
    let unit = match unit.trim() {
        "ms" | "millis" => "ms",
        "" | "s" | "sec" | "secs" | "seconds" => "s",
        "m" | "min" | "minutes" => "m",
        "h" | "hours" => "h",
        _ => return "10s".to_owned(),
    };
    match count {
        None | Some(0) => "10s".to_owned(),
        Some(count) => format!("{count}{unit}"),
    }
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

fn likely_number(expr: &Expr) -> String {
    let text = text::written(quote!(#expr));
    let text = text.trim_start_matches(|char: char| !char.is_ascii_digit());
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    if digits.is_empty() || digits.len() > 6 {
        "4096".to_owned()
    } else {
        digits
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
