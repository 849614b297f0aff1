//! In: `#[channel(..)]` on an impl block. Out: its protocol.
//!
//! Signatures are parsed, bodies are not: a body that is half typed is rustc's to report, and the
//! rest of the channel keeps working in the editor.

use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream, TokenTree};
use quote::quote;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Generics, Lifetime, Path, Token, Type, TypeParam, TypeParamBound, Visibility,
    WherePredicate,
};

use super::signature::ImplHead;
use super::structs::{borrows, marked_once, on_the_item, owns_itself};
use super::{levels, options, roles, typing};
use crate::errors::Errors;
use crate::model::{Header, Method, Protocol, Signature};
use crate::protocol::{default_states_name, Places};
use crate::text;
use crate::tokens::stream;
use crate::words;

/// Reads an impl block. `None` if not even its header can be read.
pub(crate) fn read(attr: TokenStream, item: TokenStream, errors: &mut Errors) -> Option<Protocol> {
    let options = options::of_impl(attr, errors);
    let (header, body) = split(item, errors)?;
    let (header, is_of_trait) = header_of(header, errors)?;
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
    if is_of_trait {
        return Some(protocol);
    }
    let (signatures, bodies) = bodies_apart(body);
    let members = |input: ParseStream<'_>| members(input, &bodies, &mut protocol, errors);
    if let Err(error) = members.parse2(signatures) {
        errors.syntax(error);
    }
    parameters_are_owned(&mut protocol, errors);
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
            Some((stream(header), body.stream()))
        }
        last => {
            errors.add(last, "expected an impl block");
            None
        }
    }
}

/// The members with a number in the place of each body, and the bodies: syn copies every token that it
/// is given, and has nothing to read in these.
fn bodies_apart(members: TokenStream) -> (TokenStream, Vec<TokenStream>) {
    let mut bodies = Vec::new();
    let members = members.into_iter().map(|token| match token {
        TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => {
            let number = TokenTree::from(Literal::usize_unsuffixed(bodies.len()));
            bodies.push(body.stream());
            let mut numbered = Group::new(Delimiter::Brace, number.into());
            numbered.set_span(body.span());
            numbered.into()
        }
        token => token,
    });
    (stream(members), bodies)
}

/// The body that this group stands for.
fn body_of(numbered: &Group, bodies: &[TokenStream]) -> TokenStream {
    let number = numbered.stream().into_iter().next();
    let number = number.and_then(|number| number.to_string().parse::<usize>().ok());
    number.and_then(|number| bodies.get(number)).cloned().unwrap_or_default()
}

