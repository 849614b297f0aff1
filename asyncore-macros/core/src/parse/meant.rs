//! In: what somebody wrote who does not know our way. Out: the same in our way.
//!
//! Help is made of the user's own tokens: `"8k"` becomes `8 * 1024`, and `"1m30s"` becomes `90s`.
//! What is given as help must not be refused when it is written.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Lit};

use super::value::{byte_string, constant};
use crate::text;
use crate::words;

/// Words for no limit at all.
const ENDLESS: &[&str] =
    &["never", "none", "forever", "infinite", "infinity", "inf", "unlimited", "off"];

/// Whether this word asks for no limit. One in capitals may be a constant of the user's.
pub(super) fn is_endless(word: &str) -> bool {
    ENDLESS.contains(&word) || ["Never", "None"].contains(&word)
}

/// A number with the unit behind it: `1.5s`, `8 KiB`, `1e3`.
struct Measure<'a> {
    digits: u128,
    /// The number is `digits * 10^power`.
    power: i32,
    unit: &'a str,
}

impl Measure<'_> {
    /// In units of which this one is worth `worth`.
    fn times(&self, worth: u128, round: impl Fn(u128, u128) -> u128) -> Option<u128> {
        let power = 10u128.checked_pow(self.power.unsigned_abs())?;
        let whole = self.digits.checked_mul(worth)?;
        if self.power < 0 {
            Some(round(whole, power))
        } else {
            whole.checked_mul(power)
        }
    }
}

/// `1m 30s` as its parts; `None` if it is something else.
fn measures(text: &str) -> Option<Vec<Measure<'_>>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (measure, behind) = measure(rest)?;
        found.push(measure);
        rest = behind.trim_start();
    }
    Some(found)
}

fn measure(text: &str) -> Option<(Measure<'_>, &str)> {
    let (whole, rest) = digits(text);
    let (part, rest) = rest.strip_prefix('.').map_or(("", rest), digits);
    let (power, rest) = exponent(rest);
    let plain: String = [whole, part].concat().chars().filter(|char| *char != '_').collect();
    let decimals = part.chars().filter(char::is_ascii_digit).count();
    let power = power.checked_sub(i32::try_from(decimals).ok()?)?;
    let rest = rest.trim_start_matches([' ', '_']);
    let end = rest.find(|char: char| !char.is_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(end)?;
    // `5u64` is 5.
    let (unit, rest) = match rust_suffix(unit, rest) {
        Some(behind) => ("", behind),
        None => (unit, rest),
    };
    Some((Measure { digits: plain.parse().ok()?, power, unit }, rest))
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|char: char| !char.is_ascii_digit() && char != '_').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or(("", text))
}

/// `e3` of `1e3`.
fn exponent(text: &str) -> (i32, &str) {
    let Some((digits, rest)) = text.strip_prefix(['e', 'E']).map(digits) else {
        return (0, text);
    };
    digits.parse().map_or((0, text), |power| (power, rest))
}

/// What stands behind `u64`, `usize`, `f32`.
fn rust_suffix<'a>(letters: &str, behind: &'a str) -> Option<&'a str> {
    match letters {
        "usize" | "isize" => Some(behind),
        "u" | "i" | "f" => {
            let (bits, rest) = digits(behind);
            ["8", "16", "32", "64", "128"].contains(&bits).then_some(rest)
        }
        _ => None,
    }
}

/// Whether these letters behind a number say that it is an integer.
pub(super) fn is_integer(suffix: &str) -> bool {
    let end = suffix.find(|char: char| char.is_ascii_digit()).unwrap_or(suffix.len());
    let (letters, bits) = suffix.split_at_checked(end).unwrap_or((suffix, ""));
    suffix.is_empty() || letters != "f" && rust_suffix(letters, bits) == Some("")
}

/// A number of bytes, from a number in any clothes: `"8k"`, `1e3`, `-1`, `Some(512)`, `..512`.
pub(super) fn size(written: &str) -> Option<String> {
    let text = written.trim().trim_matches(['"', '\'']).trim();
    let text = text.strip_prefix("Some(").and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let text = text.rsplit("..").next().unwrap_or(text);
    let text = text.trim_start_matches(['=', '-', '<', '>']).trim();
    if let Ok(expr) = syn::parse_str::<Expr>(text) {
        let is_whole = constant(&expr).is_some_and(|value| value > 0);
        if is_whole && !text.chars().any(char::is_alphabetic) {
            return Some(text.to_owned());
        }
    }
    let all = measures(text)?;
    let [measure] = all.as_slice() else { return None };
    let (factor, worth) = match measure.unit.to_lowercase().as_str() {
        "" | "b" | "byte" | "bytes" => ("", 1),
        "k" | "kb" | "ki" | "kib" => (" * 1024", 1 << 10),
        "m" | "mb" | "mi" | "mib" => (" * 1024 * 1024", 1 << 20),
        "g" | "gb" | "gi" | "gib" => (" * 1024 * 1024 * 1024", 1 << 30),
        _ => return None,
    };
    let size = measure.times(worth, |whole, part| whole / part)?;
    let size = u64::try_from(size).ok().filter(|size| *size > 0)?;
    Some(match measure.power {
        0 => format!("{}{factor}", measure.digits),
        _ => size.to_string(),
    })
}

