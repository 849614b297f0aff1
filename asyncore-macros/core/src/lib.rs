//! What `#[channel]` does, as a plain library: **parse** the attribute and its item, build a
//! **model**, **check** it, **expand** it.
//!
//! In: tokens, as a proc macro gets them. Out: tokens, as a proc macro gives them: the user's item
//! first and unchanged but for our helper attributes, then either one implementation or the errors.
//! Nothing here needs a compiler around it, so tests, the printer
//! (`cargo run -p asyncore-macros-core --example expand -- FILE.rs`) and the book use it directly.
//!
//! A file a stage, in the order a token travels:
//!
//! | | |
//! |---|---|
//! | `flatten` | the user's item without invisible groups |
//! | `strip` | the same without our attributes |
//! | `parse` | attributes and signatures |
//! | `model`, `protocol` | what a channel is |
//! | `graph` | which state leads to which, read from the method bodies |
//! | `check` | what is wrong although each part is right |
//! | `expand` | the implementation, its docs, the tests from its examples |
//! | `events`, `words` | what a user can write |
//! | `errors`, `text` | what messages are made of |
//! | `tokens`, `sorted` | streams made of parts, lists in order |

#![forbid(unsafe_code)]

mod check;
mod errors;
mod events;
mod expand;
mod file;
mod flatten;
mod graph;
mod model;
mod parse;
mod protocol;
mod sorted;
mod strip;
mod text;
mod theirs;
mod tokens;
mod words;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

use errors::Errors;
use model::Repair;
use tokens::joined;

pub use events::documented;
pub use file::file;

/// Expands `#[channel(attr)]` on `item`.
pub fn channel(attr: TokenStream, item: TokenStream) -> TokenStream {
    let (written, for_editors) = expanded(attr, item);
    joined([written, for_editors])
}

/// What is written beside the item, and what becomes of the item.
#[derive(Default)]
struct Outcome {
    written: TokenStream,
    for_editors: TokenStream,
    /// The methods whose `#[expect(dead_code)]` is written anew.
    expected: Vec<String>,
    repairs: Vec<Repair>,
    /// The name that an impl block is refused by, if it is.
    refused: Option<Ident>,
}

/// What is written, and what only an editor reads of it.
pub(crate) fn expanded(attr: TokenStream, item: TokenStream) -> (TokenStream, TokenStream) {
    let (attr, mut item) = (flatten::arguments(attr), flatten::item(item));
    let mut errors = Errors::default();
    let outcome = match keyword(&item).as_ref().map(ToString::to_string).as_deref() {
        Some("struct") => {
            if let Some(whole) = parse::structs::without_half_fields(&item) {
                errors.elsewhere();
                item = whole;
            }
            on_struct(attr, item.clone(), &mut errors)
        }
        Some("impl") => on_impl(attr, item.clone(), &mut errors),
        _ => elsewhere(&item, &mut errors),
    };
    let Outcome { written, for_editors, expected, repairs, refused } = outcome;
    let item = strip::item(item, &expected, &repairs);
    let (item, errors) = match refused {
        Some(name) => (expand::stub::refused(item, &name), errors.into_constant(&name)),
        None => (item, errors.into_tokens()),
    };
    (joined([item, errors, written]), for_editors)
}

