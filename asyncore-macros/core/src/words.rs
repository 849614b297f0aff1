//! In: a word the user wrote. Out: where it belongs, or the word that was meant.
//!
//! All options a user can write in an attribute stand in this file, and nowhere else as a list; the
//! attributes themselves stand in [events](crate::events).

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;

use crate::events;

/// Limits in bytes or frames, options of the struct.
pub(crate) const SIZES: &[&str] = &[
    "max_frame",
    "max_length",
    "output_high",
    "output_low",
    "max_output",
    "frames_per_turn",
    "bytes_per_turn",
    "max_owed",
    "min_drain_rate",
];

/// Of these the ones that mean something at 0.
pub(crate) const MAY_BE_ZERO: &[&str] = &["output_low", "min_drain_rate"];

/// Limits in time, options of the struct.
pub(crate) const TIMES: &[&str] = &[
    "handshake_timeout",
    "first_frame_timeout",
    "frame_timeout",
    "idle_timeout",
    "connect_timeout",
    "write_timeout",
    "stopped_timeout",
    "answer_timeout",
    "linger_timeout",
    "max_connection_age",
];

/// Options of `#[channel]` on an impl block.
pub(crate) const IMPL_OPTIONS: &[&str] = &["crate", "states"];

/// What a `#[terminator]` can begin with.
pub(crate) const KINDS: &[&str] =
    &["any", "bytes", "len", "prefix", "varint", "eof", "none", "with"];

/// What can follow in a `#[terminator]`.
pub(crate) const TERMINATOR_OPTIONS: &[&str] =
    &["max", "within", "next", "busy", "discard", "end", "be", "le"];

/// Attributes of the language, which stand beside ours.
pub(crate) const LANGUAGE: &[&str] = &[
    "allow",
    "cfg",
    "cfg_attr",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "forbid",
    "inline",
    "must_use",
    "track_caller",
    "warn",
];

/// The attribute an option belongs to, for one found elsewhere.
pub(crate) fn home(word: &str) -> Option<&'static str> {
    let in_list = |list: &[&str]| list.contains(&word);
    if in_list(SIZES) || in_list(TIMES) {
        Some("`#[channel]` on the struct")
    } else if word == "states" {
        Some("`#[channel]` on the impl block")
    } else if in_list(KINDS) || in_list(TERMINATOR_OPTIONS) {
        Some("`#[terminator]`")
    } else {
        None
    }
}

/// What others call our options.
const SYNONYMS: &[(&str, &str)] = &[
    ("timeout", "within"),
    ("deadline", "within"),
    ("limit", "max"),
    ("max_len", "max"),
    ("max_size", "max"),
    ("maximum", "max"),
    ("length", "len"),
    ("size", "len"),
    ("fixed", "len"),
    ("length_prefix", "prefix"),
    ("length_prefixed", "prefix"),
    ("prefixed", "prefix"),
    ("leb128", "varint"),
    ("one_of", "any"),
    ("either", "any"),
    ("any_of", "any"),
    ("delimiter", "bytes"),
    ("raw", "none"),
    ("end_of_file", "eof"),
    ("close", "eof"),
    ("rest", "eof"),
    ("then", "next"),
    ("goto", "next"),
    ("next_state", "next"),
    ("skip", "discard"),
    ("ignore", "discard"),
    ("drop", "discard"),
    ("suffix", "end"),
    ("trailer", "end"),
    ("big_endian", "be"),
    ("big", "be"),
    ("network", "be"),
    ("network_order", "be"),
    ("little_endian", "le"),
    ("little", "le"),
    ("scan", "with"),
    ("max_line", "max_frame"),
    ("max_frame_size", "max_frame"),
    ("ac_in_buffer_size", "bytes_per_turn"),
    ("ac_out_buffer_size", "output_high"),
    ("high_water", "output_high"),
    ("high_watermark", "output_high"),
    ("low_water", "output_low"),
    ("low_watermark", "output_low"),
    ("timeout", "idle_timeout"),
    ("read_timeout", "idle_timeout"),
    ("keepalive", "idle_timeout"),
    ("max_age", "max_connection_age"),
    ("max_lifetime", "max_connection_age"),
    ("terminator", "states"),
    ("state", "states"),
    ("runtime", "crate"),
];

