//! In: the protocol and its graph. Out: doc comments: the state table and the drawing of it.

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};

use super::{describe, drawing};
use crate::graph::{index_of, Graph};
use crate::model::{Protocol, State};
use crate::text;
use crate::tokens::stream;

/// Columns of prose: with its indentation and `///` a line stays under 100.
const WIDTH: usize = 80;

/// One line.
pub(super) fn line(text: &str) -> TokenStream {
    lines(vec![text.to_owned()])
}

/// Several lines.
pub(crate) fn lines(lines: Vec<String>) -> TokenStream {
    // Most of what an expansion is made of: `quote!` would make each of these tokens anew.
    let (doc, equals) = (Ident::new("doc", Span::call_site()), Punct::new('=', Spacing::Alone));
    let hash = Punct::new('#', Spacing::Alone);
    let mut tokens: Vec<TokenTree> = Vec::with_capacity(2 * lines.len());
    for text in lines {
        let text = if text.is_empty() { text } else { format!(" {text}") };
        let says = Literal::string(&text).into();
        let inside: [TokenTree; 3] = [doc.clone().into(), equals.clone().into(), says];
        let inside = Group::new(Delimiter::Bracket, stream(inside));
        tokens.extend([hash.clone().into(), TokenTree::Group(inside)]);
    }
    stream(tokens)
}

/// Prose, broken into lines.
pub(super) fn prose(text: &str) -> TokenStream {
    lines(text::wrap(text, WIDTH))
}

/// The docs of the impl: the protocol as a table and as a drawing.
pub(super) fn protocol(protocol: &Protocol, graph: &Graph) -> TokenStream {
    if protocol.states.is_empty() {
        return dispatcher(protocol);
    }
    let mut text = vec!["| state | its frame | limit | within | handler | then |".to_owned()];
    text.push("|---|---|---|---|---|---|".to_owned());
    for state in &protocol.states {
        let row = row(state, protocol, graph);
        // One method under several `#[cfg]`s is one state.
        if text.last() != Some(&row) {
            text.push(row);
        }
    }
    if let Some(drawing) = drawing::states(protocol, graph) {
        text.extend([String::new(), "```text".to_owned()]);
        text.extend(drawing);
        text.push("```".to_owned());
    }
    lines(text)
}

fn dispatcher(protocol: &Protocol) -> TokenStream {
    let name = &protocol.header.name;
    let says = if protocol.field_handler().is_some() {
        format!("The protocol of `{name}`: a field says what ends a frame.")
    } else {
        format!("What `{name}` does when something happens.")
    };
    line(&says)
}

fn row(state: &State, protocol: &Protocol, graph: &Graph) -> String {
    let handler = match &state.handler.summary {
        Some(summary) => format!("`{}`: {}", state.handler.name, cell(summary)),
        None => format!("`{}`", state.handler.name),
    };
    format!(
        "| `{}` | {} | {} | {} | {handler} | {} |",
        state.variant,
        cell(&describe::ends(state)),
        cell(&describe::limit(state, protocol.on_read().is_none())),
        cell(&describe::deadline(state)),
        then(state, protocol, graph),
    )
}

/// Where the state can go: the declared one first.
fn then(state: &State, protocol: &Protocol, graph: &Graph) -> String {
    let exits = graph.exits(protocol, &state.handler.name);
    let declared = state.next().and_then(|next| index_of(protocol, next));
    let mut to: Vec<usize> = declared.into_iter().collect();
    to.extend(exits.to.iter().filter(|to| Some(**to) != declared));
    let mut names: Vec<String> = Vec::new();
    if declared.is_none() {
        names.push("itself".to_owned());
    }
    let others = to.iter().filter_map(|to| protocol.states.get(*to));
    names.extend(
        others.filter(|to| to.variant != state.variant).map(|to| format!("`{}`", to.variant)),
    );
    if exits.unseen {
        names.push("elsewhere".to_owned());
    }
    names.join(", ")
}

/// Text that cannot end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
