//! The log server, driven by `curl --unix-socket`.

use super::follower::Logs;
use super::peers::{client, stdout_of, Folder, Running, Theirs, PATIENCE};
use asyncore_tests::net::Server;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

fn append(folder: &Folder, text: &str) {
    let log = OpenOptions::new().create(true).append(true).open(folder.path("app.log"));
    log.unwrap().write_all(text.as_bytes()).unwrap();
}

/// Asks for what comes, with its head and as it is cut into chunks.
fn curl(socket: &Path, path: &str) -> Command {
    let mut curl = client("curl").expect("curl");
    curl.args([
        "--silent",
        "--no-buffer",
        "--include",
        "--raw",
        "--max-time",
        "20",
        "--unix-socket",
    ]);
    curl.arg(socket).arg(format!("http://logs{path}"));
    curl
}

/// What curl hears of a log that is written to, cut off and replaced meanwhile.
fn followed(folder: &Folder, socket: &Path) -> Vec<String> {
    fs::write(folder.path("app.log"), "one\ntwo\n").unwrap();
    let curl = Running::start(&mut curl(socket, "/tail/app.log"));
    let heard = |last: &str| {
        let lines = std::iter::from_fn(|| Some(curl.line()));
        let mut all: Vec<String> = Vec::new();
        for line in lines {
            all.push(line);
            if all.last().is_some_and(|line| line == last) {
                break;
            }
        }
        all
    };
    let mut all = heard("two");
    append(folder, "three\nfour\n");
    all.extend(heard("four"));
    fs::write(folder.path("app.log"), "cut\n").unwrap();
    all.extend(heard("cut"));
    fs::rename(folder.path("app.log"), folder.path("app.log.1")).unwrap();
    append(folder, "a new one\n");
    all.extend(heard("a new one"));
    all
}

/// What curl gets of logs that are not followed.
fn read(folder: &Folder, socket: &Path) -> String {
    fs::write(folder.path("app.log"), "line\n".repeat(10_000)).unwrap();
    fs::write(folder.path("empty"), "").unwrap();
    let paths = ["/log/app.log", "/log/empty", "/log/none", "/log/.x", "/what"];
    let all = paths.map(|path| stdout_of(&mut curl(socket, path)).escape_ascii().to_string());
    all.join("\n")
}

fn server(folder: &Folder) -> (Server, PathBuf) {
    let (place, logs) = (folder.path("ours"), folder.0.clone());
    let socket = place.clone();
    let server = Server::start_at(move |map| {
        map.listen(place.as_path(), move |_peer| Logs::new(&logs))?;
        Ok(([127, 0, 0, 1], 0).into())
    });
    (server, socket)
}

#[test]
fn curl_hears_what_is_written_while_it_is_written_as_from_asyncore() {
    let Some(_) = client("curl") else { return };
    let folder = Folder::new("follow");
    let (ours, socket) = server(&folder);
    let heard = followed(&folder, &socket);
    let chunks = [
        "HTTP/1.1 200 OK",
        "Transfer-Encoding: chunked",
        "",
        "8",
        "one",
        "two",
        "",
        "b",
        "three",
        "four",
        "",
        "4",
        "cut",
        "",
        "a",
        "a new one",
    ];
    assert_eq!(heard, chunks);
    let end = Instant::now() + PATIENCE;
    while ours.ask(|map| map.len()) > 1 {
        assert!(Instant::now() < end, "its client has gone, and the channel has not");
        std::thread::yield_now();
    }
    let theirs = folder.path("theirs");
    let options = [theirs.to_str().unwrap(), folder.0.to_str().unwrap()];
    if let Some(_theirs) = Theirs::start("follower.py", &options) {
        assert_eq!(heard, followed(&folder, &theirs), "left: ours, right: asyncore's");
    }
}

#[test]
fn curl_reads_logs_to_their_end_as_from_asyncore() {
    let Some(_) = client("curl") else { return };
    let folder = Folder::new("read");
    let (_ours, socket) = server(&folder);
    let said = read(&folder, &socket);
    assert!(said.contains("\\r\\n4000\\r\\nline\\nline\\n"), "{said}");
    assert!(said.contains("404 Not Found") && said.contains("400 Bad Request"), "{said}");
    let theirs = folder.path("theirs");
    let options = [theirs.to_str().unwrap(), folder.0.to_str().unwrap()];
    if let Some(_theirs) = Theirs::start("follower.py", &options) {
        assert_eq!(said, read(&folder, &theirs), "left: ours, right: asyncore's");
    }
}