/// The options that others call so.
pub(crate) fn synonym(word: &str) -> Option<&'static str> {
    synonyms(word).next()
}

/// The same, in whatever list it stands.
fn synonyms(word: &str) -> impl Iterator<Item = &'static str> + Clone + use<'_> {
    let word = word.to_lowercase();
    SYNONYMS.iter().filter(move |(theirs, _)| *theirs == word).map(|(_, ours)| *ours)
}

/// Of these options the one that was meant: by another name, or misspelt.
pub(crate) fn option<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let by_name =
        synonyms(word).find_map(|ours| known.iter().copied().find(|known| *known == ours));
    by_name.or_else(|| similar(word, known))
}

/// Whether this token is this word.
pub(crate) fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

/// Whether this token is this sign.
pub(crate) fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

/// Whether this word stands among the tokens, at any depth.
pub(crate) fn mentions(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|token| match &token {
        TokenTree::Group(group) => mentions(&group.stream(), word),
        token => is_word(Some(token), word),
    })
}

/// The helper this attribute path names, by its last segment.
pub(crate) fn helper(path: &syn::Path) -> Option<&'static str> {
    // Compared as text: each comparison of an identifier asks the compiler.
    let last = path.segments.last()?.ident.to_string();
    let last = last.strip_prefix("r#").unwrap_or(&last);
    events::HELPERS.iter().copied().find(|name| *name == last)
}

/// The word of an attribute: the last segment of its path.
pub(crate) fn last(path: &syn::Path) -> Option<Ident> {
    path.segments.last().map(|last| last.ident.clone())
}

/// Whether this attribute path names `#[channel]` itself.
pub(crate) fn is_channel(path: &syn::Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident == "channel")
}

/// The candidate that differs least from `word`, if it is close enough to have been meant.
pub(crate) fn similar<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .iter()
        .map(|candidate| (distance(&word.to_lowercase(), candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| *candidate)
}

/// `a, b and c`, each in backticks.
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// `fn body` is the state `Body`. `None` where no identifier comes out (`fn __`, `fn self_`).
pub(crate) fn camel_case(name: &Ident) -> Option<Ident> {
    let camel = camel(&name.unraw().to_string());
    let is_word = !camel.is_empty() && !camel.starts_with(char::is_numeric) && camel != "Self";
    is_word.then(|| Ident::new(&camel, name.span()))
}

/// `RequestTerminator` of `request_terminator`
pub(crate) fn camel(words: &str) -> String {
    let mut camel = String::new();
    for part in words.split('_') {
        let mut chars = part.chars();
        camel.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(chars.as_str());
    }
    camel
}

/// `RequestTerminator` stands in `mod request_terminator`.
pub(crate) fn snake_case(name: &Ident) -> String {
    let chars: Vec<char> = name.unraw().to_string().chars().collect();
    let mut snake = String::new();
    for (at, char) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let starts_word = before.is_some_and(|before| !before.is_uppercase() && *before != '_')
            || chars.get(at + 1).is_some_and(|after| after.is_lowercase())
                && before.is_some_and(|before| *before != '_');
        if char.is_uppercase() && starts_word {
            snake.push('_');
        }
        snake.extend(char.to_lowercase());
    }
    snake
}

/// Edits (insert, delete, replace) between two words: Levenshtein, one row at a time.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut corner = i;
        for (to, above) in b.chars().zip(row.iter_mut().skip(1)) {
            let cost = corner + usize::from(from != to);
            corner = *above;
            left = cost.min(left + 1).min(corner + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
