//! The binary `trace`: lines in, lines out.

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn trace(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trace"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("room");
    drop(stdin);
    child.wait_with_output().expect("its output")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const LINE: &str = r#"{"terminators": ["\r\n"], "chunks": ["61620d0a63"]}"#;
const TRACE: &str = r#"{"events": [["found", "6162"], ["close"]], "leftover": "63", "held": "", "terminator": {"hex": "0d0a"}, "sent": "", "eof": false, "open": false, "unread": 0}"#;

#[test]
fn each_scenario_has_a_line_as_the_oracle_writes_it() {
    for arguments in [&[][..], &["--session"], &["--socket"]] {
        let output = trace(arguments, &format!("{LINE}\n\n# a comment\n{LINE}\n"));
        assert_eq!(text(&output.stdout), format!("{TRACE}\n{TRACE}\n"), "{arguments:?}");
        assert_eq!(text(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn a_line_that_is_no_scenario_is_an_error_with_its_number() {
    let wrong = [
        ("nonsense", "expected ident at line 1 column 2"),
        ("[]", "not an object"),
        (r#"{"chunks": []}"#, "no \"terminators\""),
        (r#"{"terminators": [true], "chunks": []}"#, "true is no terminator"),
        (r#"{"terminators": [1.5], "chunks": []}"#, "1.5 is no terminator"),
        (r#"{"terminators": ["\u0100"], "chunks": []}"#, "\"\u{100}\" is no terminator"),
        (r#"{"terminators": [], "chunks": ["6"]}"#, "\"6\" is not hex"),
        (r#"{"terminators": [], "chunks": [], "end": "vanish"}"#, "bad \"end\""),
        (
            r#"{"terminators": [], "chunks": [], "in_buffer": -1}"#,
            "\"in_buffer\" is not a number of bytes",
        ),
        (r#"{"terminators": [], "chunks": [], "output": [["sing"]]}"#, "[\"sing\"] is no action"),
        (r#"{"terminators": [], "chunks": [], "actions": {"x": []}}"#, "\"x\" is not a number"),
    ];
    for (line, error) in wrong {
        let output = trace(&[], &format!("{LINE}\n{line}\n{LINE}\n"));
        assert_eq!(text(&output.stderr), format!("trace: line 2: {error}\n"));
        assert_eq!(text(&output.stdout), format!("{TRACE}\n{TRACE}\n"), "the others are played");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn an_argument_that_is_none_is_bad_usage() {
    let output = trace(&["--sockets"], "");
    assert!(text(&output.stderr).starts_with("usage: trace"));
    assert_eq!(output.status.code(), Some(2));
}
