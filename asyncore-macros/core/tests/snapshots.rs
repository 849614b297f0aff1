//! What `#[channel]` writes, compared with what was kept, and held to the rules for it.
//!
//! `cargo run -p asyncore-macros-core --example expand -- --bless asyncore-macros/core/tests/expand`
//! keeps what is written now; read the difference before you commit it.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

/// The inputs: every file that is no outcome.
fn inputs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| !file.to_string_lossy().ends_with(".expanded.rs"));
    files.sort();
    assert!(files.len() >= 8);
    files
}

fn format(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
}

fn expand(source: &str) -> String {
    format(asyncore_macros_core::file(source.parse().unwrap()))
}

#[test]
fn it_writes_what_was_kept() {
    for file in inputs() {
        let written = expand(&fs::read_to_string(&file).unwrap());
        let kept = fs::read_to_string(file.with_extension("expanded.rs")).unwrap();
        assert!(written == kept, "{} differs: see `expand --check`", file.display());
    }
}

#[test]
fn it_writes_the_same_twice_and_formatting_changes_nothing() {
    for file in inputs() {
        let source = fs::read_to_string(&file).unwrap();
        let written = expand(&source);
        assert_eq!(written, expand(&source), "{}", file.display());
        assert_eq!(written, format(written.parse().unwrap()), "{}", file.display());
    }
}

/// No macros but derives, nothing unsafe or hidden, no lint lists.
#[test]
fn it_is_ordinary_code() {
    for (file, _, generated) in channels() {
        let code = without_docs(&generated);
        assert!(
            !code.contains("unsafe") && !code.contains("__") && !code.contains("doc(hidden)"),
            "{file}: {code}"
        );
        assert!(!code.contains("unwrap"), "{file}: {code}");
        // The one method that is in a loop of somebody else's, and no more than a hint.
        let inlined = code.matches("inline").count();
        let hints = code.matches("#[inline]\n        fn found_terminator").count();
        assert!(inlined == hints && hints <= 1, "{file}: {code}");
        assert!(code.matches("#[allow").count() <= 1, "{file}: {code}");
        let calls_macro =
            code.split_whitespace().any(|word| word.contains("!(") && !word.starts_with("!"));
        assert!(!calls_macro, "{file}: {code}");
        let imported = code.split("use ::").skip(1).filter_map(|rest| rest.split(';').next());
        // What is imported `as _` is there for its methods, or for an editor.
        let imported = imported.filter(|names| !names.ends_with("as _"));
        for name in imported.flat_map(|names| names.split(|char: char| !char.is_alphanumeric())) {
            let is_item = name.starts_with(char::is_uppercase)
                || ["ensure", "largest_frame", "reply"].contains(&name);
            assert!(
                !is_item || code.matches(name).count() > 1,
                "{file}: {name} is imported in vain"
            );
        }
        for line in generated.lines().filter(|line| !line.contains("/// |")) {
            assert!(line.chars().count() <= 100, "{file}: {line}");
        }
    }
}

/// Nothing around an expansion can be taken in the place of what it names: a path begins with `::`, or
/// with a name that the block itself imports from there.
#[test]
fn no_name_is_unqualified() {
    for (file, source, generated) in channels_with_source() {
        let mut known: Vec<String> = words(&source);
        known.extend(OURS.iter().map(|word| (*word).to_owned()));
        let tokens: TokenStream = generated.parse().unwrap();
        imported(tokens.clone(), &mut known);
        let unknown = unqualified(tokens, &known);
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
}

/// What the language itself knows, and what stands behind its own word: `fn until`, `const UNIT`.
const OURS: &[&str] = &[
    "Self", "self", "as", "const", "enum", "fn", "for", "impl", "let", "match", "mod", "mut",
    "pub", "static", "trait", "true", "type", "use", "where", "_", "a", "dyn",
];

/// What a name stands behind where it is declared.
const DECLARE: &[&str] = &["fn", "const", "mod", "type", "enum", "trait"];

/// Every word in these tokens.
fn words(tokens: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) => found.push(word.to_string()),
            TokenTree::Group(group) => found.extend(words(&group.stream())),
            _ => {}
        }
    }
    found
}

