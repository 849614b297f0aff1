//! In: a channel's protocol. Out: what is asked of it as a whole.

use std::cell::OnceCell;

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::model::{Event, EventKind, Handler, Protocol, State, Take};
use crate::sorted;
use crate::words;

/// Where the methods and the states of a name are. Found when that is asked first: identifiers are
/// compared by the compiler, which takes its time.
#[derive(Default)]
pub(crate) struct Places {
    found: OnceCell<Found>,
}

/// Indices of methods and of states, by the names of the methods.
struct Found {
    methods: Vec<(String, usize)>,
    states: Vec<(String, usize)>,
}

impl Protocol {
    /// The first state whose method has this name.
    pub(crate) fn state_index(&self, method: &Ident) -> Option<usize> {
        place(&self.found().states, method)
    }

    /// The first method of this name.
    pub(crate) fn method_index(&self, name: &Ident) -> Option<usize> {
        place(&self.found().methods, name)
    }

    fn found(&self) -> &Found {
        self.places.found.get_or_init(|| Found {
            methods: first_places(self.methods.iter().map(|method| &method.sig.ident)),
            states: first_places(self.states.iter().map(|state| &state.handler.name)),
        })
    }

    /// Every method the runtime calls.
    pub(crate) fn handlers(&self) -> impl Iterator<Item = &Handler> {
        let states = self.states.iter().map(|state| &state.handler);
        let events = self.events.iter().map(|event| &event.handler);
        states.chain(&self.field_handlers).chain(events).chain(&self.producers)
    }

    /// The handler of a terminator in a field.
    pub(crate) fn field_handler(&self) -> Option<&Handler> {
        self.field_handlers.first()
    }

    /// The states that a connection can start in: several where they stand under `#[cfg]`.
    pub(crate) fn starts(&self) -> impl Iterator<Item = &State> {
        let first = self.states.first().map(|state| &state.variant);
        self.states.iter().filter(move |state| Some(&state.variant) == first)
    }

    /// For each state the first of its name: of those under `#[cfg]` only one is there.
    pub(crate) fn first_of(&self, at: usize) -> usize {
        let state = self.states.get(at).filter(|state| !state.handler.cfgs.is_empty());
        let Some(state) = state else { return at };
        self.states.iter().position(|other| other.variant == state.variant).unwrap_or(at)
    }

    /// A handler whose data somebody else has to take.
    pub(crate) fn collecting_handler(&self) -> Option<&Handler> {
        let state = self.states.iter().find(|state| state.take() == Take::Collected);
        state.map(|state| &state.handler).or(self.field_handler())
    }

    /// A channel without terminators.
    pub(crate) fn is_dispatcher(&self) -> bool {
        self.states.is_empty() && self.field_handlers.is_empty()
    }

    /// The `#[on_read]` method, if there is one.
    pub(crate) fn on_read(&self) -> Option<&Event> {
        self.events.iter().find(|event| matches!(event.kind, EventKind::Read | EventKind::Readable))
    }

    /// Whether `states = ..` says how the enum is called.
    pub(crate) fn names_its_states(&self) -> bool {
        self.states_name != default_states_name(&self.header.name)
    }

    /// Where the enum of the states stands: a name that no user writes, and no other enum has.
    pub(crate) fn module(&self) -> String {
        let name = self.states_name.unraw().to_string();
        let words = words::snake_case(&self.states_name);
        if words::camel(&words) == name {
            format!("{words}_")
        } else {
            // `HTTPServer`, beside which an `HttpServer` may stand.
            format!("{name}_")
        }
    }
}

/// The names in order, each with the first of its places.
fn first_places<'a>(names: impl Iterator<Item = &'a Ident>) -> Vec<(String, usize)> {
    let mut places = Vec::new();
    for (at, name) in names.enumerate() {
        sorted::insert(&mut places, (name.to_string(), at));
    }
    places.dedup_by(|(name, _), (before, _)| name == before);
    places
}

fn place(places: &[(String, usize)], name: &Ident) -> Option<usize> {
    let name = name.to_string();
    let at = places.binary_search_by(|(known, _)| known.cmp(&name)).ok()?;
    places.get(at).map(|(_, place)| *place)
}

/// The enum of the states, unless `states = ..` says another name.
pub(crate) fn default_states_name(channel: &Ident) -> Ident {
    quote::format_ident!("{}Terminator", channel)
}
