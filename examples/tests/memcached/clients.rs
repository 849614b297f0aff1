//! Real clients, and the server as a process.

use asyncore_runtime::{Bytes, Io, Map, ToAddr};
use std::cell::RefCell;
use std::fs;
use std::io::{Read, Write};
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::client::{Answer, Client, Failure, Then};
use crate::process::{client, expect, rest, skip, stdout_of, Server, PATIENCE};
use crate::real::Memcached;

/// The example, with its usual limits.
fn start() -> Server {
    Server::with("memcached", &["-m", "64", "-c", "1024"])
}

#[test]
fn all_27_ascii_tests_of_memccapable_pass() {
    let Some(mut memccapable) = client("memccapable") else { return };
    let server = start();
    let port = server.address.port().to_string();
    let report = stdout_of(memccapable.args(["-a", "-h", "127.0.0.1", "-p", &port]));
    assert_eq!(report.matches("[pass]").count(), 27, "{report}");
}

// pymemcache

/// Runs Python against the example, with a `client` of it.
fn python(script: &str) {
    let probe = Command::new("python3").args(["-c", "import pymemcache"]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        return skip("pymemcache");
    }
    let Some(mut python) = client("python3") else { return };
    let server = start();
    let connect = "import sys, pymemcache as p; client = p.Client(('127.0.0.1', int(sys.argv[1])))";
    let port = server.address.port().to_string();
    stdout_of(python.args(["-c", &format!("{connect}\n{script}"), &port]));
}

#[test]
fn pymemcache_gets_what_it_has_set() {
    python("client.set('a', b'x\\r\\n')\nassert client.get('a') == b'x\\r\\n'");
}

#[test]
fn pymemcache_gets_nothing_where_nothing_is() {
    python("assert client.get('a') is None");
}

#[test]
fn pymemcache_compares_and_sets() {
    python(
        "
client.set('a', b'x')
_, cas = client.gets('a')
assert client.cas('a', b'y', cas) is True
assert client.cas('a', b'z', cas) is False
assert client.cas('b', b'z', cas) is None
assert client.get('a') == b'y'",
    );
}

#[test]
fn pymemcache_counts() {
    python(
        "
client.set('n', b'5')
assert client.incr('n', 7) == 12
assert client.decr('n', 4) == 8
assert client.incr('m', 1) is None",
    );
}

#[test]
fn pymemcache_touches() {
    python(
        "
client.set('a', b'x')
assert client.touch('a', 100, noreply=False) is True
assert client.touch('b', 100, noreply=False) is False
client.touch('a', -1)
assert client.get('a') is None",
    );
}

#[test]
fn pymemcache_reads_the_stats() {
    python(
        "
client.set('a', b'x')
client.get('a')
client.get('b')
stats = client.stats()
found = [stats[name] for name in (b'curr_items', b'cmd_set', b'get_hits', b'get_misses')]
assert found == [1, 1, 1, 1], stats",
    );
}

#[test]
fn pymemcache_gets_a_megabyte() {
    python(
        "
megabyte = bytes(range(256)) * 4096
assert client.set('a', megabyte, noreply=False)
assert client.get('a') == megabyte",
    );
}

#[test]
fn pymemcache_gets_10_000_keys_at_once() {
    python(
        "
values = {f'key:{n}': str(n).encode() for n in range(10_000)}
assert client.set_many(values, noreply=False) == []
assert client.get_many(list(values)) == values",
    );
}

#[test]
fn pymemcache_deletes_10_000_keys() {
    python(
        "
values = {f'key:{n}': str(n).encode() for n in range(10_000)}
client.set_many(values)
client.delete_many(list(values), noreply=False)
assert client.stats()[b'curr_items'] == 0",
    );
}

// The example's own client, against the example and against memcached

type Answers = Rc<RefCell<Vec<Result<Answer, Failure>>>>;
type Ask = fn(&mut Client, &mut Io<Client>, &Answers);

/// Asks, quits, and waits for the end.
fn play(to: impl ToAddr, ask: Ask) -> Vec<Result<Answer, Failure>> {
    let (answers, mut map) = (Answers::default(), Map::new().unwrap());
    let (kept, key) = (Rc::clone(&answers), map.connect(to, Client::default()).unwrap());
    map.tell(key, move |client, io| {
        ask(client, io, &kept);
        client.quit(io);
    });
    let deadline = Instant::now() + PATIENCE;
    while !map.is_empty() {
        assert!(Instant::now() < deadline, "it does not end");
        map.poll(Some(Duration::from_secs(1))).unwrap();
    }
    answers.take()
}

fn both(name: &str, ask: Ask, expected: &[Result<Answer, Failure>]) {
    let server = start();
    assert!(play(server.address, ask) == expected, "the example");
    let Some(memcached) = Memcached::start(name) else { return };
    assert!(play(memcached.path.as_path(), ask) == expected, "memcached");
}

/// Keeps an answer.
fn keep(answers: &Answers) -> impl Then {
    let answers = Rc::clone(answers);
    move |answer| answers.borrow_mut().push(answer)
}

#[test]
fn the_client_hears_every_answer_in_order() {
    let ask: Ask = |client, io, answers| {
        client.get("a", io, keep(answers));
        client.set("a", "x", io, keep(answers));
        client.get("a", io, keep(answers));
        client.delete("a", io, keep(answers));
        client.delete("a", io, keep(answers));
        client.get("a", io, keep(answers));
    };
    let value = Answer::Value(Bytes::from("x"));
    let deleted = [Answer::Deleted, Answer::NotFound, Answer::NotFound];
    let expected = [Answer::NotFound, Answer::Stored, value].into_iter().chain(deleted).map(Ok);
    both("order", ask, &expected.collect::<Vec<_>>());
}

