//! In: the bodies of a channel's methods, as tokens. Out: which state leads to which.
//!
//! Only names are read: `next = head`, `io.set_terminator(RequestTerminator::Body(n))`, and which
//! methods of the block call which. What cannot be seen (another impl block, a variable) is said
//! to be unseen rather than guessed, so that a check that relies on the graph never accuses
//! wrongly, and the drawing in the docs never lies.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};

use crate::model::{Method, Parameter, Protocol};
use crate::sorted;
use crate::words::{is_punct, is_word};

/// Where the states of a channel lead.
pub(crate) struct Graph {
    /// What each method's body says by itself, in the order of `Protocol::methods`.
    bodies: Vec<Body>,
    /// For each state, whether a way leads to it.
    entered: Vec<bool>,
    /// Those to which none leads, and of which no other one is the cause.
    orphans: Vec<usize>,
    /// Code outside of the block can act on the channel.
    open: bool,
}

/// Where a method can lead, calls included.
#[derive(Default, Clone, PartialEq, Eq)]
pub(crate) struct Exits {
    /// Indices of states, in their order.
    pub(crate) to: Vec<usize>,
    /// A `set_terminator` whose argument names no state.
    pub(crate) unseen: bool,
    /// It may end the connection, or hand the decision to code outside of the block.
    pub(crate) leaves: bool,
}

impl Exits {
    fn in_order(mut self) -> Self {
        for state in core::mem::take(&mut self.to) {
            sorted::insert(&mut self.to, state);
        }
        self
    }
}

/// What one body says.
#[derive(Default)]
struct Body {
    /// Of this method.
    method: String,
    /// States named in a `set_terminator(..)`.
    set: Vec<usize>,
    /// States named anywhere.
    named: Vec<usize>,
    /// States named where a value is made, not where one is matched.
    made: Vec<usize>,
    /// A `set_terminator` without a state in it.
    unseen: bool,
    leaves: bool,
    /// It gives code outside of the block the context, or a key to the channel.
    hands_on: bool,
    /// Indices of the methods it calls.
    calls: Vec<usize>,
    /// It has the word `spawn`.
    spawns: bool,
}

/// Calls on the context after which the state is left by the end of the connection, or later.
const LEAVING: &[&str] = &["close", "close_when_done", "reconnect", "set_timer"];

/// Calls on the context by which other code comes to act on the channel.
const OPENING: &[&str] = &["tell", "handle", "key", "upgrade", "start_tls"];

impl Graph {
    pub(crate) fn read(protocol: &Protocol) -> Self {
        let reader = Reader::new(protocol);
        let bodies: Vec<Body> = protocol.methods.iter().map(|method| reader.body(method)).collect();
        let open = bodies.iter().any(|body| body.hands_on || body.unseen && body.made.is_empty());
        let ways = Ways::read(protocol, &bodies);
        let entered = ways.reached(ways.roots.iter().copied().chain([0]));
        let orphans = ways.orphans(&entered);
        Self { bodies, entered, orphans, open }
    }

    /// Whether a way leads to this state: from the start, or from what runs in any state.
    pub(crate) fn is_entered(&self, state: usize) -> bool {
        self.entered.get(state).copied().unwrap_or(true)
    }

    /// Whether nothing leads to this state but, at most, what can be reached from it alone.
    pub(crate) fn is_orphan(&self, state: usize) -> bool {
        self.orphans.contains(&state)
    }

    /// The methods that may start a thread.
    pub(crate) fn spawning<'a>(
        &'a self,
        protocol: &'a Protocol,
    ) -> impl Iterator<Item = &'a Method> {
        let methods = protocol.methods.iter().zip(&self.bodies);
        methods.filter(|(_, body)| body.spawns).map(|(method, _)| method)
    }

    /// Whether code outside of the block may enter states, too.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Where this method leads by `set_terminator`, through the methods it calls.
    pub(crate) fn exits(&self, protocol: &Protocol, method: &Ident) -> Exits {
        let mut seen = Vec::new();
        let mut exits = Exits::default();
        self.follow(method_index(protocol, method), &mut seen, &mut exits);
        exits.in_order()
    }

    /// States set by methods that no handler of the block calls.
    pub(crate) fn exits_from_elsewhere(&self, protocol: &Protocol) -> Exits {
        let mut called = Vec::new();
        for handler in protocol.handlers() {
            self.follow(method_index(protocol, &handler.name), &mut called, &mut Exits::default());
        }
        let mut exits = Exits::default();
        for at in (0..self.bodies.len()).filter(|at| !called.contains(at)).collect::<Vec<_>>() {
            self.follow(Some(at), &mut called, &mut exits);
        }
        exits.in_order()
    }

    fn follow(&self, method: Option<usize>, seen: &mut Vec<usize>, exits: &mut Exits) {
        let Some(at) = method.filter(|at| !seen.contains(at)) else {
            return;
        };
        let Some(body) = self.bodies.get(at) else {
            return;
        };
        seen.push(at);
        exits.to.extend(&body.set);
        if body.unseen {
            exits.to.extend(&body.made);
            exits.unseen |= body.made.is_empty();
        }
        exits.leaves |= body.leaves;
        for call in &body.calls {
            self.follow(Some(*call), seen, exits);
        }
    }
}

