//! The watcher, while a shell does what shells do.

use super::notify::Watcher;
use super::peers::{Folder, Theirs, PATIENCE};
use asyncore_runtime::Map;
use asyncore_tests::net::run_until;
use std::cell::RefCell;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What a shell does, and the last change that comes of it: a new folder is watched from then on.
const STEPS: [(&str, &str); 6] = [
    ("echo one > a && mv a b && rm b", "deleted b"),
    ("mkdir new", "created new"),
    ("echo two > new/file && mv new/file .", "moved to file"),
    ("echo three >> old/there/file", "written old/there/file"),
    ("rm -r old", "deleted old"),
    ("mkdir -p late && touch end", "written end"),
];

fn sh(folder: &Path, script: &str) {
    let status = Command::new("sh").args(["-ec", script]).current_dir(folder).status();
    assert!(status.expect("a shell").success(), "{script}");
}

/// All changes, in order, of which `next` gives those after the next step.
fn played(folder: &Path, mut next: impl FnMut(&str) -> Vec<String>) -> Vec<String> {
    let step = |(script, last): (&str, &str)| {
        sh(folder, script);
        next(last)
    };
    STEPS.into_iter().flat_map(step).collect()
}

fn ours() -> Vec<String> {
    let folder = Folder::new("notify-ours");
    sh(&folder.0, "mkdir -p old/there");
    let (heard, mut map) = (Rc::<RefCell<Vec<String>>>::default(), Map::new().unwrap());
    let (noted, root) = (Rc::clone(&heard), folder.0.clone());
    let hear = move |what: &str, path: &Path| {
        let path = path.strip_prefix(&root).unwrap().display();
        noted.borrow_mut().push(format!("{what} {path}"));
    };
    Watcher::watch(&mut map, &folder.0, Box::new(hear)).unwrap();
    let all = played(&folder.0, |last| {
        run_until(&mut map, |_| heard.borrow().last().is_some_and(|line| line == last));
        heard.take()
    });
    assert_rests(&mut map);
    all
}

/// Where nothing happens, a pass takes its timeout.
fn assert_rests(map: &mut Map) {
    let (start, timeout) = (Instant::now(), Duration::from_millis(50));
    map.poll(Some(timeout)).unwrap();
    assert!(start.elapsed() >= timeout, "it was woken");
}

fn theirs() -> Option<Vec<String>> {
    let folder = Folder::new("notify-theirs");
    sh(&folder.0, "mkdir -p old/there");
    let theirs = Theirs::start("notify.py", &[folder.0.to_str().unwrap()])?;
    Some(played(&folder.0, |last| {
        let end = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        while lines.last().is_none_or(|line| line != last) {
            assert!(Instant::now() < end, "{lines:?}");
            lines.push(theirs.line());
        }
        lines
    }))
}

#[test]
fn what_a_shell_does_in_a_folder_is_heard_as_under_asyncore() {
    let heard = ours();
    let first =
        ["created a", "written a", "moved from a", "moved to b", "deleted b", "created new"];
    assert_eq!(heard[..6], first);
    if let Some(theirs) = theirs() {
        assert_eq!(heard, theirs, "left: ours, right: asyncore's");
    }
}
