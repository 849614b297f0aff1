//! In: one state. Out: what can be told from its literals alone, at the literal.

use quote::quote;
use syn::{Expr, Type};

use crate::errors::Errors;
use crate::model::{Bytes, Ends, State, Terminator};
use crate::parse::value::{byte_string, constant};
use crate::text;

pub(super) fn state(state: &State, errors: &mut Errors) {
    let Some(terminator) = &state.terminator else {
        return;
    };
    match &terminator.ends {
        Ends::Bytes(bytes) => alternatives(core::slice::from_ref(bytes), errors),
        Ends::Any(all) => alternatives(all, errors),
        Ends::Len(len) => length(len, errors),
        _ => {}
    }
    if let Some(end) = &terminator.end {
        if end.value.is_empty() {
            errors.help(&end.token, "no bytes follow the length", "remove `end`");
        }
    }
    if let Some(max) = &terminator.max {
        max_is_enough(terminator, max, errors);
    }
    if let Some(ty) = state.handler.facts().next() {
        fits_its_array(terminator, ty, errors);
    }
}

/// `[u8; 5]` takes frames of 5 bytes only.
fn fits_its_array(terminator: &Terminator, ty: &Type, errors: &mut Errors) {
    let Some((array, size)) = array(ty) else { return };
    let (word, bytes) = match (&terminator.ends, &terminator.max) {
        (Ends::Len(len), _) => ("len", constant(len).filter(|len| *len != size)),
        (_, Some(max)) => ("max", constant(max).filter(|max| *max < size)),
        (_, None) => return,
    };
    let Some(bytes) = bytes.filter(|bytes| *bytes > 0) else { return };
    let (written, element) = (text::written(quote!(#array)), &array.elem);
    let element = text::written(quote!(#element));
    errors.help(
        array,
        format_args!("a frame with `{word} = {bytes}` never fits `{written}`"),
        format_args!("take `[{element}; {bytes}]`, or write `{word} = {size}`"),
    );
}

/// An array of known length, lent or not.
fn array(ty: &Type) -> Option<(&syn::TypeArray, u128)> {
    match ty {
        Type::Array(array) => Some((array, constant(&array.len)?)),
        Type::Reference(reference) => array(&reference.elem),
        Type::Group(group) => array(&group.elem),
        Type::Paren(paren) => array(&paren.elem),
        _ => None,
    }
}

fn length(len: &Expr, errors: &mut Errors) {
    if constant(len) == Some(0) {
        errors.help(
            len,
            "a frame of 0 bytes would never use up input",
            "write the size of a frame, as in `len = 4`",
        );
    }
}

fn not_empty(bytes: &Bytes, errors: &mut Errors) -> bool {
    if bytes.value.is_empty() {
        errors.help(
            &bytes.token,
            "the terminator is empty, so no frame would ever end",
            "for frames of a fixed size use `len = 4`, for raw bytes use `none`",
        );
    }
    !bytes.value.is_empty()
}

/// `\r\n.\r\n` needs the line end before the dot, which the line before an empty message took.
fn finds_an_empty_message(bytes: &Bytes, errors: &mut Errors) {
    let newline: &[u8] = match bytes.value.as_slice() {
        b"\r\n.\r\n" => b"\r\n",
        b"\n.\n" => b"\n",
        b"\r.\r" => b"\r",
        _ => return,
    };
    let newline = byte_string(newline);
    errors.help(
        &bytes.token,
        format_args!(
            "an empty message would never end: the {newline} before its dot is already read"
        ),
        format_args!("read it by line, `#[terminator({newline})]`, up to the line `.`"),
    );
}

/// Of alternatives, the one that ends first wins: one that holds another before its own end never
/// does.
fn alternatives(all: &[Bytes], errors: &mut Errors) {
    for (at, bytes) in all.iter().enumerate() {
        if !not_empty(bytes, errors) {
            continue;
        }
        finds_an_empty_message(bytes, errors);
        let written = byte_string(&bytes.value);
        if all.iter().take(at).any(|earlier| earlier.value == bytes.value) {
            errors.help(&bytes.token, format_args!("`{written}` is listed twice"), "remove it");
        } else if let Some(other) = all.iter().find(|other| ends_within(other, bytes)) {
            let other = byte_string(&other.value);
            errors.help(
                &bytes.token,
                format_args!("`{written}` can never match: `{other}` ends before it does"),
                "remove one of them",
            );
        }
    }
}

/// Whether `other` is found in `bytes`, and ends before them.
fn ends_within(other: &Bytes, bytes: &Bytes) -> bool {
    let head = bytes.value.split_last().map_or(&[][..], |(_, head)| head);
    !other.value.is_empty() && head.windows(other.value.len()).any(|part| part == other.value)
}

/// `max` counts payload; below the terminator's own length it is surely a mistake.
fn max_is_enough(terminator: &Terminator, max: &Expr, errors: &mut Errors) {
    let Some(value) = constant(max) else {
        if let Ends::Len(len) = &terminator.ends {
            says_nothing(len, max, errors);
        }
        return;
    };
    if value == 0 {
        errors.help(max, "no frame fits in `max = 0`", "write the size of the largest frame");
        return;
    }
    let longest = match &terminator.ends {
        Ends::Bytes(bytes) => bytes.value.len(),
        Ends::Any(all) => all.iter().map(|bytes| bytes.value.len()).max().unwrap_or_default(),
        Ends::Len(len) => return frame_fits(len, max, value, errors),
        Ends::Prefix { width, .. } => return prefix_reaches(width.bytes, max, value, errors),
        _ => return,
    };
    if value < longest as u128 {
        errors.help(
            max,
            format_args!(
                "`max = {value}` is less than the {longest} bytes of the terminator itself"
            ),
            "write the size of the largest frame, without its terminator",
        );
    }
}

fn frame_fits(len: &Expr, max: &Expr, value: u128, errors: &mut Errors) {
    match constant(len) {
        Some(len) if len > value => errors.help(
            max,
            format_args!("`max = {value}` is less than the {len} bytes of each frame"),
            format_args!("remove `max`: `len = {len}` says it all"),
        ),
        Some(len) if len == value => {}
        _ => says_nothing(len, max, errors),
    }
}

fn says_nothing(len: &Expr, max: &Expr, errors: &mut Errors) {
    let len = text::written(quote!(#len));
    errors.help(
        max,
        format_args!("`max` says nothing beside `len = {len}`, which is the size of each frame"),
        "remove `max`",
    );
}

fn prefix_reaches(bytes: u8, max: &Expr, value: u128, errors: &mut Errors) {
    let largest = (1u128 << (8 * u32::from(bytes))) - 1;
    if value > largest {
        let wider =
            [2u32, 4, 8].into_iter().find(|wide| value < 1u128 << (8 * wide)).unwrap_or(8) * 8;
        errors.help(
            max,
            format_args!(
                "a `u{}` prefix counts to {largest}, so `max = {value}` is never reached",
                u32::from(bytes) * 8
            ),
            format_args!("write `prefix = u{wider}`, or `max = {largest}`"),
        );
    }
}
