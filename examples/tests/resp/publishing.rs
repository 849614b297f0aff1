//! Publish and subscribe, over sockets.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::process::{expect, Server};

/// Sends, and reads what is expected.
fn ask(stream: &mut TcpStream, sent: &str, expected: &str) {
    stream.write_all(sent.as_bytes()).unwrap();
    expect(stream, expected);
}

fn subscriber(server: &Server, channel: &str) -> TcpStream {
    let mut stream = server.connect();
    let len = channel.len();
    let expected = format!("*3\r\n$9\r\nsubscribe\r\n${len}\r\n{channel}\r\n:1\r\n");
    ask(&mut stream, &format!("SUBSCRIBE {channel}\r\n"), &expected);
    stream
}

#[test]
fn all_who_subscribe_hear_what_is_published() {
    let server = Server::start("resp");
    let (mut ann, mut bob) = (subscriber(&server, "news"), subscriber(&server, "news"));
    let mut pat = server.connect();
    ask(&mut pat, "PSUBSCRIBE n?ws\r\n", "*3\r\n$10\r\npsubscribe\r\n$4\r\nn?ws\r\n:1\r\n");
    let mut publisher = server.connect();
    ask(&mut publisher, "PUBLISH news hi\r\nPUBLISH other hi\r\n", ":3\r\n:0\r\n");
    for stream in [&mut ann, &mut bob] {
        expect(stream, "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
    }
    expect(&mut pat, "*4\r\n$8\r\npmessage\r\n$4\r\nn?ws\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
}

#[test]
fn in_resp3_what_is_published_stands_apart_from_replies() {
    let server = Server::start("resp");
    let mut ann = server.connect();
    ann.write_all(b"HELLO 3\r\nSUBSCRIBE n\r\n").unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b">3\r\n$9\r\nsubscribe\r\n$1\r\nn\r\n:1\r\n") {
        let mut byte = [0];
        ann.read_exact(&mut byte).unwrap();
        said.extend(byte);
    }
    assert!(said.starts_with(b"%7\r\n$6\r\nserver\r\n"));
    ask(&mut ann, "GET x\r\nPING\r\n", "_\r\n+PONG\r\n");
    let mut publisher = server.connect();
    ask(&mut publisher, "PUBLISH n hi\r\n", ":1\r\n");
    expect(&mut ann, ">3\r\n$7\r\nmessage\r\n$1\r\nn\r\n$2\r\nhi\r\n");
}

#[test]
fn in_resp3_maps_and_sets_are_told_apart() {
    let server = Server::start("resp");
    let mut stream = server.connect();
    let (before, after) = ("RESET\r\n", "HELLO 3\r\nECHO end\r\n");
    ask(&mut stream, before, "+RESET\r\n");
    stream.write_all(after.as_bytes()).unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b"$3\r\nend\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        said.extend(byte);
    }
    ask(&mut stream, "HSET h f v\r\nHGETALL h\r\n", ":1\r\n%1\r\n$1\r\nf\r\n$1\r\nv\r\n");
    ask(&mut stream, "SADD s a\r\nSMEMBERS s\r\n", ":1\r\n~1\r\n$1\r\na\r\n");
    let paired = "*1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n";
    ask(&mut stream, "HRANDFIELD h 1 WITHVALUES\r\n", paired);
    ask(&mut stream, "WATCH s\r\nDEL s\r\nMULTI\r\nEXEC\r\n", "+OK\r\n:1\r\n+OK\r\n_\r\n");
}

#[test]
fn who_has_gone_is_not_counted() {
    let server = Server::start("resp");
    let mut gone = subscriber(&server, "news");
    ask(&mut gone, "QUIT\r\n", "+OK\r\n");
    assert_eq!(gone.read(&mut [0]).unwrap(), 0);
    let mut publisher = server.connect();
    ask(&mut publisher, "PUBLISH news hi\r\nPUBSUB CHANNELS\r\n", ":0\r\n*0\r\n");
}

#[test]
fn messages_come_in_the_order_they_were_published() {
    let server = Server::start("resp");
    let mut ann = subscriber(&server, "n");
    let mut publisher = server.connect();
    let sent = (0..1000).map(|n| format!("PUBLISH n {n:04}\r\n")).collect::<String>();
    ask(&mut publisher, &sent, &":1\r\n".repeat(1000));
    for n in 0..1000 {
        expect(&mut ann, format!("*3\r\n$7\r\nmessage\r\n$1\r\nn\r\n$4\r\n{n:04}\r\n"));
    }
}

#[test]
fn who_subscribes_in_a_transaction_hears_what_it_publishes_behind_it() {
    let server = Server::start("resp");
    let mut stream = server.connect();
    let (sent, queued) = ("MULTI\r\nSUBSCRIBE n\r\nPUBLISH n hi\r\nEXEC\r\n", "+QUEUED\r\n");
    ask(&mut stream, sent, &format!("+OK\r\n{queued}{queued}*2\r\n"));
    expect(&mut stream, "*3\r\n$9\r\nsubscribe\r\n$1\r\nn\r\n:1\r\n:1\r\n");
    expect(&mut stream, "*3\r\n$7\r\nmessage\r\n$1\r\nn\r\n$2\r\nhi\r\n");
}

#[test]
fn a_subscriber_that_does_not_read_is_closed_and_slows_nobody() {
    let server = Server::start("resp");
    let slow = subscriber(&server, "n");
    let mut fast = subscriber(&server, "n");
    let mut publisher = server.connect();
    let message = "x".repeat(1 << 20);
    let publish = format!("*3\r\n$7\r\nPUBLISH\r\n$1\r\nn\r\n${}\r\n{message}\r\n", message.len());
    // More than the sockets and the queue hold together; the one who reads hears all of it.
    let heard = format!("*3\r\n$7\r\nmessage\r\n$1\r\nn\r\n${}\r\n{message}\r\n", message.len());
    let mut left = 1;
    for _ in 0..200 {
        publisher.write_all(publish.as_bytes()).unwrap();
        expect(&mut fast, &heard);
        let mut reply = [0; 4];
        publisher.read_exact(&mut reply).unwrap();
        left = u8::from(&reply == b":2\r\n");
        if left == 0 {
            break;
        }
    }
    assert_eq!(left, 0, "the slow one is still there");
    drop(slow);
}
