//! In: a method with its attributes. Out: its part in the protocol: a state, an event, a producer.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Meta};

use super::handler;
use super::{example, terminator};
use crate::errors::Errors;
use crate::events::{self, Shape};
use crate::model::{Event, EventKind, Handler, Method, Protocol, State, Terminator};
use crate::strip;
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
            let handlers = handler::read(method, attribute, shape, errors);
            without_arguments(attribute, shape.helper, errors);
            handlers.into_iter().for_each(|handler| event(handler, shape, protocol, errors));
        }
        return;
    };
    let handlers = handler::read(method, attribute, shape, errors);
    let mut examples = example::all(examples, errors);
    if is_bare(attribute) {
        // Whoever calls it otherwise has not heard of fields either.
        let handlers = if errors.count() == before { handlers } else { Vec::new() };
        handlers.into_iter().for_each(|handler| field_handler(handler, protocol, errors));
        return;
    }
    let mut terminator = terminator::read(attribute, errors);
    let sound = method.readable && errors.count() == before;
    for handler in handlers {
        let terminator = terminator.take().or_else(|| again(attribute));
        let examples = core::mem::take(&mut examples);
        if let Some(variant) = variant(&handler, protocol, errors) {
            protocol.states.push(State { handler, variant, terminator, examples, sound });
        }
    }
}

/// The same terminator for the same method with other parameters; what is wrong is reported.
fn again(attribute: &Attribute) -> Option<Terminator> {
    let mut quiet = Errors::default();
    let terminator = terminator::read(attribute, &mut quiet);
    quiet.forget();
    terminator
}

/// The one helper that says what a method is; reports all others.
fn role<'a>(method: &'a Method, errors: &mut Errors) -> Option<(&'a Attribute, &'static Shape)> {
    let mut role: Option<(&Attribute, &'static Shape)> = None;
    for attr in &method.attrs {
        hidden_helper(attr, errors);
        if words::is_channel(attr.path()) {
            errors.add(attr, "`#[channel]` goes on a struct or on its impl block, not on a method");
        }
        let meant = crate::theirs::misnamed_helper(attr.path());
        if let Some(meant) = meant {
            misnamed(attr, meant, errors);
        }
        match (words::helper(attr.path()).or(meant).and_then(events::shape_of), role) {
            (Some(shape), Some(first)) => second_role(method, first, (attr, shape), errors),
            (Some(shape), None) => role = Some((attr, shape)),
            (None, _) => {}
        }
    }
    role
}

/// `#[found_terminator]`, `#[on_conect]`: an attribute that is called otherwise here.
pub(super) fn misnamed(attr: &Attribute, meant: &str, errors: &mut Errors) {
    let path = attr.path();
    let arguments = match &attr.meta {
        Meta::List(list) => format!("({})", text::written(list.tokens.clone())),
        _ if meant == "terminator" => "(b\"\\r\\n\")".to_owned(),
        _ => String::new(),
    };
    errors.help(
        path,
        format_args!("`#[{}]` is called `#[{meant}]` here", text::written(quote!(#path))),
        format_args!("write `#[{meant}{arguments}]`"),
    );
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
    let attributes = strip::between_commas(list.tokens.clone()).into_iter().skip(1);
    let mut names = attributes.filter_map(strip::last_segment);
    let named =
        names.find_map(|name| events::HELPERS.iter().copied().find(|helper| *helper == name));
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
fn variant(handler: &Handler, protocol: &Protocol, errors: &mut Errors) -> Option<Ident> {
    let name = &handler.name;
    let Some(variant) = words::camel_case(name) else {
        errors.help(
            name,
            format_args!("`fn {name}` gives its state no name"),
            "use a word, as in `fn line`",
        );
        return None;
    };
    let word = variant.to_string();
    let mut same = protocol.states.iter().filter(|state| state.variant == word);
    if let Some(other) = same.find(|state| !either(&state.handler.cfgs, &handler.cfgs)) {
        let other = &other.handler.name;
        if other == name {
            errors.elsewhere();
            return None;
        }
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
    let mut others = protocol.field_handlers.iter();
    if let Some(first) = others.find(|other| !either(&other.cfgs, &handler.cfgs)) {
        errors.help(
            &handler.attribute,
            format_args!("`fn {}` is already the handler of the terminator field", first.name),
            format_args!("say what ends the frame of `fn {name}`: `#[terminator(b\"\\r\\n\")]`"),
        );
        return;
    }
    protocol.field_handlers.push(handler);
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
        other.helper == helper
            && !either(&other.cfgs, &handler.cfgs)
            && (!is_timer || text::written(first_fact(other)) == value)
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

/// Whether two that stand under these `#[cfg]`s may be meant as one or the other: rustc knows.
pub(super) fn either(first: &[TokenStream], second: &[TokenStream]) -> bool {
    let text = |cfgs: &[TokenStream]| cfgs.iter().cloned().map(text::written).collect::<Vec<_>>();
    !first.is_empty() && !second.is_empty() && text(first) != text(second)
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