/// Expands a helper attribute that no `#[channel]` took away: it explains itself.
pub fn stray(name: &str, attr: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    // The place of the attribute, but no span of the expansion: rustc would blame the macro.
    let of_user =
        item.clone().into_iter().next().map_or_else(Span::call_site, |first| first.span());
    let at = of_user.located_at(Span::call_site());
    if let Some(moved) = strip::behind_channel(name, &attr, &item, at) {
        return moved;
    }
    let at = Ident::new("_at", at);
    match alias(name) {
        Some(alias) => {
            let arguments = text::written(attr);
            let arguments = if arguments.is_empty() { arguments } else { format!("({arguments})") };
            errors.help(
                at,
                format_args!(
                    "`#[channel]` knows `#[{name}]` by this name only, not as `#[{alias}]`"
                ),
                format_args!("write `#[{name}{arguments}]`"),
            );
        }
        None => errors.help(
            at,
            format_args!("`#[{name}]` works only inside an impl block marked `#[channel]`"),
            "add `#[channel]` above the impl block",
        ),
    }
    let errors = errors.into_tokens();
    quote!(#item #errors)
}

/// How the attribute was imported, if it is not called `name` where it stands.
fn alias(name: &str) -> Option<String> {
    let attribute = Span::call_site().source_text()?;
    let path = attribute.trim_start_matches(['#', '!', '[']).split(['(', ']', '=']).next()?;
    let word = path.rsplit("::").next()?.trim().to_owned();
    let is_word =
        !word.is_empty() && word.chars().all(|char| char == '_' || char.is_alphanumeric());
    (is_word && word != name).then_some(word)
}

fn on_struct(attr: TokenStream, item: TokenStream, errors: &mut Errors) -> Outcome {
    let Some(mut settings) = parse::structs::read(attr, item, errors) else {
        return Outcome::default();
    };
    let for_editors = expand::editor::settings(&settings);
    let written = expand::named(&mut settings, |settings| match errors.is_empty() {
        true => expand::settings(settings),
        false => expand::stub::settings(settings),
    });
    Outcome { written, for_editors, ..Outcome::default() }
}

fn on_impl(attr: TokenStream, item: TokenStream, errors: &mut Errors) -> Outcome {
    let Some(protocol) = parse::block::read(attr, item, errors) else {
        return Outcome::default();
    };
    let graph = graph::Graph::read(&protocol);
    check::protocol(&protocol, &graph, errors);
    let for_editors = expand::editor::protocol(&protocol, !errors.is_empty());
    if errors.is_empty() {
        let expected = expand::expected(&protocol, &graph);
        let written = expand::protocol(&protocol, &graph);
        return Outcome { written, for_editors, expected, ..Outcome::default() };
    }
    Outcome {
        written: expand::stub::protocol(&protocol),
        for_editors,
        repairs: parse::repairs(&protocol),
        refused: expand::stub::refusal(&protocol),
        ..Outcome::default()
    }
}

/// `#[channel]` on something that is no channel.
fn elsewhere(item: &TokenStream, errors: &mut Errors) -> Outcome {
    let keyword = keyword(item);
    let kind = keyword.as_ref().map_or_else(|| "item".to_owned(), ToString::to_string);
    let kind = match kind.as_str() {
        "fn" => "function",
        "mod" => "module",
        "use" => "import",
        "macro_rules" => "macro",
        other => other,
    };
    let article = if kind.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    let name = keyword.as_ref().and_then(|keyword| name_after(item, keyword));
    errors.add(
        quote!(#keyword #name),
        format_args!("`#[channel]` goes on a struct or on its impl block, not on {article} {kind}"),
    );
    // An impl block of it would complain that the struct is not marked.
    let header = parse::structs::header(item.clone());
    let written = header.map(|(name, generics)| expand::stub::empty(&name, &generics));
    Outcome { written: written.unwrap_or_default(), ..Outcome::default() }
}

/// The word that says what kind of item this is.
fn keyword(item: &TokenStream) -> Option<Ident> {
    const KEYWORDS: &[&str] = &[
        "struct",
        "impl",
        "enum",
        "union",
        "fn",
        "trait",
        "mod",
        "type",
        "static",
        "macro_rules",
        "extern",
        "use",
    ];
    let mut constant = None;
    for token in item.clone() {
        if let TokenTree::Ident(ident) = token {
            let word = ident.to_string();
            if KEYWORDS.contains(&word.as_str()) {
                return Some(ident);
            }
            if word == "const" {
                constant = Some(ident);
            }
        }
    }
    constant
}

fn name_after(item: &TokenStream, keyword: &Ident) -> Option<TokenTree> {
    let mut rest = item.clone().into_iter();
    rest.find(|token| matches!(token, TokenTree::Ident(ident) if ident == keyword))?;
    rest.next().filter(|token| matches!(token, TokenTree::Ident(_)))
}
