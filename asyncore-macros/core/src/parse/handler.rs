//! In: a method and the helper attribute on it. Out: how the runtime calls it.
//!
//! What a parameter is, is decided by how it is written: `&mut X` is the context, any other is
//! what the event brings. The macro sees no types.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, GenericParam, Lit, Meta, ReturnType, Type};

use super::configured::{configurations, Configuration};
use super::{levels, types};
use crate::errors::Errors;
use crate::events::Shape;
use crate::model::{Handler, Input, Method, Parameter, Typed};
use crate::text;

/// Reads the signature, and reports what the runtime could not call. Several handlers are one method
/// whose parameters stand under `#[cfg]`.
pub(super) fn read(
    method: &Method,
    attribute: &Attribute,
    shape: &Shape,
    errors: &mut Errors,
) -> Vec<Handler> {
    let configurations = configurations(&method.sig.inputs);
    if let [all] = configurations.as_slice() {
        return vec![configured(method, all, attribute, shape, errors)];
    }
    // Parameters that are never there together are no mistake: one list that is right is enough.
    let mut wrong = Vec::new();
    let mut handlers = Vec::new();
    for configuration in &configurations {
        let mut own = Errors::default();
        let handler = configured(method, configuration, attribute, shape, &mut own);
        if own.is_empty() {
            handlers.push(handler);
        } else {
            wrong.push(own);
        }
    }
    let reported = if handlers.is_empty() { 1 } else { 0 };
    wrong.drain(..).enumerate().for_each(|(at, own)| {
        if at < reported {
            errors.absorb(own);
        } else {
            own.forget();
        }
    });
    handlers
}

fn configured(
    method: &Method,
    configuration: &Configuration<'_>,
    attribute: &Attribute,
    shape: &Shape,
    errors: &mut Errors,
) -> Handler {
    let before = errors.count();
    qualifiers(method, shape, errors);
    let (takes_self, parameters) = inputs(&configuration.inputs, shape, errors);
    let handler = Handler {
        attribute: attribute.to_token_stream(),
        helper: shape.helper,
        name: method.sig.ident.clone(),
        takes_self,
        parameters,
        output: method.sig.output.clone(),
        cfgs: cfgs(&method.attrs).into_iter().chain(configuration.cfgs.iter().cloned()).collect(),
        levels: levels::read(&method.attrs),
        summary: summary(&method.attrs),
    };
    if errors.count() == before {
        count_parameters(&configuration.inputs, &handler, shape, errors);
    }
    answers(&handler, shape, errors);
    handler
}

/// Whether it takes `self`, and what else.
fn inputs(inputs: &[&Input], shape: &Shape, errors: &mut Errors) -> (bool, Vec<Parameter>) {
    let (mut takes_self, mut parameters) = (false, Vec::new());
    for input in inputs {
        match input {
            // The compiler has said so when it read the item.
            Input::Receiver { .. } if takes_self => errors.elsewhere(),
            Input::Receiver { is_borrowed, .. } => {
                takes_self = true;
                if !is_borrowed {
                    self_is_consumed(input, errors);
                }
            }
            Input::Typed(typed) => {
                if !types::parameter(typed, shape, errors) {
                    parameters.extend(parameter(typed, errors));
                }
            }
        }
    }
    (takes_self, parameters)
}

fn qualifiers(method: &Method, shape: &Shape, errors: &mut Errors) {
    let sig = &method.sig;
    if let Some(token) = &sig.asyncness {
        errors.help(
            token,
            "handlers run inside the event loop and cannot be `async`",
            "hand the work to a thread, and answer with `io.handle().post(..)`",
        );
    }
    if let Some(token) = &sig.unsafety {
        errors.help(token, "a handler cannot be `unsafe`", "keep the `unsafe` block inside");
    }
    if let Some(abi) = &sig.abi {
        errors.help(abi, "a handler is an ordinary method, not `extern`", "remove this");
    }
    let typed = |param: &&GenericParam| !matches!(param, GenericParam::Lifetime(_));
    if let Some(param) = sig.generics.params.iter().find(typed) {
        errors.help(
            param,
            format_args!(
                "`fn {}` has type parameters, but `#[{}]` calls it with one type",
                sig.ident, shape.helper
            ),
            "name the type, or make it a parameter of the channel",
        );
    }
}

fn self_is_consumed(receiver: &Input, errors: &mut Errors) {
    errors.help(
        receiver,
        "a handler cannot consume `self`: the channel lives on after the call",
        "take `&mut self`",
    );
}

/// The same for methods that are no handlers, where nothing is a mistake.
pub(crate) fn quiet_parameter(typed: &Typed) -> Option<Parameter> {
    match bare(&typed.ty) {
        Type::Reference(reference) if reference.mutability.is_some() => {
            Some(Parameter::Context(typed.ty.clone()))
        }
        _ => Some(Parameter::Fact(typed.ty.clone())),
    }
}

