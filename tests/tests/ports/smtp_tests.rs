//! The mail server, driven by smtplib, beside CPython's own; and the rows M1 to M9.

use super::peers::{python, stdout_of, Tap, Theirs};
use super::smtp::{Mail, Smtp};
use asyncore_runtime::testing::Session;
use asyncore_tests::net::{Client, Server};
use std::net::SocketAddr;
use std::rc::Rc;

const MAX_DATA: usize = 65536;

/// As `process_message` in `smtp.py`, which has lines without their ends.
fn described(mail: Mail) -> Option<String> {
    let lines = mail.data.split(|byte| *byte == b'\n').count() - 1;
    let text = mail.data.iter().filter(|byte| **byte != b'\r').map(|byte| u64::from(*byte));
    let sum = text.sum::<u64>().saturating_sub(u64::from(b'\n'));
    Some(format!("250 {} to {}: {lines} lines, {sum}", mail.from?, mail.to.join(", ")))
}

fn smtp() -> Smtp {
    Smtp::new(MAX_DATA, Rc::new(described))
}

fn server() -> Server {
    Server::start(|map| map.listen("127.0.0.1:0", |_peer| smtp()))
}

/// The same said to ours and to CPython's, if there is one.
fn assert_both_say(play: impl Fn(SocketAddr) -> String) -> String {
    let ours = server();
    let said = play(ours.addr());
    if let Some(theirs) = Theirs::start("smtp.py", &[]) {
        assert_eq!(said, play(theirs.addr()), "left: ours, right: smtpd");
    }
    said
}

/// Commands one after the other, each when the one before it is answered.
fn converse(server: SocketAddr, commands: &str) -> String {
    let mut client = Client::connect(server);
    let mut said = client.receive_line();
    for command in commands.lines() {
        client.send(format!("{command}\r\n"));
        let start = said.len();
        while said[start..].lines().last().is_none_or(|line| line.as_bytes()[3] != b' ') {
            said += &client.receive_line();
        }
    }
    client.send("QUIT\r\n");
    said + &String::from_utf8_lossy(&client.receive_all())
}

const MAILS: &str = r#"
import smtplib, sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=10) as smtp:
    for text in ["one\n.two\n..three\n\nfour", "Subject: x\n\n" + "long " * 5000]:
        smtp.sendmail("ann@a.test", ["bob@b.test", "eve@e.test"], text)
    try:
        smtp.sendmail("ann@a.test", ["bob@b.test"], "x" * 70000)
    except smtplib.SMTPSenderRefused as error:
        print(error.smtp_code)
    smtp.rset()
    print(smtp.noop(), smtp.verify("ann"), smtp.expn("all"), smtp.docmd("WHAT", "x"))
"#;

#[test]
fn mails_of_smtplib_arrive_as_at_smtpd() {
    let Some(_) = python("") else { return };
    let said = assert_both_say(|server| {
        let tap = Tap::on(server);
        let client = stdout_of(python(MAILS).expect("Python").arg(tap.port()));
        tap.heard() + &String::from_utf8_lossy(&client)
    });
    assert!(said.contains("250 ann@a.test to bob@b.test, eve@e.test: 5 lines, "), "{said}");
    assert!(said.ends_with("not recognized')\n"), "{said}");
}

#[test]
fn every_verb_has_the_words_of_smtpd() {
    let said = assert_both_say(|server| {
        let helo = "MAIL FROM:<a@b>\nDATA\nhelo\nHELO x\nEHLO x\nNOOP\nNOOP x\nRSET x\nVRFY\nVRFY a@b\nEXPN x\nHELP\n\
             WHAT now\n\nRCPT TO:<c@d>\nMAIL\nMAIL TO:<a@b>\nMAIL FROM:\nMAIL FROM:<a@b> SIZE=1\n\
             MAIL FROM:a@b\nMAIL FROM:<a@b>\nDATA\nRCPT TO:<c@d> X=1\nrcpt to:<c@d>\nDATA now\nRSET\nDATA\nMAIL FROM:<>\nRSET";
        let ehlo = "EHLO x\nMAIL FROM:\nMAIL FROM:<a@b> BODY=9BIT\nMAIL FROM:<a@b> SIZE=65537\n\
             MAIL FROM:<a@b> NEW=1\nMAIL FROM:<a@b> SIZE=65536 BODY=8BITMIME\nRCPT\nRCPT TO:<c@d> X=1\nRSET";
        converse(server, helo) + &converse(server, ehlo)
    });
    assert!(said.ends_with("250 OK\r\n221 Bye\r\n"), "{said}");
}

#[test]
fn a_command_has_512_bytes_as_at_smtpd() {
    let said = assert_both_say(|server| {
        let lines = [512, 513].map(|len| "HELO ".to_owned() + &"x".repeat(len - 5));
        converse(server, &lines.join("\n"))
    });
    assert!(said.contains("250 mx.test\r\n500 Error: line too long\r\n"), "{said}");
}

