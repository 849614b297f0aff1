//! In: the body of a method, as tokens. Out: whether it takes the context to another thread.
//!
//! The compiler would list every type inside of the context that cannot go there. Nothing is said
//! where a name may be another's by then: a `.` has to follow it wherever it stands.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::errors::Errors;
use crate::graph::context_name;
use crate::model::Method;
use crate::words::{self, is_punct, is_word};

pub(super) fn context_stays(method: &Method, errors: &mut Errors) {
    if let Some((context, moved)) = found(method) {
        errors.help(
            &moved,
            format_args!("`{moved}` stays in the thread of its loop"),
            format_args!("take `{context}.handle()` along, and answer with its `post`"),
        );
    }
}

/// Whether a closure that is spawned calls methods of the context.
pub(crate) fn moves_context(method: &Method) -> bool {
    found(method).is_some()
}

/// The name of the context, and where a thread has it under that name or another.
fn found(method: &Method) -> Option<(String, TokenTree)> {
    let context = context_name(method)?;
    let mut names = vec![context.clone()];
    find_names(&method.body, &mut names);
    let mut spawned = Vec::new();
    find_spawned(&method.body, is_scoped(&method.body), &mut spawned);
    let moved = spawned.iter().find_map(|closure| used(closure, &names))?;
    only_called(&method.body, &names).then_some((context, moved))
}

/// `let io2 = io;`, `let io = &mut *io;`: what statements that only lend it call it.
fn find_names(body: &TokenStream, names: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = body.clone().into_iter().collect();
    for statement in tokens.split(ends_statement) {
        names.extend(renaming(statement, names).map(|(_, name)| name.to_string()));
    }
    for token in &tokens {
        if let TokenTree::Group(group) = token {
            find_names(&group.stream(), names);
        }
    }
}

fn ends_statement(token: &TokenTree) -> bool {
    is_punct(Some(token), ';')
}

/// Where a `let` begins that gives another name to what has one of these, and that name.
fn renaming<'a>(statement: &'a [TokenTree], names: &[String]) -> Option<(usize, &'a TokenTree)> {
    // In front of it may stand a block, which needs no `;`.
    let begins = statement.iter().rposition(|token| is_word(Some(token), "let"))?;
    let mut rest = statement.iter().skip(begins + 1).filter(|token| !is_word(Some(token), "mut"));
    let new = rest.next().filter(|token| matches!(token, TokenTree::Ident(_)))?;
    let value = rest.skip_while(|token| !is_punct(Some(token), '=')).skip(1);
    let mut value =
        value.filter(|token| !['&', '*'].iter().any(|lent| is_punct(Some(token), *lent)));
    let is_one = |token: &&TokenTree| names.iter().any(|name| is_word(Some(token), name));
    (value.next().is_some_and(|old| is_one(&old)) && value.next().is_none())
        .then_some((begins, new))
}

/// Whether it has scoped threads, or a builder of threads.
fn is_scoped(body: &TokenStream) -> bool {
    words::mentions(body, "thread")
        && ["scope", "Builder"].iter().any(|word| words::mentions(body, word))
}

/// The closures that `thread::spawn(..)` is given, and those of `.spawn(..)`.
fn find_spawned(tokens: &TokenStream, by_method: bool, found: &mut Vec<TokenStream>) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let before = |steps: usize| at.checked_sub(steps).and_then(|at| tokens.get(at));
        let is_of_thread = || is_word(before(4), "thread");
        let is_of_builder = || by_method && is_punct(before(2), '.');
        match closure(group) {
            Some(closure) if is_word(before(1), "spawn") && (is_of_thread() || is_of_builder()) => {
                found.push(closure);
            }
            _ => find_spawned(&group.stream(), by_method, found),
        }
    }
}

/// `move || ..` between the parentheses of a call.
fn closure(arguments: &Group) -> Option<TokenStream> {
    let mut tokens =
        arguments.stream().into_iter().skip_while(|token| is_word(Some(token), "move"));
    let begins = is_punct(tokens.next().as_ref(), '|');
    (begins && arguments.delimiter() == Delimiter::Parenthesis).then(|| tokens.collect())
}

fn used(tokens: &TokenStream, names: &[String]) -> Option<TokenTree> {
    tokens.clone().into_iter().find_map(|token| match &token {
        TokenTree::Group(group) => used(&group.stream(), names),
        _ => names.iter().any(|name| is_word(Some(&token), name)).then_some(token),
    })
}

/// Whether a `.` follows these names wherever they stand, but where one gets another.
fn only_called(tokens: &TokenStream, names: &[String]) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    tokens.split(ends_statement).all(|statement| {
        let end = renaming(statement, names).map_or(statement.len(), |(begins, _)| begins);
        let mut tokens = statement.iter().take(end).peekable();
        let mut all = true;
        while let Some(token) = tokens.next() {
            all &= match token {
                TokenTree::Group(group) => only_called(&group.stream(), names),
                token if names.iter().any(|name| is_word(Some(token), name)) => {
                    is_punct(tokens.peek().copied(), '.')
                }
                _ => true,
            };
        }
        all
    })
}