/// The header, and whether it is that of a trait's impl, whose methods are not read.
fn header_of(header: TokenStream, errors: &mut Errors) -> Option<(Header, bool)> {
    let item: ImplHead = match syn::parse2(header) {
        Ok(item) => item,
        Err(error) => {
            errors.syntax(error);
            return None;
        }
    };
    let self_ty = item.self_ty;
    let Some(name) = name_of(&self_ty) else {
        errors.add(&self_ty, "a channel is a struct with a name");
        return None;
    };
    let before = errors.count();
    owns_itself(&name, &item.generics, errors);
    if errors.count() == before {
        borrows_without_a_name(quote!(#self_ty), &name, errors);
    }
    let is_refused = errors.count() > before || item.of.is_some();
    if let Some(of) = &item.of {
        not_inherent(&self_ty, of, errors);
    }
    marked_once(&item.attrs, &name, errors);
    on_the_item(&item.attrs, &name, errors);
    let header = Header {
        levels: levels::read(&item.attrs),
        keyword: item.impl_token.span,
        generics: item.generics,
        self_ty,
        name,
        is_refused,
    };
    Some((header, item.of.is_some()))
}

/// `impl Chat<'_>`
fn borrows_without_a_name(self_ty: TokenStream, name: &Ident, errors: &mut Errors) {
    let lifetimes = lifetimes(self_ty);
    if let Some(lifetime) = lifetimes.iter().find(|lifetime| lifetime.ident != "static") {
        borrows(name, lifetime, lifetime, errors);
    }
}

fn lifetimes(tokens: TokenStream) -> Vec<Lifetime> {
    let read = |input: ParseStream<'_>| {
        let mut found = Vec::new();
        while !input.is_empty() {
            if input.peek(Lifetime) {
                found.push(input.parse()?);
            } else if let TokenTree::Group(group) = input.parse()? {
                found.extend(lifetimes(group.stream()));
            }
        }
        Ok(found)
    };
    read.parse2(tokens).unwrap_or_default()
}

/// A context needs a channel that borrows nothing, and rustc would say so at each of them.
fn parameters_are_owned(protocol: &mut Protocol, errors: &mut Errors) {
    let generics = &protocol.header.generics;
    let may_borrow =
        |param: &&TypeParam| may_borrow(param, generics) && !protocol.header.is_refused;
    let Some(param) = generics.type_params().find(may_borrow) else { return };
    let mut typed = protocol.methods.iter().flat_map(|method| &method.sig.inputs);
    // Of another channel's context nothing follows for this one.
    let channel = protocol.header.name.to_string();
    let is_own =
        |tokens: &TokenStream| ["Self", &channel].iter().any(|name| words::mentions(tokens, name));
    if !typed.any(|input| {
        let tokens = quote!(#input);
        words::mentions(&tokens, "Io") && is_own(&tokens)
    }) {
        return;
    }
    let (name, bounds) = (&param.ident, &param.bounds);
    let bounds = if bounds.is_empty() { quote!('static) } else { quote!(#bounds + 'static) };
    errors.help(
        name,
        format_args!("the event loop owns its channels, so `{name}` has to be `'static`"),
        format_args!("write `{name}: {}`", text::written(bounds)),
    );
    protocol.header.is_refused = true;
}

/// Whether nothing that is said of the parameter can mean that it is owned: a trait of somebody's may.
fn may_borrow(param: &TypeParam, generics: &Generics) -> bool {
    let name = param.ident.to_string();
    let said = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    param.bounds.iter().all(is_silent)
        && said.into_iter().all(|predicate| match predicate {
            WherePredicate::Type(of) if is_word(&of.bounded_ty, &name) => {
                of.bounds.iter().all(is_silent)
            }
            predicate => !words::mentions(&quote!(#predicate), &name),
        })
}

fn is_word(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.get_ident().is_some_and(|word| word == name))
}

/// Whether a bound says nothing of how long its type lives.
fn is_silent(bound: &TypeParamBound) -> bool {
    const SILENT: &[&str] = &[
        "AsRef",
        "Clone",
        "Copy",
        "Debug",
        "Default",
        "Display",
        "Eq",
        "From",
        "Hash",
        "Into",
        "Iterator",
        "Ord",
        "PartialEq",
        "PartialOrd",
        "Read",
        "Send",
        "Sized",
        "Sync",
        "Write",
    ];
    match bound {
        TypeParamBound::Trait(bound) => bound
            .path
            .segments
            .last()
            .is_some_and(|last| SILENT.iter().any(|name| last.ident == name)),
        _ => false,
    }
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
    bodies: &[TokenStream],
    protocol: &mut Protocol,
    errors: &mut Errors,
) -> syn::Result<()> {
    let inner = levels::read(&input.call(Attribute::parse_inner)?);
    protocol.header.levels.lifted.extend(inner.lifted);
    while !input.is_empty() {
        let attrs = input.call(Attribute::parse_outer)?;
        let is_private = matches!(input.parse()?, Visibility::Inherited);
        let attempt = input.fork();
        match attempt.parse::<Signature>() {
            Ok(sig) if attempt.peek(syn::token::Brace) => {
                input.advance_to(&attempt);
                let body = body_of(&input.parse()?, bodies);
                protocol.methods.push(Method { attrs, sig, body, is_private, readable: true });
            }
            Ok(sig) if attempt.peek(Token![;]) => {
                // That there is no body is rustc's to say.
                input.advance_to(&attempt);
                input.parse::<Token![;]>()?;
                half_typed(&attrs, errors);
                let body = TokenStream::new();
                protocol.methods.push(Method { attrs, sig, body, is_private, readable: false });
            }
            signature => {
                let head = (attrs, is_private, signature.err());
                other_member(input, bodies, head, protocol, errors)?
            }
        }
    }
    Ok(())
}

/// What is no method, or one whose signature cannot be read.
fn other_member(
    input: ParseStream<'_>,
    bodies: &[TokenStream],
    (attrs, is_private, error): (Vec<Attribute>, bool, Option<syn::Error>),
    protocol: &mut Protocol,
    errors: &mut Errors,
) -> syn::Result<()> {
    let signature: TokenStream = input.fork().parse()?;
    match step_over(input, bodies)? {
        Item::Macro(path) => protocol.macros.push(path),
        Item::Function(name, body) => {
            if typing::has_half_parameters(&signature) {
                half_typed(&attrs, errors);
            } else {
                unreadable(&attrs, error, errors);
            }
            // Half typed, it still is the state it will be.
            if let Ok(sig) = syn::parse2(quote!(fn #name(&mut self))) {
                protocol.methods.push(Method { attrs, sig, body, is_private, readable: false });
            }
        }
        Item::Other(keyword) => misplaced(&attrs, &keyword, errors),
    }
    Ok(())
}

/// A handler that is half typed: the compiler has said so.
fn half_typed(attrs: &[Attribute], errors: &mut Errors) {
    if attrs.iter().any(|attr| words::helper(attr.path()).is_some()) {
        errors.elsewhere();
    }
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

fn step_over(input: ParseStream<'_>, bodies: &[TokenStream]) -> syn::Result<Item> {
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
                return Ok(Item::Function(name, body_of(&body, bodies)));
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
