//! In: a struct's limits and driven fields. Out: its `impl Settings`.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned, ToTokens};
use syn::Expr;

use super::bounds::owned;
use super::docs;
use super::paths::{option, primitive};
use super::span::{moved, Spans};
use crate::model::{member_name, Amount, Drives, Field, Limit, Settings, Time};
use crate::parse::value::{number, plain};

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
    let says = docs::line(&format!("What `#[channel]` says of `{name}`."));
    let limits = limits_const(limits, runtime);
    let fields = fields.iter().map(|field| driven(field, runtime, spans));
    let check = is_waited_for(settings, spans);
    let (impl_generics, ty_generics, where_clause) = owned(generics);
    quote_spanned! {spans.header()=>
        #says
        #levels
        #[automatically_derived]
        impl #impl_generics #runtime::Settings for #name #ty_generics #where_clause {
            #unit
            #limits
            #(#fields)*
        }
        #check
    }
}

/// Beside the impl, where the type is one type: somebody has to handle what the field ends.
fn is_waited_for(settings: &Settings, spans: Spans) -> Option<TokenStream> {
    let Settings { name, runtime, generics, fields, .. } = settings;
    let field = fields.iter().find(|field| matches!(field.drives, Drives::Terminates))?;
    if !generics.params.is_empty() {
        return None;
    }
    let (cfgs, member, at) = (&field.cfgs, member_name(&field.member), spans.at(&field.ty));
    let otherwise = format!(
        "nothing handles what field `{member}` ends: mark a method with a bare `#[terminator]`"
    );
    let ensure = moved(quote!(#runtime::ensure), at);
    let asked = quote!(<#name as #runtime::Channel>::WAITS_FOR_FIELD, #otherwise);
    let mut arguments = Group::new(Delimiter::Parenthesis, asked);
    arguments.set_span(at);
    Some(quote!(#(#cfgs)* const _: () = #ensure #arguments;))
}

fn limits_const(limits: &[Limit], runtime: &TokenStream) -> TokenStream {
    if limits.is_empty() {
        return TokenStream::new();
    }
    let written: Vec<String> = limits.iter().map(|limit| format!("`{}`", limit.written)).collect();
    let docs = docs::prose(&format!("From {}.", written.join(", ")));
    let mut ordered: Vec<&Limit> = limits.iter().collect();
    // The outer mark first: one that is lowered takes those below it along.
    ordered.sort_by_key(|limit| MARKS.iter().position(|mark| limit.name == mark));
    let calls = ordered.into_iter().map(|limit| {
        let (name, value) = (&limit.name, amount(&limit.value, runtime));
        quote!(.#name(#value))
    });
    // The marks of the output queue can contradict each other.
    let has_marks = limits.iter().any(|limit| MARKS.iter().any(|mark| limit.name == mark));
    let checked = has_marks.then(|| quote!(.checked()));
    quote! {
        #docs
        const LIMITS: #runtime::Limits = #runtime::Limits::DEFAULT #(#calls)* #checked;
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
    let (member, cfgs) = (&field.member, &field.cfgs);
    // What the field's type cannot do is reported at the type.
    let (this, data, option) = (spans.local("self"), spans.ours("data"), option());
    let (bool, u8, field_) = (primitive("bool"), primitive("u8"), spans.ours("field"));
    let (len, usize) = (spans.ours("len"), primitive("usize"));
    let at = spans.at(&field.ty);
    let lent = match field.followed_by {
        None => quote_spanned!(at=> &mut self.#member),
        Some(count) => {
            let rest = (0..count).map(|_| quote!(_));
            quote_spanned!(at=> { let Self(.., #field_, #(#rest),*) = self; #field_ })
        }
    };
    let (constant, method) = match field.drives {
        Drives::Collects => (
            quote!(COLLECTS),
            quote! {
                fn collect(&mut #this, #data: &[#u8]) {
                    #runtime::Collect::collect(#lent, #data);
                }
                #(#cfgs)*
                fn take_back(&mut #this, #len: #usize) {
                    #runtime::Collect::take_back(#lent, #len);
                }
            },
        ),
        Drives::Terminates => (
            quote!(HAS_TERMINATOR),
            quote! {
                fn terminator_field(&mut #this) -> #option<&mut #runtime::Terminator> {
                    let #field_: &mut #runtime::Terminator = #lent;
                    #option::Some(#field_)
                }
            },
        ),
        Drives::Produces => (
            quote!(PRODUCES),
            quote! {
                fn producer_field(&mut #this) -> #option<&mut dyn #runtime::Producer> {
                    #option::Some(#lent)
                }
            },
        ),
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
    ours.collect()
}

/// `4` stays `4`; any other number is given the type the runtime takes.
pub(super) fn as_u64(expr: &Expr) -> TokenStream {
    cast(expr, &primitive("u64"))
}

pub(super) fn as_usize(expr: &Expr) -> TokenStream {
    cast(expr, &primitive("usize"))
}

fn cast(expr: &Expr, ty: &TokenStream) -> TokenStream {
    match plain(expr) {
        Expr::Lit(lit) => match &lit.lit {
            syn::Lit::Int(int) if int.suffix().is_empty() => lit.to_token_stream(),
            _ => quote!(#lit as #ty),
        },
        simple @ (Expr::Path(_) | Expr::Call(_) | Expr::MethodCall(_)) => quote!(#simple as #ty),
        other => quote!((#other) as #ty),
    }
}
