//! In: the states. Out: the methods that say what ends each frame, and where a state goes then.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned, ToTokens};

use super::describe::may_be_pieces;
use super::names::Names;
use super::paths::{self, primitive};
use super::settings::{argument, product};
use super::sizes;
use super::span::{moved, Spans};
use crate::model::{Bytes, Ends, Order, Protocol, State, Take, Time};
use crate::parse::value::{constant, number};

/// `fn until`: the state table itself.
pub(super) fn until(protocol: &Protocol, names: &Names<'_>, spans: Spans) -> TokenStream {
    if protocol.states.is_empty() {
        return TokenStream::new();
    }
    let states = names.states();
    // `max = Self::LIMIT` may stand in the body, and user tokens resolve as the user's.
    let this = spans.local("self");
    let is_plain = |state: &State| state.payload().is_none() && state.handler.cfgs.is_empty();
    let (at, body) = match protocol.states.as_slice() {
        [] => return TokenStream::new(),
        [only] if is_plain(only) => (quote!(_), ends(only, names, spans)),
        all => {
            let at = spans.ours("at");
            let arms = all.iter().map(|state| {
                let (cfgs, variant, ends) =
                    (&state.handler.cfgs, &state.variant, ends(state, names, spans));
                let payload = state.payload().map(|name| spans.ours(name));
                let payload = payload.map(|name| quote!((#name)));
                quote!(#(#cfgs)* #states::#variant #payload => #ends,)
            });
            (quote!(#at), quote!(match #at { #(#arms)* }))
        }
    };
    let until = names.get("Until");
    quote! {
        fn until<'a>(&'a #this, #at: &'a #states) -> #until<'a> { #body }
    }
}

/// `Until::len(*len).max(1 << 20)`
fn ends(state: &State, names: &Names<'_>, spans: Spans) -> TokenStream {
    let Some(terminator) = &state.terminator else {
        return TokenStream::new();
    };
    let base = base(state, &terminator.ends, names, spans);
    let end = terminator.end.as_ref().map(|end| {
        let end = &end.token;
        quote!(.end(#end))
    });
    let max = terminator.max.as_ref().map(|max| {
        let max = sizes::max(max, state, names);
        quote!(.max(#max))
    });
    let within = terminator.within.as_ref().map(|(time, _)| within(time));
    let take = match state.take() {
        Take::Whole | Take::Pieces => None,
        Take::AsTyped => frame_type(state, "static").map(|ty| quote!(.of::<#ty>())),
        Take::Collected => Some(quote!(.collected())),
        Take::Discarded => Some(quote!(.discarded())),
    };
    quote!(#base #end #max #within #take)
}

/// `.within_secs(10)`
fn within(time: &Time) -> TokenStream {
    match time {
        Time::Never => quote!(.untimed()),
        Time::Parts { unit, count, scale } => {
            let (method, count) = (format_ident!("within_{unit}"), product(*count, *scale));
            quote!(.#method(#count))
        }
        Time::Expr(expr) => {
            let time = argument(expr);
            quote!(.within(#time))
        }
    }
}

/// The type of the handler's frame, without the names of its lifetimes: there are no such here.
fn frame_type(state: &State, lifetime: &str) -> Option<TokenStream> {
    state.handler.facts().next().map(|ty| renamed(ty.to_token_stream(), lifetime))
}

/// The same with this lifetime for each but `'static`.
fn renamed(tokens: TokenStream, lifetime: &str) -> TokenStream {
    let mut tick = false;
    let renamed = tokens.into_iter().map(|token| {
        let is_name = std::mem::replace(
            &mut tick,
            matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\''),
        );
        match token {
            TokenTree::Ident(name) if is_name && name != "static" => {
                Ident::new(lifetime, name.span()).into()
            }
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), renamed(group.stream(), lifetime));
                inside.set_span(group.span());
                inside.into()
            }
            token => token,
        }
    });
    renamed.collect()
}

/// `Until::len(*len_)`
fn base(state: &State, ends: &Ends, names: &Names<'_>, spans: Spans) -> TokenStream {
    let until = names.get("Until");
    match ends {
        Ends::Bytes(Bytes { token, .. }) => quote!(#until::bytes(#token)),
        Ends::Any(all) => {
            let all = all.iter().map(|bytes| &bytes.token);
            quote!(#until::any(&[#(#all),*]))
        }
        Ends::BytesAtRunTime => {
            let bytes = spans.ours("bytes");
            quote!(#until::bytes(#bytes))
        }
        Ends::LenAtRunTime => {
            let len = spans.ours("len");
            quote!(#until::len(*#len))
        }
        Ends::Len(len) => {
            let size = sizes::len(len, state, names);
            match constant(len) {
                Some(_) => quote!(#until::len(#size)),
                None => quote!(#until::fixed(#size)),
            }
        }
        Ends::Prefix { width, order } => {
            let (bytes, method) = (number(width.bytes.into()), prefix(*order));
            quote!(#until::#method(#bytes))
        }
        Ends::Varint => quote!(#until::varint()),
        Ends::Eof => quote!(#until::eof()),
        Ends::Nothing => quote!(#until::none()),
        Ends::With(path) => {
            // Shown at the path, where a function of another shape was given.
            let at = spans.at(path);
            let scan = moved(names.get("Scan"), at);
            let data = spans.ours("data");
            let scan = quote_spanned!(at=> |#data| #scan::checked(#path(#data)));
            quote!(#until::with(#scan))
        }
    }
}

fn prefix(order: Order) -> Ident {
    match order {
        Order::Big => format_ident!("prefix_be"),
        Order::Little => format_ident!("prefix_le"),
    }
}

/// `fn next`, where some state declares it.
pub(super) fn next(protocol: &Protocol, names: &Names<'_>) -> TokenStream {
    let moves = moves(protocol);
    if moves.is_empty() {
        return TokenStream::new();
    }
    let (states, at) = (names.states(), Spans::of(protocol.header.keyword).ours("at"));
    let count: usize = moves.iter().map(|all| all.from.len()).sum();
    // Short names keep several moves on one line each.
    let name = |name| if count > 1 { names.option(name) } else { paths::of_option(name) };
    let (option, some) = (name("Option"), name("Some"));
    let rest = (count < protocol.states.len()).then(|| {
        let none = name("None");
        quote!(_ => #none,)
    });
    let arms = moves.into_iter().map(|all| {
        let cfgs = all.from.first().map(|state| &state.handler.cfgs).into_iter().flatten();
        let (to, from) = (&all.to.variant, all.from.iter().map(|state| pattern(state, &states)));
        quote!(#(#cfgs)* #(#from)|* => #some(#states::#to),)
    });
    quote! {
        fn next(#at: &#states) -> #option<#states> {
            match #at { #(#arms)* #rest }
        }
    }
}

/// The states that go to one.
struct Moves<'a> {
    from: Vec<&'a State>,
    to: &'a State,
    /// The place of `to`.
    at: usize,
}

impl Moves<'_> {
    /// What stands behind `#[cfg]` needs an arm of its own.
    fn can_be_joined(&self) -> bool {
        self.from.iter().all(|state| state.handler.cfgs.is_empty())
    }
}

fn moves(protocol: &Protocol) -> Vec<Moves<'_>> {
    let mut moves: Vec<Moves<'_>> = Vec::new();
    for (place, from) in protocol.states.iter().enumerate() {
        let at = from.next().and_then(|next| protocol.state_index(next));
        // A state repeats by itself.
        let Some(at) = at.filter(|at| *at != protocol.first_of(place)) else { continue };
        let Some(to) = protocol.states.get(at) else { continue };
        let single = Moves { from: vec![from], to, at };
        let joins = |all: &&mut Moves<'_>| all.at == at && all.can_be_joined();
        match moves.iter_mut().find(joins).filter(|_| single.can_be_joined()) {
            Some(all) => all.from.push(from),
            None => moves.push(single),
        }
    }
    moves
}

/// `State::Body(_)`
pub(super) fn pattern(state: &State, states: &TokenStream) -> TokenStream {
    let variant = &state.variant;
    match state.payload() {
        Some(_) => quote!(#states::#variant(_)),
        None => quote!(#states::#variant),
    }
}

/// The constant that says what the channel has to hold at most, where a state asks for more.
pub(super) fn max_frame(protocol: &Protocol, names: &Names<'_>) -> TokenStream {
    let mut sizes: Vec<Size<'_>> = Vec::new();
    for size in protocol.states.iter().filter_map(|state| Size::of(state, names)) {
        if !sizes.iter().any(|known| known.is_same(&size)) {
            sizes.push(size);
        }
    }
    if sizes.is_empty() {
        return TokenStream::new();
    }
    // What is held of any type says more than what is held of some.
    let is_whole = |size: &Size<'_>| size.ty().is_none() && size.state.handler.cfgs.is_empty();
    if sizes.iter().any(|size| size.tokens.is_none() && is_whole(size)) {
        sizes.retain(|size| size.tokens.is_some() || is_whole(size));
    }
    // Of the plain numbers only the largest can matter.
    let largest = sizes.iter().filter_map(|size| size.value).max();
    sizes.retain(|size| size.value.is_none() || size.value == largest);
    let (settings, usize) = (names.get("Settings"), primitive("usize"));
    let sizes = sizes.into_iter().map(|size| {
        let cfgs = &size.state.handler.cfgs;
        let tokens =
            size.tokens.clone().unwrap_or_else(|| quote!(<Self as #settings>::LIMITS.max_length));
        let held = size.held(tokens, names);
        quote!(#(#cfgs)* #held)
    });
    let at = Spans::of(protocol.header.keyword).header();
    quote_spanned! {at=>
        const MAX_FRAME: #usize = <Self as #settings>::LIMITS.largest(&[#(#sizes),*]);
    }
}

/// What a state holds, if that is not the channel's `max_frame`.
struct Size<'a> {
    state: &'a State,
    /// `None` is the channel's `max_length`.
    tokens: Option<TokenStream>,
    /// Known if it is a plain number, and there whatever is configured.
    value: Option<u128>,
}

impl<'a> Size<'a> {
    fn of(state: &'a State, names: &Names<'_>) -> Option<Self> {
        let is_held = matches!(state.take(), Take::Whole | Take::AsTyped);
        let terminator = state.terminator.as_ref().filter(|_| is_held)?;
        let (tokens, value) = match (&terminator.max, &terminator.ends) {
            (Some(max), _) => (Some(sizes::max(max, state, names)), constant(max)),
            (None, Ends::Len(len)) => (Some(sizes::len(len, state, names)), constant(len)),
            (None, Ends::LenAtRunTime | Ends::Prefix { .. } | Ends::Varint | Ends::Eof) => {
                (None, None)
            }
            _ => return None,
        };
        let is_sure = state.handler.cfgs.is_empty() && !may_be_pieces(state);
        let value = value.filter(|_| is_sure);
        Some(Self { state, tokens, value })
    }

    fn is_same(&self, other: &Self) -> bool {
        let text = |size: &Self| size.tokens.as_ref().map(ToString::to_string);
        let uncfgd = self.state.handler.cfgs.is_empty();
        let ty = |size: &Self| size.ty().map(|ty| ty.to_string());
        text(self) == text(other) && ty(self) == ty(other) && uncfgd
    }

    /// The type that decides whether the frame is held at all. Of one that is not called so the
    /// size is counted, and is too much where it is another name of `Piece`.
    fn ty(&self) -> Option<TokenStream> {
        frame_type(self.state, "_").filter(|_| may_be_pieces(self.state))
    }

    fn held(&self, size: TokenStream, names: &Names<'_>) -> TokenStream {
        let Some(ty) = self.ty() else { return size };
        let frame = names.get("Frame");
        quote!(#frame::held::<#ty>(#size))
    }
}
