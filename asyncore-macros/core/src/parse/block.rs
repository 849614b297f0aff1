//! In: `#[channel(..)]` on an impl block. Out: its protocol.
//!
//! Signatures are parsed, bodies are not: a body that is half typed is rustc's to report, and the
//! rest of the channel keeps working in the editor.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Path, Token, Type, Visibility};

use super::signature::ImplHead;
use super::structs::{marked_once, owns_itself};
use super::{levels, options, roles};
use crate::errors::Errors;
use crate::model::{Header, Method, Protocol, Signature};
use crate::protocol::{default_states_name, Places};
use crate::text;
use crate::words;

/// Reads an impl block. `None` if not even its header can be read.
pub(crate) fn read(attr: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Protocol> {
    let options = options::of_impl(attr, errors);
    let (header, body) = split(item, errors)?;
    let header = header_of(header, errors)?;
    let (states_vis, states_name) = match options.states {
        Some((Visibility::Inherited, name)) => (None, name),
        Some((vis, name)) => (Some(vis), name),
        None => (None, default_states_name(&header.name)),
    };
    let mut protocol = Protocol {
        header,
        runtime: options.runtime,
        states_name,
        states_vis,
        methods: Vec::new(),
        states: Vec::new(),
        field_handlers: Vec::new(),
        events: Vec::new(),
        producers: Vec::new(),
        macros: Vec::new(),
        places: Places::default(),
    };
    let members = |input: ParseStream<'_>| members(input, &mut protocol, errors);
    if let Err(error) = members.parse2(body) {
        errors.syntax(error);
    }
    let methods = core::mem::take(&mut protocol.methods);
    for method in &methods {
        roles::classify(method, &mut protocol, errors);
    }
    protocol.methods = methods;
    Some(protocol)
}

/// The tokens before the last brace, closed by an empty one, and what stood inside it.
fn split(item: TokenStream, errors: &mut Errors) -> Option<(TokenStream, TokenStream)> {
    let mut header: Vec<TokenTree> = item.into_iter().collect();
    match header.pop() {
        Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
            let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
            empty.set_span(body.span());
            header.push(TokenTree::Group(empty));
            Some((header.into_iter().collect(), body.stream()))
        }
        last => {
            errors.add(last, "expected an impl block");
            None
        }
    }
}

fn header_of(header: TokenStream, errors: &mut Errors) -> Option<Header> {
    let item: ImplHead = match syn::parse2(header) {
        Ok(item) => item,
        Err(error) => {
            errors.syntax(error);
            return None;
        }
    };
    let self_ty = item.self_ty;
    if let Some(of) = &item.of {
        not_inherent(&self_ty, of, errors);
        return None;
    }
    let Some(name) = name_of(&self_ty) else {
        errors.add(&self_ty, "a channel is a struct with a name");
        return None;
    };
    marked_once(&item.attrs, &name, errors);
    owns_itself(&name, &item.generics, errors);
    Some(Header {
        levels: levels::read(&item.attrs),
        keyword: item.impl_token.span,
        generics: item.generics,
        self_ty,
        name,
    })
}

fn not_inherent(self_ty: &Type, of: &Type, errors: &mut Errors) {
    let (ty, name) = (text::written(quote!(#self_ty)), text::written(quote!(#of)));
    errors.help(
        of,
        format_args!(
            "`#[channel]` reads the inherent impl block of `{ty}`, not an impl of `{name}`"
        ),
        format_args!("move the handlers to `#[channel] impl {ty} {{ .. }}`"),
    );
}

fn name_of(ty: &Type) -> Option<Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.clone()),
        Type::Group(group) => name_of(&group.elem),
        Type::Paren(paren) => name_of(&paren.elem),
        _ => None,
    }
}

/// Goes through the block, item by item; whatever is no method is stepped over.
fn members(
    input: ParseStream<'_>,
    protocol: &mut Protocol,
    errors: &mut Errors,
) -> syn::Result<()> {
    let inner = levels::read(&input.call(Attribute::parse_inner)?);
    protocol.header.levels.lifted.extend(inner.lifted);
    while !input.is_empty() {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let attempt = input.fork();
        match attempt.parse::<Signature>() {
            Ok(sig) if attempt.peek(syn::token::Brace) => {
                input.advance_to(&attempt);
                let body: Group = input.parse()?;
                protocol.methods.push(Method { attrs, sig, body: body.stream(), readable: true });
            }
            signature => match step_over(input)? {
                Item::Macro(path) => protocol.macros.push(path),
                Item::Function(name, body) => {
                    unreadable(&attrs, signature.err(), errors);
                    // Half typed, it still is the state it will be.
                    if let Ok(sig) = syn::parse2(quote!(fn #name(&mut self))) {
                        protocol.methods.push(Method { attrs, sig, body, readable: false });
                    }
                }
                Item::Other(keyword) => misplaced(&attrs, &keyword, errors),
            },
        }
    }
    Ok(())
}

/// A handler whose signature we do not know: rustc says why, or knows more than we do.
fn unreadable(attrs: &[Attribute], error: Option<syn::Error>, errors: &mut Errors) {
    let helper = attrs.iter().find_map(|attr| words::helper(attr.path()));
    if let (Some(helper), Some(error)) = (helper, error) {
        let text = format_args!("`#[{helper}]` needs a signature that can be read").to_string();
        errors.syntax(syn::Error::new(error.span(), text));
    }
}

/// What stands in an impl block and is no method we can read.
enum Item {
    Macro(Path),
    /// A function whose signature we cannot read: its name and body.
    Function(Ident, TokenStream),
    /// Begins with this word: `const`, `type`.
    Other(String),
}

fn step_over(input: ParseStream<'_>) -> syn::Result<Item> {
    let attempt = input.fork();
    if let (Ok(path), Ok(_)) = (attempt.call(Path::parse_mod_style), attempt.parse::<Token![!]>()) {
        input.advance_to(&attempt);
        input.parse::<TokenTree>()?;
        input.parse::<Option<Token![;]>>()?;
        return Ok(Item::Macro(path));
    }
    let mut words: Vec<Ident> = Vec::new();
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let name = words.iter().skip_while(|word| *word != "fn").nth(1).cloned();
        match (token, name) {
            (TokenTree::Ident(word), _) => words.push(word),
            (TokenTree::Group(body), Some(name)) if body.delimiter() == Delimiter::Brace => {
                return Ok(Item::Function(name, body.stream()));
            }
            (TokenTree::Punct(punct), name) if punct.as_char() == ';' => {
                return Ok(name.map_or_else(
                    || other(&words),
                    |name| Item::Function(name, TokenStream::new()),
                ));
            }
            _ => {}
        }
    }
    Ok(other(&words))
}

fn other(words: &[Ident]) -> Item {
    Item::Other(words.first().map(ToString::to_string).unwrap_or_default())
}

/// Helpers on a const, a type.
fn misplaced(attrs: &[Attribute], keyword: &str, errors: &mut Errors) {
    for attr in attrs {
        if let Some(helper) = words::helper(attr.path()) {
            errors.add(attr, format_args!("`#[{helper}]` goes on a method, not on a `{keyword}`"));
        }
    }
}
