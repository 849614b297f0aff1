//! In: the generics of a channel. Out: the same with what every channel needs of a type parameter.
//!
//! The loop keeps a channel for as long as it likes, so its type is `'static`; saying so once in
//! our impls saves each user from saying it, and rustc from saying it eight times.

use proc_macro2::TokenStream;
use quote::{quote, ToTokens};
use syn::{
    GenericParam, Generics, Ident, ImplGenerics, TypeGenerics, TypeParamBound, WherePredicate,
};

/// As `split_for_impl`, with `T: 'static` for each type parameter of which that is not said yet.
pub(super) fn owned(generics: &Generics) -> (ImplGenerics<'_>, TypeGenerics<'_>, TokenStream) {
    let unsaid = generics.params.iter().filter_map(|param| match param {
        GenericParam::Type(param) => {
            let is_said = param.bounds.iter().any(is_static) || is_said(&param.ident, generics);
            (!is_said).then_some(&param.ident)
        }
        _ => None,
    });
    let said = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let bounds: Vec<TokenStream> = said
        .map(ToTokens::to_token_stream)
        .chain(unsaid.map(|name| quote!(#name: 'static)))
        .collect();
    let (impl_generics, ty_generics, _) = generics.split_for_impl();
    let where_clause = (!bounds.is_empty()).then(|| quote!(where #(#bounds),*));
    (impl_generics, ty_generics, where_clause.into_token_stream())
}

fn is_static(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Lifetime(lifetime) if lifetime.ident == "static")
}

fn is_said(name: &Ident, generics: &Generics) -> bool {
    let says = |predicate: &WherePredicate| match predicate {
        WherePredicate::Type(bounded) => {
            let ty = &bounded.bounded_ty;
            *name == crate::text::written(quote!(#ty)) && bounded.bounds.iter().any(is_static)
        }
        _ => false,
    };
    generics.where_clause.as_ref().is_some_and(|clause| clause.predicates.iter().any(says))
}
