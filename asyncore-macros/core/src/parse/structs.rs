//! In: `#[channel(..)]` on a struct. Out: its limits, and the fields the runtime drives.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, ToTokens};
use syn::{
    Attribute, Data, DeriveInput, Fields, GenericParam, Generics, Ident, Index, Lifetime, Member,
    Meta,
};

use super::{handler, levels, options, roles, typing};
use crate::errors::Errors;
use crate::model::{member_name, Drives, Field, Settings};
use crate::tokens::stream;
use crate::words;

/// Reads a struct. `None` if not even its name can be read.
pub(crate) fn read(attr: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Settings> {
    let options = options::of_struct(attr, errors);
    let item = match parsed(item.clone()) {
        Ok(item) => item,
        Err(error) => {
            errors.syntax(syn::Error::new(
                error.span(),
                "`#[channel]` needs a struct that can be read",
            ));
            syn::parse2(without_fields(item)).ok()?
        }
    };
    let Data::Struct(data) = item.data else { return None };
    marked_once(&item.attrs, &item.ident, errors);
    owns_itself(&item.ident, &item.generics, errors);
    let is_unit = matches!(data.fields, Fields::Unit);
    let assumed = on_the_item(&item.attrs, &item.ident, errors);
    let fields = fields(data.fields, errors);
    Some(Settings {
        keyword: data.struct_token.span,
        name: item.ident,
        generics: item.generics,
        runtime: options.runtime,
        levels: levels::read(&item.attrs),
        is_unit,
        limits: options.limits,
        fields,
        assumed,
    })
}

/// The struct without the fields that are half typed, if that makes it one that can be read.
pub(crate) fn without_half_fields(item: &TokenStream) -> Option<TokenStream> {
    if parsed(item.clone()).is_ok() {
        return None;
    }
    typing::without_half_fields(item.clone()).filter(|item| parsed(item.clone()).is_ok())
}

fn parsed(item: TokenStream) -> syn::Result<DeriveInput> {
    let read = |item: TokenStream| syn::parse2::<DeriveInput>(item);
    read(item.clone()).or_else(|error| read(with_plain_lengths(item)).or(Err(error)))
}

/// Helpers that stand on the struct or the block itself; what they say is held to be said.
pub(super) fn on_the_item(
    attrs: &[Attribute],
    name: &Ident,
    errors: &mut Errors,
) -> Vec<&'static str> {
    let mut found = Vec::new();
    for attr in attrs {
        let meant = crate::theirs::misnamed_helper(attr.path());
        if let Some(helper) = words::helper(attr.path()).or(meant) {
            errors.help(
                attr,
                format_args!("`#[{helper}]` goes on a method of `#[channel] impl {name}`"),
                "move it there",
            );
            found.push(helper);
        }
    }
    found
}

/// The same with arrays of length 0: a length may be any expression, and syn reads few.
fn with_plain_lengths(item: TokenStream) -> TokenStream {
    let plain = item.into_iter().map(|token| {
        let TokenTree::Group(group) = token else { return token };
        let mut inside = with_plain_lengths(group.stream());
        if group.delimiter() == Delimiter::Bracket {
            inside = with_plain_length(inside);
        }
        let mut plain = Group::new(group.delimiter(), inside);
        plain.set_span(group.span());
        TokenTree::Group(plain)
    });
    stream(plain)
}

/// `u8; 0` of `u8; if BIG { 64 } else { 16 }`
fn with_plain_length(array: TokenStream) -> TokenStream {
    let mut element = TokenStream::new();
    for token in array {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';') {
            return quote!(#element; 0);
        }
        element.extend([token]);
    }
    element
}

/// A struct with half-typed fields, by its name and generics.
fn without_fields(item: TokenStream) -> TokenStream {
    let emptied = item.into_iter().map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            TokenTree::Group(Group::new(Delimiter::Brace, TokenStream::new()))
        }
        token => token,
    });
    stream(emptied)
}

/// An enum or a union, which cannot be a channel, by its name and generics.
pub(crate) fn header(item: TokenStream) -> Option<(Ident, Generics)> {
    let item: DeriveInput = syn::parse2(item).ok()?;
    (!matches!(item.data, Data::Struct(_))).then_some((item.ident, item.generics))
}

