//! In: a channel whose parts are right one by one. Out: the mistakes that show when they meet.
//!
//! Nothing is reported of a state that was reported already: what follows from a mistake is no
//! second mistake.

mod literals;
pub(crate) mod threads;

use syn::{ReturnType, Type};

use crate::errors::Errors;
use crate::graph::{Exits, Graph};
use crate::model::{Ends, EventKind, Protocol, State, Terminator};
use crate::text;

/// Checks an impl block as a whole.
pub(crate) fn protocol(protocol: &Protocol, graph: &Graph, errors: &mut Errors) {
    for state in &protocol.states {
        literals::state(state, errors);
        discards_what_it_takes(state, errors);
        next_is_a_state(state, protocol, errors);
    }
    next_is_taken(protocol, errors);
    graph.spawning(protocol).for_each(|method| threads::context_stays(method, errors));
    start(protocol, graph, errors);
    one_kind_of_terminator(protocol, errors);
    on_read_is_called(protocol, errors);
    lengths_are_left(protocol, graph, errors);
    hidden_in_macros(protocol, errors);
    examples_say_of_what(protocol, errors);
    enum_has_a_name_of_its_own(protocol, errors);
}

/// The first state is where a connection starts: it has to be there, and to know what it waits for.
fn start(protocol: &Protocol, graph: &Graph, errors: &mut Errors) {
    let Some(state) = protocol.states.first().filter(|state| state.sound) else {
        return;
    };
    let name = &state.handler.name;
    if let (Some(payload), Some(terminator)) = (state.payload(), &state.terminator) {
        starts_with_a_value(payload, terminator, (protocol, graph), errors);
    }
    let is_alone = protocol.starts().nth(1).is_none();
    if let Some(cfg) = state.handler.cfgs.first().filter(|_| is_alone) {
        errors.help(
            cfg,
            format_args!("a connection starts in `fn {name}`, which may be configured away"),
            "put a state without `#[cfg]` first",
        );
    }
}

/// A value can be there from the start only if `#[on_connect]`, which runs first, sets it.
fn starts_with_a_value(
    payload: &str,
    terminator: &Terminator,
    (protocol, graph): (&Protocol, &Graph),
    errors: &mut Errors,
) {
    let Some(name) = protocol.states.first().map(|state| &state.handler.name) else { return };
    let connects = protocol.events.iter().find(|event| event.kind == EventKind::Connect);
    let exits = connects.map(|event| graph.exits(protocol, &event.handler.name));
    let is_set = exits.is_some_and(|exits| exits.unseen || !exits.to.is_empty());
    if payload == "len" && is_set {
        return;
    }
    let (what, help) = match payload {
        "len" => {
            ("a length", "set it in `#[on_connect]`, write it here, or put another state first")
        }
        _ => ("a delimiter", "write it here, or put another state first"),
    };
    errors.help(
        &terminator.at,
        format_args!("a connection starts in `fn {name}`, before anybody could set {what}"),
        help,
    );
}

fn discards_what_it_takes(state: &State, errors: &mut Errors) {
    let Some(discard) =
        state.terminator.as_ref().and_then(|terminator| terminator.discard.as_ref())
    else {
        return;
    };
    if let Some(fact) = state.handler.facts().next() {
        errors.help(
            fact,
            "a discarded frame cannot be handed over",
            format_args!("remove this parameter, or `{discard}`"),
        );
    }
}

fn next_is_a_state(state: &State, protocol: &Protocol, errors: &mut Errors) {
    if let Some(misnamed) = state.terminator.as_ref().and_then(|all| all.misnamed.as_ref()) {
        let problem = "`next` is the name of a `#[terminator]` method";
        let meant = misnamed.meant.as_deref().and_then(|name| meant_state(name, protocol));
        errors.help(&misnamed.at, problem, way_to(meant, state, protocol));
    }
    let Some(next) = state.next() else { return };
    let target = protocol.state_index(next).and_then(|index| protocol.states.get(index));
    match target {
        Some(target) if target.payload().is_some() => errors.help(
            next,
            format_args!("`fn {next}` waits for a value that `next` cannot give"),
            way_to(Some(target), state, protocol),
        ),
        Some(_) => {}
        None => errors.help(
            next,
            format_args!("no `#[terminator]` method is called `{next}`"),
            way_to(meant_state(&next.to_string(), protocol), state, protocol),
        ),
    }
}

