//! Every mistake a user can make, with the text and the place of its error.
//!
//! A case is a source with `«..»` around what the error has to underline, and the texts of the
//! errors in the order of these marks. What comes out beside the errors must be Rust again, without
//! any of our attributes, so that nothing else is reported.

mod examples;
mod handlers;
mod items;
mod options;
mod protocols;
mod terminators;
mod threads;

use proc_macro2::{LineColumn, TokenStream, TokenTree};

/// One source and the errors it gets.
pub(crate) struct Case {
    name: &'static str,
    shape: Shape,
    source: &'static str,
    errors: Errors,
}

/// First line, and help where there is some.
type Errors = &'static [(&'static str, &'static str)];

/// What a case is told of.
#[derive(Clone, Copy)]
enum Shape {
    Item,
    Method,
    Terminator,
}

/// A whole item.
pub(crate) const fn item(name: &'static str, source: &'static str, errors: Errors) -> Case {
    Case { name, shape: Shape::Item, source, errors }
}

/// Methods of a channel.
pub(crate) const fn method(name: &'static str, source: &'static str, errors: Errors) -> Case {
    Case { name, shape: Shape::Method, source, errors }
}

/// The arguments of a terminator whose method takes a frame.
pub(crate) const fn terminator(name: &'static str, source: &'static str, errors: Errors) -> Case {
    Case { name, shape: Shape::Terminator, source, errors }
}

impl Case {
    /// The item as a user would have written it, with the marks.
    fn item(&self) -> String {
        let source = self.source;
        let method = match self.shape {
            Shape::Item => return source.to_owned(),
            Shape::Method => source.to_owned(),
            Shape::Terminator => {
                format!("#[terminator({source})]\nfn line(&mut self, line: &[u8]) {{}}")
            }
        };
        format!("#[channel]\nimpl Chat {{\n{method}\n}}")
    }
}

/// An error as rustc would show it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    from: (usize, usize),
    to: (usize, usize),
    text: String,
}

fn all() -> impl Iterator<Item = &'static Case> {
    let handlers = [handlers::CASES, examples::CASES, threads::CASES];
    let others = [items::CASES, terminators::CASES, options::CASES, protocols::CASES];
    handlers.into_iter().chain(others).flatten()
}

