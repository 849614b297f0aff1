//! In: a method with its attributes. Out: its part in the protocol: a state, an event, a producer.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Meta};

use super::handler;
use super::{example, terminator};
use crate::errors::Errors;
use crate::events::{self, Shape};
use crate::model::{Event, EventKind, Handler, Method, Protocol, State};
use crate::text;
use crate::words;

/// Finds out what a method is for, by the helpers on it.
pub(super) fn classify(method: &Method, protocol: &mut Protocol, errors: &mut Errors) {
    let before = errors.count();
    let role = role(method, errors);
    let examples = method.attrs.iter().filter(|attr| words::helper(attr.path()) == Some("example"));
    let Some((attribute, shape)) = role.filter(|(_, shape)| shape.helper == "terminator") else {
        for attr in examples {
            errors.help(
                attr,
                "an example shows a `#[terminator]` method at work",
                "move it to one of them",
            );
        }
        if let Some((attribute, shape)) = role {
            let handler = handler::read(method, attribute, shape, errors);
            without_arguments(attribute, shape.helper, errors);
            event(handler, shape, protocol, errors);
        }
        return;
    };
    let handler = handler::read(method, attribute, shape, errors);
    let examples = examples.filter_map(|attr| example::read(attr, errors)).collect();
    if is_bare(attribute) {
        return field_handler(handler, protocol, errors);
    }
    let terminator = terminator::read(attribute, errors);
    let sound = method.readable && errors.count() == before;
    if let Some(variant) = variant(&handler.name, protocol, errors) {
        protocol.states.push(State { handler, variant, terminator, examples, sound });
    }
}

/// The one helper that says what a method is; reports all others.
fn role<'a>(method: &'a Method, errors: &mut Errors) -> Option<(&'a Attribute, &'static Shape)> {
    let mut role: Option<(&Attribute, &'static Shape)> = None;
    for attr in &method.attrs {
        hidden_helper(attr, errors);
        if words::is_channel(attr.path()) {
            errors.add(attr, "`#[channel]` goes on a struct or on its impl block, not on a method");
        }
        match (words::helper(attr.path()).and_then(events::shape_of), role) {
            (Some(shape), Some(first)) => second_role(method, first, (attr, shape), errors),
            (Some(shape), None) => role = Some((attr, shape)),
            (None, _) => {}
        }
    }
    role
}

fn second_role(
    method: &Method,
    (first, earlier): (&Attribute, &Shape),
    (attr, shape): (&Attribute, &Shape),
    errors: &mut Errors,
) {
    let (name, one, other) = (&method.sig.ident, earlier.helper, shape.helper);
    if one != other {
        errors.help(
            attr,
            format_args!("`fn {name}` cannot be both `#[{one}]` and `#[{other}]`"),
            "give each its own method",
        );
        return;
    }
    match &first.meta {
        Meta::List(list) if one == "terminator" => {
            let ends = text::written(list.tokens.clone());
            errors.help(
                attr,
                format_args!("`fn {name}` already ends its frames at `{ends}`"),
                "for either of several write `#[terminator(any(b\"\\n\", b\"\\r\\n\"))]`",
            );
        }
        _ => errors.help(
            attr,
            format_args!("`fn {name}` is already marked `#[{one}]`"),
            "remove this attribute",
        ),
    }
}

/// `#[cfg_attr(.., on_read)]` is not expanded yet when we run.
fn hidden_helper(attr: &Attribute, errors: &mut Errors) {
    let Meta::List(list) = &attr.meta else { return };
    if !attr.path().is_ident("cfg_attr") {
        return;
    }
    let named =
        list.tokens.clone().into_iter().find_map(|token| {
            events::helpers().find(|helper| words::is_word(Some(&token), helper))
        });
    if let Some(helper) = named {
        errors.help(
            attr,
            format_args!("`#[channel]` cannot see `#[{helper}]` inside `cfg_attr`"),
            format_args!("write `#[{helper}]`, and put `#[cfg(..)]` on the method"),
        );
    }
}

fn without_arguments(attribute: &Attribute, helper: &str, errors: &mut Errors) {
    if !matches!(attribute.meta, Meta::Path(_)) {
        errors.help(
            attribute,
            format_args!("`#[{helper}]` has no arguments"),
            format_args!("write `#[{helper}]`"),
        );
    }
}

/// `#[terminator]`, `#[terminator()]`
fn is_bare(attribute: &Attribute) -> bool {
    match &attribute.meta {
        Meta::Path(_) => true,
        Meta::List(list) => list.tokens.is_empty(),
        Meta::NameValue(_) => false,
    }
}

/// The state's name; `None` if it has none of its own, which is reported.
fn variant(name: &Ident, protocol: &Protocol, errors: &mut Errors) -> Option<Ident> {
    let Some(variant) = words::camel_case(name) else {
        errors.help(
            name,
            format_args!("`fn {name}` gives its state no name"),
            "use a word, as in `fn line`",
        );
        return None;
    };
    if let Some(other) = protocol.states.iter().find(|state| state.variant == variant) {
        let other = &other.handler.name;
        errors.help(
            name,
            format_args!("`fn {name}` and `fn {other}` are both the state `{variant}`"),
            "rename one of them",
        );
        return None;
    }
    Some(variant)
}

fn field_handler(handler: Handler, protocol: &mut Protocol, errors: &mut Errors) {
    let name = &handler.name;
    if let Some(first) = &protocol.field_handler {
        errors.help(
            &handler.attribute,
            format_args!("`fn {}` is already the handler of the terminator field", first.name),
            format_args!("say what ends the frame of `fn {name}`: `#[terminator(b\"\\r\\n\")]`"),
        );
        return;
    }
    protocol.field_handler = Some(handler);
}

fn event(handler: Handler, shape: &Shape, protocol: &mut Protocol, errors: &mut Errors) {
    let Some(kind) = event_kind(shape, &handler) else {
        protocol.producers.push(handler);
        return;
    };
    let (helper, is_timer) = (shape.helper, kind == EventKind::Timer);
    let value = text::written(first_fact(&handler));
    let same = protocol.events.iter().find(|event| {
        let other = &event.handler;
        other.helper == helper && (!is_timer || text::written(first_fact(other)) == value)
    });
    let Some(first) = same.map(|event| &event.handler.name) else {
        protocol.events.push(Event { kind, handler });
        return;
    };
    if is_timer {
        errors.help(
            &handler.attribute,
            format_args!("`fn {first}` already has the timers of this type"),
            "give each kind of timer a type of its own",
        );
    } else {
        errors.help(
            &handler.attribute,
            format_args!("`fn {first}` is already the `#[{helper}]` of this channel"),
            "keep one of them, and call the other from it",
        );
    }
}

/// `None` for a producer, which is no event.
fn event_kind(shape: &Shape, handler: &Handler) -> Option<EventKind> {
    match shape.event? {
        EventKind::Read if handler.facts().next().is_none() => Some(EventKind::Readable),
        kind => Some(kind),
    }
}

fn first_fact(handler: &Handler) -> TokenStream {
    let fact = handler.facts().next();
    quote!(#fact)
}
