//! In: tokens, or a line of prose. Out: text for messages and generated docs.
//!
//! `TokenStream::to_string` spaces differently inside the compiler and outside of it; docs that
//! are to come out the same everywhere need spacing of our own.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The tokens as a person would have typed them: `8 * 1024`, `b"\r\n"`, `Self::LIMIT`.
pub(crate) fn written(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut last = Word::Nothing;
    let mut angles = 0usize;
    for (piece, word) in words(tokens) {
        let word = match word {
            Word::Operator if piece == ">>" && angles > 1 => Word::Tight,
            word => word,
        };
        match piece.as_str() {
            "<" => angles += 1,
            ">" => angles = angles.saturating_sub(1),
            ">>" => angles = angles.saturating_sub(2),
            _ => {}
        }
        if last.wants_space_before(word) {
            text.push(' ');
        }
        text.push_str(&piece);
        last = word;
    }
    text
}

/// How a piece of source stands among others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Nothing,
    /// An identifier, a literal, a brace.
    Value,
    /// `(..)`, `[..]`: close to a value before it.
    Arguments,
    /// `::`, `.`, `<`: close on both sides.
    Tight,
    /// `&`, `!`: close to what follows.
    Prefix,
    /// `,`, `;`, `>`, `?`: close to what went before.
    Suffix,
    /// `+`, `=>`: a space on both sides.
    Operator,
}

impl Word {
    fn wants_space_before(self, next: Self) -> bool {
        let opens = matches!(self, Self::Nothing | Self::Tight | Self::Prefix);
        let closes = matches!(next, Self::Tight | Self::Suffix);
        let is_call =
            next == Self::Arguments && matches!(self, Self::Value | Self::Suffix | Self::Arguments);
        !opens && !closes && !is_call
    }
}

/// The tokens, operators of several characters joined.
fn words(tokens: TokenStream) -> Vec<(String, Word)> {
    let mut words = Vec::new();
    let mut operator = String::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) => {
                operator.push(punct.as_char());
                if punct.spacing() == Spacing::Alone {
                    let whole = core::mem::take(&mut operator);
                    words.push((whole.clone(), of_operator(&whole)));
                }
                continue;
            }
            TokenTree::Group(group) => {
                let word = match group.delimiter() {
                    Delimiter::Parenthesis | Delimiter::Bracket => Word::Arguments,
                    Delimiter::Brace | Delimiter::None => Word::Value,
                };
                words.push((grouped(group.delimiter(), written(group.stream())), word));
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                let before = core::mem::take(&mut operator);
                words.push((format!("{before}{token}"), Word::Value));
            }
        }
    }
    words
}

fn of_operator(operator: &str) -> Word {
    match operator {
        "::" | "." | ".." | "..=" | "<" | "::<" | "#" => Word::Tight,
        "&" | "!" | "'" => Word::Prefix,
        "," | ";" | ":" | ">" | "?" | ">," | ">>," => Word::Suffix,
        _ => Word::Operator,
    }
}

fn grouped(delimiter: Delimiter, inside: String) -> String {
    match delimiter {
        Delimiter::Parenthesis => format!("({inside})"),
        Delimiter::Bracket => format!("[{inside}]"),
        Delimiter::Brace if inside.is_empty() => "{}".to_owned(),
        Delimiter::Brace => format!("{{ {inside} }}"),
        Delimiter::None => inside,
    }
}

/// Breaks prose into lines that stay readable in the expansion.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