/// Which states are named where. More than is set there: what may be meant is not accused.
struct Ways {
    /// In what runs whatever is waited for: events, and methods that no state calls.
    roots: Vec<usize>,
    /// In the methods of each state and those they call, and behind its `next =`.
    from: Vec<Vec<usize>>,
}

impl Ways {
    fn read(protocol: &Protocol, bodies: &[Body]) -> Self {
        let (mut of_states, mut from) = (Vec::new(), Vec::new());
        for (at, state) in protocol.states.iter().enumerate() {
            let (mut read, mut found) = (Vec::new(), Vec::new());
            let name = state.handler.name.to_string();
            let own = bodies.iter().enumerate().filter(|(_, body)| body.method == name);
            own.for_each(|(method, _)| named_from(method, bodies, &mut read, &mut found));
            found.extend(state.next().and_then(|next| index_of(protocol, next)));
            of_states.append(&mut read);
            // Under `#[cfg]` a state may have several methods, of which any may be there.
            let first = protocol.first_of(at);
            if let Some(first) = from.get_mut(first) {
                Vec::extend(first, &found);
            }
            from.push(found);
        }
        let (mut read, mut roots) = (Vec::new(), Vec::new());
        let is_event = |body: &Body| {
            protocol.events.iter().any(|event| event.handler.name == body.method)
                || protocol.producers.iter().any(|handler| handler.name == body.method)
        };
        for (method, body) in bodies.iter().enumerate() {
            if is_event(body) || !of_states.contains(&method) {
                named_from(method, bodies, &mut read, &mut roots);
            }
        }
        Self { roots, from }
    }

    /// For each state, whether a way leads there from these.
    fn reached(&self, from: impl Iterator<Item = usize>) -> Vec<bool> {
        let mut reached = vec![false; self.from.len()];
        let mut open: Vec<usize> = from.collect();
        while let Some(at) = open.pop() {
            if let Some(new) = reached.get_mut(at).filter(|reached| !**reached) {
                *new = true;
                open.extend(self.from.get(at).into_iter().flatten());
            }
        }
        reached
    }

    /// Of the states that are not entered those that no other such leads to; of a ring of them
    /// the first.
    fn orphans(&self, entered: &[bool]) -> Vec<usize> {
        let missed = entered.iter().enumerate().filter(|(_, entered)| !**entered);
        let missed: Vec<(usize, Vec<bool>)> =
            missed.map(|(at, _)| (at, self.reached([at].into_iter()))).collect();
        let leads = |from: &Vec<bool>, to: usize| from.get(to).copied().unwrap_or(false);
        let is_cause = |(at, reach): &&(usize, Vec<bool>)| {
            missed
                .iter()
                .all(|(other, theirs)| !leads(theirs, *at) || leads(reach, *other) && at <= other)
        };
        missed.iter().filter(is_cause).map(|(at, _)| *at).collect()
    }
}

/// The states that a method names, and those that it calls.
fn named_from(method: usize, bodies: &[Body], read: &mut Vec<usize>, found: &mut Vec<usize>) {
    let Some(body) = bodies.get(method).filter(|_| !read.contains(&method)) else {
        return;
    };
    read.push(method);
    found.extend(body.named.iter().chain(&body.set));
    body.calls.iter().for_each(|call| named_from(*call, bodies, read, found));
}

/// The state whose method has this name.
pub(crate) fn index_of(protocol: &Protocol, method: &Ident) -> Option<usize> {
    protocol.state_index(method)
}

fn method_index(protocol: &Protocol, name: &Ident) -> Option<usize> {
    protocol.method_index(name)
}

/// The names to look for.
struct Reader {
    variants: Vec<String>,
    methods: Vec<String>,
}

