//! Expiry times, and `flush_all` at a later time, on the session's clock.

use asyncore_runtime::testing::Session;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::protocol::Memcached;
use crate::transcript::session;

const THERE: &str = "VALUE a 0 1\r\nx\r\nEND\r\n";
const GONE: &str = "END\r\n";

/// What `get a` answers.
fn get(session: &mut Session<Memcached>) -> String {
    session.output();
    session.feed(b"get a\r\n");
    String::from_utf8(session.output()).unwrap()
}

/// What `get a` answers so many seconds after these commands.
fn get_after(seconds: u64, commands: &str) -> String {
    let mut session = session();
    session.feed(commands);
    session.advance(Duration::from_secs(seconds));
    get(&mut session)
}

/// The UNIX time in so many seconds.
fn unix(seconds: i64) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_secs()).unwrap() + seconds
}

#[test]
fn an_item_is_there_until_its_time() {
    assert_eq!(get_after(9, "set a 0 10 1\r\nx\r\n"), THERE);
}

#[test]
fn an_item_expires_at_its_time() {
    assert_eq!(get_after(10, "set a 0 10 1\r\nx\r\n"), GONE);
}

#[test]
fn an_item_without_a_time_never_expires() {
    assert_eq!(get_after(100 * 365 * 86_400, "set a 0 0 1\r\nx\r\n"), THERE);
}

#[test]
fn a_time_of_30_days_is_relative() {
    assert_eq!(get_after(30 * 86_400 - 1, "set a 0 2592000 1\r\nx\r\n"), THERE);
}

#[test]
fn a_time_beyond_30_days_is_a_unix_time() {
    assert_eq!(get_after(0, "set a 0 2592001 1\r\nx\r\n"), GONE);
}

#[test]
fn an_item_is_there_until_its_unix_time() {
    assert_eq!(get_after(90, &format!("set a 0 {} 1\r\nx\r\n", unix(100))), THERE);
}

#[test]
fn an_item_expires_at_its_unix_time() {
    assert_eq!(get_after(110, &format!("set a 0 {} 1\r\nx\r\n", unix(100))), GONE);
}

#[test]
fn a_negative_time_has_passed() {
    assert_eq!(get_after(0, "set a 0 -1 1\r\nx\r\n"), GONE);
}

#[test]
fn touch_makes_an_item_live_longer() {
    assert_eq!(get_after(15, "set a 0 10 1\r\nx\r\ntouch a 20\r\n"), THERE);
}

#[test]
fn gat_makes_an_item_expire() {
    assert_eq!(get_after(5, "set a 0 0 1\r\nx\r\ngat 5 a\r\n"), GONE);
}

#[test]
fn append_leaves_the_time_of_the_item() {
    assert_eq!(get_after(10, "set a 0 10 0\r\n\r\nappend a 0 0 1\r\nx\r\n"), GONE);
}

#[test]
fn incr_leaves_the_time_of_the_item() {
    assert_eq!(get_after(10, "set a 0 10 1\r\n1\r\nincr a 1\r\n"), GONE);
}

#[test]
fn add_stores_where_an_item_has_expired() {
    let mut session = session();
    session.feed(b"set a 0 10 1\r\ny\r\n");
    session.advance(Duration::from_secs(10));
    session.feed(b"add a 0 0 1\r\nx\r\n");
    assert_eq!(session.output(), b"STORED\r\nSTORED\r\n");
}

#[test]
fn flush_all_waits_until_its_time() {
    assert_eq!(get_after(9, "set a 0 0 1\r\nx\r\nflush_all 10\r\n"), THERE);
}

#[test]
fn flush_all_flushes_at_its_time() {
    assert_eq!(get_after(10, "set a 0 0 1\r\nx\r\nflush_all 10\r\n"), GONE);
}

#[test]
fn flush_all_flushes_what_came_while_it_waited() {
    let mut session = session();
    session.feed(b"flush_all 10\r\n");
    session.advance(Duration::from_secs(5));
    session.feed(b"set a 0 0 1\r\nx\r\n");
    session.advance(Duration::from_secs(5));
    assert_eq!(get(&mut session), GONE);
}

#[test]
fn flush_all_leaves_what_came_after_its_time() {
    let mut session = session();
    session.feed(b"flush_all 10\r\n");
    session.advance(Duration::from_secs(10));
    session.feed(b"set a 0 0 1\r\nx\r\n");
    assert_eq!(get(&mut session), THERE);
}

#[test]
fn flush_all_at_once_calls_off_one_that_waits() {
    let mut session = session();
    session.feed(b"flush_all 10\r\nflush_all\r\nset a 0 0 1\r\nx\r\n");
    session.advance(Duration::from_secs(10));
    assert_eq!(get(&mut session), THERE);
}

#[test]
fn an_idle_connection_stays() {
    let mut session = session();
    session.advance(Duration::from_secs(1_000_000));
    assert!(session.is_open());
}