/// The names that a `use ::..` brings, and those that are declared.
fn imported(tokens: TokenStream, known: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        match (token, next) {
            (TokenTree::Ident(word), Some(TokenTree::Punct(colon)))
                if word == "use" && colon.as_char() == ':' =>
            {
                let names = tokens.iter().skip(at).take_while(|token| token.to_string() != ";");
                known.extend(words(&names.cloned().collect()));
            }
            (TokenTree::Ident(word), Some(TokenTree::Ident(name)))
                if DECLARE.contains(&word.to_string().as_str()) =>
            {
                known.push(name.to_string());
                if let (true, Some(TokenTree::Group(variants))) =
                    (word == "enum", tokens.get(at + 2))
                {
                    let variants = variants.stream().into_iter();
                    known.extend(variants.map(|token| token.to_string()));
                }
            }
            (TokenTree::Group(group), _) => imported(group.stream(), known),
            _ => {}
        }
    }
}

/// The words that begin a path and are not known. Ours end in `_`; what follows `.` or `::` belongs
/// to what stands before; attributes are the language's, unless they derive.
fn unqualified(tokens: TokenStream, known: &[String]) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_punct = |at: Option<usize>, chars: &str| {
        let token = at.and_then(|at| tokens.get(at));
        matches!(token, Some(TokenTree::Punct(punct)) if chars.contains(punct.as_char()))
    };
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1);
        match token {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                let is_lifetime = is_punct(before, "'");
                let follows = is_punct(before, ".")
                    || is_punct(before, ":") && is_punct(at.checked_sub(2), ":");
                if !word.ends_with('_') && !is_lifetime && !follows && !known.contains(&word) {
                    found.push(word);
                }
            }
            TokenTree::Group(group) if is_punct(before, "#") => {
                let text = group.stream().to_string();
                if text.starts_with("derive") && !text.starts_with("derive (::") {
                    found.push(text);
                }
            }
            TokenTree::Group(group) => found.extend(unqualified(group.stream(), known)),
            _ => {}
        }
    }
    found
}

/// At most 20 lines, and 4 for each handler: the block with the `impl Channel`, without its docs.
/// Beside it stand the enum, one line a state, and the small impls of the timers.
#[test]
fn it_is_short() {
    for (file, handlers, generated) in channels() {
        let items = syn::parse_file(&generated).unwrap().items;
        let block = items.iter().find_map(channel_block).expect("a block with the impl");
        let code = without_docs(&format(block));
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("#[cfg")).count();
        assert!(
            lines <= 20 + 4 * handlers,
            "{file}: {lines} lines for {handlers} handlers\n{code}"
        );
    }
}

/// A channel of four handlers in three states, as most are.
const NEWS: &str = r#"
    #[channel]
    pub struct News { articles: Vec<Vec<u8>> }

    #[channel]
    impl News {
        #[on_connect]
        fn greet(&mut self) -> &'static str { "200 ready\r\n" }

        /// One command.
        #[terminator(b"\r\n", max = 512)]
        fn command(&mut self, line: &str, io: &mut Io<Self>) -> &'static str {
            if line != "POST" { return "500 what?\r\n"; }
            io.set_terminator(NewsTerminator::Header);
            "340 go on\r\n"
        }

        /// The header of an article.
        #[terminator(b"\r\n\r\n", next = body)]
        fn header(&mut self, header: &[u8]) { self.articles.push(header.to_vec()); }

        /// One line of an article.
        #[terminator(b"\r\n")]
        fn body(&mut self, line: &[u8], io: &mut Io<Self>) -> Option<&'static str> {
            if line != b"." { return None; }
            io.set_terminator(NewsTerminator::Command);
            Some("240 received\r\n")
        }
    }
"#;

#[test]
fn what_is_written_for_four_handlers_in_three_states_fits_on_a_page() {
    let source: TokenStream = NEWS.parse().unwrap();
    let lines = |code: &str| code.lines().filter(|line| !line.is_empty()).count();
    let stripped: TokenStream = NEWS
        .lines()
        .filter(|line| !line.trim_start().starts_with("#["))
        .collect::<Vec<_>>()
        .join("\n")
        .parse()
        .unwrap();
    let (all, own) = (format(asyncore_macros_core::file(source)), format(stripped));
    let code = lines(&without_docs(&all)) - lines(&without_docs(&own));
    let written = lines(&all) - lines(&own);
    assert!(written <= 60 && code <= 38, "{written} lines, {code} of code:\n{all}");
}