/// Where the tokens being read stand.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The name of the context parameter.
    context: Option<&'a str>,
    /// These are the arguments of a method of the block, which is read itself.
    known_call: bool,
}

impl Reader {
    fn new(protocol: &Protocol) -> Self {
        Self {
            variants: protocol.states.iter().map(|state| state.variant.to_string()).collect(),
            methods: protocol.methods.iter().map(|method| method.sig.ident.to_string()).collect(),
        }
    }

    fn body(&self, method: &Method) -> Body {
        let context = context_name(method);
        let mut body = Body { method: method.sig.ident.to_string(), ..Body::default() };
        let place = Place { context: context.as_deref(), known_call: false };
        self.tokens(method.body.clone(), place, &mut body);
        body
    }

    fn tokens(&self, tokens: TokenStream, place: Place<'_>, body: &mut Body) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut known_call = false;
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => {
                    self.tokens(group.stream(), Place { known_call, ..place }, body);
                    known_call = false;
                }
                TokenTree::Ident(ident) => {
                    let around = Around { tokens: &tokens, at };
                    known_call = self.word(&ident.to_string(), around, place, body);
                }
                _ => known_call = false,
            }
        }
    }

    /// Reads one word; true if it calls a method of the block.
    fn word(&self, word: &str, around: Around<'_>, place: Place<'_>, body: &mut Body) -> bool {
        if let ("set_terminator", Some(TokenTree::Group(arguments))) = (word, around.after(1)) {
            self.set_terminator(arguments, body);
            return false;
        }
        body.spawns |= word == "spawn";
        let is_method = is_punct(around.before(1), '.');
        let lent = Some(word) == place.context && !is_punct(around.after(1), '.');
        body.hands_on |= lent && !place.known_call || is_method && OPENING.contains(&word);
        body.leaves |= body.hands_on || is_method && LEAVING.contains(&word);
        if is_punct(around.before(1), ':') {
            self.variant(word, around, body);
        }
        let known = || self.methods.iter().position(|method| method == word);
        let called = around.is_own_call().then(known).flatten();
        body.calls.extend(called);
        called.is_some()
    }

    fn set_terminator(&self, arguments: &Group, body: &mut Body) {
        let before = body.set.len();
        self.states_in(arguments.stream(), &mut body.set);
        body.unseen |= body.set.len() == before;
    }

    fn states_in(&self, tokens: TokenStream, found: &mut Vec<usize>) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    let word = ident.to_string();
                    found.extend(self.variants.iter().position(|variant| *variant == word));
                }
                TokenTree::Group(group) => self.states_in(group.stream(), found),
                _ => {}
            }
        }
    }

    fn variant(&self, word: &str, around: Around<'_>, body: &mut Body) {
        let Some(state) = self.variants.iter().position(|variant| variant == word) else {
            return;
        };
        body.named.push(state);
        let after = match around.after(1) {
            Some(TokenTree::Group(_)) => around.after(2),
            other => other,
        };
        // `State::Body(_) => ..`, `State::Body(_) | ..`, `let State::Body(n) = ..` take one apart.
        if !is_punct(after, '=') && !is_punct(after, '|') {
            body.made.push(state);
        }
    }
}

/// A token among its neighbours.
#[derive(Clone, Copy)]
struct Around<'a> {
    tokens: &'a [TokenTree],
    at: usize,
}

impl<'a> Around<'a> {
    fn after(self, steps: usize) -> Option<&'a TokenTree> {
        self.tokens.get(self.at + steps)
    }

    fn before(self, steps: usize) -> Option<&'a TokenTree> {
        self.tokens.get(self.at.checked_sub(steps)?)
    }

    /// `self.name(..)`, `Self::name(..)`
    fn is_own_call(self) -> bool {
        let by_value = is_punct(self.before(1), '.') && is_word(self.before(2), "self");
        let by_path = is_punct(self.before(1), ':') && is_word(self.before(3), "Self");
        matches!(self.after(1), Some(TokenTree::Group(_))) && (by_value || by_path)
    }
}

/// The name of the `&mut` parameter.
pub(crate) fn context_name(method: &Method) -> Option<String> {
    method.sig.inputs.iter().find_map(|input| {
        let typed = input.typed()?;
        match crate::parse::quiet_parameter(typed) {
            Some(Parameter::Context(_)) => typed.name.as_ref().map(ToString::to_string),
            _ => None,
        }
    })
}
