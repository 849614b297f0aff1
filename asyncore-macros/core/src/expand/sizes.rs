//! In: `len = N`, `max = N`. Out: the number, where the macro knows it; else a constant that the
//! compiler checks.
//!
//! A constant has a name, so that what is wrong with it is said once although it is used twice; of several
//! each looks at the one before, so that the first mistake is the only one. What depends on the channel's
//! own parameters is written out where it is used.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned, ToTokens};
use syn::ext::IdentExt;
use syn::{Expr, Lit, Type};

use super::names::Names;
use super::paths::primitive;
use super::settings::argument;
use super::span::{moved, Spans};
use crate::model::{Ends, Protocol, State};
use crate::parse::value::{constant, number, plain};
use crate::text;
use crate::tokens::{joined, stream};
use crate::words;

/// One size, as the user wrote it.
struct Size<'a> {
    state: &'a State,
    expr: &'a Expr,
    is_max: bool,
}

/// How to write `len = ..` of this state: a number, or the constant.
pub(super) fn len(expr: &Expr, state: &State, names: &Names<'_>) -> TokenStream {
    Size { state, expr, is_max: false }.used(names)
}

/// The same for `max = ..`.
pub(super) fn max(expr: &Expr, state: &State, names: &Names<'_>) -> TokenStream {
    Size { state, expr, is_max: true }.used(names)
}

/// The constants, and that the arrays which take a frame are as long as it.
pub(super) fn constants(protocol: &Protocol, names: &Names<'_>) -> TokenStream {
    let usize = primitive("usize");
    let mut before: Option<Ident> = None;
    let mut all: Vec<Size<'_>> = Vec::new();
    for state in &protocol.states {
        all.extend(sizes(state));
    }
    let constants = all.iter().filter(|size| size.is_named(protocol)).map(|size| {
        let (name, cfgs) = (size.name(protocol), &size.state.handler.cfgs);
        let value = size.value(before.as_ref(), names);
        if cfgs.is_empty() {
            before = Some(name.clone());
        }
        quote!(#(#cfgs)* const #name: #usize = #value;)
    });
    let constants = joined(constants);
    let arrays = joined(all.iter().filter_map(|size| size.fits(names)));
    joined([constants, arrays])
}

fn sizes(state: &State) -> impl Iterator<Item = Size<'_>> {
    let terminator = state.terminator.as_ref();
    let len = terminator.and_then(|terminator| match &terminator.ends {
        Ends::Len(len) => Some(Size { state, expr: len, is_max: false }),
        _ => None,
    });
    let max = terminator.and_then(|terminator| terminator.max.as_ref());
    len.into_iter().chain(max.map(|expr| Size { state, expr, is_max: true }))
}

