//! WebSocket (RFC 6455): how it begins, and what is said to each kind of frame.

use asyncore_runtime::testing::Session;
use std::time::Duration;

use crate::kit::{answer, statuses, Www};
use crate::protocol::Http;

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
const VERSION: &str = "Sec-WebSocket-Version: 13\r\n";

fn request(fields: &[&str]) -> String {
    format!("GET /ws HTTP/1.1\r\nHost: x\r\n{}\r\n", fields.concat())
}

/// A frame as a client sends it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = vec![first];
    match payload.len() {
        len @ ..=125 => frame.push(0x80 | len as u8),
        len @ ..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(0x80 | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    frame.extend(mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

fn upgraded(www: &Www) -> Session<Http> {
    let mut session = www.session();
    session.feed(request(&[UPGRADE, KEY, VERSION]));
    assert_eq!(statuses(&String::from_utf8_lossy(&session.output())), ["101"]);
    session
}

/// What is answered, whole and for every cut, and whether the connection stays.
#[track_caller]
fn says(sent: &[u8], expected: &[u8], stays: bool) {
    let www = Www::new(&format!("ws-{}", sent.len()));
    for cut in 0..sent.len().min(64) {
        let mut session = upgraded(&www);
        let (one, two) = sent.split_at(cut);
        session.feed(one);
        if session.is_open() {
            session.feed(two);
        }
        assert_eq!((session.output().as_ref(), session.is_open()), (expected, stays), "at {cut}");
    }
}

/// What the server says when it closes.
fn closes(code: u16) -> Vec<u8> {
    [&[CLOSE, 2][..], &code.to_be_bytes()].concat()
}

#[test]
fn the_upgrade_of_the_rfcs_example_is_accepted() {
    let www = Www::new("ws-begins");
    let (answer, is_open) = answer(&www, request(&[UPGRADE, KEY, VERSION]));
    let expected =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    assert_eq!((answer.as_str(), is_open), (expected, true));
}

#[test]
fn an_upgrade_that_is_not_whole_is_refused_and_the_connection_stays() {
    let www = Www::new("ws-refused");
    for (fields, status) in [
        (&[KEY, VERSION][..], "426"),
        (&["Upgrade: websocket\r\n", KEY, VERSION], "426"),
        (&["Connection: Upgrade\r\n", KEY, VERSION], "426"),
        (&["Upgrade: h2c\r\nConnection: Upgrade\r\n", KEY, VERSION], "426"),
        (&[UPGRADE, KEY], "426"),
        (&[UPGRADE, KEY, "Sec-WebSocket-Version: 8\r\n"], "426"),
        (&[UPGRADE, VERSION], "400"),
        (&[UPGRADE, VERSION, "Sec-WebSocket-Key: short\r\n"], "400"),
        (&[UPGRADE, VERSION, KEY, KEY], "400"),
        (&[UPGRADE, KEY, VERSION, VERSION], "426"),
        (&[UPGRADE, VERSION, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n"], "400"),
    ] {
        let (answer, is_open) = answer(&www, request(fields));
        assert_eq!((statuses(&answer), is_open), (vec![status], true), "{fields:?}: {answer}");
        if status == "426" {
            assert!(
                answer.contains("Upgrade: websocket\r\n") && answer.contains(VERSION),
                "{answer}"
            );
        }
    }
    // A list of protocols may stand in several fields.
    let listed = request(&[UPGRADE, "Upgrade: h2c\r\n", KEY, VERSION]);
    assert_eq!(statuses(&answer(&www, listed).0), ["101"]);
    // Elsewhere an upgrade is not offered, and the request is answered as it is.
    let plain = format!("GET /plaintext HTTP/1.1\r\nHost: x\r\n{UPGRADE}\r\n");
    assert_eq!(statuses(&answer(&www, plain).0), ["200"]);
}

#[test]
fn messages_come_back_as_they_were() {
    says(&frame(TEXT, b"hello"), b"\x81\x05hello", true);
    says(&frame(TEXT, b""), b"\x81\x00", true);
    says(&frame(BINARY, &[0, 255, 128]), &[0x82, 3, 0, 255, 128], true);
    says(
        &frame(TEXT, "Hällo €".as_bytes()),
        "\u{0}\u{0}Hällo €"
            .as_bytes()
            .iter()
            .copied()
            .enumerate()
            .map(|(at, byte)| match at {
                0 => 0x81,
                1 => 10,
                _ => byte,
            })
            .collect::<Vec<_>>()
            .as_slice(),
        true,
    );
    let long = vec![b'x'; 126];
    says(&frame(TEXT, &long), &[&[0x81, 126, 0, 126][..], &long].concat(), true);
    let longer = vec![b'y'; 0x10000];
    says(
        &frame(BINARY, &longer),
        &[&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0][..], &longer].concat(),
        true,
    );
    let two = [frame(TEXT, b"one"), frame(TEXT, b"two")].concat();
    says(&two, b"\x81\x03one\x81\x03two", true);
}

#[test]
fn fragments_come_back_as_one_with_what_is_said_between_them() {
    let sent = [
        frame(0x01, b"hel"),
        frame(PING, b"?"),
        frame(0x00, b""),
        frame(PONG, b"unasked"),
        frame(0x80, b"lo"),
    ];
    says(&sent.concat(), b"\x8a\x01?\x81\x05hello", true);
    // A character may be cut in two.
    let sent = [frame(0x01, &[0xe2, 0x82]), frame(0x80, &[0xac])].concat();
    says(&sent, &[0x81, 3, 0xe2, 0x82, 0xac], true);
}

#[test]
fn a_close_is_answered_with_its_code() {
    says(&frame(CLOSE, b""), &closes(1000), false);
    for code in [1000_u16, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999] {
        let payload = [&code.to_be_bytes()[..], b"bye"].concat();
        says(&frame(CLOSE, &payload), &closes(code), false);
    }
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        says(&frame(CLOSE, &code.to_be_bytes()), &closes(1002), false);
    }
    says(&frame(CLOSE, b"x"), &closes(1002), false);
    says(&frame(CLOSE, &[0x03, 0xe8, 0xff]), &closes(1007), false);
    let sent = [frame(CLOSE, b""), frame(TEXT, b"more")].concat();
    says(&sent, &closes(1000), false);
}

#[test]
fn what_a_client_may_not_send_ends_it() {
    for sent in [
        b"\x81\x05hello".to_vec(),
        frame(0xc1, b"rsv1"),
        frame(0xa1, b"rsv2"),
        frame(0x91, b"rsv3"),
        frame(0x83, b"no such kind"),
        frame(0x8b, b"no such kind"),
        frame(0x09, b"a ping in parts"),
        frame(PING, &[b'x'; 126]),
        frame(0x80, b"more of nothing"),
        [frame(0x01, b"one"), frame(TEXT, b"two")].concat(),
        b"\x81\xfe\x00\x05\x00\x00\x00\x00hello".to_vec(),
        b"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00hello".to_vec(),
        b"\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00".to_vec(),
    ] {
        says(&sent, &closes(1002), false);
    }
}

#[test]
fn text_that_is_none_and_messages_too_large_have_codes_of_their_own() {
    for text in
        [&[0xff][..], &[0xc0, 0x80], &[0xed, 0xa0, 0x80], &[0xf4, 0x90, 0x80, 0x80], &[0xe2, 0x82]]
    {
        says(&frame(TEXT, text), &closes(1007), false);
    }
    let announced = b"\x82\xff\x00\x00\x00\x00\x00\x10\x00\x01\x00\x00\x00\x00";
    says(announced, &closes(1009), false);
    let half = vec![b'x'; 1 << 19];
    let parts = [frame(0x02, &half), frame(0x00, &half), frame(0x80, b"x")].concat();
    says(&parts, &closes(1009), false);
}

#[test]
fn who_is_silent_is_told_that_the_server_goes() {
    let www = Www::new("silent");
    for sent in [&b""[..], b"\x81\x85", b"\x81\x85\0\0\0\0hel"] {
        let mut session = upgraded(&www);
        session.feed(sent);
        session.advance(Duration::from_secs(60));
        assert_eq!((session.output().as_ref(), session.is_open()), (&closes(1001)[..], false));
    }
}
