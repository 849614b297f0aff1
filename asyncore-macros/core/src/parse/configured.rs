//! In: the parameters of a method, some of them under `#[cfg]`. Out: the lists of parameters that it
//! can have, each with what has to be configured for it.
//!
//! An argument of a call cannot stand under `#[cfg]`, so each list gets a call of its own.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Attribute;

use crate::model::{Input, Typed};
use crate::text;

/// Parameters that are there together.
pub(super) struct Configuration<'a> {
    pub(super) inputs: Vec<&'a Input>,
    /// `#[cfg(..)]`
    pub(super) cfgs: Vec<TokenStream>,
}

/// As many conditions are told apart: 16 calls at most.
const MOST: usize = 4;

/// What has to hold for a parameter: `unix` of `#[cfg(unix)]`, and of `#[cfg(not(unix))]`.
struct Condition {
    predicate: TokenStream,
    negated: bool,
}

/// One list, without conditions, where no parameter has any.
pub(super) fn configurations(inputs: &[Input]) -> Vec<Configuration<'_>> {
    let mut predicates: Vec<TokenStream> = Vec::new();
    for condition in inputs.iter().flat_map(conditions) {
        let is_known = predicates.iter().any(|known| is_same(known, &condition.predicate));
        if !is_known && predicates.len() < MOST {
            predicates.push(condition.predicate);
        }
    }
    (0..1usize << predicates.len())
        .map(|choice| configuration(inputs, &predicates, choice))
        .collect()
}

/// The list in which the predicate of each set bit of `choice` does not hold.
fn configuration<'a>(
    inputs: &'a [Input],
    predicates: &[TokenStream],
    choice: usize,
) -> Configuration<'a> {
    let fails = |at: usize| choice >> at & 1 == 1;
    let is_there = |input: &&Input| {
        conditions(input).iter().all(|condition| {
            let at = predicates.iter().position(|known| is_same(known, &condition.predicate));
            at.is_none_or(|at| fails(at) == condition.negated)
        })
    };
    let cfgs = predicates.iter().enumerate().map(|(at, predicate)| {
        if fails(at) {
            quote!(#[cfg(not(#predicate))])
        } else {
            quote!(#[cfg(#predicate)])
        }
    });
    Configuration { inputs: inputs.iter().filter(is_there).collect(), cfgs: cfgs.collect() }
}

fn conditions(input: &Input) -> Vec<Condition> {
    let cfgs = input.typed().map_or(&[][..], |Typed { cfgs, .. }| cfgs);
    cfgs.iter().filter_map(condition).collect()
}

fn condition(cfg: &Attribute) -> Option<Condition> {
    let predicate = cfg.meta.require_list().ok()?.tokens.clone();
    let not = syn::parse2::<syn::MetaList>(predicate.clone()).ok();
    Some(match not.filter(|list| list.path.is_ident("not")) {
        Some(list) => Condition { predicate: list.tokens, negated: true },
        None => Condition { predicate, negated: false },
    })
}

fn is_same(one: &TokenStream, other: &TokenStream) -> bool {
    text::written(one.clone()) == text::written(other.clone())
}
