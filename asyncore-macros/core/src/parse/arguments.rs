//! In: the tokens between an attribute's parentheses. Out: its arguments, one by one.
//!
//! Read by hand instead of with syn's meta parser: after a bad argument the next one is still
//! read, so that each mistake of a list is reported in the same run.

use proc_macro2::{Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{token, Attribute, Expr, Lit, Meta, Token};

use crate::errors::Errors;
use crate::words;

/// What stands between two commas.
pub(crate) enum Argument {
    /// `b"\r\n"`
    Literal(Lit),
    /// `discard`
    Flag(Ident),
    /// `max = 512`; the value is `Expr::Verbatim` where it is no expression.
    Set(Ident, Expr),
    /// `any(..)`
    Call(Ident, Group),
    /// `max: 3`, `max == 3`: the name, all of it, the value.
    Unset(Ident, TokenStream, TokenStream),
    /// Any other expression.
    Other(Expr),
}

impl Argument {
    /// The argument's tokens, for the caret.
    pub(crate) fn tokens(&self) -> TokenStream {
        match self {
            Self::Literal(lit) => quote::quote!(#lit),
            Self::Flag(name) => quote::quote!(#name),
            Self::Set(name, value) => quote::quote!(#name = #value),
            Self::Call(name, inside) => quote::quote!(#name #inside),
            Self::Unset(_, all, _) => all.clone(),
            Self::Other(expr) => quote::quote!(#expr),
        }
    }
}

/// The arguments of a helper attribute; `#[name]` has none, `#[name = ..]` is reported.
pub(crate) fn of_attribute(attribute: &Attribute, errors: &mut Errors) -> Vec<Argument> {
    match &attribute.meta {
        Meta::Path(_) => Vec::new(),
        Meta::List(list) => read(list.tokens.clone(), errors),
        Meta::NameValue(meta) => {
            let (path, value) = (&meta.path, &meta.value);
            let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            let value = crate::text::written(quote::quote!(#value));
            errors.help(
                attribute,
                format_args!("the arguments of `#[{name}]` stand in parentheses"),
                format_args!("write `#[{name}({value})]`"),
            );
            Vec::new()
        }
    }
}

/// Reads a list of arguments, going on at the next comma after a bad one.
pub(crate) fn read(tokens: TokenStream, errors: &mut Errors) -> Vec<Argument> {
    let given = tokens.clone();
    let all = |input: ParseStream<'_>| {
        let mut found = Vec::new();
        while !input.is_empty() {
            match argument(input) {
                Ok(argument) => found.push(argument),
                Err(error) => errors.syntax(error),
            }
            if input.peek(Token![;]) {
                not_a_comma(&input.fork().parse::<Token![;]>()?, &given, errors);
            }
            skip_to_comma(input);
        }
        Ok(found)
    };
    match all.parse2(tokens) {
        Ok(found) => found,
        Err(error) => {
            errors.syntax(error);
            Vec::new()
        }
    }
}

/// `b"\n"; max = 3`: what follows is read as if it was one.
fn not_a_comma(semicolon: &Token![;], given: &TokenStream, errors: &mut Errors) {
    let separated = given.clone().into_iter().map(|token| match token {
        TokenTree::Punct(punct) if punct.as_char() == ';' => {
            TokenTree::Punct(Punct::new(',', Spacing::Alone))
        }
        token => token,
    });
    let help = format!("write `{}`", crate::text::written(separated.collect()));
    errors.help(semicolon, "expected `,` between two arguments", help);
}

/// Whether nothing more belongs to the argument.
fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,]) || input.peek(Token![;])
}

fn argument(input: ParseStream<'_>) -> syn::Result<Argument> {
    let found = if input.peek(Lit) && ends_after_one(input) {
        Argument::Literal(input.parse()?)
    } else if input.peek(Ident::peek_any) && ends_after_one(input) {
        Argument::Flag(input.call(Ident::parse_any)?)
    } else if input.peek(Ident::peek_any) {
        named(input)?
    } else {
        other(input)?
    };
    if ends(input) {
        return Ok(found);
    }
    match found {
        // `8 KB`, `b"\n" or b"\r\n"`: read on, where no argument of its own begins here.
        Argument::Set(name, value) if !begins_argument(input) => {
            let rest = up_to_comma(input)?;
            Ok(Argument::Set(name, Expr::Verbatim(quote::quote!(#value #rest))))
        }
        Argument::Other(value) if !begins_argument(input) => {
            let rest = up_to_comma(input)?;
            Ok(Argument::Other(Expr::Verbatim(quote::quote!(#value #rest))))
        }
        _ => Err(input.error("expected `,` between two arguments")),
    }
}

/// What begins with a word: `max = 512`, `any(..)`, and what is neither.
fn named(input: ParseStream<'_>) -> syn::Result<Argument> {
    if let Some(unset) = unset(input)? {
        return Ok(unset);
    }
    let name = input.fork().call(Ident::parse_any)?;
    if input.peek2(Token![=]) {
        input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        let value = value(&name, input)?;
        return Ok(Argument::Set(name, value));
    }
    let is_option = words::home(&name.to_string()).is_some();
    let is_call = input.peek2(token::Paren)
        || is_option && (input.peek2(token::Bracket) || input.peek2(token::Brace));
    if is_call {
        input.call(Ident::parse_any)?;
        return Ok(Argument::Call(name, input.parse()?));
    }
    other(input)
}

/// `max: 3`, `max == 3`, `max => 3`
fn unset(input: ParseStream<'_>) -> syn::Result<Option<Argument>> {
    let is_sign = input.peek2(Token![:]) && !input.peek2(Token![::])
        || input.peek2(Token![==])
        || input.peek2(Token![=>]);
    if !is_sign {
        return Ok(None);
    }
    let name = input.call(Ident::parse_any)?;
    let sign: TokenTree = input.parse()?;
    let joined: Option<TokenTree> =
        matches!(&sign, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint)
            .then(|| input.parse())
            .transpose()?;
    let value = up_to_comma(input)?;
    let all = quote::quote!(#name #sign #joined #value);
    Ok(Some(Argument::Unset(name, all, value)))
}

fn other(input: ParseStream<'_>) -> syn::Result<Argument> {
    Ok(Argument::Other(match expression(input) {
        Some(expr) => expr,
        None if input.peek(Token![,]) => return Err(input.error("nothing before this comma")),
        None => Expr::Verbatim(up_to_comma(input)?),
    }))
}

/// Whether this is the next argument, and only a comma is missing.
fn begins_argument(input: ParseStream<'_>) -> bool {
    let word = input.fork().call(Ident::parse_any).map(|word| word.to_string());
    input.peek(Lit) || word.is_ok_and(|word| words::home(&word).is_some())
}

/// An expression, or whatever stands before the comma: `states = pub Name`, and expressions that
/// only the compiler has to understand.
pub(crate) fn value(name: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    expression(input).map_or_else(|| tokens(name, input).map(Expr::Verbatim), Ok)
}

/// An expression, if syn can read it.
fn expression(input: ParseStream<'_>) -> Option<Expr> {
    let attempt = input.fork();
    let expr = attempt.parse().ok()?;
    input.advance_to(&attempt);
    Some(expr)
}

/// What stands behind `name =`, and before the comma.
fn tokens(name: &Ident, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let tokens = up_to_comma(input)?;
    if tokens.is_empty() {
        return Err(syn::Error::new(name.span(), format_args!("`{name}` needs a value after `=`")));
    }
    Ok(tokens)
}

/// All before a comma that is not inside a `::<..>`.
fn up_to_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let (mut tokens, mut depth, mut before) = (TokenStream::new(), 0, ' ');
    while !input.is_empty() && (depth > 0 || !ends(input)) {
        let token: TokenTree = input.parse()?;
        let char = if let TokenTree::Punct(punct) = &token { punct.as_char() } else { ' ' };
        match char {
            '<' if depth > 0 || before == ':' => depth += 1,
            '>' if depth > 0 && before != '-' => depth -= 1,
            _ => {}
        }
        before = char;
        tokens.extend([token]);
    }
    Ok(tokens)
}

fn ends_after_one(input: ParseStream<'_>) -> bool {
    match input.cursor().token_tree() {
        Some((_, rest)) => {
            rest.eof()
                || rest.punct().is_some_and(|(punct, _)| [',', ';'].contains(&punct.as_char()))
        }
        None => false,
    }
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() {
        let at_comma = ends(input);
        // A token tree always parses while the stream is not empty.
        if input.parse::<TokenTree>().is_err() || at_comma {
            break;
        }
    }
}

/// The option names seen in one list: each may be set once.
#[derive(Default)]
pub(crate) struct Once {
    seen: Vec<String>,
}

impl Once {
    /// Whether this is the first time; reports it if not.
    pub(crate) fn first(&mut self, name: &Ident, errors: &mut Errors) -> bool {
        let word = name.to_string();
        if self.seen.contains(&word) {
            errors.help(name, format_args!("`{word}` is set twice"), "remove one of them");
            return false;
        }
        self.seen.push(word);
        true
    }
}

/// An option this list does not know: a similar name, the right place, or the whole list.
pub(crate) fn unknown(name: &Ident, known: &[&str], errors: &mut Errors) {
    let word = name.to_string();
    if let Some(home) = words::home(&word) {
        errors.help(name, format_args!("`{word}` belongs to {home}, not here"), "move it there");
        return;
    }
    let problem = format_args!("unknown option `{word}`").to_string();
    match words::option(&word, known) {
        Some(meant) if words::similar(&word, &[meant]).is_none() => {
            errors.help(name, problem, format_args!("it is called `{meant}` here"))
        }
        Some(meant) => {
            errors.help(name, problem, format_args!("an option with a similar name is `{meant}`"))
        }
        None => errors.help(name, problem, format_args!("the options are {}", words::list(known))),
    }
}
