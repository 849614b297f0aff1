//! `SMTPDChannelTest`: a mail and its text.

use std::fs;

use super::{code, last};
use crate::mail::Mail;

const HELO: &str = "HELO example";
const EHLO: &str = "EHLO example";
const MAIL: &str = "MAIL From:eggs@example";
const RCPT: &str = "RCPT To:spam@example";

/// What the message says of where it is from.
fn sender(command: &str) -> String {
    let mut mail = Mail::after(&[EHLO, command, RCPT, "DATA", "."]);
    assert_eq!(mail.heard(), "");
    let text = mail.folder.raw("new").remove(0);
    text.lines().next().unwrap().to_owned()
}

#[test]
fn test_helo_parameter_rejected_when_extensions_not_enabled() {
    assert_eq!(code(&[HELO, "MAIL from:<foo@example.com> SIZE=1234"]), "501");
}

#[test]
fn test_mail_allows_space_after_colon() {
    assert_eq!(last(&[HELO, "MAIL from:   <foo@example.com>"]), "250 OK\r\n");
}

#[test]
fn test_extended_mail_allows_space_after_colon() {
    assert_eq!(last(&[EHLO, "MAIL from:   <foo@example.com> size=20"]), "250 OK\r\n");
}

/// What is long here are the spaces: an address has 64 bytes in front of its @.
#[test]
fn test_mail_command_limit_extended_with_size() {
    let mail = |len: usize| format!("MAIL from:{:1$}<a@example> SIZE=1234", "", len - 32);
    assert_eq!(last(&[EHLO, &mail(512 + 10)]), "250 OK\r\n");
    assert_eq!(last(&[EHLO, &mail(512 + 26 + 17 + 10)]), "500 Line too long\r\n");
}

/// It is always there: whoever does not ask for it gets nothing of it.
#[test]
fn test_mail_command_rejects_smtputf8_by_default() {
    assert_eq!(code(&[HELO, "MAIL from: <naive@example.com> BODY=8BITMIME SMTPUTF8"]), "501");
}

#[test]
fn test_data_longer_than_default_data_size_limit() {
    let mut mail = Mail::at_text();
    let line = "A".repeat(998) + "\r\n";
    (0..=(32 << 20) / 1000).for_each(|_| mail.session.feed(&line));
    assert_eq!(&mail.say(".")[..3], "552");
}

#[test]
fn test_mail_size_parameter() {
    assert_eq!(last(&[EHLO, "MAIL FROM:<eggs@example> SIZE=512"]), "250 OK\r\n");
}

#[test]
fn test_mail_invalid_size_parameter() {
    assert_eq!(code(&[EHLO, "MAIL FROM:<eggs@example> SIZE=invalid"]), "501");
}

#[test]
fn test_mail_rcpt_unknown_parameters() {
    assert_eq!(code(&[EHLO, "MAIL FROM:<eggs@example> ham=green"]), "555");
    assert_eq!(code(&[EHLO, MAIL, "RCPT TO:<eggs@example> ham=green"]), "555");
}

#[test]
fn test_mail_size_parameter_larger_than_default_data_size_limit() {
    assert_eq!(code(&[EHLO, "MAIL FROM:<eggs@example> SIZE=33554433"]), "552");
}

#[test]
fn test_need_mail() {
    assert_eq!(last(&[HELO, RCPT]), "503 MAIL first\r\n");
}

#[test]
fn test_mail_syntax_helo() {
    assert_eq!(code(&[HELO, "MAIL from eggs@example"]), "501");
}

#[test]
fn test_mail_syntax_ehlo() {
    let said = last(&[EHLO, "MAIL from eggs@example"]);
    assert_eq!(said, "501 Syntax: MAIL FROM:<address> [SP parameters]\r\n");
}

#[test]
fn test_mail_missing_address() {
    assert_eq!(code(&[HELO, "MAIL from:"]), "501");
}

#[test]
fn test_mail_chevrons() {
    assert_eq!(sender("MAIL from:<eggs@example>"), "Return-Path: <eggs@example>");
}

