//! The other classes: families of addresses, parameters, the limit of a message, bytes and text.

use asyncore_runtime::{Addr, Map};
use std::rc::Rc;

use super::{code, last};
use crate::mail::{site, Folder, Mail};
use crate::protocol::Smtp;

const EHLO: &str = "EHLO example";

// SMTPDServerTest

/// What becomes of a message is not left open: it is in the maildir.
#[test]
fn test_process_message_unimplemented() {
    let mut mail = Mail::at_text();
    assert_eq!(mail.send("spam\r\n.\r\n"), "250 OK\r\n");
    assert_eq!(mail.messages(), ["spam\n"]);
}

// TestFamilyDetection

fn listening_on(address: &str) -> Option<Addr> {
    let (folder, mut map) = (Folder::new(), Map::new().unwrap());
    let site = Rc::new(site(&folder));
    let listener = map.listen(address, move |_| Smtp::new(Rc::clone(&site))).ok()?;
    Some(listener.local_addr().clone())
}

#[test]
fn test_socket_uses_ipv6() {
    // Not every machine has it.
    let Some(address) = listening_on("[::1]:0") else { return };
    assert!(address.inet().unwrap().is_ipv6());
}

#[test]
fn test_socket_uses_ipv4() {
    assert!(listening_on("127.0.0.1:0").unwrap().inet().unwrap().is_ipv4());
}

// TestRcptOptionParsing

const MAIL: &str = "MAIL from: <foo@example.com> size=20";

#[test]
fn test_params_rejected() {
    let said = last(&[EHLO, MAIL, "RCPT to: <foo@example.com> foo=bar"]);
    assert_eq!(said, "555 Parameters not recognized or not implemented\r\n");
}

#[test]
fn test_nothing_accepted() {
    assert_eq!(last(&[EHLO, MAIL, "RCPT to: <foo@example.com>"]), "250 OK\r\n");
}

// TestMailOptionParsing

/// Text is bytes here, and a parameter that is unknown is so in whatever company.
#[test]
fn test_with_decode_data_true() {
    for parameters in ["SMTPUTF9", "SMTPUTF9 BODY=8BITMIME", "BODY=8BITMIME UNKNOWN=1"] {
        assert_eq!(code(&[EHLO, &format!("{MAIL} {parameters}")]), "555", "{parameters}");
    }
    assert_eq!(last(&[EHLO, MAIL]), "250 OK\r\n");
}

#[test]
fn test_with_decode_data_false() {
    assert_eq!(code(&[EHLO, &format!("{MAIL} SMTPUTF8 BODY=UNKNOWN")]), "501");
    assert_eq!(last(&[EHLO, &format!("{MAIL} body=8bitmime")]), "250 OK\r\n");
}

#[test]
fn test_with_enable_smtputf8_true() {
    assert_eq!(last(&[EHLO, &format!("{MAIL} body=8bitmime smtputf8")]), "250 OK\r\n");
}

// SMTPDChannelWithDataSizeLimitTest

fn dialog(bytes: usize) -> String {
    let mut mail = Mail::at_text();
    let line = "x".repeat(510) + "\r\n";
    (0..bytes / line.len()).for_each(|_| mail.session.feed(&line));
    mail.say(".")
}

#[test]
fn test_data_limit_dialog() {
    assert_eq!(dialog(32 << 20), "250 OK\r\n");
}

#[test]
fn test_data_limit_dialog_too_much_data() {
    assert_eq!(dialog((32 << 20) + 512), "552 Message too large\r\n");
}

// SMTPDChannelWithDecodeDataFalse, SMTPDChannelWithDecodeDataTrue: a file has bytes

fn kept(text: &str) -> String {
    let mut mail = Mail::at_text();
    mail.send(format!("{text}\r\n.\r\n"));
    mail.messages().remove(0)
}

#[test]
fn test_ascii_data_with_decode_data_false() {
    assert_eq!(kept("plain ascii text"), "plain ascii text\n");
}

#[test]
fn test_utf8_data_with_decode_data_false() {
    let text = "utf8 enriched text: żźć";
    assert_eq!(
        kept(&format!("{text}\r\nand some plain ascii")),
        format!("{text}\nand some plain ascii\n")
    );
}

#[test]
fn test_ascii_data_with_decode_data_true() {
    assert_eq!(kept("plain ascii text\r\n"), "plain ascii text\n\n");
}

#[test]
fn test_utf8_data_with_decode_data_true() {
    assert_eq!(kept("żźć"), "żźć\n");
}

// SMTPDChannelTestWithEnableSMTPUTF8True

#[test]
fn test_mail_command_accepts_smtputf8_when_announced() {
    let mail = "MAIL from: <naïve@example.com> BODY=8BITMIME SMTPUTF8";
    assert_eq!(last(&[EHLO, mail]), "250 OK\r\n");
}

#[test]
fn test_process_smtputf8_message() {
    let mut mail = Mail::after(&[EHLO]);
    for (parameters, with) in [("", "ESMTP"), ("BODY=8BITMIME SMTPUTF8", "UTF8SMTP")] {
        mail.say(&format!("MAIL from: <a@example> {parameters}"));
        mail.say("rcpt to:<b@example.com>");
        assert_eq!(&mail.say("data")[..3], "354");
        assert_eq!(mail.send("c\r\n.\r\n"), "250 OK\r\n");
        let text = mail.folder.raw("new").pop().unwrap();
        assert!(text.contains(&format!(" with {with}; ")), "{text}");
    }
}

/// Whose mail is taken, and what it says, are two things: this server is asked for its own domain.
#[test]
fn test_utf8_data() {
    let mut mail = Mail::after(&[
        EHLO,
        "MAIL From: naïve@examplé BODY=8BITMIME SMTPUTF8",
        "RCPT To:späm@example",
        "DATA",
    ]);
    mail.send("utf8 enriched text: żźć\r\n.\r\n");
    assert_eq!(mail.messages(), ["utf8 enriched text: żźć\n"]);
    let expected = "Return-Path: <naïve@examplé>\nDelivered-To: späm@example\n";
    assert!(mail.folder.raw("new")[0].starts_with(expected));
}

/// A command of so many bytes; what is long are the spaces.
fn mail_of(len: usize) -> String {
    format!("MAIL from:{:1$}<a@example>", "", len - 2 - 21)
}

#[test]
fn test_mail_command_limit_extended_with_size_and_smtputf8() {
    assert_eq!(last(&["ehlo example", &mail_of(512 + 26 + 17 + 10 + 1)]), "500 Line too long\r\n");
    assert_eq!(last(&["ehlo example", &mail_of(512 + 26 + 17 + 10)]), "250 OK\r\n");
}

#[test]
fn test_multiple_emails_with_extended_command_length() {
    let mut mail = Mail::after(&["ehlo example"]);
    for _ in 0..3 {
        assert_eq!(&mail.say(&mail_of(566))[..3], "500");
        assert_eq!(&mail.say(&mail_of(565))[..3], "250");
        assert_eq!(&mail.say("rcpt to:<hans@example.com>")[..3], "250");
        assert_eq!(&mail.say("data")[..3], "354");
        assert_eq!(&mail.send("test\r\n.\r\n")[..3], "250");
    }
}