#[test]
fn every_mistake_has_its_error() {
    let mut wrong = Vec::new();
    for case in all() {
        let (source, expected) = expected(case);
        let mut found = errors(expand(&source));
        found.sort();
        if found != expected {
            wrong.push(format!(
                "{}:\n{source}\nexpected {expected:#?}\nfound {found:#?}",
                case.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is half typed is reported by the compiler, which reads the item before us.
#[test]
fn what_is_half_typed_is_not_reported_again() {
    let half_typed = [
        "#[channel] struct Chat { #[on_read] inbox: Vec<u8>, name }",
        "#[channel] struct Chat { #[on_read] inbox: Vec<u8>, name: , other: u8 }",
        "#[channel] impl Chat { #[terminator(b\"\\n\")] fn line(&mut self, line: ) {} }",
        "#[channel] impl Chat { #[terminator(b\"\\n\")] fn line(&mut self, line) {} }",
        "#[channel] impl Chat { #[terminator(b\"\\n\")] fn line(..); }",
        "#[channel] impl Chat { #[terminator(b\"\\n\")] fn line(&mut self, line: &[u8]); }",
        "#[channel] impl Chat { #[terminator(b\"\\n\")] fn line(&mut self, self: &mut Self) {} }",
    ];
    for source in half_typed {
        assert_eq!(errors(expand(source)), [], "{source}");
    }
}

#[test]
fn a_thread_may_have_what_is_no_context() {
    for body in threads::RIGHT {
        let method = format!("#[on_connect] fn up(&mut self, io: &mut Io<Self>) {{ {body} }}");
        let source = format!("#[channel] impl Chat {{ {method} }}");
        assert_eq!(errors(expand(&source)), [], "{source}");
    }
}

#[test]
fn there_are_enough_cases_and_no_two_alike() {
    let mut names: Vec<&str> = all().map(|case| case.name).collect();
    let count = names.len();
    assert!(count >= 60, "{count}");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name is used twice");
}

/// No cascade can start from what is not there: the item stays, its trait is implemented.
#[test]
fn the_item_stays_and_the_trait_is_there() {
    for case in all() {
        let (source, _) = expected(case);
        let written = expand(&source);
        let text = written.to_string();
        assert!(
            !text.contains("# [terminator") && !text.contains("# [on_"),
            "{}: {text}",
            case.name
        );
        let file: syn::File =
            syn::parse2(written).unwrap_or_else(|error| panic!("{}: {error}\n{text}", case.name));
        let is_channel = source.contains("\nimpl") || source.contains("\nstruct");
        let has_header = !matches!(case.name, "impl_of_a_trait" | "impl_of_no_name");
        let implements = file.items.iter().any(|item| match item {
            syn::Item::Impl(item) => item.trait_.is_some(),
            _ => false,
        });
        assert_eq!(
            implements,
            is_channel && has_header
                || matches!(
                    case.name,
                    "impl_of_a_trait" | "enum_is_no_channel" | "union_is_no_channel"
                ),
            "{}: {text}",
            case.name
        );
    }
}

/// Small letter, no full stop, at most 20 words, backticks in pairs, help to copy.
#[test]
fn messages_have_one_style() {
    for case in all() {
        for (text, help) in case.errors {
            for line in [text, help].into_iter().filter(|line| !line.is_empty()) {
                assert!(!line.ends_with('.'), "{}: {line}", case.name);
                assert!(!line.starts_with(char::is_uppercase), "{}: {line}", case.name);
                assert!(line.matches('`').count() % 2 == 0, "{}: {line}", case.name);
                assert!(
                    !line.contains("did you mean") && !line.contains("illegal"),
                    "{}: {line}",
                    case.name
                );
            }
            assert!(text.split_whitespace().count() <= 20, "{}: {text}", case.name);
        }
    }
}

#[test]
fn a_stray_helper_explains_itself() {
    let item: TokenStream = "fn line() {}".parse().unwrap();
    let written = asyncore_macros_core::stray("on_read", TokenStream::new(), item);
    assert!(written.to_string().starts_with("fn line () { }"));
    let [found] = errors(written).try_into().expect("one error");
    assert_eq!(
        found.text,
        "`#[on_read]` works only inside an impl block marked `#[channel]`\n\
         help: add `#[channel]` above the impl block"
    );
}

fn expand(source: &str) -> TokenStream {
    asyncore_macros_core::file(source.parse().unwrap())
}

/// The source without marks, and what the marks ask for.
fn expected(case: &Case) -> (String, Vec<Found>) {
    let mut source = String::new();
    let mut errors = case.errors.iter();
    let mut expected: Vec<Found> = Vec::new();
    let (mut line, mut column) = (1, 0);
    for char in case.item().chars() {
        match char {
            '«' => {
                let (text, help) = errors.next().expect("a mark for each error");
                let text = if help.is_empty() {
                    (*text).to_owned()
                } else {
                    format!("{text}\nhelp: {help}")
                };
                expected.push(Found { from: (line, column), to: (line, column), text });
            }
            '»' => expected.last_mut().expect("an opening mark").to = (line, column),
            '\n' => {
                source.push(char);
                (line, column) = (line + 1, 0);
            }
            _ => {
                source.push(char);
                column += 1;
            }
        }
    }
    assert_eq!(errors.len(), 0, "{}: an error without mark", case.name);
    (source, expected)
}

fn errors(tokens: TokenStream) -> Vec<Found> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match (token, tokens.get(at + 2)) {
            (TokenTree::Ident(name), Some(TokenTree::Group(text))) if name == "compile_error" => {
                let literal: syn::LitStr = syn::parse2(text.stream()).unwrap();
                let place = |at: LineColumn| (at.line, at.column);
                let (from, to) = (place(name.span().start()), place(text.span().end()));
                found.push(Found { from, to, text: literal.value() });
            }
            (TokenTree::Group(group), _) => found.extend(errors(group.stream())),
            _ => {}
        }
    }
    found
}
