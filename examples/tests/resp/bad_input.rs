//! What is no command ends the connection, with a word. The real redis-server says the same.

use crate::transcript::{session, text, transcripts};

transcripts! {
    an_argument_that_is_no_bulk_string:
        "*2\r\n$3\r\nGET\r\n:1\r\n" => "-ERR Protocol error: expected '$', got ':'\r\n";
    a_command_without_arguments:
        "*1\r\nfoo\r\n" => "-ERR Protocol error: expected '$', got 'f'\r\n";
    a_count_that_is_no_number:
        "*x\r\n" => "-ERR Protocol error: invalid multibulk length\r\n";
    a_count_that_is_too_large:
        "*3000000000\r\n" => "-ERR Protocol error: invalid multibulk length\r\n";
    a_count_of_more_digits_than_a_number_has:
        "*99999999999999999999\r\n" => "-ERR Protocol error: invalid multibulk length\r\n";
    a_length_that_is_no_number:
        "*1\r\n$x\r\n" => "-ERR Protocol error: invalid bulk length\r\n";
    a_length_with_a_sign:
        "*1\r\n$+4\r\nPING\r\n" => "-ERR Protocol error: invalid bulk length\r\n";
    a_negative_length:
        "*2\r\n$3\r\nGET\r\n$-1\r\n" => "-ERR Protocol error: invalid bulk length\r\n";
    a_length_that_is_too_large:
        "*1\r\n$536870913\r\n" => "-ERR Protocol error: invalid bulk length\r\n";
    a_length_of_more_digits_than_a_number_has:
        "*1\r\n$99999999999999999999\r\n" => "-ERR Protocol error: invalid bulk length\r\n";
    quotes_that_do_not_close:
        "SET k \"v\r\n" => "-ERR Protocol error: unbalanced quotes in request\r\n";
    what_came_before_is_answered:
        "PING\r\n*1\r\n!\r\n" => "+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n";
}

/// What is answered to this, which ends the connection.
fn last_word(sent: &[u8]) -> String {
    let mut session = session();
    session.feed(sent);
    assert!(!session.is_open(), "it is open");
    text(&session.output())
}

#[test]
fn each_of_them_ends_the_connection() {
    for (name, exchanges) in ALL {
        let sent = exchanges.iter().map(|(sent, _)| *sent).collect::<String>();
        let mut session = session();
        session.feed(sent.clone() + "PING\r\n");
        assert!(!text(&session.output()).ends_with("PONG\\r\\n"), "{name}");
        session.feed_eof();
        assert!(!session.is_open(), "{name}");
    }
}

#[test]
fn a_line_without_end_is_too_long_behind_64_kib() {
    let mut line = vec![b'x'; 64 * 1024];
    let mut open = session();
    open.feed(&line);
    assert!(open.output().is_empty());
    line.push(b'x');
    assert_eq!(last_word(&line), r"-ERR Protocol error: too big inline request\r\n");
}

#[test]
fn a_count_and_a_length_without_end_are_too_long_as_well() {
    let digits = vec![b'1'; 64 * 1024 + 2];
    let count = [b"*", &digits[..]].concat();
    assert_eq!(last_word(&count), r"-ERR Protocol error: too big mbulk count string\r\n");
    let length = [b"*1\r\n$", &digits[..]].concat();
    assert_eq!(last_word(&length), r"-ERR Protocol error: too big bulk count string\r\n");
}

#[test]
fn a_command_has_a_million_arguments_at_most() {
    assert_eq!(last_word(b"*1048577\r\n"), r"-ERR Protocol error: invalid multibulk length\r\n");
    let mut open = session();
    open.feed(b"*1048576\r\n");
    assert!(open.output().is_empty() && open.is_open());
}
