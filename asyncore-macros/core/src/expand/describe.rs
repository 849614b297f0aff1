//! In: a state. Out: the words of its row in the docs.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::Expr;

use crate::model::{Bytes, Ends, Order, State, Take, Width};
use crate::parse::value::{byte_string, constant};
use crate::text::written;

/// What ends the frame.
pub(super) fn ends(state: &State) -> String {
    let Some(terminator) = &state.terminator else {
        return String::new();
    };
    let base = base(&terminator.ends);
    match &terminator.end {
        Some(end) => format!("{base}, then {}", literal(end)),
        None => base,
    }
}

fn base(ends: &Ends) -> String {
    match ends {
        Ends::Bytes(bytes) => format!("up to {}", literal(bytes)),
        Ends::Any(all) => {
            let all: Vec<String> = all.iter().map(literal).collect();
            format!("up to {}", all.join(" or "))
        }
        Ends::BytesAtRunTime => "up to the bytes it carries".to_owned(),
        Ends::LenAtRunTime => "that many bytes".to_owned(),
        Ends::Len(len) if constant(len) == Some(1) => "1 byte".to_owned(),
        Ends::Len(len) => format!("{} bytes", size(len)),
        Ends::Prefix { width, order } => prefix(*width, *order),
        Ends::Varint => "as many bytes as a varint in front says".to_owned(),
        Ends::Eof => "all until the peer closes its side".to_owned(),
        Ends::Nothing => "not framed".to_owned(),
        Ends::With(path) => format!("where `{}` says", written(quote!(#path))),
    }
}

fn literal(bytes: &Bytes) -> String {
    format!("`{}`", byte_string(&bytes.value))
}

fn prefix(width: Width, order: Order) -> String {
    let bits = u32::from(width.bytes) * 8;
    let order = match order {
        Order::Little if width.bytes > 1 => ", little-endian",
        _ => "",
    };
    format!("as many bytes as a `u{bits}` in front says{order}")
}

/// The most bytes of a frame. What a field collects is held, what a method is given is not.
pub(super) fn limit(state: &State, in_field: bool) -> String {
    let Some(terminator) = &state.terminator else {
        return String::new();
    };
    if let Some(max) = &terminator.max {
        return size(max);
    }
    let limit = match (&terminator.ends, state.take()) {
        (_, Take::Pieces) => "none, streamed".to_owned(),
        (_, Take::Collected) if !in_field => "none, collected".to_owned(),
        (_, Take::Discarded) => "none, dropped".to_owned(),
        (Ends::Len(len), Take::Whole | Take::AsTyped) => size(len),
        (Ends::Bytes(_) | Ends::Any(_) | Ends::BytesAtRunTime | Ends::With(_), _) => {
            "`max_frame`".to_owned()
        }
        _ => "`max_length`".to_owned(),
    };
    if may_be_pieces(state) {
        format!("{limit}; in pieces none")
    } else {
        limit
    }
}

/// Only the compiler knows the type, and the docs say what is true of each that is called so.
pub(super) fn may_be_pieces(state: &State) -> bool {
    let ty = state.handler.facts().next().filter(|_| state.take() == Take::AsTyped);
    ty.is_some_and(|ty| names_piece(quote!(#ty)))
}

fn names_piece(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word.to_string().contains("Piece"),
        TokenTree::Group(group) => names_piece(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// A number as it is, anything else as code.
fn size(expr: &Expr) -> String {
    let text = written(quote!(#expr));
    if text.chars().all(|char| char.is_ascii_digit()) {
        text
    } else {
        format!("`{text}`")
    }
}

/// The time for one frame, or for silence where what comes has no end to wait for.
pub(super) fn deadline(state: &State) -> String {
    let Some(terminator) = &state.terminator else { return "`frame_timeout`".to_owned() };
    match (&terminator.within, &terminator.ends) {
        (Some((_, written)), _) => written.trim_matches('"').to_owned(),
        (None, Ends::Nothing | Ends::Eof) => "`idle_timeout`".to_owned(),
        (None, _) => "`frame_timeout`".to_owned(),
    }
}
