//! How long lines, messages and lists may be, and how long a client may take (RFC 5321, section
//! 4.5.3).

use std::time::Duration;

use crate::mail::Mail;

const MINUTE: Duration = Duration::from_secs(60);
const MESSAGE: usize = 32 << 20;

/// A command line of so many bytes with its CRLF.
fn line(command: &str, len: usize) -> String {
    format!("{command}{:1$}", "", len - 2 - command.len())
}

#[test]
fn a_command_has_512_bytes() {
    let mut mail = Mail::after(&["EHLO client"]);
    assert_eq!(mail.say(&line("NOOP", 512)), "250 OK\r\n");
    assert_eq!(mail.say(&line("NOOP", 513)), "500 Line too long\r\n");
    assert_eq!(mail.say(&line("NOOP", 5000)), "500 Line too long\r\n");
}

#[test]
fn extensions_make_mail_longer_and_nothing_else() {
    let mut mail = Mail::after(&["HELO client"]);
    assert_eq!(mail.say(&line("MAIL FROM:<a@b.test>", 513)), "500 Line too long\r\n");
    mail.say("EHLO client");
    assert_eq!(mail.say(&line("MAIL FROM:<a@b.test>", 566)), "500 Line too long\r\n");
    assert_eq!(mail.say(&line("MAIL FROM:<a@b.test>", 565)), "250 OK\r\n");
    assert_eq!(mail.say(&line("RCPT TO:<c@example>", 513)), "500 Line too long\r\n");
}

#[test]
fn a_command_without_end_is_answered_once_and_holds_nothing() {
    let mut mail = Mail::new();
    let flood = vec![b'x'; 64 * 1024];
    let allocated = allocation_counter::measure(|| (0..80).for_each(|_| mail.session.feed(&flood)));
    assert!(allocated.bytes_max < 2 * 64 * 1024, "{} bytes", allocated.bytes_max);
    assert_eq!(mail.send("\r\nNOOP\r\n"), "500 Line too long\r\n250 OK\r\n");
}

#[test]
fn a_line_of_text_has_1000_bytes() {
    let mut mail = Mail::at_text();
    mail.send("x".repeat(998) + "\r\n." + &".".repeat(998) + "\r\n");
    assert_eq!(mail.say("."), "250 OK\r\n");
    for long in ["x".repeat(999), ".".repeat(1000), "x".repeat(100_000)] {
        let mut mail = Mail::at_text();
        assert_eq!(mail.send(long + "\r\ntwo\r\n.\r\n"), "500 Line too long\r\n");
        assert!(mail.messages().is_empty());
        assert_eq!(mail.say("NOOP"), "250 OK\r\n");
    }
}

#[test]
fn a_message_has_32_megabytes() {
    let line = "x".repeat(1022 - 30) + "\r\n";
    let lines = MESSAGE / line.len();
    let rest = MESSAGE - lines * line.len() - 2;
    for (more, answer) in [("", "250 OK\r\n"), ("x", "552 Message too large\r\n")] {
        let mut mail = Mail::at_text();
        (0..lines).for_each(|_| mail.session.feed(&line));
        mail.say(&("x".repeat(rest) + more));
        assert_eq!(mail.say("."), answer);
        assert_eq!(mail.say("NOOP"), "250 OK\r\n");
    }
}

#[test]
fn a_message_that_says_it_is_larger_is_refused_at_once() {
    let mut mail = Mail::after(&["EHLO client"]);
    for (size, answer) in [
        ("33554433", "552 Message too large\r\n"),
        ("99999999999999999999", "552 Message too large\r\n"),
        ("-1", "501 Syntax: MAIL FROM:<address> [SP parameters]\r\n"),
        ("", "501 Syntax: MAIL FROM:<address> [SP parameters]\r\n"),
        ("33554432", "250 OK\r\n"),
    ] {
        assert_eq!(mail.say(&format!("MAIL FROM:<a@b.test> SIZE={size}")), answer, "{size}");
    }
}

#[test]
fn a_mail_has_100_recipients() {
    let mut mail = Mail::after(&["EHLO client", "MAIL FROM:<a@b.test>"]);
    for number in 0..100 {
        assert_eq!(mail.say(&format!("RCPT TO:<c{number}@example>")), "250 OK\r\n");
    }
    assert_eq!(mail.say("RCPT TO:<c@example>"), "452 Too many recipients\r\n");
    assert_eq!(&mail.say("DATA")[..3], "354");
    assert_eq!(mail.say("."), "250 OK\r\n");
}

#[test]
fn at_the_twentieth_error_the_session_ends() {
    let mut mail = Mail::new();
    for _ in 1..20 {
        assert_eq!(mail.say("GET / HTTP/1.1"), "500 Command not recognized\r\n");
    }
    let last = mail.send("GET / HTTP/1.1\r\nNOOP\r\n");
    assert_eq!(last, "500 Command not recognized\r\n421 Too many errors\r\n");
    assert!(!mail.session.is_open());
}

#[test]
fn a_client_has_five_minutes_for_each_command() {
    let mut mail = Mail::new();
    for _ in 0..3 {
        mail.session.advance(5 * MINUTE - Duration::from_secs(1));
        assert_eq!(mail.say("NOOP"), "250 OK\r\n");
    }
    mail.session.advance(5 * MINUTE);
    assert_eq!(mail.heard(), "421 Closing\r\n");
    assert!(!mail.session.is_open());
}

#[test]
fn a_client_has_five_minutes_for_each_line_of_text() {
    let mut mail = Mail::at_text();
    for _ in 0..3 {
        mail.session.advance(5 * MINUTE - Duration::from_secs(1));
        mail.say("one");
    }
    mail.session.advance(5 * MINUTE);
    assert_eq!(mail.heard(), "421 Closing\r\n");
    assert!(mail.folder.files("tmp").is_empty());
}