/// A time in our units, from one in any others: `"1m30s"`, `"1.5s"`, `1d`, `"Never"`.
pub(super) fn time(written: &str) -> Option<String> {
    let text = written.trim().trim_matches('"').trim();
    if ENDLESS.contains(&text.to_lowercase().as_str()) {
        return Some("never".to_owned());
    }
    let Some(all) = measures(text) else {
        // `5 * 60`
        let seconds = syn::parse_str(text).ok().as_ref().and_then(constant)?;
        return milliseconds(seconds.checked_mul(1000)?);
    };
    if let [Measure { digits, power: 0, unit }] = all.as_slice() {
        if let (Some(unit), 1..) = (our_unit(unit), *digits) {
            return milliseconds(*digits).map(|_| format!("{digits}{unit}"));
        }
    }
    let mut nanos = 0u128;
    for measure in &all {
        nanos = nanos.checked_add(measure.times(worth(measure.unit)?, u128::div_ceil)?)?;
    }
    milliseconds(nanos.div_ceil(1_000_000))
}

/// The unit as we write it, for one that we have.
fn our_unit(unit: &str) -> Option<&'static str> {
    match unit.to_lowercase().as_str() {
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => Some("ms"),
        "" | "s" | "sec" | "secs" | "second" | "seconds" => Some("s"),
        "m" | "min" | "mins" | "minute" | "minutes" => Some("m"),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some("h"),
        _ => None,
    }
}

/// In nanoseconds.
fn worth(unit: &str) -> Option<u128> {
    const SECOND: u128 = 1_000_000_000;
    Some(match (our_unit(unit), unit.to_lowercase().as_str()) {
        (Some("ms"), _) => SECOND / 1000,
        (Some("s"), _) => SECOND,
        (Some("m"), _) => 60 * SECOND,
        (Some("h"), _) => 3600 * SECOND,
        (_, "d" | "day" | "days") => 24 * 3600 * SECOND,
        (_, "w" | "week" | "weeks") => 7 * 24 * 3600 * SECOND,
        (_, "us" | "usec" | "micros" | "µs" | "μs") => 1000,
        (_, "ns" | "nanos") => 1,
        _ => return None,
    })
}

/// In the largest unit of which it is a whole number; `None` for no time, or too much of it.
fn milliseconds(count: u128) -> Option<String> {
    let count = u64::try_from(count).ok().filter(|count| *count > 0)?;
    let units = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let (unit, worth) = units.into_iter().find(|(_, worth)| count % worth == 0)?;
    Some(format!("{}{unit}", count / worth))
}

/// `prefix = u16, be`, from a width in any clothes: `"u16"`, `u16be`, `U16`, `2`, `i16`.
pub(super) fn prefix(written: &str) -> Option<String> {
    let text = written.to_lowercase();
    if ["varint", "leb128", "vlq", "uleb"].iter().any(|word| text.contains(word)) {
        return Some("prefix = varint".to_owned());
    }
    let number: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_bare = text.trim_matches('"').chars().all(|char| char.is_ascii_digit());
    let bits = match (number.parse::<u32>().ok()?, is_bare) {
        (bytes @ (1 | 2 | 4 | 8), true) => 8 * bytes,
        (bits @ (8 | 16 | 32 | 64), _) => bits,
        _ => return None,
    };
    let order = text.replace("varint", "");
    let order = if ["be", "big", "network"].iter().any(|word| order.contains(word)) {
        ", be"
    } else if ["le", "little"].iter().any(|word| order.contains(word)) {
        ", le"
    } else {
        ""
    };
    Some(format!("prefix = u{bits}{order}"))
}

/// Whether a word is the name of a width, `u16`, `u16be`, and nothing else.
pub(super) fn is_width(word: &str) -> bool {
    let lower = word.to_lowercase();
    let rest = lower.trim_start_matches(['u', 'i']);
    let (bits, order) = digits(rest);
    let order = order.trim_start_matches('_');
    rest.len() < lower.len()
        && ["8", "16", "32", "64"].contains(&bits)
        && ["", "be", "le"].contains(&order)
}