#[test]
fn test_mail_empty_chevrons() {
    assert_eq!(sender("MAIL from:<>"), "Return-Path: <>");
}

#[test]
fn test_mail_quoted_localpart() {
    let from = sender("MAIL from: <\"Fred Blogs\"@example.com>");
    assert_eq!(from, "Return-Path: <\"Fred Blogs\"@example.com>");
}

#[test]
fn test_mail_quoted_localpart_no_angles() {
    let from = sender("MAIL from: \"Fred Blogs\"@example.com");
    assert_eq!(from, "Return-Path: <\"Fred Blogs\"@example.com>");
}

#[test]
fn test_mail_quoted_localpart_with_size() {
    let from = sender("MAIL from: <\"Fred Blogs\"@example.com> SIZE=1000");
    assert_eq!(from, "Return-Path: <\"Fred Blogs\"@example.com>");
}

#[test]
fn test_mail_quoted_localpart_with_size_no_angles() {
    let from = sender("MAIL from: \"Fred Blogs\"@example.com SIZE=1000");
    assert_eq!(from, "Return-Path: <\"Fred Blogs\"@example.com>");
}

#[test]
fn test_nested_mail() {
    assert_eq!(code(&[HELO, MAIL, "MAIL from:spam@example"]), "503");
}

#[test]
fn test_no_helo_mail() {
    assert_eq!(last(&["MAIL from:<foo@example.com>"]), "503 Say EHLO or HELO first\r\n");
}

#[test]
fn test_need_rcpt() {
    assert_eq!(last(&[HELO, MAIL, "DATA"]), "503 RCPT first\r\n");
}

#[test]
fn test_rcpt_syntax_helo() {
    assert_eq!(code(&[HELO, MAIL, "RCPT to eggs@example"]), "501");
}

#[test]
fn test_rcpt_syntax_ehlo() {
    assert_eq!(last(&[EHLO, MAIL, "RCPT to eggs@example"]), "501 Syntax: RCPT TO:<address>\r\n");
}

#[test]
fn test_rcpt_lowercase_to_ok() {
    assert_eq!(last(&[HELO, MAIL, "RCPT to: <eggs@example>"]), "250 OK\r\n");
}

#[test]
fn test_no_helo_rcpt() {
    assert_eq!(code(&["RCPT to eggs@example"]), "503");
}

#[test]
fn test_data_dialog() {
    let mut mail = Mail::after(&[HELO, MAIL, RCPT]);
    assert_eq!(mail.say("DATA"), "354 End data with <CR><LF>.<CR><LF>\r\n");
    assert_eq!(mail.send("data\r\nmore\r\n.\r\n"), "250 OK\r\n");
    assert_eq!(mail.messages(), ["data\nmore\n"]);
}

#[test]
fn test_data_syntax() {
    assert_eq!(last(&[HELO, MAIL, RCPT, "DATA spam"]), "501 Syntax: DATA\r\n");
}

#[test]
fn test_no_helo_data() {
    assert_eq!(code(&["DATA spam"]), "503");
}

#[test]
fn test_data_transparency_section_4_5_2() {
    let mut mail = Mail::at_text();
    mail.send("..\r\n.\r\n");
    assert_eq!(mail.messages(), [".\n"]);
}

#[test]
fn test_multiple_rcpt() {
    let mut mail = Mail::after(&[HELO, MAIL, RCPT, "RCPT To:ham@example", "DATA"]);
    mail.send("data\r\n.\r\n");
    let expected =
        "Return-Path: <eggs@example>\nDelivered-To: spam@example\nDelivered-To: ham@example\n";
    assert!(mail.folder.raw("new")[0].starts_with(expected));
    assert_eq!(mail.messages(), ["data\n"]);
}

/// What is said to a message is what became of it.
#[test]
fn test_manual_status() {
    let mut mail = Mail::at_text();
    fs::remove_dir(mail.folder.path().join("new")).unwrap();
    assert_eq!(mail.send("one\r\n.\r\n"), "451 Cannot store it now\r\n");
}
