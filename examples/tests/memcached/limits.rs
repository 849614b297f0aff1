//! How long keys, lines and values may be, and how much memory all of them.

use asyncore_runtime::testing::Session;

use crate::protocol::Memcached;
use crate::store::MAX_VALUE;
use crate::transcript::{check, session, session_with, text};

const BAD_FORMAT: &[u8] = b"CLIENT_ERROR bad command line format\r\n";

/// What is answered to this.
fn answer(session: &mut Session<Memcached>, sent: impl AsRef<[u8]>) -> Vec<u8> {
    session.feed(sent);
    session.output()
}

fn set(key: &str, value: &str) -> String {
    format!("set {key} 0 0 {}\r\n{value}\r\n", value.len())
}

fn value(key: &str, value: &str) -> String {
    format!("VALUE {key} 0 {}\r\n{value}\r\n", value.len())
}

#[test]
fn a_key_of_250_bytes() {
    let key = "k".repeat(250);
    let got = value(&key, "x") + "END\r\n";
    check(&[
        (set(&key, "x").as_bytes(), b"STORED\r\n"),
        (format!("get {key}\r\n").as_bytes(), got.as_bytes()),
    ]);
}

#[test]
fn a_key_of_251_bytes_is_no_key_to_any_command() {
    let key = "k".repeat(251);
    for command in [
        format!("set {key} 0 0 1"),
        format!("cas {key} 0 0 1 1"),
        format!("get {key}"),
        format!("gets {key}"),
        format!("gat 0 {key}"),
        format!("touch {key} 0"),
        format!("delete {key}"),
        format!("incr {key} 1"),
        format!("decr {key} 1"),
    ] {
        assert_eq!(text(&answer(&mut session(), command + "\r\n")), text(BAD_FORMAT));
    }
}

#[test]
fn a_key_of_251_bytes_among_others_spoils_them_all() {
    let mut session = session();
    session.feed(set("a", "x"));
    session.output();
    let answered = answer(&mut session, format!("get a {} a\r\n", "k".repeat(251)));
    assert_eq!(text(&answered), text(BAD_FORMAT));
}

#[test]
fn a_command_line_of_2048_bytes() {
    let line = format!("{:2046}\r\n", "version");
    check(&[(line.as_bytes(), b"VERSION 1.6.18-asyncore\r\n")]);
}

#[test]
fn a_longer_command_line_ends_the_connection() {
    let mut session = session();
    session.feed(format!("{:2049}", "version"));
    assert!(!session.is_open());
}

#[test]
fn get_may_be_longer_than_any_line() {
    let keys = (0..700).map(|n| format!("key{n}")).collect::<Vec<_>>();
    let line = format!("get {}\r\n", keys.join(" "));
    let values = format!("{}{}END\r\n", value("key0", "x"), value("key699", "y"));
    check(&[
        (set("key0", "x").as_bytes(), b"STORED\r\n"),
        (set("key699", "y").as_bytes(), b"STORED\r\n"),
        (line.as_bytes(), values.as_bytes()),
    ]);
}

#[test]
fn get_without_end_holds_no_memory() {
    let mut session = session();
    session.feed(b"get a");
    let flood = vec![b'a'; 64 * 1024];
    let allocated = allocation_counter::measure(|| {
        (0..160).for_each(|_| session.feed(&flood));
    });
    // A session holds what it is fed until it was read.
    assert!(allocated.bytes_max < 2 * 64 * 1024, "{} bytes", allocated.bytes_max);
}

#[test]
fn get_without_end_is_refused_once() {
    let mut session = session();
    let flood = vec![b'a'; 64 * 1024];
    session.feed(b"get a");
    (0..160).for_each(|_| session.feed(&flood));
    session.feed(b"\r\nget a\r\n");
    assert_eq!(text(&session.output()), text(&[BAD_FORMAT, b"END\r\n"].concat()));
}

#[test]
fn a_value_of_a_megabyte() {
    let (mut session, megabyte) = (session(), "x".repeat(MAX_VALUE));
    session.feed(set("a", &megabyte));
    session.feed(b"get a\r\n");
    let expected = format!("STORED\r\n{}END\r\n", value("a", &megabyte));
    assert!(session.output() == expected.as_bytes());
}

#[test]
fn a_larger_value_is_refused_and_passed_over() {
    let mut session = session();
    let answered = answer(&mut session, set("a", &"x".repeat(MAX_VALUE + 1)) + "get a\r\n");
    assert_eq!(text(&answered), text(b"SERVER_ERROR object too large for cache\r\nEND\r\n"));
}

#[test]
fn a_set_that_is_refused_for_its_size_deletes_what_was_there() {
    let mut session = session();
    session.feed(set("a", "x"));
    session.feed(b"set a 0 0 2000000\r\n");
    session.feed(vec![b'y'; 2_000_002]);
    session.output();
    assert_eq!(text(&answer(&mut session, "get a\r\n")), text(b"END\r\n"));
}

#[test]
fn a_value_does_not_grow_beyond_a_megabyte() {
    let mut session = session();
    session.feed(set("a", &"x".repeat(MAX_VALUE)));
    session.output();
    assert_eq!(answer(&mut session, "append a 0 0 1\r\nx\r\n"), b"NOT_STORED\r\n");
}

#[test]
fn what_was_announced_is_not_reserved() {
    let mut session = session();
    let allocated = allocation_counter::measure(|| session.feed(b"set a 0 0 1048576\r\n"));
    assert!(allocated.bytes_max < 4 * 1024, "{} bytes", allocated.bytes_max);
}

#[test]
fn get_of_many_large_values_sends_them_all() {
    let (mut session, large) = (session(), "x".repeat(MAX_VALUE / 2));
    session.feed(set("a", &large));
    session.output();
    let answered = answer(&mut session, format!("get{}\r\n", " a".repeat(20)));
    assert!(answered == (value("a", &large).repeat(20) + "END\r\n").as_bytes());
}

#[test]
fn a_client_that_does_not_read_holds_no_memory() {
    let (mut session, large) = (session(), "x".repeat(MAX_VALUE));
    session.feed(set("a", &large));
    session.output();
    session.window(0);
    let allocated =
        allocation_counter::measure(|| session.feed("get".to_owned() + &" a".repeat(20) + "\r\n"));
    assert!(allocated.bytes_max < 64 * 1024, "{} bytes", allocated.bytes_max);
}

#[test]
fn the_least_recently_used_items_make_room() {
    let mut session = session_with(10 * 1024);
    for key in ["a", "b"] {
        session.feed(set(key, &"x".repeat(4000)));
    }
    session.feed("get a\r\n");
    session.feed(set("c", &"x".repeat(4000)));
    session.output();
    let answered = answer(&mut session, "get b\r\n");
    assert_eq!(text(&answered), text(b"END\r\n"));
}

#[test]
fn what_was_used_lately_stays() {
    let mut session = session_with(10 * 1024);
    for key in ["a", "b"] {
        session.feed(set(key, &"x".repeat(4000)));
    }
    session.feed("get a\r\n");
    session.feed(set("c", &"x".repeat(4000)));
    session.output();
    let answered = answer(&mut session, "get a\r\n");
    assert!(answered == (value("a", &"x".repeat(4000)) + "END\r\n").as_bytes());
}

#[test]
fn all_items_together_stay_within_the_limit() {
    let mut session = session_with(1024 * 1024);
    let allocated = allocation_counter::measure(|| {
        for key in 0..20_000 {
            session.feed(set(&key.to_string(), "x"));
            session.output();
        }
    });
    assert!(allocated.bytes_max < 1024 * 1024, "{} bytes", allocated.bytes_max);
}