impl Size<'_> {
    fn used(&self, names: &Names<'_>) -> TokenStream {
        match constant(self.expr) {
            Some(_) if has_suffix(self.expr) => known(self.expr),
            Some(_) => argument(self.expr),
            None if self.is_named(names.protocol) => self.name(names.protocol).to_token_stream(),
            None => self.value(None, names),
        }
    }

    /// Whether it is no number that is known, and can stand outside of the impl.
    fn is_named(&self, protocol: &Protocol) -> bool {
        constant(self.expr).is_none() && self.is_of_no_parameter(protocol)
    }

    fn is_of_no_parameter(&self, protocol: &Protocol) -> bool {
        let generics = &protocol.header.generics;
        let tokens = self.expr.to_token_stream();
        let types = generics.type_params().map(|param| &param.ident);
        let params = types.chain(generics.const_params().map(|param| &param.ident));
        let of_channel =
            params.map(ToString::to_string).any(|name| words::mentions(&tokens, &name));
        let is_one = generics.params.is_empty() || !words::mentions(&tokens, "Self");
        is_one && !of_channel
    }

    /// `RECORD_`, `LINE_MAX_`, shown at the user's expression.
    fn name(&self, protocol: &Protocol) -> Ident {
        let upper = self.state.handler.name.unraw().to_string().to_uppercase();
        let upper = if self.is_max { format!("{upper}_MAX_") } else { format!("{upper}_") };
        Ident::new(&upper, Spans::of(protocol.header.keyword).at(self.expr))
    }

    /// `Size(N).get()`, shown at the user's expression; behind the constant that stands before it.
    fn value(&self, before: Option<&Ident>, names: &Names<'_>) -> TokenStream {
        let protocol = names.protocol;
        let value = argument(self.expr);
        let value =
            if self.is_named(protocol) { of(&protocol.header.self_ty, value) } else { value };
        if !has_a_type(&value) {
            return value;
        }
        let at = Spans::of(protocol.header.keyword).at(self.expr);
        let size = moved(names.get("Size").into_token_stream(), at);
        let behind = before.map(|before| quote_spanned!(at=> .behind(#before)));
        quote_spanned!(at=> #size(#value) #behind.get())
    }

    /// That an array can take the frame, where the macro does not know it.
    fn fits(&self, names: &Names<'_>) -> Option<TokenStream> {
        let array = array(self.state.handler.facts().next().filter(|_| !self.is_max)?)?;
        let (length, params) = (&array.len, &names.protocol.header.generics.params);
        let tokens = length.to_token_stream();
        let (written, len) =
            (text::written(quote!(#array)), text::written(self.expr.to_token_stream()));
        let is_known = constant(length).is_some() && constant(self.expr).is_some();
        if is_known || text::written(tokens.clone()) == len || !params.is_empty() {
            return None;
        }
        let length = of(&names.protocol.header.self_ty, tokens);
        let (size, cfgs) = (self.used(names), &self.state.handler.cfgs);
        let (at, _) = Spans::of(names.protocol.header.keyword).ends(array.to_token_stream());
        let otherwise = format!("a frame with `len = {len}` never fits `{written}`");
        let ensure = moved(names.get("ensure").into_token_stream(), at);
        let ensured = quote_spanned!(at=> #ensure(#size == #length, #otherwise));
        Some(quote!(#(#cfgs)* const _: () = #ensured;))
    }
}

/// `[u8; N]`, lent or not.
fn array(ty: &Type) -> Option<&syn::TypeArray> {
    match ty {
        Type::Array(array) => Some(array),
        Type::Reference(reference) => array(&reference.elem),
        _ => None,
    }
}

/// The number of `4 * 2u32`, without its type.
fn known(expr: &Expr) -> TokenStream {
    let value = constant(expr).and_then(|value| u64::try_from(value).ok());
    value.map_or_else(|| argument(expr), |value| number(value).to_token_stream())
}

fn has_suffix(expr: &Expr) -> bool {
    match plain(expr) {
        Expr::Lit(lit) => {
            matches!(&lit.lit, Lit::Int(int) if !int.suffix().is_empty())
        }
        Expr::Binary(binary) => has_suffix(&binary.left) || has_suffix(&binary.right),
        _ => false,
    }
}

/// Whether something in its value has a type of its own: `if wide() { 8 } else { 4 }` has none, nor is
/// it known of `wide!()`, and they take the one that is asked for.
fn has_a_type(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter().peekable();
    let (mut asks, mut matches) = (false, false);
    while let Some(token) = tokens.next() {
        let is_typed = match token {
            TokenTree::Ident(word) if word == "if" || word == "match" => {
                asks = true;
                matches = word == "match";
                false
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let arms = core::mem::take(&mut asks) && core::mem::take(&mut matches);
                has_a_type(&if arms { of_arms(group.stream()) } else { group.stream() })
            }
            _ if asks => false,
            TokenTree::Ident(word) => {
                let is_macro = tokens.next_if(is_exclamation).and_then(|_| tokens.next()).is_some();
                !is_macro && word != "else" && word != "unsafe"
            }
            TokenTree::Group(group) => has_a_type(&group.stream()),
            TokenTree::Literal(literal) => {
                matches!(Lit::new(literal), Lit::Int(number) if !number.suffix().is_empty())
            }
            TokenTree::Punct(_) => false,
        };
        if is_typed {
            return true;
        }
    }
    false
}

fn is_exclamation(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '!')
}

/// What stands behind the arrows.
fn of_arms(tokens: TokenStream) -> TokenStream {
    let (mut is_value, mut before) = (false, ' ');
    let values = tokens.into_iter().filter(|token| {
        let char = if let TokenTree::Punct(punct) = token { punct.as_char() } else { ' ' };
        match (before, char) {
            ('=', '>') => is_value = true,
            (_, ',') => is_value = false,
            _ => {}
        }
        before = char;
        is_value && char != '>'
    });
    stream(values)
}

/// The same outside of the impl: `<Chat>::LIMIT` of `Self::LIMIT`.
fn of(self_ty: &Type, tokens: TokenStream) -> TokenStream {
    let outside = tokens.into_iter().flat_map(|token| match token {
        TokenTree::Ident(word) if word == "Self" => quote!(<#self_ty>),
        TokenTree::Group(group) => {
            let mut inside =
                proc_macro2::Group::new(group.delimiter(), of(self_ty, group.stream()));
            inside.set_span(group.span());
            TokenTree::Group(inside).into()
        }
        token => token.into(),
    });
    stream(outside)
}
