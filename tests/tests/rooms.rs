//! The house of the runtime: rooms whose imports go down. Here and in the macro: files and functions
//! of a size to be read.

use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up: a room knows those before it.
const ROOMS: [&str; 9] = [
    "vocabulary",
    "framing",
    "output",
    "transport",
    "scheduler",
    "channel",
    "connection",
    "driver",
    "map",
];

const MOST_LINES: usize = 400;
const MOST_LINES_OF_A_FUNCTION: usize = 40;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../asyncore-runtime/core/src")
}

fn macros() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../asyncore-macros/core/src")
}

/// Every file of the runtime.
fn files() -> Vec<(String, String)> {
    files_of(&root())
}

/// Every file in there but those of its own tests, by its path.
fn files_of(root: &Path) -> Vec<(String, String)> {
    let (mut folders, mut files) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.to_string_lossy().ends_with("_tests.rs") {
                let name = path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
                files.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    files.sort();
    files
}

/// Without comments and without the tests at the end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// The rooms that a file names by `crate::room`.
fn named(code: &str) -> impl Iterator<Item = &str> {
    let names = code.split("crate::").skip(1);
    names.filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
}

#[test]
fn every_import_goes_down() {
    for (file, text) in files() {
        // `lib.rs` names all, and so does what drives all of it in tests.
        let Some((room, _)) = file.split_once('/').filter(|(room, _)| *room != "testing") else {
            continue;
        };
        let height = |name: &str| ROOMS.iter().position(|room| *room == name);
        let own = height(room).unwrap_or_else(|| panic!("{file}: `{room}` is no room"));
        for other in named(&code(&text)) {
            let is_below = height(other).is_none_or(|other| other <= own);
            assert!(is_below, "{file}: {room} names {other}, which stands above it");
            assert_ne!(other, "testing", "{file}: {room} names what is there for tests");
        }
    }
}

#[test]
fn a_room_says_what_it_is_for() {
    for room in ROOMS {
        let text = fs::read_to_string(root().join(room).join("mod.rs")).expect("a room");
        assert!(text.starts_with("//! "), "{room}: its first line says what it is for");
    }
}

#[test]
fn files_and_functions_can_be_read_at_a_glance() {
    for (file, text) in files().into_iter().chain(files_of(&macros())) {
        let lines = text.lines().count();
        assert!(lines <= MOST_LINES, "{file} has {lines} lines, more than {MOST_LINES}");
        for (name, lines) in functions(&text) {
            let most = MOST_LINES_OF_A_FUNCTION;
            assert!(lines <= most, "{file}: `fn {name}` has {lines} lines, more than {most}");
        }
    }
}

/// Each function with its length: up to the brace that closes it, at its own indent.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((before, name)) = line.split_once("fn ") else { continue };
        let words =
            ["", "pub ", "pub(crate) ", "pub(super) ", "const ", "pub const ", "pub(crate) const "];
        if !words.contains(&before.trim_start()) || line.ends_with(';') || line.ends_with('}') {
            continue;
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = format!("{indent}}}");
        let length = lines[at..].iter().position(|line| *line == end).map_or(1, |len| len + 1);
        let name = name.split(['(', '<']).next().unwrap_or_default().to_owned();
        functions.push((name, length));
    }
    functions
}
