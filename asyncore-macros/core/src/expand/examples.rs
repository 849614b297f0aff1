//! In: `#[example(..)]`. Out: a test of each, and what came in as seeds for a fuzzer.
//!
//! The block in the handler's docs is written by [strip](crate::strip), in the attribute's place.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::docs;
use super::paths::primitive;
use super::span::Spans;
use crate::model::{Example, Protocol, State};
use crate::words;

/// A test for each example, beside the impl: inside of it the harness would not find them.
pub(super) fn tests(protocol: &Protocol) -> TokenStream {
    let mut tests = TokenStream::new();
    for state in &protocol.states {
        for (at, example) in state.examples.iter().enumerate() {
            tests.extend(test(at, example, state, protocol));
        }
    }
    tests
}

fn test(at: usize, example: &Example, state: &State, protocol: &Protocol) -> TokenStream {
    let spans = Spans::of(protocol.header.keyword);
    let span = spans.at(&example.at);
    let (runtime, cfgs) = (&protocol.runtime, &state.handler.cfgs);
    let (self_ty, levels) = (&protocol.header.self_ty, super::levels(&protocol.header.levels));
    let name = test_name(at, state, protocol);
    let session_ty = quote!(#runtime::testing::Session);
    let session = quote!(#session_ty::<#self_ty>);
    let (by_unit, session) = match &example.with {
        Some(with) => (None, quote!(#session_ty::new(#with))),
        // Of a struct without `Default` and without fields.
        None => (Some(quote!(use #runtime::testing::Sample as _;)), quote!(#session::of_example())),
    };
    let pairs = example.pairs.iter().map(|pair| {
        let (sent, answered) = (&pair.sent.token, &pair.answered.token);
        quote!((#sent, #answered))
    });
    let says = docs::line(&format!("From `#[example]` on `fn {}`.", state.handler.name));
    let body = quote_spanned!(span=> #session_ty::converse(&mut #session, &[#(#pairs),*]););
    quote! {
        #says
        #(#cfgs)*
        #levels
        #[cfg(test)]
        #[::core::prelude::v1::test]
        fn #name() {
            #by_unit
            #body
        }
    }
}

/// `request_head_example`, and a number from the second on.
fn test_name(at: usize, state: &State, protocol: &Protocol) -> Ident {
    let (channel, handler) = (words::snake_case(&protocol.header.name), state.handler.name.unraw());
    let mut name = match at {
        0 => format_ident!("{channel}_{handler}_example"),
        more => format_ident!("{channel}_{handler}_example_{}", more + 1),
    };
    name.set_span(state.handler.name.span());
    name
}

/// What came in, an entry for each example.
pub(super) fn seeds(protocol: &Protocol) -> TokenStream {
    let examples = protocol
        .states
        .iter()
        .flat_map(|state| state.examples.iter().map(move |example| (state, example)));
    let seeds: Vec<TokenStream> = examples
        .map(|(state, example)| {
            let cfgs = &state.handler.cfgs;
            let sent: Vec<u8> =
                example.pairs.iter().flat_map(|pair| pair.sent.value.iter().copied()).collect();
            let sent = Literal::byte_string(&sent);
            quote!(#(#cfgs)* #sent)
        })
        .collect();
    if seeds.is_empty() {
        return TokenStream::new();
    }
    let u8 = primitive("u8");
    quote! {
        /// What comes in in each `#[example]`: seeds for a fuzzer.
        const EXAMPLES: &'static [&'static [#u8]] = &[#(#seeds),*];
    }
}

/// The example as the handler's docs show it, line by line.
pub(crate) fn block(example: &Example) -> Vec<String> {
    let mut lines = vec!["```text".to_owned()];
    for pair in &example.pairs {
        lines.push(format!("in:  {}", pair.sent.value.escape_ascii()));
        lines.push(format!("out: {}", pair.answered.value.escape_ascii()));
    }
    lines.push("```".to_owned());
    lines
}
