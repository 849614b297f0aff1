//! A server that is killed, 200 times, while it takes mail: what it has acknowledged is there, once
//! and whole, and there is nothing in `new/` that is not whole.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use crate::mail::Folder;
use crate::process::{Server, PATIENCE};

const KILLS: u64 = 200;
const CLIENTS: usize = 3;

/// Sends one message after the other until the server is gone. Returns those that were acknowledged.
fn client(server: SocketAddr, names: impl Iterator<Item = String>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    let Ok(stream) = TcpStream::connect(server) else { return acknowledged };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let mut is_answered = |text: &str, count: usize, code: &str| {
        let is_sent = (&stream).write_all(text.as_bytes()).is_ok();
        is_sent && answers.by_ref().take(count).last().is_some_and(|last| last.starts_with(code))
    };
    if !is_answered("HELO client\r\n", 2, "250") {
        return acknowledged;
    }
    for name in names {
        let envelope = "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@localhost>\r\nDATA\r\n";
        if !is_answered(envelope, 3, "354") || !is_answered(&message(&name, "\r\n"), 1, "250") {
            return acknowledged;
        }
        acknowledged.push(name);
    }
    acknowledged
}

/// From some bytes to more than a file's buffer holds: begins with its name, ends with it.
fn message(name: &str, end: &str) -> String {
    let size: usize = name.bytes().map(usize::from).sum::<usize>() * 7 % 300;
    let text = format!("{name}{end}") + &format!("{:64}{end}", "text").repeat(size);
    let dot = if end == "\r\n" { ".\r\n" } else { "" };
    format!("{text}{name}{end}{dot}")
}

/// Within the time of some messages, evenly spread; the same in each run.
fn moment(round: u64) -> Duration {
    Duration::from_micros((round.wrapping_mul(6_364_136_223_846_793_005) >> 33) % 40_000)
}

#[test]
fn what_was_acknowledged_is_there_exactly_once_after_200_kills() {
    let folder = Folder::new();
    let mut acknowledged = Vec::new();
    for round in 0..KILLS {
        let server = Server::with("smtp", &["--maildir", &folder.text()]);
        let clients = (0..CLIENTS).map(|number| {
            let names = (0..).map(move |count| format!("round{round}client{number}message{count}"));
            let address = server.address;
            thread::spawn(move || client(address, names))
        });
        let clients: Vec<_> = clients.collect();
        // The moment is what the test is about.
        thread::sleep(moment(round));
        drop(server);
        clients.into_iter().for_each(|client| acknowledged.extend(client.join().unwrap()));
    }
    let mut found = HashMap::new();
    for text in folder.files("new") {
        let name = text.lines().next().unwrap_or_default().to_owned();
        assert_eq!(text, message(&name, "\n"), "a part of a message is in new/");
        *found.entry(name).or_insert(0) += 1;
    }
    assert!(found.values().all(|count| *count == 1), "a message is there twice");
    let lost: Vec<_> = acknowledged.iter().filter(|name| !found.contains_key(*name)).collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
    // A test that killed each server before its first message would show nothing.
    assert!(acknowledged.len() > KILLS as usize, "{} acknowledged", acknowledged.len());
}