/// A second `#[channel]` on the same item.
pub(super) fn marked_once(attrs: &[Attribute], name: &Ident, errors: &mut Errors) {
    for attr in attrs.iter().filter(|attr| words::is_channel(attr.path())) {
        errors.help(
            attr,
            format_args!("`{name}` is already marked `#[channel]`"),
            "remove this attribute",
        );
    }
}

/// The loop keeps a channel for as long as it likes.
pub(super) fn owns_itself(name: &Ident, generics: &Generics, errors: &mut Errors) {
    for param in &generics.params {
        if let GenericParam::Lifetime(param) = param {
            borrows(name, &param.lifetime, param, errors);
        }
    }
}

pub(super) fn borrows(name: &Ident, lifetime: &Lifetime, at: impl ToTokens, errors: &mut Errors) {
    errors.help(
        at,
        format_args!(
            "the event loop owns its channels, so `{name}` cannot borrow for `{lifetime}`"
        ),
        "own the data, or share it with `Rc`",
    );
}

fn fields(fields: Fields, errors: &mut Errors) -> Vec<Field> {
    let mut driven: Vec<Field> = Vec::new();
    let count = fields.len();
    let configured: Vec<bool> =
        fields.iter().map(|field| !handler::cfgs(&field.attrs).is_empty()).collect();
    for (index, field) in (0u32..).zip(fields) {
        let member = match field.ident {
            Some(ident) => Member::Named(ident),
            None => Member::Unnamed(Index { index, span: Span::call_site() }),
        };
        for attr in &field.attrs {
            if let Some(meant) = crate::theirs::misnamed_helper(attr.path()) {
                roles::misnamed(attr, meant, errors);
            }
        }
        let before = usize::try_from(index).unwrap_or(count);
        let is_moved = configured.iter().take(before).any(|configured| *configured);
        let is_moved = is_moved && matches!(member, Member::Unnamed(_));
        let followed_by = is_moved.then(|| count.saturating_sub(before + 1));
        let mut marks = field.attrs.iter().filter(|attr| words::helper(attr.path()).is_some());
        let cfgs = handler::cfgs(&field.attrs);
        let others: Vec<&Field> =
            driven.iter().filter(|other| !roles::either(&other.cfgs, &cfgs)).collect();
        let Some(mark) = marks.next() else { continue };
        let Some(drives) = drives(mark, &others, errors) else { continue };
        let helper = words::last(mark.path());
        for attr in marks {
            second_role(attr, drives, &member, errors);
        }
        driven.push(Field { drives, helper, member, followed_by, ty: field.ty, cfgs });
    }
    driven
}

fn second_role(attr: &Attribute, first: Drives, member: &Member, errors: &mut Errors) {
    let (name, one) = (member_name(member), first.attribute());
    let other = words::helper(attr.path()).unwrap_or_default();
    if one == other {
        let problem = format!("field `{name}` is already marked `#[{one}]`");
        errors.help(attr, problem, "remove this attribute");
    } else {
        let problem = format!("field `{name}` cannot be both `#[{one}]` and `#[{other}]`");
        errors.help(attr, problem, "give each a field of its own");
    }
}

/// What the runtime does with a field so marked.
fn drives(attr: &Attribute, before: &[&Field], errors: &mut Errors) -> Option<Drives> {
    let helper = words::helper(attr.path())?;
    let drives = match helper {
        "on_read" => Drives::Collects,
        "terminator" => Drives::Terminates,
        "producer" => Drives::Produces,
        _ => {
            errors.help(
                attr,
                format_args!(
                    "`#[{helper}]` goes on a method of the `#[channel]` impl, not on a field"
                ),
                "on a field go `#[on_read]`, `#[terminator]` and `#[producer]`",
            );
            return None;
        }
    };
    bare(attr, helper, drives, errors);
    if let Some(first) = before.iter().find(|field| field.drives == drives) {
        let name = member_name(&first.member);
        errors.help(
            attr,
            format_args!("field `{name}` is already the `#[{helper}]` of this channel"),
            "keep one of them",
        );
        return None;
    }
    Some(drives)
}

/// On a field an attribute is only its name.
fn bare(attr: &Attribute, helper: &str, drives: Drives, errors: &mut Errors) {
    if matches!(attr.meta, Meta::Path(_)) {
        return;
    }
    let help = match drives {
        Drives::Terminates => "write `#[terminator]`, and set the field to a `Terminator`",
        Drives::Collects | Drives::Produces => "write only its name",
    };
    errors.help(attr, format_args!("`#[{helper}]` on a field has no arguments"), help);
}