// -- the rows

const ENVELOPE: &str = "HELO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n";

/// What comes after the `354` of an envelope; wherever it is cut, it is the same.
#[track_caller]
fn after_354(text: &[u8]) -> String {
    let said = |cut: usize| {
        let mut session = Session::new(smtp());
        session.feed(ENVELOPE);
        session.output();
        session.feed(&text[..cut]);
        session.feed(&text[cut..]);
        String::from_utf8(session.output()).unwrap()
    };
    let whole = said(0);
    (0..=text.len().min(40)).for_each(|cut| assert_eq!(said(cut), whole, "cut at {cut}"));
    whole
}

/// CPython: the CR LF before the dot went with `DATA`, and the session hung.
#[test]
fn m1_an_empty_message_is_a_message() {
    assert_eq!(after_354(b".\r\nNOOP\r\n"), "250 a@b to c@d: 0 lines, 0\r\n250 OK\r\n");
}

/// CPython: ended nothing either, but CR LF became LF, so that a dot stood alone between two LF in what
/// was stored: whoever relayed it sent two messages.
#[test]
fn m2_a_dot_between_other_line_ends_ends_nothing_and_is_refused() {
    for smuggled in ["\n.\n", "\n.\r\n", "\r.\r"] {
        let said = after_354(format!("one{smuggled}two\r\n.\r\n").as_bytes());
        assert_eq!(said, "554 Error: lines end with <CR><LF>\r\n", "{smuggled:?}");
    }
}

/// CPython: ended nothing either; the dot was taken for a stuffed one.
#[test]
fn m3_a_dot_before_half_a_line_end_ends_nothing_and_is_refused() {
    for smuggled in ["\r\n.\n", "\r\n.\r"] {
        let said = after_354(format!("one{smuggled}two\r\n.\r\n").as_bytes());
        assert_eq!(said, "554 Error: lines end with <CR><LF>\r\n", "{smuggled:?}");
    }
}

#[test]
fn m4_a_session_in_one_segment_is_answered_whole_as_at_smtpd() {
    let said = assert_both_say(|server| {
        let mut client = Client::connect(server);
        client.send(format!("{ENVELOPE}one\r\n..two\r\n.\r\nQUIT\r\n"));
        String::from_utf8_lossy(&client.receive_all()).into_owned()
    });
    assert!(
        said.ends_with(
            "354 End data with <CR><LF>.<CR><LF>\r\n250 a@b to c@d: 2 lines, 724\r\n221 Bye\r\n"
        ),
        "{said}"
    );
}

/// CPython: never answered, and kept the connection for ever.
#[test]
fn m5_a_line_without_end_is_answered_as_soon_as_it_is_too_long() {
    let mut session = Session::new(smtp());
    session.feed(vec![b'x'; 5 << 20]);
    assert_eq!(session.output(), b"220 mx.test ready\r\n500 Error: line too long\r\n");
    session.advance(std::time::Duration::from_secs(5 * 3600));
    assert!(!session.is_open());
}

/// CPython: answered, but took what followed for more of the message.
#[test]
fn m6_behind_a_message_that_is_too_large_the_next_command_is_one() {
    let lines = "x".repeat(998) + "\r\n";
    let long = "x".repeat(MAX_DATA + 1) + "\r\n";
    for text in [lines.repeat(66), long] {
        let said = after_354((text + ".\r\nNOOP\r\n").as_bytes());
        assert_eq!(said, "552 Error: Too much mail data\r\n250 OK\r\n");
    }
}

/// CPython: closed, without an answer.
#[test]
fn m7_a_command_that_is_no_text_is_answered_and_the_session_goes_on() {
    let mut session = Session::new(smtp());
    session.feed(b"\xff\xfe\r\nNOOP\r\n");
    assert_eq!(session.output(), b"220 mx.test ready\r\n500 Error: bad syntax\r\n250 OK\r\n");
}

/// CPython: waited too, and took the next line for more of the name.
#[test]
fn m8_a_command_that_ends_with_lf_waits_and_is_refused_with_the_next() {
    let mut session = Session::new(smtp());
    session.feed(b"HELO x\n");
    assert_eq!(session.output(), b"220 mx.test ready\r\n");
    session.feed(b"NOOP\r\nNOOP\r\n");
    assert_eq!(session.output(), b"500 Error: bad syntax\r\n250 OK\r\n");
}

#[test]
fn m9_nothing_follows_a_goodbye_as_at_smtpd() {
    let said = assert_both_say(|server| {
        let mut client = Client::connect(server);
        client.send("QUIT\r\nNOOP\r\n");
        String::from_utf8_lossy(&client.receive_all()).into_owned()
    });
    assert_eq!(said, "220 mx.test ready\r\n221 Bye\r\n");
}
