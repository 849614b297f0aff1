//! `docs/asyncore.md` is complete, and every test it names is there.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

const FEATURES: usize = 129;
const BEHAVIOURS: usize = 131;

/// CPython's, as they are called there.
const PORTED: [&str; 42] = [
    "helper_functions::test_readwriteexc",
    "helper_functions::test_readwrite",
    "helper_functions::test_closeall",
    "helper_functions::test_closeall_default",
    "dispatcher::test_basic",
    "dispatcher::test_repr",
    "dispatcher::test_log",
    "dispatcher::test_log_info",
    "dispatcher::test_unhandled",
    "dispatcher::test_send",
    "file_wrapper::test_recv",
    "file_wrapper::test_send",
    "file_wrapper::test_dispatcher",
    "file_wrapper::test_close_twice",
    "api::test_handle_connect",
    "api::test_handle_accept",
    "api::test_handle_accepted",
    "api::test_handle_read",
    "api::test_handle_write",
    "api::test_handle_close",
    "api::test_handle_close_after_conn_broken",
    "api::test_handle_expt",
    "api::test_handle_error",
    "api::test_connection_attributes",
    "api::test_create_socket",
    "api::test_bind",
    "api::test_set_reuse_addr",
    "api::test_quick_connect",
    "test_asynchat::test_line_terminator1",
    "test_asynchat::test_line_terminator2",
    "test_asynchat::test_line_terminator3",
    "test_asynchat::test_numeric_terminator1",
    "test_asynchat::test_numeric_terminator2",
    "test_asynchat::test_none_terminator",
    "test_asynchat::test_simple_producer",
    "test_asynchat::test_string_producer",
    "test_asynchat::test_empty_line",
    "test_asynchat::test_close_when_done",
    "test_asynchat::test_push",
    "test_asynchat::test_blockingioerror",
    "test_asynchat::test_find_prefix_at_end",
    "test_asynchat::test_disallow_negative_terminator",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    fs::read_to_string(root().join("docs/asyncore.md")).expect("the page")
}

/// All `.rs` files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// `module::name` of every test that is run, where the module is the file's.
fn tests() -> HashSet<String> {
    let folders = ["tests/tests", "examples/tests"].map(|folder| sources(&root().join(folder)));
    folders.iter().flatten().flat_map(|path| tests_of(path)).collect()
}

fn tests_of(path: &Path) -> Vec<String> {
    let module = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let text = fs::read_to_string(path).unwrap_or_default();
    let functions = text.split("#[test]\n").skip(1).filter(|test| !test.starts_with("#[ignore"));
    let name = |test: &str| {
        let head = test.lines().find_map(|line| line.trim().strip_prefix("fn "))?;
        Some(format!("{module}::{}", head.split_once('(')?.0))
    };
    functions.filter_map(name).collect()
}

/// `name`, or `module::name` with whatever in front.
fn is_test(tests: &HashSet<String>, name: &str) -> bool {
    let exactly = |test: &String| name == test || name.ends_with(&format!("::{test}"));
    tests.iter().any(|test| exactly(test) || test.ends_with(&format!("::{name}")))
}

/// The cells of each row whose first cell is an identifier of these.
fn rows<'a>(page: &'a str, is_row: impl Fn(&str) -> bool) -> Vec<Vec<&'a str>> {
    let cells = |line: &'a str| {
        let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let cells: Vec<&str> = line.split(" | ").collect();
        is_row(cells.first()?).then_some(cells)
    };
    page.lines().filter_map(cells).collect()
}

fn features(page: &str) -> Vec<Vec<&str>> {
    let mut features = rows(page, |id| id.parse::<usize>().is_ok());
    features.retain(|row| row.len() == 5);
    features
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_feature_has_a_row_with_a_test_or_a_reason() {
    let (page, tests) = (page(), tests());
    let features = features(&page);
    let numbers = features.iter().map(|row| row[0].to_owned());
    let expected = (1..=FEATURES).map(|number| number.to_string());
    assert!(numbers.eq(expected), "the rows are not 1 to {FEATURES}, with five cells each");
    for row in features {
        let shown_by = row[4];
        let has_reason = shown_by.starts_with("reason: ");
        let names: Vec<&str> = quoted(shown_by).filter(|_| !has_reason).collect();
        assert!(has_reason || !names.is_empty(), "row {}: neither a test nor a reason", row[0]);
        let is_same = row[2].starts_with("the same");
        assert!(!(has_reason && is_same), "row {}: no test shows that it is the same", row[0]);
        for name in names {
            assert!(is_test(&tests, name), "row {}: there is no test `{name}`", row[0]);
        }
    }
}

#[test]
fn every_behaviour_has_a_test_of_its_name() {
    let (page, tests) = (page(), tests());
    let is_id = |id: &str| {
        let (letter, number) = id.split_at(1.min(id.len()));
        "TONLFM".contains(letter) && !letter.is_empty() && number.parse::<usize>().is_ok()
    };
    // The table of decisions has rows that begin alike.
    let mut behaviours = rows(&page, is_id);
    behaviours.retain(|row| VERDICTS.contains(&row[1]));
    let ids: HashSet<&str> = behaviours.iter().map(|row| row[0]).collect();
    assert_eq!((ids.len(), behaviours.len()), (BEHAVIOURS, BEHAVIOURS));
    for row in behaviours {
        let name = quoted(row[2]).next().unwrap_or_default();
        assert!(name.starts_with(&format!("{}_", row[0].to_lowercase())), "{row:?}");
        assert!(is_test(&tests, name), "{}: there is no test `{name}`", row[0]);
    }
}

const VERDICTS: [&str; 5] = ["kept", "fixed", "chosen", "by type", "of Python"];

#[test]
fn every_test_of_cpython_is_ported_under_its_name() {
    let tests = tests();
    for name in PORTED {
        assert!(tests.contains(name), "there is no test `{name}`");
    }
}

#[test]
fn the_index_leads_to_rows_that_name_what_it_names() {
    let page = page();
    let features = features(&page);
    let index = page.split("## Where is it").nth(1).and_then(|rest| rest.split("\n## ").next());
    let mut found = 0;
    for entry in index.expect("an index").split('`').skip(1).collect::<Vec<_>>().chunks(2) {
        let [name, after] = entry else { continue };
        for number in after.split([' ', ',', '\n', '*']).filter(|number| !number.is_empty()) {
            let row = features.iter().find(|row| row[0] == number).expect("a row");
            assert!(row[1].contains(name), "{name} is not in row {number}");
            found += 1;
        }
    }
    assert!(found > 100, "{found} entries");
}