/// Nothing comes behind the end of the input, and raw bytes have no end: one mistake of a block, as
/// who makes it twice has one thing to learn.
fn next_is_taken(protocol: &Protocol, errors: &mut Errors) {
    let ends_nothing = |state: &&State| matches!(state.ends(), Some(Ends::Eof | Ends::Nothing));
    let mut wrong = protocol
        .states
        .iter()
        .filter(ends_nothing)
        .filter_map(|state| Some((state, state.next()?)));
    let Some((first, next)) = wrong.next() else { return };
    let also: String =
        wrong.map(|(state, _)| format!(" and of `fn {}`", state.handler.name)).collect();
    errors.help(
        next,
        format_args!("`next` of `fn {}`{also} is never taken", first.handler.name),
        "remove it: nothing follows `eof`, and `none` never ends",
    );
}

/// The state that was meant by a word: its method, its variant, or something like it.
fn meant_state<'a>(word: &str, protocol: &'a Protocol) -> Option<&'a State> {
    let names: Vec<String> =
        protocol.states.iter().map(|state| state.handler.name.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let similar = || crate::words::similar(word, &names);
    let by_name = |word: &str| protocol.states.iter().find(|state| state.handler.name == word);
    let by_variant = || protocol.states.iter().find(|state| state.variant == word);
    by_name(word).or_else(by_variant).or_else(|| by_name(similar()?))
}

/// What to write to get there, or where one can get.
fn way_to(target: Option<&State>, from: &State, protocol: &Protocol) -> String {
    let name = |state: &State| state.handler.name.to_string();
    match target {
        Some(target) if target.payload().is_some() => {
            let (states, variant) = (&protocol.states_name, &target.variant);
            format!("call `io.set_terminator({states}::{variant}(..))` in `fn {}`", name(from))
        }
        Some(target) => format!("write `next = {}`", name(target)),
        None => {
            let names: Vec<String> = protocol.states.iter().map(name).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("the states are {}", crate::words::list(&names))
        }
    }
}

/// A field's terminator and methods' terminators exclude each other.
fn one_kind_of_terminator(protocol: &Protocol, errors: &mut Errors) {
    let Some(field) = protocol.field_handler() else {
        return;
    };
    if let Some(state) = protocol.states.first() {
        errors.help(
            &field.attribute,
            format_args!(
                "nothing says what ends the frame of `fn {}`, as it does for `fn {}`",
                field.name, state.handler.name
            ),
            "write `#[terminator(b\"\\r\\n\")]`; \
             only the handler of a `#[terminator]` field has no arguments",
        );
    } else if let Some(fact) = field.facts().next() {
        errors.help(
            fact,
            "the handler of a terminator field takes no frame: `#[on_read]` had it",
            format_args!("for frames write `#[terminator(b\"\\r\\n\")]` on `fn {}`", field.name),
        );
    }
}

/// `#[on_read]` gets what no handler takes.
fn on_read_is_called(protocol: &Protocol, errors: &mut Errors) {
    let Some(event) = protocol.on_read() else {
        return;
    };
    if protocol.is_dispatcher() || protocol.states.iter().any(|state| !state.sound) {
        return;
    }
    let name = &event.handler.name;
    if protocol.collecting_handler().is_none() {
        errors.help(
            &event.handler.attribute,
            format_args!(
                "`fn {name}` is never called: each state hands its frame to its own method"
            ),
            "remove it, or take the frame's parameter off the state whose data it wants",
        );
    } else if event.kind == EventKind::Readable {
        errors.help(
            &event.handler.attribute,
            format_args!("`fn {name}` takes no data, but the framing reads for this channel"),
            format_args!("write `fn {name}(&mut self, data: &[u8])`"),
        );
    }
}

