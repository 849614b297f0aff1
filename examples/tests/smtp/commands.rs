//! The commands: what is answered to them, in which order they may come, and whose mail is taken.

use std::fs;

use crate::address::path;
use crate::mail::{site, Folder, Mail};

#[test]
fn ehlo_names_every_extension() {
    let answer = Mail::new().say("EHLO client");
    let expected = "250-example.com\r\n250-PIPELINING\r\n250-SIZE 33554432\r\n250-8BITMIME\r\n\
                    250-SMTPUTF8\r\n250 HELP\r\n";
    assert_eq!(answer, expected);
}

#[test]
fn verbs_have_no_case() {
    let mut mail = Mail::after(&["ehlo client", "mail from:<a@b.test>", "Rcpt To:<c@EXAMPLE.COM>"]);
    assert_eq!(mail.say("dATA"), "354 End data with <CR><LF>.<CR><LF>\r\n");
}

#[test]
fn a_second_ehlo_forgets_the_mail() {
    let mut mail = Mail::after(&["EHLO one", "MAIL FROM:<a@b.test>", "EHLO two"]);
    assert_eq!(mail.say("RCPT TO:<c@example.com>"), "503 MAIL first\r\n");
}

#[test]
fn rset_forgets_the_mail_and_not_the_client() {
    let mut mail = Mail::after(&["EHLO x", "MAIL FROM:<a@b.test>", "RCPT TO:<c@example>", "RSET"]);
    assert_eq!(mail.say("DATA"), "503 RCPT first\r\n");
    assert_eq!(mail.say("MAIL FROM:<a@b.test>"), "250 OK\r\n");
}

#[test]
fn a_command_in_every_order_is_taken_or_refused_with_503() {
    let mut mail = Mail::new();
    for (command, code) in [
        ("MAIL FROM:<a@b.test>", "503"),
        ("RCPT TO:<c@example>", "503"),
        ("DATA", "503"),
        ("NOOP", "250"),
        ("RSET", "250"),
        ("EHLO client", "250"),
        ("RCPT TO:<c@example>", "503"),
        ("DATA", "503"),
        ("MAIL FROM:<a@b.test>", "250"),
        ("MAIL FROM:<a@b.test>", "503"),
        ("DATA", "503"),
        ("RCPT TO:<c@example>", "250"),
        ("DATA", "354"),
        (".", "250"),
        ("RCPT TO:<c@example>", "503"),
        ("QUIT", "221"),
    ] {
        assert_eq!(&mail.say(command)[..3], code, "{command}");
    }
}

#[test]
fn a_session_in_one_segment_is_answered_whole() {
    let mut mail = Mail::new();
    let answers = mail.send(
        "EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@example>\r\nRCPT TO:<c@other.test>\r\nDATA\r\n\
         one\r\n.\r\nMAIL FROM:<d@e.test>\r\nQUIT\r\n",
    );
    let codes: Vec<_> = answers.lines().map(|line| &line[..4]).collect();
    let expected = ["250 ", "250 ", "250 ", "550 ", "354 ", "250 ", "250 ", "221 "];
    assert_eq!(codes[5..], expected);
    assert_eq!(mail.messages(), ["one\n"]);
}

#[test]
fn no_mail_is_taken_for_others() {
    let mut mail = Mail::after(&["EHLO client", "MAIL FROM:<a@example.com>"]);
    for relay in [
        "<c@other.test>",
        "<c@example.com.other.test>",
        "<c@sub.example.com>",
        "<@example.com:c@other.test>",
        "<\"c@example.com\"@other.test>",
        "<c@[127.0.0.1]>",
    ] {
        assert_eq!(mail.say(&format!("RCPT TO:{relay}")), "550 Relaying denied\r\n", "{relay}");
    }
    for relay in ["<c%other.test>", "<c@other.test@example.com>", "<other.test!c>", "<>", "<c@>"] {
        let answer = mail.say(&format!("RCPT TO:{relay}"));
        assert_eq!(answer, "501 Syntax: RCPT TO:<address>\r\n", "{relay}");
    }
}

/// RFC 5321, section 4.5.1.
#[test]
fn the_postmaster_needs_no_domain() {
    let mut mail = Mail::after(&["EHLO client", "MAIL FROM:<>"]);
    for postmaster in ["<Postmaster>", "<postmaster@example.com>", "<POSTMASTER>"] {
        assert_eq!(mail.say(&format!("RCPT TO:{postmaster}")), "250 OK\r\n");
    }
}

#[test]
fn the_envelope_stands_in_front_of_the_message() {
    let mut mail = Mail::after(&[
        "EHLO client",
        "MAIL FROM:<@relay.test:a@b.test>",
        "RCPT TO:<c@example.com>",
        "RCPT TO:<\"d e\"@example>",
        "DATA",
    ]);
    mail.send("one\r\n.\r\n");
    let text = &mail.folder.raw("new")[0];
    let expected =
        "Return-Path: <a@b.test>\nDelivered-To: c@example.com\nDelivered-To: \"d e\"@example\n\
                    Received: from client (";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("\n\tby example.com with ESMTP; "), "{text}");
}

