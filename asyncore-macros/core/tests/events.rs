//! The table of events is what everything else says of them.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The docs of each attribute under `helpers!`, by its name.
fn docs_of(attribute: &str, source: &str) -> String {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let at = lines.iter().rposition(|line| *line == attribute).unwrap_or_default();
    let above = lines.iter().take(at).rev().take_while(|line| line.starts_with("///"));
    above.map(|line| line.trim_start_matches('/').trim()).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_is_an_attribute_whose_docs_show_its_signature() {
    let source = read("../src/lib.rs");
    for (attribute, _, signature) in asyncore_macros_core::documented() {
        let docs = docs_of(attribute, &source);
        assert!(docs.contains(&format!("`fn{signature}")), "{attribute}: {docs}");
    }
}

#[test]
fn each_is_a_method_of_the_runtime() {
    let source = read("../../asyncore-runtime/core/src/channel/mod.rs");
    for (attribute, method, _) in asyncore_macros_core::documented() {
        let is_called = method.is_empty() || source.contains(&format!("fn {method}("));
        assert!(is_called, "{attribute}: {method}");
    }
}

#[test]
fn each_is_in_the_book() {
    let book: String = ["dispatchers", "terminators", "producers", "expansion", "asyncore"]
        .into_iter()
        .map(|page| read(&format!("../../docs/{page}.md")))
        .collect();
    for (attribute, _, _) in asyncore_macros_core::documented() {
        assert!(book.contains(&format!("`#[{attribute}")), "{attribute}");
    }
}