fn parameter(typed: &Typed, errors: &mut Errors) -> Option<Parameter> {
    let ty = bare(&typed.ty);
    if let Type::ImplTrait(_) = ty {
        errors.help(ty, "a handler is called with one type, not with any `impl`", "name the type");
        return None;
    }
    let Type::Reference(reference) = ty else {
        return Some(Parameter::Fact(typed.ty.clone()));
    };
    if reference.mutability.is_none() {
        return Some(Parameter::Fact(typed.ty.clone()));
    }
    if let Some(buffer) = buffer(&reference.elem) {
        errors.help(
            ty,
            "a frame is borrowed, not lent: `&mut` here is the context",
            format_args!("take `{buffer}`, or own it with `Vec<u8>`"),
        );
        return None;
    }
    Some(Parameter::Context(typed.ty.clone()))
}

/// What to take instead, for a type that is no context but bytes somebody wants to change.
fn buffer(ty: &Type) -> Option<&'static str> {
    match bare(ty) {
        Type::Slice(_) | Type::Array(_) => Some("&[u8]"),
        Type::Path(path) => {
            let last = path.path.segments.last()?.ident.to_string();
            match last.as_str() {
                "str" | "String" => Some("&str"),
                "Vec" | "BytesMut" | "Bytes" => Some("&[u8]"),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The type inside parentheses and the invisible groups `macro_rules!` leaves.
pub(super) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => bare(&paren.elem),
        Type::Group(group) => bare(&group.elem),
        other => other,
    }
}

fn count_parameters(inputs: &[&Input], handler: &Handler, shape: &Shape, errors: &mut Errors) {
    let typed = || inputs.iter().filter(|input| input.typed().is_some()).zip(&handler.parameters);
    let facts = typed().filter(|(_, parameter)| matches!(parameter, Parameter::Fact(_)));
    let contexts = typed().filter(|(_, parameter)| matches!(parameter, Parameter::Context(_)));
    let allowed = usize::from(shape.context);
    let extra = contexts
        .map(|(input, _)| input)
        .nth(allowed)
        .map(|input| (input, allowed, "the context", "the context"));
    let extra = extra.or_else(|| {
        let extra = facts.map(|(input, _)| input).nth(shape.facts.len())?;
        Some((extra, shape.facts.len(), shape.brings(), "a value"))
    });
    let Some((extra, allowed, what, none)) = extra else {
        return;
    };
    let (helper, name) = (shape.helper, &handler.name);
    let problem = match (allowed, shape.facts.len() + usize::from(shape.context)) {
        (0, 0) => format!("`#[{helper}]` gives nothing but `self`"),
        (0, _) => format!("`#[{helper}]` does not bring {none}"),
        (2, _) => format!("`#[{helper}]` brings two values, not more"),
        _ => format!("`fn {name}` takes {what} twice"),
    };
    errors.help(extra, problem, format_args!("write `fn {name}{}`", shape.signature()));
}

/// What the method returns has to fit what it is asked.
fn answers(handler: &Handler, shape: &Shape, errors: &mut Errors) {
    let (name, helper) = (&handler.name, shape.helper);
    types::answer(&handler.output, shape, errors);
    if handler.never_returns() && helper != "producer" {
        return;
    }
    match (helper, &*handler.output) {
        ("on_close", ReturnType::Type(_, ty)) if !is_unit(ty) => errors.help(
            ty,
            "nobody is left to reply to: `#[on_close]` returns nothing",
            "remove the return type",
        ),
        ("readable" | "writable", output) if !is_bool(output) => errors.help(
            &handler.name,
            format_args!("`#[{helper}]` asks `fn {name}` a question"),
            format_args!("write `fn {name}(&self) -> bool`"),
        ),
        ("producer", ReturnType::Default) => errors.help(
            &handler.name,
            format_args!("`fn {name}` returns nothing, but a producer hands out bytes"),
            "return `Option<Bytes>`; `None` means done",
        ),
        _ => {}
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(bare(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Whether it can be `bool`: a name may be an alias of it, and rustc knows.
fn is_bool(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    let text = text::written(quote::quote!(#ty));
    let is_name = text.chars().all(|char| char.is_alphanumeric() || char == '_');
    text.ends_with("bool") || is_name && text.starts_with(char::is_uppercase)
}

/// The `#[cfg]`s, which the generated code has to repeat.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<TokenStream> {
    let cfgs = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    cfgs.map(ToTokens::to_token_stream).collect()
}

/// The first line of the docs that says something.
fn summary(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().filter(|attr| attr.path().is_ident("doc")).find_map(|attr| {
        let Meta::NameValue(meta) = &attr.meta else {
            return None;
        };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &meta.value else {
            return None;
        };
        let first = text.value().lines().map(str::trim).find(|line| !line.is_empty())?.to_owned();
        Some(first)
    })
}
