//! In: the generics of a channel. Out: the same with what every channel needs of a type parameter.
//!
//! The loop keeps a channel for as long as it likes, so its type is `'static`; saying so once in
//! our impls saves each user from saying it, and rustc from saying it eight times.

use quote::quote;
use syn::{GenericParam, Generics, Ident, TypeParamBound, WherePredicate};

/// Adds `T: 'static` for each type parameter of which that is not said yet.
pub(super) fn owned(generics: &Generics) -> Generics {
    let mut owned = generics.clone();
    for param in &generics.params {
        let GenericParam::Type(param) = param else {
            continue;
        };
        let name = &param.ident;
        if !param.bounds.iter().any(is_static) && !is_said(name, generics) {
            let bound = syn::parse2::<WherePredicate>(quote!(#name: 'static));
            owned.make_where_clause().predicates.extend(bound.ok());
        }
    }
    owned
}

fn is_static(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Lifetime(lifetime) if lifetime.ident == "static")
}

fn is_said(name: &Ident, generics: &Generics) -> bool {
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    predicates.into_iter().any(|predicate| match predicate {
        WherePredicate::Type(bounded) => {
            let ty = &bounded.bounded_ty;
            *name == crate::text::written(quote!(#ty)) && bounded.bounds.iter().any(is_static)
        }
        _ => false,
    })
}
