//! In: the tokens of a method's signature, or of an impl block's head. Out: their parts.
//!
//! By hand, though syn can read both: with its feature `full`, which also reads every expression,
//! pattern and statement there is, and adds a second to each clean build of a user's.

use std::rc::Rc;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{quote, ToTokens};
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::{braced, parenthesized, Attribute, Generics, Lifetime, Token, Type, WhereClause};

use crate::model::{Input, Signature, Typed};

impl Parse for Signature {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.parse::<Option<Token![const]>>()?;
        let (asyncness, unsafety, abi) = (input.parse()?, input.parse()?, input.parse()?);
        input.parse::<Token![fn]>()?;
        let (ident, mut generics): (Ident, Generics) = (input.parse()?, input.parse()?);
        let inside;
        parenthesized!(inside in input);
        let inputs = inside.parse_terminated(Input::parse, Token![,])?.into_iter().collect();
        let output = Rc::new(input.parse()?);
        generics.where_clause = input.parse::<Option<WhereClause>>()?;
        Ok(Self { asyncness, unsafety, abi, ident, generics, inputs, output })
    }
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut cfgs = input.call(Attribute::parse_outer)?;
        cfgs.retain(|attribute| attribute.path().is_ident("cfg"));
        let attempt = input.fork();
        match attempt.call(receiver)? {
            Some(found) => {
                input.advance_to(&attempt);
                Ok(found)
            }
            None => typed(input, cfgs),
        }
    }
}

impl ToTokens for Input {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Receiver { tokens: all, .. } => all.to_tokens(tokens),
            Self::Typed(Typed { pattern, colon, ty, .. }) => {
                tokens.extend(quote!(#pattern #colon #ty));
            }
        }
    }
}

/// `None` if it is no `self`.
fn receiver(input: ParseStream<'_>) -> syn::Result<Option<Input>> {
    let and: Option<Token![&]> = input.parse()?;
    let lifetime: Option<Lifetime> = if and.is_some() { input.parse()? } else { None };
    let mutability: Option<Token![mut]> = input.parse()?;
    if !input.peek(Token![self]) || input.peek2(Token![::]) {
        return Ok(None);
    }
    let this: Token![self] = input.parse()?;
    let written = quote!(#and #lifetime #mutability #this);
    if and.is_some() || !input.peek(Token![:]) {
        return Ok(Some(Input::Receiver { tokens: written, is_borrowed: and.is_some() }));
    }
    let (colon, ty): (Token![:], Type) = (input.parse()?, input.parse()?);
    let is_borrowed = matches!(ty, Type::Reference(_));
    Ok(Some(Input::Receiver { tokens: quote!(#written #colon #ty), is_borrowed }))
}

fn typed(input: ParseStream<'_>, cfgs: Vec<Attribute>) -> syn::Result<Input> {
    let mut pattern = TokenStream::new();
    while !input.is_empty() && (!input.peek(Token![:]) || input.peek(Token![::])) {
        match input.parse::<Option<Token![::]>>()? {
            Some(path) => path.to_tokens(&mut pattern),
            None => pattern.extend([input.parse::<TokenTree>()?]),
        }
    }
    let (colon, ty): (Token![:], Type) = (input.parse()?, input.parse()?);
    let name = name_in(pattern.clone());
    Ok(Input::Typed(Typed { pattern, colon, name, ty: Rc::new(ty), cfgs }))
}

/// The name of a pattern of words alone: `io`, `mut io`.
fn name_in(pattern: TokenStream) -> Option<Ident> {
    let mut name = None;
    for token in pattern {
        name = match token {
            TokenTree::Ident(word) => Some(word),
            // What a `macro_rules!` was given as a pattern.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                Some(name_in(group.stream())?)
            }
            _ => return None,
        };
    }
    name.filter(|name| name != "_")
}

/// `impl<T: Clone> Echo<T> where T: 'static`, with the block's braces behind it.
pub(crate) struct ImplHead {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) impl_token: Token![impl],
    pub(crate) generics: Generics,
    /// Of an `impl Trait for`.
    pub(crate) of: Option<Type>,
    pub(crate) self_ty: Type,
}

impl Parse for ImplHead {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<Option<Token![unsafe]>>()?;
        let (impl_token, mut generics): (_, Generics) = (input.parse()?, input.parse()?);
        input.parse::<Option<Token![!]>>()?;
        let first: Type = input.parse()?;
        let (of, self_ty) = match input.parse::<Option<Token![for]>>()? {
            Some(_) => (Some(first), input.parse()?),
            None => (None, first),
        };
        generics.where_clause = input.parse()?;
        let _body;
        braced!(_body in input);
        Ok(Self { attrs, impl_token, generics, of, self_ty })
    }
}
