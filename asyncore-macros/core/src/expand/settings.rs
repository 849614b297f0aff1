//! In: a struct's limits and driven fields. Out: its `impl Settings`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned, ToTokens};
use syn::Expr;

use super::bounds::owned;
use super::docs;
use super::paths::{option, primitive};
use super::span::{moved, Spans};
use crate::model::{member_name, Amount, Drives, Field, Limit, Settings, Time};
use crate::parse::value::{constant, number, plain};
use crate::tokens::stream;

pub(crate) fn settings(settings: &Settings) -> TokenStream {
    let Settings { keyword, name, runtime, generics, limits, fields, levels, is_unit, .. } =
        settings;
    let levels = super::levels(levels);
    let unit = is_unit.then(|| {
        let option = option();
        quote! {
            /// A struct without fields is its only value.
            const UNIT: #option<Self> = #option::Some(Self);
        }
    });
    let spans = Spans::of(*keyword);
    let limits = limits_const(limits, runtime, spans);
    let fields = fields.iter().map(|field| driven(field, runtime, spans));
    let check = is_waited_for(settings, spans);
    let forced = settings.limits.iter().any(is_checked).then(|| evaluated(settings)).flatten();
    let body = quote!(#unit #limits #(#fields)*);
    // Of defaults alone there is nothing to say.
    let head = (!body.is_empty()).then(|| {
        let says = docs::line(&format!("What `#[channel]` says of `{name}`."));
        quote!(#says #levels #[automatically_derived])
    });
    let head = head.unwrap_or_else(|| quote!(#levels));
    let (impl_generics, ty_generics, where_clause) = owned(generics);
    quote_spanned! {spans.header()=>
        #head
        impl #impl_generics #runtime::Settings for #name #ty_generics #where_clause { #body }
        #forced
        #check
    }
}

/// Whether the macro does not know the number, or it can contradict another.
fn is_checked(limit: &Limit) -> bool {
    match &limit.value {
        Amount::Size(size) => {
            MARKS.iter().any(|mark| limit.name == mark) || constant(size).is_none()
        }
        Amount::Time(_) => false,
    }
}

/// Where the type is one type, `cargo check` shall find what is wrong, too.
fn evaluated(settings: &Settings) -> Option<TokenStream> {
    let Settings { name, runtime, generics, keyword, .. } = settings;
    generics.params.is_empty().then(|| {
        let at = Spans::of(*keyword).header();
        quote_spanned!(at=> const _: #runtime::Limits = <#name as #runtime::Settings>::LIMITS;)
    })
}

/// Beside the impl, where the type is one type: somebody has to handle what the field ends.
fn is_waited_for(settings: &Settings, spans: Spans) -> Option<TokenStream> {
    let Settings { name, runtime, generics, fields, .. } = settings;
    let field = fields.iter().find(|field| matches!(field.drives, Drives::Terminates))?;
    if !generics.params.is_empty() {
        return None;
    }
    let (cfgs, member, at) = (&field.cfgs, member_name(&field.member), spans.at_type(&field.ty));
    let otherwise = format!(
        "nothing handles what field `{member}` ends: mark a method with a bare `#[terminator]`"
    );
    let ensure = moved(quote!(#runtime::ensure), at);
    let asked = quote!(<#name as #runtime::Channel>::WAITS_FOR_FIELD, #otherwise);
    let mut arguments = Group::new(Delimiter::Parenthesis, asked);
    arguments.set_span(at);
    Some(quote!(#(#cfgs)* const _: () = #ensure #arguments;))
}

fn limits_const(limits: &[Limit], runtime: &TokenStream, spans: Spans) -> TokenStream {
    if limits.is_empty() {
        return TokenStream::new();
    }
    let written: Vec<String> = limits.iter().map(|limit| format!("`{}`", limit.written)).collect();
    let docs = docs::prose(&format!("From {}.", written.join(", ")));
    let mark = |limit: &Limit| MARKS.iter().any(|mark| limit.name == mark);
    let others = limits.iter().filter(|limit| !mark(limit));
    // The outer mark first: one that is lowered takes those below it along.
    let marks = MARKS.iter().flat_map(|mark| limits.iter().filter(move |limit| limit.name == mark));
    let calls = others.chain(marks).map(|limit| {
        let (name, value) = (&limit.name, amount(&limit.value, runtime));
        quote!(.#name(#value))
    });
    // What is wrong with one of them is shown at the first that the compiler has to look at.
    let checked = limits.iter().find(|limit| is_checked(limit)).map(|limit| spans.at(&limit.name));
    let default = quote!(#runtime::Limits::DEFAULT);
    let (default, checked) = match checked {
        Some(at) => (moved(default, at), quote_spanned!(at=> .checked())),
        None => (default, TokenStream::new()),
    };
    quote! {
        #docs
        const LIMITS: #runtime::Limits = #default #(#calls)* #checked;
    }
}

/// Options that are checked against each other, the outer one first.
const MARKS: &[&str] = &["max_output", "output_high", "output_low"];

fn amount(amount: &Amount, runtime: &TokenStream) -> TokenStream {
    match amount {
        Amount::Size(expr) => argument(expr),
        Amount::Time(time) => duration(time, runtime),
    }
}

/// `Duration::from_secs(5 * 60)`
fn duration(time: &Time, runtime: &TokenStream) -> TokenStream {
    match time {
        Time::Never => quote!(#runtime::NEVER),
        Time::Expr(expr) => argument(expr),
        Time::Parts { unit, count, scale } => {
            let (from, count) = (format_ident!("from_{unit}"), product(*count, *scale));
            quote!(::core::time::Duration::#from(#count))
        }
    }
}

/// `10`, `5 * 60`
pub(super) fn product(count: u64, scale: u64) -> TokenStream {
    let count = number(count);
    match scale {
        1 => quote!(#count),
        scale => {
            let scale = number(scale);
            quote!(#count * #scale)
        }
    }
}

fn driven(field: &Field, runtime: &TokenStream, spans: Spans) -> TokenStream {
    let (cfgs, bool) = (&field.cfgs, primitive("bool"));
    let (constant, method) = match field.drives {
        Drives::Collects => (quote!(COLLECTS), collected(field, runtime, spans)),
        Drives::Terminates => (quote!(HAS_TERMINATOR), terminating(field, runtime, spans)),
        Drives::Produces => (quote!(PRODUCES), producing(field, runtime, spans)),
    };
    let docs = docs::line(&format!("From `#[{}]` on the field.", field.drives.attribute()));
    quote! {
        #docs
        #(#cfgs)*
        const #constant: #bool = true;
        #(#cfgs)*
        #method
    }
}

fn collected(field: &Field, runtime: &TokenStream, spans: Spans) -> TokenStream {
    let (this, data, len) = (spans.local("self"), spans.ours("data"), spans.ours("len"));
    let (u8, usize, cfgs) = (primitive("u8"), primitive("usize"), &field.cfgs);
    let lent = lent(field, spans);
    quote! {
        fn collect(&mut #this, #data: &[#u8]) {
            #runtime::Collect::collect(#lent, #data);
        }
        #(#cfgs)*
        fn take_back(&mut #this, #len: #usize) {
            #runtime::Collect::take_back(#lent, #len);
        }
    }
}

fn terminating(field: &Field, runtime: &TokenStream, spans: Spans) -> TokenStream {
    let (this, option, lent) = (spans.local("self"), option(), lent(field, spans));
    let field = spans.ours("field");
    quote! {
        fn terminator_field(&mut #this) -> #option<&mut #runtime::Terminator> {
            let #field: &mut #runtime::Terminator = #lent;
            #option::Some(#field)
        }
    }
}

fn producing(field: &Field, runtime: &TokenStream, spans: Spans) -> TokenStream {
    let (this, option, lent) = (spans.local("self"), option(), lent(field, spans));
    quote! {
        fn producer_field(&mut #this) -> #option<&mut dyn #runtime::Producer> {
            #option::Some(#lent)
        }
    }
}

/// The field: what its type cannot do is reported at the type.
fn lent(field: &Field, spans: Spans) -> TokenStream {
    let (member, at) = (&field.member, spans.at_type(&field.ty));
    match field.followed_by {
        None => quote_spanned!(at=> &mut self.#member),
        Some(count) => {
            let (name, rest) = (spans.ours("field"), (0..count).map(|_| quote!(_)));
            quote_spanned!(at=> { let Self(.., #name, #(#rest),*) = self; #name })
        }
    }
}

/// A value as an argument: rustc would call its parentheses and its braces needless, were these the
/// user's.
pub(super) fn argument(expr: &Expr) -> TokenStream {
    let tokens = plain(expr).to_token_stream();
    let ours = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            TokenTree::Group(Group::new(Delimiter::Brace, group.stream()))
        }
        token => token,
    });
    stream(ours)
}
