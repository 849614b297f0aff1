//! In: the bodies of a channel's methods, as tokens. Out: which state leads to which.
//!
//! Only names are read: `next = head`, `io.set_terminator(RequestTerminator::Body(n))`, and which
//! methods of the block call which. What cannot be seen (another impl block, a variable) is said
//! to be unseen rather than guessed, so that a check that relies on the graph never accuses
//! wrongly, and the drawing in the docs never lies.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};

use crate::model::{Method, Parameter, Protocol};
use crate::words::is_word;

/// Where the states of a channel lead.
pub(crate) struct Graph {
    /// What each method's body says by itself, in the order of `Protocol::methods`.
    bodies: Vec<Body>,
    /// For each state, whether something enters it.
    entered: Vec<bool>,
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

/// What one body says.
#[derive(Default)]
struct Body {
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
}

/// Calls on the context after which the state is left by the end of the connection, or later.
const LEAVING: &[&str] = &["close", "close_when_done", "reconnect", "set_timer"];

/// Calls on the context by which other code comes to act on the channel.
const OPENING: &[&str] = &["tell", "handle", "key", "upgrade", "start_tls"];

impl Graph {
    pub(crate) fn read(protocol: &Protocol) -> Self {
        let reader = Reader::new(protocol);
        let bodies: Vec<Body> = protocol.methods.iter().map(|method| reader.body(method)).collect();
        let mut entered = vec![false; protocol.states.len()];
        let declared = protocol.states.iter().filter_map(|state| index_of(protocol, state.next()?));
        let named = bodies.iter().flat_map(|body| body.named.iter().chain(&body.set).copied());
        for state in declared.chain(named).chain([0]) {
            if let Some(entered) = entered.get_mut(state) {
                *entered = true;
            }
        }
        let open = bodies.iter().any(|body| body.hands_on || body.unseen && body.made.is_empty());
        Self { bodies, entered, open }
    }

    /// Whether anything in the block enters this state.
    pub(crate) fn is_entered(&self, state: usize) -> bool {
        self.entered.get(state).copied().unwrap_or(true)
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
        exits.to.sort_unstable();
        exits.to.dedup();
        exits
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
        exits.to.sort_unstable();
        exits.to.dedup();
        exits
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
        let mut body = Body::default();
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

fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
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
