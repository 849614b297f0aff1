//! What goes wrong before it begins: one line, which names the thing, and a status.

use std::net::TcpListener;
use std::process::Command;

use crate::process::{example, run};

const SERVERS: [&str; 6] = [
    "echo_server",
    "http_request_handler",
    "http_request_handler_by_fields",
    "line_echo",
    "line_server",
    "lookup_in_tokio",
];

/// Runs it: the status, and a single line on stderr, which begins with `line`.
#[track_caller]
fn fails(command: &mut Command, status: i32, line: &str) {
    let output = run(command);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with(line), "{command:?}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{command:?}: {stderr}");
    assert_eq!(output.status.code(), Some(status), "{command:?}");
}

/// Nobody listens here: it takes a right to do so.
const GONE: &str = "127.0.0.1:1";

#[test]
fn an_address_in_use_is_named() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let line = format!("Error: cannot listen on {address}: ");
    for name in SERVERS {
        fails(example(name).arg(&address), 1, &line);
    }
}

#[test]
fn a_malformed_address_is_named() {
    for name in SERVERS {
        let line = "Error: cannot listen on 127.0.0.1: invalid socket address";
        fails(example(name).arg("127.0.0.1"), 1, line);
    }
    let line = "Error: cannot connect to nonsense: invalid socket address";
    fails(example("echo_client").arg("nonsense"), 1, line);
}

#[test]
fn an_address_stays_on_its_line() {
    let line = "Error: cannot listen on a\\nb: invalid socket address";
    fails(example("line_server").arg("a\nb"), 1, line);
}

#[test]
fn a_refused_connection_is_named() {
    let why = format!("cannot connect to {GONE}: ");
    fails(example("echo_client").args([GONE, "hello"]), 1, &why);
    let url = format!("http://{GONE}/");
    for name in ["http_client", "http_clients_by_hand"] {
        fails(example(name).arg(&url), 1, &format!("{url}: {why}"));
    }
}

#[test]
fn a_missing_file_is_named() {
    for name in ["file_reader", "pymotw_echo"] {
        let line = "Error: /no/such/file: ";
        fails(example(name).arg("/no/such/file"), 1, line);
    }
}

#[test]
fn a_directory_is_no_file_to_read() {
    let line = "Error: /: cannot add the file: ";
    fails(example("file_reader").arg("/"), 1, line);
}

#[test]
fn what_is_no_url_is_named() {
    for name in ["http_client", "http_clients_by_hand"] {
        for url in ["ftp://x/", "http://", "http:///", "http://x/a b", "http://x/\r\nX: y"] {
            let line = format!("Error: {url}: not an http URL").replace('\n', "\\n");
            fails(example(name).arg(url), 1, &line);
        }
    }
}

#[test]
fn a_number_of_workers_that_is_none_is_named() {
    let line = "Error: 0 workers serve nobody: there has to be 1 at least";
    fails(example("line_echo").args(["--workers", "0", "127.0.0.1:0"]), 1, line);
    let usage =
        "usage: line_echo [-v] [--tls CERT.pem KEY.pem] [--proxy NETWORK] [--workers N] [ADDRESS]";
    fails(example("line_echo").args(["--workers", "two"]), 2, usage);
}

#[test]
fn clients_by_hand_speak_no_tls() {
    let line = "Error: https://x/: not an http URL";
    fails(example("http_clients_by_hand").arg("https://x/"), 1, line);
}

#[test]
fn bad_usage_is_answered_with_the_usage_and_status_2() {
    for name in SERVERS {
        let has_tls = ["line_echo", "http_request_handler"].contains(&name);
        let options = if has_tls { "[--tls CERT.pem KEY.pem] [--proxy NETWORK] " } else { "" };
        let workers = if name == "line_echo" { "[--workers N] " } else { "" };
        let usage = format!("usage: {name} [-v] {options}{workers}[ADDRESS]");
        fails(example(name).arg("-x"), 2, &usage);
        fails(example(name).args(["a", "b"]), 2, &usage);
    }
    for name in ["http_client", "http_clients_by_hand"] {
        fails(&mut example(name), 2, &format!("usage: {name} [-v] URL..."));
    }
    for name in ["file_reader", "pymotw_echo"] {
        fails(example(name).args(["a", "b"]), 2, &format!("usage: {name} [-v] [FILE]"));
    }
    let usage = "usage: echo_client [-v] [ADDRESS [MESSAGE...]]";
    fails(example("echo_client").arg("--help"), 2, usage);
}