/// After `len` bytes the same length counts again, unless the state is left.
fn lengths_are_left(protocol: &Protocol, graph: &Graph, errors: &mut Errors) {
    for (at, state) in protocol.states.iter().enumerate().skip(1) {
        let (true, Some(Ends::LenAtRunTime), None) = (state.sound, state.ends(), state.next())
        else {
            continue;
        };
        let left = may_fail(state) || is_left(state, protocol, graph);
        let Some(terminator) = state.terminator.as_ref().filter(|_| !left && graph.is_entered(at))
        else {
            continue;
        };
        let name = &state.handler.name;
        errors.help(
            &terminator.at,
            format_args!(
                "nothing leaves `fn {name}`: after its bytes the same length is waited for again"
            ),
            format_args!(
                "write `{}, next = {}`",
                text::written(terminator.at.clone()),
                start_name(protocol)
            ),
        );
    }
}

/// Whether the state's own handler, or what may run while it waits, ends it.
fn is_left(state: &State, protocol: &Protocol, graph: &Graph) -> bool {
    let meanwhile = protocol.events.iter().filter(|event| {
        // One comes before any state, and behind the other nothing does.
        !matches!(event.kind, EventKind::Connect | EventKind::Close)
    });
    let handlers = meanwhile.map(|event| &event.handler).chain(&protocol.producers);
    let exits =
        handlers.chain([&state.handler]).map(|handler| graph.exits(protocol, &handler.name));
    let ends = |exits: Exits| exits.unseen || exits.leaves || !exits.to.is_empty();
    exits.chain([graph.exits_from_elsewhere(protocol)]).any(ends)
}

/// Whether what the handler returns may be an `Err`, which ends the connection.
fn may_fail(state: &State) -> bool {
    const NO_RESULTS: &[&str] = &["String", "Vec", "Bytes", "BytesMut", "Option", "Cow", "Box"];
    let ReturnType::Type(_, ty) = &*state.handler.output else { return false };
    match &**ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_none_or(|last| !NO_RESULTS.iter().any(|name| last.ident == name)),
        Type::Reference(_) | Type::Array(_) | Type::Tuple(_) => false,
        _ => true,
    }
}

fn start_name(protocol: &Protocol) -> String {
    protocol.states.first().map(|state| state.handler.name.to_string()).unwrap_or_default()
}

/// A test builds one channel, so its parameters have to be known.
fn examples_say_of_what(protocol: &Protocol, errors: &mut Errors) {
    let params = &protocol.header.generics.params;
    let mut examples = protocol.states.iter().flat_map(|state| &state.examples);
    let Some(example) = examples.find(|example| example.with.is_none() && !params.is_empty())
    else {
        return;
    };
    let name = &protocol.header.name;
    errors.help(
        &example.at,
        format_args!("an `#[example]` of a generic channel has to say of which `{name}`"),
        format_args!("add `with = {name}::<..>::default()` to it, or how else it is built"),
    );
}

/// An item macro may expand to handlers, and nobody would see them.
fn hidden_in_macros(protocol: &Protocol, errors: &mut Errors) {
    let Some(path) = protocol.macros.first() else {
        return;
    };
    if protocol.handlers().next().is_none() {
        errors.help(
            path,
            format_args!(
                "`#[channel]` cannot see into `{}!`, so no handler was found",
                text::written(quote::quote!(#path))
            ),
            "write the methods out, or let the macro produce the whole `#[channel] impl`",
        );
    }
}

fn enum_has_a_name_of_its_own(protocol: &Protocol, errors: &mut Errors) {
    if protocol.states_name == protocol.header.name {
        errors.help(
            &protocol.states_name,
            "the enum of the states cannot have the channel's name",
            format_args!("write `states = {}State`", protocol.header.name),
        );
    }
}