#[test]
fn what_is_not_ascii_needs_smtputf8() {
    let mut mail = Mail::after(&["EHLO client"]);
    assert_eq!(&mail.say("MAIL FROM:<n\u{e4}@b.test>")[..3], "553");
    mail.say("MAIL FROM:<a@b.test>");
    assert_eq!(&mail.say("RCPT TO:<n\u{e4}@example>")[..3], "553");
    mail.say("RSET");
    assert_eq!(mail.say("MAIL FROM:<n\u{e4}@b.test> SMTPUTF8"), "250 OK\r\n");
    assert_eq!(mail.say("RCPT TO:<n\u{e4}@example>"), "250 OK\r\n");
}

#[test]
fn a_line_that_is_no_command_is_answered_with_500() {
    let mut mail = Mail::new();
    for line in [&b""[..], b"POST / HTTP/1.1", b"\xff\xfe", b"NOOP\rNOOP", b"NOOP\nNOOP", b"NO\0OP"]
    {
        let answer = mail.send([line, b"\r\n"].concat());
        assert_eq!(&answer[..3], "500", "{}", line.escape_ascii());
        assert_eq!(answer.lines().count(), 1);
    }
}

#[test]
fn without_tls_there_is_neither_starttls_nor_auth() {
    let mut mail = Mail::after(&["EHLO client"]);
    assert_eq!(&mail.say("STARTTLS")[..3], "502");
    assert_eq!(&mail.say("AUTH PLAIN AGEAYg==")[..3], "538");
}

#[test]
fn paths_are_what_the_rfc_says() {
    let long = |len: usize| "x".repeat(len);
    for (text, found) in [
        ("<a@b>", Some(("a@b", ""))),
        ("  <a@b>", Some(("a@b", ""))),
        ("a@b SIZE=1", Some(("a@b", "SIZE=1"))),
        ("<a@b> SIZE=1 X", Some(("a@b", "SIZE=1 X"))),
        ("<>", Some(("", ""))),
        ("<\"a>b\"@c>", Some(("\"a>b\"@c", ""))),
        ("<\"a\\\"> b\"@c>", Some(("\"a\\\"> b\"@c", ""))),
        ("<a.b+c@[192.0.2.1]>", Some(("a.b+c@[192.0.2.1]", ""))),
        ("<a@[IPv6:2001:db8::1]>", Some(("a@[IPv6:2001:db8::1]", ""))),
        ("<@one,@two.test:a@b>", Some(("a@b", ""))),
        ("", None),
        ("<a@b", None),
        ("a@b>", None),
        ("<a@b>SIZE=1", None),
        ("<a b@c>", None),
        ("<a..b@c>", None),
        ("<.a@b>", None),
        ("<\"a\"b\"@c>", None),
        ("<\"a\\\"@c>", None),
        ("<a@b..c>", None),
        ("<a@-b>", None),
        ("<a@b_c>", None),
        ("<a@[300.0.0.1]>", None),
        ("<a@[IPv6:::g]>", None),
        ("<@one:>", None),
        ("<@one@two:a@b>", None),
    ] {
        let line = format!("FROM:{text}");
        let parsed = path(&line, "from:", "").ok();
        let parsed = parsed.as_ref().map(|(path, parameters)| (path.text, *parameters));
        assert_eq!(parsed, found, "{text}");
    }
    for (local, domain) in [(65, 1), (64, 190), (1, 254)] {
        let line = format!("FROM:<{}@{}>", long(local), long(domain));
        assert_eq!(path(&line, "FROM:", "").unwrap_err(), "501 Path too long\r\n");
    }
}

// What becomes of a message

#[test]
fn a_client_that_leaves_within_a_message_leaves_nothing() {
    let mut mail = Mail::at_text();
    mail.send("one\r\n");
    assert_eq!(fs::read_dir(mail.folder.path().join("tmp")).unwrap().count(), 1);
    mail.session.feed_eof();
    assert!(mail.messages().is_empty());
    assert_eq!(fs::read_dir(mail.folder.path().join("tmp")).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_stored_is_not_acknowledged() {
    let mut mail = Mail::at_text();
    fs::remove_dir(mail.folder.path().join("new")).unwrap();
    assert_eq!(mail.send("one\r\n.\r\n"), "451 Cannot store it now\r\n");
    fs::create_dir(mail.folder.path().join("new")).unwrap();
    let again = mail.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@example>\r\nDATA\r\none\r\n.\r\n");
    assert!(again.ends_with("\r\n250 OK\r\n"), "{again}");
    assert_eq!(mail.messages(), ["one\n"]);
}

#[test]
fn a_message_that_cannot_be_begun_is_refused_before_its_text() {
    let folder = Folder::new();
    let mut mail = Mail::with(site(&folder), folder);
    fs::remove_dir(mail.folder.path().join("tmp")).unwrap();
    mail.send("EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@example>\r\n");
    assert_eq!(mail.say("DATA"), "451 Cannot store it now\r\n");
}
