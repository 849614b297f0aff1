//! `SMTPDChannelTest`: the session and its commands but for `MAIL` and `RCPT`.

use asyncore_runtime::Map;
use std::fs;
use std::rc::Rc;

use super::{code, last};
use crate::mail::{site, Folder, Mail};
use crate::protocol::Smtp;

/// A server that cannot listen says so, and is none.
#[test]
fn test_broken_connect() {
    let (folder, mut map) = (Folder::new(), Map::new().unwrap());
    let site = Rc::new(site(&folder));
    assert!(map.listen("192.0.2.1:0", move |_| Smtp::new(Rc::clone(&site))).is_err());
    assert_eq!(map.len(), 0);
}

#[test]
fn test_server_accept() {
    Mail::new();
}

#[test]
fn test_missing_data() {
    assert_eq!(code(&[""]), "500");
}

#[test]
fn test_ehlo() {
    assert!(last(&["EHLO example"]).ends_with("\r\n250 HELP\r\n"));
}

#[test]
fn test_ehlo_bad_syntax() {
    assert_eq!(code(&["EHLO"]), "501");
}

/// RFC 5321 (section 4.1.4) has it again as a `RSET`: after STARTTLS it has to be.
#[test]
fn test_ehlo_duplicate() {
    assert_eq!(code(&["EHLO example", "EHLO example"]), "250");
}

/// As above.
#[test]
fn test_ehlo_helo_duplicate() {
    assert_eq!(code(&["EHLO example", "HELO example"]), "250");
}

#[test]
fn test_helo() {
    assert_eq!(last(&["HELO example"]), "250 example.com\r\n");
}

/// As above.
#[test]
fn test_helo_ehlo_duplicate() {
    assert_eq!(code(&["HELO example", "EHLO example"]), "250");
}

/// 214, as in RFC 5321.
#[test]
fn test_help() {
    let said = last(&["HELP"]);
    assert_eq!(said, "214 EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP QUIT VRFY HELP\r\n");
}

/// There is one help.
#[test]
fn test_help_command() {
    assert_eq!(last(&["HELP MAIL"]), last(&["HELP"]));
}

/// As above.
#[test]
fn test_help_command_unknown() {
    assert_eq!(last(&["HELP SPAM"]), last(&["HELP"]));
}

#[test]
fn test_helo_bad_syntax() {
    assert_eq!(code(&["HELO"]), "501");
}

/// As `EHLO`.
#[test]
fn test_helo_duplicate() {
    assert_eq!(code(&["HELO example", "HELO example"]), "250");
}

#[test]
fn test_noop() {
    assert_eq!(last(&["NOOP"]), "250 OK\r\n");
}

#[test]
fn test_helo_noop() {
    assert_eq!(last(&["HELO example", "NOOP"]), "250 OK\r\n");
}

/// RFC 5321 (section 4.1.1.9) lets it have a word.
#[test]
fn test_noop_bad_syntax() {
    assert_eq!(last(&["NOOP hi"]), "250 OK\r\n");
}

#[test]
fn test_quit() {
    assert_eq!(last(&["QUIT"]), "221 Bye\r\n");
}

#[test]
fn test_helo_quit() {
    assert_eq!(last(&["HELO example", "QUIT"]), "221 Bye\r\n");
}

#[test]
fn test_quit_arg_ignored() {
    assert_eq!(last(&["QUIT bye bye"]), "221 Bye\r\n");
}

/// There is no state that is none; a message that cannot be stored is what is left to confuse it.
#[test]
fn test_bad_state() {
    let mut mail = Mail::at_text();
    fs::remove_dir(mail.folder.path().join("new")).unwrap();
    assert_eq!(&mail.send("one\r\n.\r\n")[..3], "451");
}

#[test]
fn test_command_too_long() {
    let long = format!("MAIL from: {}@example", "a".repeat(512));
    assert_eq!(last(&["HELO example", &long]), "500 Line too long\r\n");
}

#[test]
fn test_vrfy() {
    assert_eq!(code(&["VRFY eggs@example"]), "252");
}

#[test]
fn test_vrfy_syntax() {
    assert_eq!(code(&["VRFY"]), "501");
}

#[test]
fn test_expn_not_implemented() {
    assert_eq!(last(&["EXPN"]), "502 EXPN not implemented\r\n");
}

#[test]
fn test_rset() {
    let mut mail = Mail::after(&[
        "HELO example",
        "MAIL From:eggs@example",
        "RCPT To:spam@example",
        "RSET",
        "MAIL From:foo@example",
        "RCPT To:eggs@example",
        "DATA",
    ]);
    assert_eq!(mail.send("data\r\n.\r\n"), "250 OK\r\n");
    let text = &mail.folder.raw("new")[0];
    assert!(text.starts_with("Return-Path: <foo@example>\nDelivered-To: eggs@example\nReceived: "));
    assert_eq!(mail.messages(), ["data\n"]);
}

#[test]
fn test_helo_rset() {
    assert_eq!(last(&["HELO example", "RSET"]), "250 OK\r\n");
}

#[test]
fn test_rset_syntax() {
    assert_eq!(code(&["RSET hi"]), "501");
}

#[test]
fn test_unknown_command() {
    assert_eq!(code(&["UNKNOWN_CMD"]), "500");
}
