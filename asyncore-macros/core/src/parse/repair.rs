//! In: a block with mistakes. Out: its methods as the compiler can take them, where it would
//! report once more what we have reported already.
//!
//! A repaired method stands in the item only beside our error, so nobody runs it: its body is gone,
//! and its name, the number of its parameters and what else can be kept stay for those who call it.

use quote::quote;
use syn::{ReturnType, Type};

use super::types;
use crate::check;
use crate::events::Answer;
use crate::model::{Input, Method, Protocol, Repair, Typed};

/// What to put in the place of this method; `None` if the compiler has nothing to say of it.
pub(super) fn of(method: &Method, protocol: &Protocol) -> Option<Repair> {
    let handler = protocol.handlers().find(|handler| handler.name == method.sig.ident);
    let helper = handler.and_then(|handler| crate::events::shape_of(handler.helper));
    let is_refused = protocol.header.is_refused
        || helper.is_some_and(|_| {
            let inputs = method.sig.inputs.iter().filter_map(Input::typed);
            inputs.into_iter().any(|input| types::mended(&input.ty).is_some())
                || answer(&method.sig.output).is_some_and(|ty| types::sized(ty).is_some())
                || receivers(method) > 1
        })
        || helper.is_some_and(|shape| shape.answer == Answer::Bytes)
        || check::threads::moves_context(method);
    (is_refused && method.readable).then(|| written(method, helper.map(|shape| shape.answer)))
}

fn receivers(method: &Method) -> usize {
    method.sig.inputs.iter().filter(|input| input.typed().is_none()).count()
}

fn answer(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Type(_, ty) => Some(ty),
        ReturnType::Default => None,
    }
}

fn written(method: &Method, helper: Option<Answer>) -> Repair {
    let sig = &method.sig;
    let (name, generics, clause) = (&sig.ident, &sig.generics, &sig.generics.where_clause);
    let mut has_receiver = false;
    let inputs = sig.inputs.iter().filter_map(|input| match input {
        Input::Receiver { tokens, .. } => {
            (!core::mem::replace(&mut has_receiver, true)).then(|| tokens.clone())
        }
        Input::Typed(Typed { ty, .. }) => {
            let ty = types::mended(ty).unwrap_or_else(|| quote!(#ty));
            Some(quote!(_: #ty))
        }
    });
    let output = match answer(&sig.output) {
        _ if helper == Some(Answer::Bytes) => quote!(-> ::core::option::Option<&'static [u8]>),
        Some(ty) if types::sized(ty).is_some() => quote!(-> !),
        _ => {
            let output = &sig.output;
            quote!(#output)
        }
    };
    let tokens = quote!(fn #name #generics (#(#inputs),*) #output #clause { loop {} });
    Repair { method: name.to_string(), tokens }
}
