//! Times to live, on the session's clock.

use asyncore_runtime::testing::Session;
use std::time::Duration;

use crate::protocol::Client;
use crate::transcript::session;

/// What is answered to this.
fn ask(session: &mut Session<Client>, command: &str) -> String {
    session.feed(command.to_owned() + "\r\n");
    String::from_utf8(session.output()).unwrap()
}

fn pass(session: &mut Session<Client>, millis: u64) {
    session.advance(Duration::from_millis(millis));
}

#[test]
fn a_key_is_there_until_its_time() {
    let mut session = session();
    ask(&mut session, "SET k v PX 100");
    pass(&mut session, 99);
    assert_eq!(ask(&mut session, "GET k"), "$1\r\nv\r\n");
    pass(&mut session, 1);
    assert_eq!(ask(&mut session, "GET k"), "$-1\r\n");
}

#[test]
fn what_has_expired_is_not_there_for_any_command() {
    for (command, answer) in [
        ("EXISTS k", ":0\r\n"),
        ("DEL k", ":0\r\n"),
        ("TYPE k", "+none\r\n"),
        ("TTL k", ":-2\r\n"),
        ("APPEND k w", ":1\r\n"),
        ("INCR k", ":1\r\n"),
        ("SETNX k w", ":1\r\n"),
        ("RPUSH k w", ":1\r\n"),
        ("SCAN 0", "*2\r\n$1\r\n0\r\n*0\r\n"),
        ("KEYS *", "*0\r\n"),
        ("RANDOMKEY", "$-1\r\n"),
        ("RENAME k l", "-ERR no such key\r\n"),
    ] {
        let mut session = session();
        ask(&mut session, "SET k v EX 10");
        pass(&mut session, 10_000);
        assert_eq!(ask(&mut session, command), answer, "{command}");
    }
}

#[test]
fn a_time_to_live_is_shown_rounded() {
    let mut session = session();
    ask(&mut session, "SET k v EX 10");
    pass(&mut session, 600);
    assert_eq!(ask(&mut session, "TTL k"), ":9\r\n");
    assert_eq!(ask(&mut session, "PTTL k"), ":9400\r\n");
}

#[test]
fn what_is_changed_keeps_its_time() {
    let mut session = session();
    ask(&mut session, "SET k 1 EX 10");
    ask(&mut session, "INCR k");
    ask(&mut session, "APPEND k 0");
    ask(&mut session, "SETRANGE k 0 3");
    assert_eq!(ask(&mut session, "TTL k"), ":10\r\n");
}

#[test]
fn a_watched_key_that_expires_spoils_a_transaction() {
    let mut session = session();
    ask(&mut session, "SET k v PX 100");
    ask(&mut session, "WATCH k");
    pass(&mut session, 100);
    ask(&mut session, "MULTI");
    ask(&mut session, "PING");
    assert_eq!(ask(&mut session, "EXEC"), "*-1\r\n");
}

#[test]
fn a_watched_key_that_had_expired_does_not() {
    let mut session = session();
    ask(&mut session, "SET k v PX 100");
    pass(&mut session, 100);
    ask(&mut session, "WATCH k");
    ask(&mut session, "EXISTS k");
    ask(&mut session, "MULTI");
    assert_eq!(ask(&mut session, "PING"), "+QUEUED\r\n");
    assert_eq!(ask(&mut session, "EXEC"), "*1\r\n+PONG\r\n");
}

#[test]
fn an_idle_connection_stays_also_in_a_command() {
    let mut session = session();
    pass(&mut session, 1_000_000_000);
    session.feed("*2\r\n$3\r\nGET\r\n$100000\r\nkkk");
    pass(&mut session, 1_000_000_000);
    assert!(session.is_open());
}