/// What some tokens that are no string of bytes were to be.
pub(super) enum Meant {
    /// `[b'\r', b'\n']`
    One(Vec<u8>),
    /// `b"\n" | b"\r\n"`
    Several(Vec<Vec<u8>>),
}

impl Meant {
    /// As it is written in `#[terminator(..)]`.
    pub(super) fn written(&self) -> String {
        match self {
            Self::One(bytes) => byte_string(bytes),
            Self::Several(all) => any(all),
        }
    }
}

/// `any(b"\n", b"\r\n")`
pub(super) fn any(all: &[Vec<u8>]) -> String {
    let all: Vec<String> = all.iter().map(|bytes| byte_string(bytes)).collect();
    format!("any({})", all.join(", "))
}

/// The bytes that are meant by tokens with literals and little else among them.
pub(super) fn bytes(tokens: TokenStream) -> Option<Meant> {
    let mut parts = Vec::new();
    let joins = literals(tokens, &mut parts)?;
    let strings = parts.iter().filter(|part| part.is_string).count();
    let mut all: Vec<Vec<u8>> = parts.into_iter().map(|part| part.bytes).collect();
    all.retain(|bytes| !bytes.is_empty());
    match (all.as_slice(), strings > 0 && !joins) {
        ([], _) => None,
        (_, false) => Some(Meant::One(all.concat())),
        ([_], true) => Some(Meant::One(all.concat())),
        (_, true) => {
            let mut several: Vec<Vec<u8>> = Vec::new();
            all.into_iter().for_each(|one| {
                if !several.contains(&one) {
                    several.push(one);
                }
            });
            Some(Meant::Several(several))
        }
    }
}

/// A literal that is bytes, or one of them.
struct Part {
    bytes: Vec<u8>,
    is_string: bool,
}

/// Collects the literals; whether `+` joins them. `None` if there is more than literals.
fn literals(tokens: TokenStream, found: &mut Vec<Part>) -> Option<bool> {
    let mut joins = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
                joins |= literals(group.stream(), found)?;
            }
            TokenTree::Group(_) => return None,
            TokenTree::Ident(word) if word == "or" => {}
            TokenTree::Ident(_) => return None,
            TokenTree::Punct(punct) => match punct.as_char() {
                '+' => joins = true,
                ',' | '|' | '&' | '/' | ';' => {}
                _ => return None,
            },
            TokenTree::Literal(literal) => found.push(part(&Lit::new(literal))?),
        }
    }
    Some(joins)
}

fn part(lit: &Lit) -> Option<Part> {
    let (bytes, is_string) = match lit {
        Lit::ByteStr(lit) => (lit.value(), true),
        Lit::Str(lit) => (lit.value().into_bytes(), true),
        Lit::CStr(lit) => (lit.value().into_bytes(), true),
        Lit::Char(lit) => (lit.value().to_string().into_bytes(), false),
        Lit::Byte(lit) => (vec![lit.value()], false),
        Lit::Int(lit) => (vec![lit.base10_parse::<u8>().ok()?], false),
        _ => return None,
    };
    Some(Part { bytes, is_string })
}

/// Whether a literal is one byte of a terminator, and no string.
pub(super) fn is_single(lit: &Lit) -> bool {
    matches!(lit, Lit::Char(_) | Lit::Byte(_) | Lit::Int(_)) && part(lit).is_some()
}

/// The bytes that a constant of this name surely holds.
pub(super) fn by_name(tokens: &TokenStream) -> &'static [u8] {
    match text::written(tokens.clone()).to_lowercase().as_str() {
        "lf" | "nl" | "newline" | "new_line" | "line_feed" | "eol" | "line" => b"\n",
        "cr" | "carriage_return" => b"\r",
        "nul" | "null" | "zero" => b"\0",
        _ => b"\r\n",
    }
}

/// The name of a method, of `ChatTerminator::Body`, `"body"`, `body()`, `Self::body`.
pub(super) fn method(expr: &Expr) -> Option<String> {
    let last = last_word(expr.to_token_stream())?;
    let ident: proc_macro2::Ident = syn::parse_str(&last).ok()?;
    Some(match last.starts_with(char::is_uppercase) {
        true => words::snake_case(&ident),
        false => last,
    })
}

/// The last word outside of arguments, or the text of a string.
fn last_word(tokens: TokenStream) -> Option<String> {
    let mut last = None;
    for token in tokens {
        match token {
            TokenTree::Ident(word) => last = Some(word.to_string()),
            TokenTree::Literal(literal) => {
                if let Lit::Str(text) = Lit::new(literal) {
                    last = Some(text.value());
                }
            }
            TokenTree::Group(group) if last.is_none() => last = last_word(group.stream()),
            TokenTree::Punct(punct) if !matches!(punct.as_char(), ':' | '.' | '&') => return None,
            _ => {}
        }
    }
    last
}