#[test]
fn the_client_gets_a_value_of_line_ends() {
    let ask: Ask = |client, io, answers| {
        client.set("a", "\r\nEND\r\n", io, keep(answers));
        client.get("a", io, keep(answers));
    };
    let value = Answer::Value(Bytes::from("\r\nEND\r\n"));
    both("line_ends", ask, &[Ok(Answer::Stored), Ok(value)]);
}

#[test]
fn the_client_gets_half_a_megabyte() {
    let ask: Ask = |client, io, answers| {
        client.set("a", vec![7; 512 * 1024], io, keep(answers));
        client.get("a", io, keep(answers));
    };
    let value = Answer::Value(Bytes::from(vec![7; 512 * 1024]));
    both("half_a_megabyte", ask, &[Ok(Answer::Stored), Ok(value)]);
}

#[test]
fn the_client_has_1000_requests_on_their_way() {
    let ask: Ask = |client, io, answers| {
        (0..1000).for_each(|n| client.set(&format!("key{n}"), n.to_string(), io, keep(answers)));
        (0..1000).for_each(|n| client.get(&format!("key{n}"), io, keep(answers)));
    };
    let stored = (0..1000).map(|_| Ok(Answer::Stored));
    let values = (0..1000).map(|n: u32| Ok(Answer::Value(n.to_string().into())));
    both("many", ask, &stored.chain(values).collect::<Vec<_>>());
}

#[test]
fn the_client_hears_of_an_error() {
    let ask: Ask = |client, io, answers| {
        client.set("a", vec![7; 2_000_000], io, keep(answers));
        client.get("a", io, keep(answers));
    };
    let too_large = Failure::Refused("SERVER_ERROR object too large for cache".to_owned());
    both("error", ask, &[Err(too_large), Ok(Answer::NotFound)]);
}

#[test]
fn the_client_sends_no_key_that_is_a_command() {
    let ask: Ask = |client, io, answers| {
        client.get("a\r\nset b 0 0 0\r\n", io, keep(answers));
        client.get("b", io, keep(answers));
    };
    both("bad_key", ask, &[Err(Failure::BadKey), Ok(Answer::NotFound)]);
}

// The process

#[test]
fn sigint_ends_the_server_with_status_0() {
    let server = start();
    // It hears signals from when it serves.
    let mut client = server.connect();
    client.write_all(b"get a\r\n").unwrap();
    expect(&mut client, "END\r\n");
    server.signal("-INT");
    assert_eq!(server.status(), Some(0));
}

#[test]
fn sigterm_closes_idle_connections() {
    let server = start();
    let mut idle = server.connect();
    idle.write_all(b"get a\r\n").unwrap();
    expect(&mut idle, "END\r\n");
    server.signal("-TERM");
    assert_eq!(rest(&mut idle), "");
    assert_eq!(server.status(), Some(0));
}

#[test]
fn replies_in_flight_are_finished_after_sigterm() {
    let server = start();
    let mut stream = server.connect();
    let megabyte = "x".repeat(1024 * 1024);
    write!(stream, "set a 0 0 1048576\r\n{megabyte}\r\n").unwrap();
    expect(&mut stream, "STORED\r\n");
    // Far more than the sockets hold.
    write!(stream, "get{}\r\n", " a".repeat(32)).unwrap();
    expect(&mut stream, "VALUE a 0 1048576\r\n");
    server.signal("-TERM");
    let left = rest(&mut stream);
    let value = format!("VALUE a 0 1048576\r\n{megabyte}\r\n").repeat(32) + "END\r\n";
    assert!(value.ends_with(&left) && left.len() + 19 == value.len(), "{} bytes", left.len());
    assert_eq!(server.status(), Some(0));
}

#[test]
fn one_connection_too_many_is_told_so() {
    let server = Server::with("memcached", &["-c", "1"]);
    let mut first = server.connect();
    first.write_all(b"get a\r\n").unwrap();
    expect(&mut first, "END\r\n");
    assert_eq!(rest(&mut server.connect()), "ERROR Too many open connections\r\n");
}

#[test]
fn a_client_that_sends_junk_disturbs_no_other() {
    let server = start();
    let (mut good, mut bad) = (server.connect(), server.connect());
    good.write_all(b"set a 0 0 10\r\nhello").unwrap();
    bad.write_all(&[b'x'; 4096]).unwrap();
    assert!(matches!(bad.read(&mut [0]), Ok(0) | Err(_)), "it is closed");
    good.write_all(b"world\r\n").unwrap();
    expect(&mut good, "STORED\r\n");
}

#[cfg(target_os = "linux")]
#[test]
fn get_without_end_does_not_make_the_process_grow() {
    let server = start();
    let mut stream = server.connect();
    let resident = || {
        let status = format!("/proc/{}/status", server.process.0.id());
        let status = fs::read_to_string(status).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let flood = vec![b'a'; 1024 * 1024];
    // The first one is refused in the end: by then all that it takes is in memory.
    stream.write_all(b"get a").unwrap();
    stream.write_all(&flood).unwrap();
    stream.write_all(b"\r\n").unwrap();
    assert!(stream.read(&mut [0; 100]).unwrap() > 0);
    let before = resident();
    let mut stream = server.connect();
    stream.write_all(b"get a").unwrap();
    (0..63).for_each(|_| stream.write_all(&flood).unwrap());
    let grown = resident().saturating_sub(before);
    assert!(grown <= 256, "{grown} KiB");
}
