//! In: the names the generated code needs. Out: short paths, and the `use` line that allows them.
//!
//! The implementation stands in a block of its own, so what it imports is seen by nobody else, and
//! nothing around it is taken in its place. A name that the user's own tokens mention is not
//! imported but written in full: their `Frame` stays theirs. Where these tokens call a macro, which
//! may say any name, nothing is imported.

use core::cell::RefCell;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{quote, ToTokens};

use super::paths;
use crate::model::{Ends, EventKind, Protocol, State, Take, Terminator, Time};
use crate::sorted;

/// The names used so far, and those that must not be imported.
pub(super) struct Names<'a> {
    pub(super) protocol: &'a Protocol,
    /// How its names are written here, and the import that this needs.
    runtime: TokenStream,
    alias: TokenStream,
    /// In the order of their letters.
    taken: Vec<String>,
    /// In the order of their letters.
    used: RefCell<Vec<&'static str>>,
    states: TokenStream,
    /// Several states are matched on: a short name keeps each arm on one line.
    several: bool,
}

/// An item of the runtime: no stream of tokens, which most of the time would be of one.
pub(super) struct Name<'a> {
    /// Where it is not imported.
    runtime: Option<&'a TokenStream>,
    ident: Ident,
}

impl ToTokens for Name<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { runtime, ident } = self;
        if let Some(runtime) = runtime {
            tokens.extend(quote!(#runtime::));
        }
        ident.to_tokens(tokens);
    }
}

/// What the enum of the states is called inside the block.
const STATE: &str = "State";

/// The user's tokens have this among them where they call a macro.
const MACRO: &str = "!";

impl<'a> Names<'a> {
    pub(super) fn new(protocol: &'a Protocol, states: TokenStream) -> Self {
        let runtime = &protocol.runtime;
        let (runtime, alias) =
            paths::renamed(runtime).unwrap_or_else(|| (runtime.clone(), TokenStream::new()));
        Self {
            protocol,
            runtime,
            alias,
            taken: taken(protocol),
            used: RefCell::default(),
            states,
            several: protocol.states.len() > 1,
        }
    }

    /// How to write this item of the runtime.
    pub(super) fn get(&self, name: &'static str) -> Name<'_> {
        let ident = Ident::new(name, Span::call_site());
        Name { runtime: (!self.imports_it(name)).then_some(&self.runtime), ident }
    }

    /// The enum of the states by its own name.
    pub(super) fn enumeration(&self) -> TokenStream {
        self.states.clone()
    }

    /// How to write the enum of the states.
    pub(super) fn states(&self) -> TokenStream {
        let states = &self.states;
        if self.several && self.imports_it(STATE) {
            return quote!(State);
        }
        quote!(#states)
    }

    fn imports_it(&self, name: &'static str) -> bool {
        let is_taken =
            |word: &str| self.taken.binary_search_by(|known| known.as_str().cmp(word)).is_ok();
        let is_free = !is_taken(name) && !is_taken(MACRO);
        if is_free {
            sorted::insert(&mut self.used.borrow_mut(), name);
        }
        is_free
    }

    /// The `use` lines for what was asked so far.
    pub(super) fn imports(&self) -> TokenStream {
        let Self { runtime, alias, states, .. } = self;
        let used = self.used.borrow();
        let state = used.contains(&STATE).then(|| quote!(type State = #states;));
        let names = used.iter().filter(|name| **name != STATE);
        let names: Vec<Ident> = names.map(|name| Ident::new(name, Span::call_site())).collect();
        let names = match names.as_slice() {
            [] => TokenStream::new(),
            [name] => quote!(use #runtime::#name;),
            names => quote!(use #runtime::{#(#names),*};),
        };
        quote!(#alias #names #state)
    }
}

/// Every word in the user's tokens that come to stand in the block.
fn taken(protocol: &Protocol) -> Vec<String> {
    let header = &protocol.header;
    let mut taken = vec![protocol.states_name.to_string()];
    mentioned(header.generics.to_token_stream(), &mut taken);
    mentioned(header.generics.where_clause.to_token_stream(), &mut taken);
    mentioned(header.self_ty.to_token_stream(), &mut taken);
    protocol.states.iter().for_each(|state| mentioned_in(state, &mut taken));
    for event in protocol.events.iter().filter(|event| event.kind == EventKind::Timer) {
        event.handler.facts().for_each(|ty| mentioned(ty.to_token_stream(), &mut taken));
    }
    taken
}

fn mentioned_in(state: &State, words: &mut Vec<String>) {
    if let (Take::AsTyped, Some(ty)) = (state.take(), state.handler.facts().next()) {
        mentioned(ty.to_token_stream(), words);
    }
    let Some(Terminator { ends, max, within, .. }) = &state.terminator else { return };
    mentioned(max.to_token_stream(), words);
    if let Some((Time::Expr(expr), _)) = within {
        mentioned(expr.to_token_stream(), words);
    }
    match ends {
        Ends::Len(len) => mentioned(len.to_token_stream(), words),
        Ends::With(path) => mentioned(path.to_token_stream(), words),
        _ => {}
    }
}

fn mentioned(tokens: TokenStream, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => sorted::insert(words, ident.to_string()),
            TokenTree::Group(group) => mentioned(group.stream(), words),
            TokenTree::Punct(punct) if punct.as_char() == '!' => {
                sorted::insert(words, MACRO.to_owned());
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
