//! In: the states. Out: the method that says what ends each frame, and which state follows.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned, ToTokens};

use super::describe::may_be_pieces;
use super::names::Names;
use super::paths::primitive;
use super::settings::{argument, product};
use super::sizes;
use super::span::{moved, Spans};
use crate::model::{Bytes, Ends, Order, Protocol, State, Take, Time};
use crate::parse::value::{constant, number};
use crate::tokens::stream;

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
            let arms = all.iter().enumerate().map(|(at, state)| {
                let (cfgs, variant) = (&state.handler.cfgs, &state.variant);
                let (ends, then) = (ends(state, names, spans), then(at, names));
                let payload = state.payload().map(|name| spans.ours(name));
                let payload = payload.map(|name| quote!((#name)));
                quote!(#(#cfgs)* #states::#variant #payload => #ends #then,)
            });
            (quote!(#at), quote!(match #at { #(#arms)* }))
        }
    };
    let until = names.get("Until");
    quote! {
        fn until<'a>(&'a #this, #at: &'a #states) -> #until<'a, #states> { #body }
    }
}

/// `.then(State::Head)` of what `next = head` says; a state repeats by itself.
fn then(at: usize, names: &Names<'_>) -> Option<TokenStream> {
    let protocol = names.protocol;
    let next = protocol.states.get(at)?.next()?;
    let to = protocol.state_index(next).filter(|to| *to != protocol.first_of(at))?;
    let (states, variant) = (names.states(), &protocol.states.get(to)?.variant);
    Some(quote!(.then(#states::#variant)))
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
    let busy = terminator.busy.then(|| quote!(.busy()));
    let take = match state.take() {
        Take::Whole | Take::Pieces => None,
        Take::AsTyped => frame_type(state, "static").map(|ty| quote!(.of::<#ty>())),
        Take::Collected => Some(quote!(.collected())),
        Take::Discarded => Some(quote!(.discarded())),
    };
    quote!(#base #end #max #within #busy #take)
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
    stream(renamed)
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
            let scan = moved(names.get("Scan").into_token_stream(), at);
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
    let (largest, usize) = (names.get("largest_frame"), primitive("usize"));
    let max_length = || {
        let settings = names.get("Settings");
        quote!(<Self as #settings>::LIMITS.max_length)
    };
    let sizes = sizes.into_iter().map(|size| {
        let cfgs = &size.state.handler.cfgs;
        let tokens = size.tokens.clone().unwrap_or_else(max_length);
        let held = size.held(tokens, names);
        quote!(#(#cfgs)* #held)
    });
    let at = Spans::of(protocol.header.keyword).header();
    quote_spanned! {at=>
        const MAX_FRAME: #usize = #largest::<Self>(&[#(#sizes),*]);
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
        let uncfgd = self.state.handler.cfgs.is_empty();
        match (self.value, other.value) {
            (Some(value), Some(other)) => value == other && uncfgd,
            (None, None) => uncfgd && self.written() == other.written(),
            _ => false,
        }
    }

    /// The size and the type, to compare them.
    fn written(&self) -> (Option<String>, Option<String>) {
        let size = self.tokens.as_ref().map(ToString::to_string);
        (size, self.ty().map(|ty| ty.to_string()))
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
