//! In: the types in a handler's signature. Out: what is wrong with one by itself.
//!
//! The macro sees names, not types. It speaks where a name can stand for nothing that would be right
//! in its place, and knows what to write; all else is the compiler's to judge.

use proc_macro2::TokenStream;
use quote::{quote, ToTokens};
use syn::{GenericArgument, Path, PathArguments, ReturnType, Type, TypeReference};

use super::handler::bare;
use crate::errors::Errors;
use crate::events::{Answer, Given, Shape};
use crate::model::Typed;
use crate::text;
use crate::words;

/// Whether this type is the context, written so that it can be none: `&Io<Self>`, `Io<Self>`,
/// `&mut Io`.
fn is_spoilt_context(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => {
            let io = named(&reference.elem, "Io");
            let is_bare =
                |path: &Path| path.segments.last().is_some_and(|io| io.arguments.is_none());
            io.is_some_and(|path| reference.mutability.is_none() || is_bare(path))
        }
        other => named(other, "Io").is_some(),
    }
}

/// Reports a parameter that is wrong for itself; whether it did.
pub(super) fn parameter(typed: &Typed, shape: &Shape, errors: &mut Errors) -> bool {
    let (ty, before) = (bare(&typed.ty), errors.count());
    if is_spoilt_context(ty) {
        let name = typed.name.as_ref().map_or_else(|| "io".to_owned(), ToString::to_string);
        let help = format_args!("write `{name}: &mut Io<Self>`").to_string();
        errors.help(ty, "the context is `&mut Io<Self>`", help);
    } else if shape.facts.iter().any(|fact| fact.given == Given::Frame) {
        frame(ty, errors);
    } else if shape.facts.iter().any(|fact| fact.given == Given::Reference("Error")) {
        error_of_another(ty, errors);
    }
    errors.count() > before
}

fn frame(ty: &Type, errors: &mut Errors) {
    if let Some(sized) = sized(ty) {
        let written = written(ty);
        let help = format!("take `{sized}`");
        errors.help(ty, format_args!("`{written}` has no size, so it cannot be a parameter"), help);
    }
    let Type::Reference(reference) = ty else { return };
    if let (Some(lifetime), Some(owned)) = (&reference.lifetime, owned_bytes(&reference.elem)) {
        if lifetime.ident == "static" {
            errors.help(
                lifetime,
                "a frame is lent for the call only",
                format_args!("own it with {owned}"),
            );
        }
    }
    let taken = instead_of_reference(&reference.elem);
    if let Some(taken) = taken.filter(|_| reference.mutability.is_none()) {
        errors.help(
            ty,
            format_args!("a frame cannot be lent as `{}`", written(ty)),
            format_args!("take {taken}"),
        );
    }
}

/// How a type without a size is written so that it has one.
pub(super) fn sized(ty: &Type) -> Option<String> {
    let is_unsized =
        matches!(ty, Type::Slice(_) | Type::TraitObject(_)) || named(ty, "str").is_some();
    is_unsized.then(|| format!("&{}", written(ty)))
}

/// What keeps the bytes that a reference of the language's own type shows.
fn owned_bytes(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Slice(_) | Type::Array(_) => Some("`Bytes` or `Vec<u8>`"),
        ty => named(ty, "str").map(|_| "`String` or `Bytes`"),
    }
}

/// What to take where a reference to this was asked for.
fn instead_of_reference(ty: &Type) -> Option<&'static str> {
    const TAKEN: &[(&str, &str)] = &[
        ("String", "`&str` or `String`"),
        ("Vec", "`&[u8]` or `Vec<u8>`"),
        ("Bytes", "`Bytes`, which is shared and not copied"),
        ("BytesMut", "`BytesMut`"),
        ("Piece", "`Piece<'_>`"),
        ("Frame", "`Frame<'_>`"),
    ];
    TAKEN.iter().find(|(name, _)| named(ty, name).is_some()).map(|(_, taken)| *taken)
}

/// `&std::io::Error`: there are many types of this name.
fn error_of_another(ty: &Type, errors: &mut Errors) {
    let Type::Reference(TypeReference { elem, .. }) = ty else { return };
    let Some(path) = named(elem, "Error") else { return };
    let module = path.segments.iter().rev().nth(1).map(|module| module.ident.to_string());
    if module.is_some_and(|module| ["io", "fmt", "error"].contains(&module.as_str())) {
        errors.help(
            ty,
            format_args!("`#[on_error]` brings the runtime's error, not `{}`", written(elem)),
            "take `&Error` of the runtime; the two types are both called `Error`",
        );
    }
}

