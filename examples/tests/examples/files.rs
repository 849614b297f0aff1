//! The examples that read a file.

use std::fs;
use std::path::PathBuf;

use crate::process::{example, stdout_of};

const LOREM: &str = include_str!("../../lorem.txt");

/// What CPython 3.11 prints with `use_poll=True`, and PyMOTW but for the order of two lines.
const TRACE: &str = include_str!("pymotw_echo.txt");

/// A file that is removed when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}

/// `('127.0.0.1', 8080)` is another one each time.
fn without_addresses(text: &str) -> String {
    let mut parts = text.split("('127.0.0.1', ");
    let mut result = parts.next().unwrap().to_owned();
    for part in parts {
        result.push_str("ADDRESS");
        result.push_str(part.split_once(')').unwrap().1);
    }
    result
}

#[test]
fn pymotw_echo_prints_what_pymotw_prints() {
    let printed = stdout_of(&mut example("pymotw_echo"));
    assert_eq!(without_addresses(&printed), TRACE);
}

#[test]
fn pymotw_echo_copies_any_file() {
    let file = Scratch::new("pymotw_echo.bin", &[7; 5000]);
    let printed = stdout_of(example("pymotw_echo").arg(&file.0));
    assert!(printed.contains("\nEchoClient: RECEIVED COPY OF MESSAGE\n"), "{printed}");
}

#[test]
fn file_reader_reads_256_bytes_at_a_time() {
    let [first, second, third] = [&LOREM[..256], &LOREM[256..512], &LOREM[512..]];
    let expected = format!(
        "READ: (256) \"{first}\"\nREAD: (256) \"{second}\"\nREAD: (225) \"{third}\"\nREAD: (0) \"\"\n"
    );
    assert_eq!(stdout_of(&mut example("file_reader")), expected);
}

#[test]
fn file_reader_reads_an_empty_file() {
    let file = Scratch::new("empty", b"");
    assert_eq!(stdout_of(example("file_reader").arg(&file.0)), "READ: (0) \"\"\n");
}
