//! The README and the book say what is so: links lead somewhere, tables have the values of the
//! code, and what they show of the macro's output is what it writes. Their Rust blocks are compiled
//! and run by `cargo test --doc` (see `src/book.rs`).
//!
//! `UPDATE=1 cargo test -p asyncore-tests --test book` writes the expansions into the book anew.

use asyncore_runtime::{Limits, NEVER};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Markdown file that a reader is led to.
fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(root().join("docs")).expect("docs");
    let docs = docs.map(|entry| Path::new("docs").join(entry.expect("an entry").file_name()));
    let pages = docs.filter(|path| path.extension().is_some_and(|ext| ext == "md"));
    let more = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from);
    pages.chain(more).collect()
}

/// `text` of each `](text)`.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link)
}

/// What GitHub and mdBook make of a heading.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(kept)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    for page in pages() {
        let text = read(&page);
        for link in links(&text).filter(|link| !link.starts_with("http")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let folder = page.parent().unwrap_or(Path::new(""));
            let target = if path.is_empty() { page.clone() } else { folder.join(path) };
            assert!(root().join(&target).exists(), "{}: {link}", page.display());
            let has_heading = heading.is_empty() || {
                let text = read(&target);
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                headings.any(|line| anchor(line.trim_start_matches('#')) == heading)
            };
            assert!(has_heading, "{}: {link}", page.display());
        }
    }
}

#[test]
fn every_page_is_in_the_summary_and_compiled() {
    let summary = read("docs/SUMMARY.md");
    let compiled = read("tests/src/book.rs");
    for page in pages().iter().filter(|page| page.starts_with("docs")) {
        let name = page.file_name().expect("a file").to_string_lossy();
        if name == "SUMMARY.md" {
            continue;
        }
        assert!(summary.contains(&format!("({name})")), "{name} is not in the summary");
        let is_compiled = compiled.contains(&format!("\"docs/{name}\""));
        assert!(is_compiled || !read(page).contains("```rust"), "{name} is not compiled");
    }
}

#[test]
fn every_program_is_run_over_sockets() {
    let tests = fs::read_dir(root().join("tests/tests/book_sockets")).expect("tests");
    let tests: Vec<_> = tests.map(|entry| read(entry.expect("an entry").path())).collect();
    let programs = include_str!(concat!(env!("OUT_DIR"), "/book/names"));
    for program in programs.lines() {
        let included = format!("program!(\"{program}\")");
        assert!(
            tests.iter().any(|test| test.contains(&included)),
            "{program} is not in book_sockets"
        );
    }
}

/// `| `name` | value |` in a table.
fn table_value(page: &str, name: &str) -> Option<String> {
    let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")))?;
    row.split('|').nth(2).map(|cell| cell.trim().to_owned())
}

fn size(bytes: usize) -> String {
    match bytes {
        bytes if bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        bytes if bytes % (1 << 10) == 0 => format!("{} KiB", bytes >> 10),
        bytes => bytes.to_string(),
    }
}

fn time(time: Duration) -> String {
    if time == NEVER {
        "never".to_owned()
    } else {
        format!("{} s", time.as_secs())
    }
}

#[test]
fn the_table_of_limits_has_the_defaults() {
    let page = read("docs/limits.md");
    let Limits { frames_per_turn, .. } = Limits::DEFAULT;
    let limits = Limits::DEFAULT;
    let expected = [
        ("max_frame", size(limits.max_frame)),
        ("max_length", size(limits.max_length)),
        ("output_high", size(limits.output_high)),
        ("output_low", size(limits.output_low)),
        ("max_output", size(limits.max_output)),
        ("frames_per_turn", frames_per_turn.to_string()),
        ("bytes_per_turn", size(limits.bytes_per_turn)),
        ("max_owed", limits.max_owed.to_string()),
        ("first_frame_timeout", time(limits.first_frame_timeout)),
        ("frame_timeout", time(limits.frame_timeout)),
        ("idle_timeout", time(limits.idle_timeout)),
        ("connect_timeout", time(limits.connect_timeout)),
        ("handshake_timeout", time(limits.handshake_timeout)),
        ("write_timeout", time(limits.write_timeout)),
        ("min_drain_rate", size(limits.min_drain_rate)),
        ("stopped_timeout", time(limits.stopped_timeout)),
        ("answer_timeout", time(limits.answer_timeout)),
        ("linger_timeout", time(limits.linger_timeout)),
        ("max_connection_age", time(limits.max_connection_age)),
    ];
    for (name, default) in &expected {
        assert_eq!(table_value(&page, name).as_ref(), Some(default), "{name}");
    }
    let fields = format!("{limits:?}").matches(": ").count();
    assert_eq!(fields, expected.len(), "a limit is missing in this test");
}

/// `<!-- path -->` before a block of code says what file stands in it.
fn with_files(page: &str) -> String {
    let mut parts = page.split("\n<!-- ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (path, rest) = part.split_once(" -->\n```rust").expect("a block behind the marker");
        // Docs inside of the block may hold fences too, but not at the start of a line.
        let (_, rest) = rest.split_once("\n```\n").expect("the end of the block");
        out += &format!("\n<!-- {path} -->\n```rust\n{}```\n{rest}", read(path));
    }
    out
}

#[test]
fn the_book_shows_what_the_macro_writes() {
    let path = root().join("docs/expansion.md");
    let page = read(&path);
    let written = with_files(&page);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &written).expect("the page can be written");
    } else {
        assert!(page == written, "docs/expansion.md is out of date: see the top of this test");
    }
}

#[test]
fn the_readme_shows_what_the_macro_writes() {
    let readme = read("README.md");
    let (_, rest) =
        readme.split_once("<!-- an excerpt of what the macro writes -->").expect("a mark");
    let block = rest.split("```").nth(1).expect("a block");
    let snapshot = read("asyncore-macros/core/tests/expand/shout.expanded.rs");
    let mut written = snapshot.lines().map(str::trim);
    for line in block.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()) {
        assert!(written.any(|other| other == line), "it does not write, or not there: {line}");
    }
}