/// Reports a return type that is wrong for itself.
pub(super) fn answer(output: &ReturnType, shape: &Shape, errors: &mut Errors) {
    let ReturnType::Type(_, ty) = output else { return };
    let ty = bare(ty);
    match (shape.answer, sized(ty)) {
        (Answer::Reply | Answer::Bytes, Some(sized)) => {
            let owned = named(ty, "str").map_or("Vec<u8>", |_| "String");
            errors.help(
                ty,
                format_args!("`{}` has no size, so it cannot be returned", written(ty)),
                format_args!("return `{sized}` or `{owned}`"),
            );
        }
        (Answer::Reply, None) => failure(ty, errors),
        (Answer::Bytes, None) => produced(ty, errors),
        _ => {}
    }
}

/// The error of a `Result` that a handler returns.
fn failure(ty: &Type, errors: &mut Errors) {
    let Some(error) = named(ty, "Result").and_then(|path| argument(path, 1)) else { return };
    let error = bare(error);
    let boxed = named(error, "Box").and_then(|path| argument(path, 0)).map(bare);
    if let Some(inside @ Type::TraitObject(_)) = boxed {
        let tokens = inside.to_token_stream();
        let missing = ["Send", "Sync"].into_iter().filter(|name| !words::mentions(&tokens, name));
        let missing: Vec<&str> = missing.collect();
        if !missing.is_empty() {
            let meant = format!("Box<{} + {}>", written(inside), missing.join(" + "));
            errors.help(
                error,
                "the `Err` of a handler has to be `Send + Sync`",
                format_args!("write `{meant}`"),
            );
        }
    } else if is_no_error(error) {
        errors.help(
            error,
            format_args!(
                "`{}` is no error, so it cannot be the `Err` of a handler",
                written(error)
            ),
            "return an `Option`, or an error like `String` or `std::io::Error`",
        );
    }
}

/// A type of the language that says nothing of what went wrong.
fn is_no_error(ty: &Type) -> bool {
    match ty {
        Type::Tuple(_) | Type::Array(_) | Type::Slice(_) => true,
        Type::Reference(reference) => {
            matches!(bare(&reference.elem), Type::Slice(_) | Type::Array(_))
        }
        ty => is_number(ty) || named(ty, "Vec").is_some() || named(ty, "Option").is_some(),
    }
}

/// What a producer hands out ends some time, and its type has to say so.
fn produced(ty: &Type, errors: &mut Errors) {
    const BYTES: &[&str] = &["String", "Vec", "Bytes", "BytesMut", "Box", "Cow", "Rc", "Arc"];
    let is_bytes = matches!(ty, Type::Reference(_) | Type::Array(_))
        || BYTES.iter().any(|name| named(ty, name).is_some());
    let is_iterator = matches!(ty, Type::ImplTrait(_));
    if is_bytes {
        errors.help(
            ty,
            "a `#[producer]` is asked again and again, until it says that it is done",
            format_args!("return `Option<{}>`; `None` means done", written(ty)),
        );
        return;
    }
    let part = named(ty, "Option").and_then(|path| argument(path, 0)).unwrap_or(ty);
    if is_number(part) || is_iterator || matches!(part, Type::Tuple(_)) {
        errors.help(
            part,
            format_args!("a `#[producer]` hands out bytes, and `{}` is none", written(part)),
            "return `Option<Bytes>`; `None` means done",
        );
    }
}

fn is_number(ty: &Type) -> bool {
    const NUMBERS: &[&str] = &[
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char",
    ];
    NUMBERS.iter().any(|name| named(ty, name).is_some())
}

/// The path of a type whose last word is this one.
pub(super) fn named<'a>(ty: &'a Type, name: &str) -> Option<&'a Path> {
    match bare(ty) {
        Type::Path(path) => Some(&path.path)
            .filter(|path| path.segments.last().is_some_and(|last| last.ident == name)),
        _ => None,
    }
}

/// The type that stands at this place between the angles.
fn argument(path: &Path, at: usize) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &path.segments.last()?.arguments else {
        return None;
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.into_iter().nth(at)
}

fn written(ty: &Type) -> String {
    text::written(quote!(#ty))
}

/// A parameter's or an answer's type, so that the compiler has nothing to add to what was reported.
pub(super) fn mended(ty: &Type) -> Option<TokenStream> {
    let ty = bare(ty);
    let is_sizeless = sized(ty).is_some();
    let is_bare_context = match ty {
        Type::Reference(reference) => named(&reference.elem, "Io")
            .and_then(|path| path.segments.last())
            .is_some_and(|io| io.arguments.is_none()),
        ty => named(ty, "Io")
            .and_then(|path| path.segments.last())
            .is_some_and(|io| io.arguments.is_none()),
    };
    if is_sizeless {
        Some(quote!(&#ty))
    } else if is_bare_context {
        Some(quote!(impl ::core::marker::Sized))
    } else {
        None
    }
}
