//! Where a message ends, and what of it is kept: CRLF dot CRLF, and nothing else.

use std::iter;

use crate::mail::Mail;

const ALPHABET: [u8; 4] = [b'\r', b'\n', b'.', b'x'];

/// All strings of so many bytes.
fn strings(len: u32) -> impl Iterator<Item = Vec<u8>> {
    (0..4_usize.pow(len)).map(move |number| {
        (0..len).map(|place| ALPHABET[number / 4_usize.pow(place) % 4]).collect()
    })
}

fn strings_up_to(longest: u32) -> impl Iterator<Item = Vec<u8>> {
    (1..=longest).flat_map(strings)
}

fn has_end(text: &[u8]) -> bool {
    text.windows(5).any(|window| window == b"\r\n.\r\n")
}

/// Which of these end a message that begins like this.
fn that_end(beginning: &str, strings: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut mail = Mail::new();
    let envelope = "EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@example.com>\r\nDATA\r\n";
    let ends = |string: &Vec<u8>| {
        mail.reconnect();
        mail.send(envelope.to_owned() + beginning);
        !mail.send(string).is_empty()
    };
    strings.filter(ends).collect()
}

#[test]
fn of_all_21844_strings_the_57_with_crlf_dot_crlf_end_a_message() {
    assert_eq!(strings_up_to(7).count(), 21_844);
    let ending = that_end("x", strings_up_to(7));
    assert_eq!(ending.len(), 57);
    assert!(ending.iter().all(|string| has_end(string)));
}

/// The CRLF behind `DATA` is the first of the two there (RFC 5321, section 4.1.1.4).
#[test]
fn right_behind_data_a_dot_and_crlf_are_an_end_too() {
    let expected = strings_up_to(5).filter(|it| has_end(&[b"\r\n", &it[..]].concat()));
    let expected: Vec<_> = expected.collect();
    assert_eq!(expected.len(), 1 + 21);
    assert_eq!(that_end("", strings_up_to(5)), expected);
}

#[test]
fn an_end_is_found_wherever_it_is_cut() {
    let text = "one\r\n..two\r\n.x\r\n\r\n.\r\nNOOP\r\n";
    for cut in 0..=text.len() {
        let mut mail = Mail::at_text();
        let (head, tail) = text.split_at(cut);
        let answers = mail.send(head) + &mail.send(tail);
        assert_eq!(answers, "250 OK\r\n250 OK\r\n", "cut at {cut}");
        assert_eq!(mail.messages(), ["one\n.two\nx\n\n"], "cut at {cut}");
    }
}

/// Whoever took one of these for an end would read a second message out of the first.
#[test]
fn a_message_with_half_a_line_end_is_refused_as_a_whole() {
    for smuggled in
        ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\r\r\n.\n", "\n"]
    {
        let mut mail = Mail::at_text();
        let inner = "MAIL FROM:<x@y.test>\r\nRCPT TO:<c@example.com>\r\nDATA\r\nevil";
        let answers = mail.send(format!("one{smuggled}{inner}\r\n.\r\n"));
        assert_eq!(answers, "554 Lines end with CRLF only\r\n", "{smuggled:?}");
        assert!(mail.messages().is_empty(), "{smuggled:?}");
    }
}

#[test]
fn what_stands_behind_the_end_is_the_next_command() {
    let mut mail = Mail::at_text();
    assert_eq!(mail.send("one\r\n.\r\nQUIT\r\n"), "250 OK\r\n221 Bye\r\n");
}

#[test]
fn an_empty_message_is_a_message() {
    let mut mail = Mail::at_text();
    assert_eq!(mail.say("."), "250 OK\r\n");
    assert_eq!(mail.messages(), [""]);
}

#[test]
fn one_dot_is_taken_off_each_line_that_begins_with_one() {
    let mut mail = Mail::at_text();
    assert_eq!(mail.send("..\r\n...\r\n.a\r\na.\r\n.\r\n"), "250 OK\r\n");
    assert_eq!(mail.messages(), [".\n..\na\na.\n"]);
}

#[test]
fn every_byte_but_half_a_line_end_is_kept() {
    let text: Vec<u8> = (0..=255).filter(|byte| !b"\r\n".contains(byte)).collect();
    let mut mail = Mail::at_text();
    mail.send(&text);
    assert_eq!(mail.send("\r\n.\r\n"), "250 OK\r\n");
    let kept: Vec<u8> = text.into_iter().chain(iter::once(b'\n')).collect();
    assert_eq!(mail.messages(), [String::from_utf8_lossy(&kept)]);
}

/// Nothing is held but a block of it.
#[test]
fn a_message_of_30_megabytes_holds_no_memory() {
    let mut mail = Mail::at_text();
    let block = ("x".repeat(998) + "\r\n").repeat(64);
    let allocated =
        allocation_counter::measure(|| (0..480).for_each(|_| mail.session.feed(&block)));
    // A session holds what it is fed until it was read.
    assert!(allocated.bytes_max < 4 * 64 * 1024, "{} bytes", allocated.bytes_max);
    assert_eq!(mail.say("."), "250 OK\r\n");
    assert_eq!(mail.messages()[0].len(), 480 * 64 * 999);
}
