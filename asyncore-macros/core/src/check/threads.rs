//! In: the body of a method, as tokens. Out: whether it takes the context to another thread.
//!
//! The compiler would list every type inside of the context that cannot go there.

use proc_macro2::{Group, TokenStream, TokenTree};

use crate::errors::Errors;
use crate::graph::context_name;
use crate::model::Method;
use crate::words::is_word;

pub(super) fn context_stays(method: &Method, errors: &mut Errors) {
    if let Some(context) = moved_context(method) {
        errors.help(
            &context,
            format_args!("`{context}` stays in the thread of its loop"),
            format_args!("take `{context}.handle()` along, and answer with its `post`"),
        );
    }
}

/// The context, where a closure that is spawned calls its methods. Nothing is said where the name
/// may be another's by then: everywhere in the body a `.` has to follow it.
pub(crate) fn moved_context(method: &Method) -> Option<TokenTree> {
    let context = context_name(method)?;
    let mut spawned = Vec::new();
    find_spawned(&method.body, &mut spawned);
    let found = spawned.iter().find_map(|group| used(&group.stream(), &context))?;
    only_called(&method.body, &context).then_some(found)
}

/// The arguments of each `thread::spawn(..)`.
fn find_spawned(tokens: &TokenStream, found: &mut Vec<Group>) {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let before = |steps: usize| at.checked_sub(steps).and_then(|at| tokens.get(at));
        if is_word(before(1), "spawn") && is_word(before(4), "thread") {
            found.push(group.clone());
        } else {
            find_spawned(&group.stream(), found);
        }
    }
}

fn used(tokens: &TokenStream, name: &str) -> Option<TokenTree> {
    tokens.clone().into_iter().find_map(|token| match &token {
        TokenTree::Group(group) => used(&group.stream(), name),
        _ => is_word(Some(&token), name).then_some(token),
    })
}

/// Whether a `.` follows the name wherever it stands.
fn only_called(tokens: &TokenStream, name: &str) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    tokens.iter().enumerate().all(|(at, token)| match token {
        TokenTree::Group(group) => only_called(&group.stream(), name),
        token if is_word(Some(token), name) => {
            matches!(tokens.get(at + 1), Some(TokenTree::Punct(punct)) if punct.as_char() == '.')
        }
        _ => true,
    })
}
