//! In: the names the generated code needs. Out: short paths, and the `use` line that allows them.
//!
//! The implementation stands in a block of its own, so what it imports is seen by nobody else. A
//! name that the user's own tokens mention is not imported but written in full: their `Frame`
//! stays theirs.

use core::cell::RefCell;
use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, ToTokens};

use crate::model::{Ends, EventKind, Protocol, Terminator, Time};

/// The names used so far, and those that must not be imported.
pub(super) struct Names<'a> {
    runtime: &'a TokenStream,
    taken: BTreeSet<String>,
    used: RefCell<BTreeSet<&'static str>>,
    states: &'a Ident,
    /// Several states are matched on: a short name keeps each arm on one line.
    several: bool,
}

/// What the enum of the states is called inside the block.
const STATE: &str = "State";

/// The one name that comes from elsewhere.
const DURATION: &str = "Duration";

impl<'a> Names<'a> {
    pub(super) fn new(protocol: &'a Protocol) -> Self {
        Self {
            runtime: &protocol.runtime,
            taken: taken(protocol),
            used: RefCell::default(),
            states: &protocol.states_name,
            several: protocol.states.len() > 1,
        }
    }

    /// How to write this item of the runtime.
    pub(super) fn get(&self, name: &'static str) -> TokenStream {
        let ident = Ident::new(name, Span::call_site());
        if self.taken.contains(name) {
            let runtime = self.runtime;
            return quote!(#runtime::#ident);
        }
        self.used.borrow_mut().insert(name);
        quote!(#ident)
    }

    /// How to write the limits of the struct: its trait has to be in scope for the short way.
    pub(super) fn limits(&self) -> TokenStream {
        let settings = self.get("Settings");
        if self.taken.contains("Settings") {
            quote!(<Self as #settings>::LIMITS)
        } else {
            quote!(Self::LIMITS)
        }
    }

    /// How to write the enum of the states.
    pub(super) fn states(&self) -> TokenStream {
        if !self.several || self.taken.contains(STATE) {
            let states = self.states;
            return quote!(#states);
        }
        self.used.borrow_mut().insert(STATE);
        quote!(State)
    }

    /// How to write `core::time::Duration`.
    pub(super) fn duration(&self) -> TokenStream {
        if self.taken.contains(DURATION) {
            return quote!(::core::time::Duration);
        }
        self.used.borrow_mut().insert(DURATION);
        quote!(Duration)
    }

    /// The `use` lines for what was asked so far.
    pub(super) fn imports(&self) -> TokenStream {
        let (runtime, states) = (self.runtime, self.states);
        let used = self.used.borrow();
        let duration = used.contains(DURATION).then(|| {
            quote!(
                use ::core::time::Duration;
            )
        });
        let states = used.contains(STATE).then(|| quote!(use #states as State;));
        let names = used.iter().filter(|name| ![DURATION, STATE].contains(*name));
        let names: Vec<Ident> = names.map(|name| Ident::new(name, Span::call_site())).collect();
        let names = match names.as_slice() {
            [] => TokenStream::new(),
            [name] => quote!(use #runtime::#name;),
            names => quote!(use #runtime::{#(#names),*};),
        };
        quote!(#duration #names #states)
    }
}

/// Every word in the user's tokens that come to stand in the block.
fn taken(protocol: &Protocol) -> BTreeSet<String> {
    let header = &protocol.header;
    let mut taken = BTreeSet::from([protocol.states_name.to_string()]);
    mentioned(header.generics.to_token_stream(), &mut taken);
    mentioned(header.generics.where_clause.to_token_stream(), &mut taken);
    mentioned(header.self_ty.to_token_stream(), &mut taken);
    for terminator in protocol.states.iter().filter_map(|state| state.terminator.as_ref()) {
        mentioned_in(terminator, &mut taken);
    }
    for event in protocol.events.iter().filter(|event| event.kind == EventKind::Timer) {
        event.handler.facts().for_each(|ty| mentioned(ty.to_token_stream(), &mut taken));
    }
    taken
}

fn mentioned_in(terminator: &Terminator, words: &mut BTreeSet<String>) {
    mentioned(terminator.max.to_token_stream(), words);
    if let Some((Time::Expr(expr), _)) = &terminator.within {
        mentioned(expr.to_token_stream(), words);
    }
    match &terminator.ends {
        Ends::Len(len) => mentioned(len.to_token_stream(), words),
        Ends::With(path) => mentioned(path.to_token_stream(), words),
        _ => {}
    }
}

fn mentioned(tokens: TokenStream, words: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => words.extend([ident.to_string()]),
            TokenTree::Group(group) => mentioned(group.stream(), words),
            _ => {}
        }
    }
}