/// The `const _` block without its timers.
fn channel_block(item: &syn::Item) -> Option<TokenStream> {
    let syn::Item::Const(item) = item else {
        return None;
    };
    let mut item = item.clone();
    let syn::Expr::Block(block) = &mut *item.expr else {
        return None;
    };
    block.block.stmts.retain(|statement| !quote!(#statement).to_string().contains("OnTimer <"));
    Some(quote!(#item))
}

/// For each marked item: its file, the user's tokens that may come to stand in the expansion (those of
/// attributes, of parameters and of the header), and what is written.
fn channels_with_source() -> Vec<(String, TokenStream, String)> {
    let mut found = Vec::new();
    for file in inputs() {
        let source = fs::read_to_string(&file).unwrap();
        for item in syn::parse_file(&source).unwrap().items {
            let (attrs, header) = match &item {
                syn::Item::Struct(item) => (&item.attrs, header_of_struct(item)),
                syn::Item::Impl(item) => (&item.attrs, header_of_impl(item)),
                _ => continue,
            };
            let Some(channel) = attrs.iter().find(|attr| attr.path().is_ident("channel")) else {
                continue;
            };
            let options = match &channel.meta {
                syn::Meta::List(list) => list.tokens.clone(),
                _ => TokenStream::new(),
            };
            let written: syn::File =
                syn::parse2(asyncore_macros_core::channel(options.clone(), quote!(#item))).unwrap();
            let generated = written.items.iter().skip(1).map(|item| quote!(#item)).collect();
            found.push((file.display().to_string(), quote!(#options #header), format(generated)));
        }
    }
    found
}

fn header_of_struct(item: &syn::ItemStruct) -> TokenStream {
    let (name, generics) = (&item.ident, &item.generics);
    let members = item.fields.iter().filter_map(|field| field.ident.as_ref());
    quote!(#name #generics #(#members)*)
}

fn header_of_impl(item: &syn::ItemImpl) -> TokenStream {
    let (ty, generics) = (&item.self_ty, &item.generics);
    let where_clause = &item.generics.where_clause;
    let methods = item.items.iter().filter_map(|item| match item {
        syn::ImplItem::Fn(method) => Some(method),
        _ => None,
    });
    let methods = methods.map(|method| {
        let attrs = method.attrs.iter().filter(|attr| !attr.path().is_ident("doc"));
        let types = method.sig.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(typed) => Some(&typed.ty),
            syn::FnArg::Receiver(_) => None,
        });
        quote!(#(#attrs)* #(#types)*)
    });
    quote!(#ty #generics #where_clause #(#methods)*)
}

/// For each marked impl: its file, how many handlers it has, what is written beside it.
fn channels() -> Vec<(String, usize, String)> {
    let mut found = Vec::new();
    for file in inputs() {
        let source = fs::read_to_string(&file).unwrap();
        for item in syn::parse_file(&source).unwrap().items {
            let syn::Item::Impl(mut item) = item else {
                continue;
            };
            let is_channel = |attr: &syn::Attribute| attr.path().is_ident("channel");
            let Some(at) = item.attrs.iter().position(is_channel) else {
                continue;
            };
            let attr = match item.attrs.remove(at).meta {
                syn::Meta::List(list) => list.tokens,
                _ => TokenStream::new(),
            };
            let methods = item.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(method) => Some(method),
                _ => None,
            });
            let handlers = methods.filter(|method| !method.attrs.is_empty()).count();
            let written: syn::File =
                syn::parse2(asyncore_macros_core::channel(attr, quote!(#item))).unwrap();
            let generated = written.items.iter().skip(1).map(|item| quote!(#item)).collect();
            found.push((file.display().to_string(), handlers, format(generated)));
        }
    }
    found
}

fn without_docs(code: &str) -> String {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("///"));
    lines.map(|line| format!("{line}\n")).collect()
}
