//! STARTTLS: no byte crosses the upgrade, wherever the input is cut.

use asyncore_runtime::testing::Net;
use asyncore_runtime::tls::{ServerTls, Tls};
use asyncore_runtime::{channel, tcp, Bytes, Closed, Io, Key, Map};
use asyncore_tests::net::{run_until, Log, Server};
use core::time::Duration;
use rustls::{ClientConnection, StreamOwned};
use std::io::{Read, Write};
use std::task::Poll;

use crate::certificates::{client, server};

/// A mail server's first words.
#[channel]
struct Mail {
    log: Log,
    tls: ServerTls,
}

#[channel]
impl Mail {
    #[terminator(b"\r\n")]
    fn command(&mut self, line: &str, io: &mut Io<Self>) -> String {
        self.log.note(format_args!("{}{line}", if io.tls().is_some() { "tls: " } else { "" }));
        match line {
            "PRODUCE" => io.push_with_producer(Self::never),
            "OWE" => std::mem::forget(io.owe()),
            _ => {}
        }
        if line != "NOOP" {
            io.start_tls(&self.tls);
        }
        format!("220 {line}\r\n")
    }

    #[producer]
    fn never(&mut self) -> Poll<Option<Bytes>> {
        Poll::Pending
    }

    #[on_tls]
    fn secured(&mut self, io: &mut Io<Self>) {
        self.log.note(format_args!("secured {:?}", io.tls().unwrap().version().unwrap()));
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.log.note(why);
    }
}

fn mail() -> (Mail, Log) {
    let log = Log::default();
    (Mail { log: log.clone(), tls: server() }, log)
}

const BEHIND: &str = "TLS cannot begin: input came in the clear behind the frame that started it";

/// The command with so much behind it, and every way to send it in three parts.
fn cuts(behind: usize) -> Vec<[Vec<u8>; 3]> {
    let input = [&b"STARTTLS\r\n"[..], &vec![b'N'; behind]].concat();
    let mut all = Vec::new();
    for first in 0..=input.len() {
        for second in first..=input.len() {
            let parts = [&input[..first], &input[first..second], &input[second..]];
            all.push(parts.map(<[u8]>::to_vec));
        }
    }
    all
}

/// The command was handled, and what came behind it only ended the connection.
fn nothing_crossed(heard: &[String]) {
    let [command, why] = heard else { panic!("nothing else is handled: {heard:?}") };
    assert_eq!(command, "STARTTLS");
    assert!(why.starts_with(BEHIND) || why.contains("no TLS: it begins with"), "{why}");
}

#[test]
fn what_came_behind_the_command_is_an_error_at_every_cut_and_pair_of_cuts() {
    let config = server();
    for parts in (1..=40).flat_map(cuts) {
        let (mut net, log) = (Net::new(), Log::default());
        let key = net.open(Mail { log: log.clone(), tls: config.clone() });
        for part in parts {
            net.feed(key, part);
        }
        net.feed_eof(key);
        nothing_crossed(&log.take());
    }
}

#[test]
fn over_tcp_it_is_an_error_at_every_cut_and_pair_of_cuts() {
    let (mut map, log, config) = (Map::new().unwrap(), Log::default(), server());
    let noted = log.clone();
    let mail = move |_| Mail { log: noted.clone(), tls: config.clone() };
    let addr = map.listen("127.0.0.1:0", mail).unwrap().local_addr().inet().unwrap();
    for parts in [1, 2, 7, 40].into_iter().flat_map(cuts) {
        let mut plain = std::net::TcpStream::connect(addr).unwrap();
        map.poll(Some(Duration::ZERO)).unwrap();
        for part in parts {
            // It may have closed already: that is what is asked for.
            let _ = plain.write_all(&part);
            map.poll(Some(Duration::ZERO)).unwrap();
        }
        let _ = plain.shutdown(std::net::Shutdown::Write);
        run_until(&mut map, |_| log.len() >= 2);
        nothing_crossed(&log.take());
    }
}

#[test]
fn a_second_command_behind_it_is_never_handled() {
    let (channel, log) = mail();
    let mut net = Net::new();
    let key = net.open(channel);
    net.feed(key, "NOOP\r\nSTARTTLS\r\nNOOP\r\n");
    assert_eq!(log.take()[..2], ["NOOP", "STARTTLS"]);
    assert!(!net.is_open(key));
    assert_eq!(net.output(key), b"220 NOOP\r\n220 STARTTLS\r\n");
}

#[test]
fn a_producer_and_an_owed_answer_in_the_queue_are_errors() {
    for line in ["PRODUCE", "OWE"] {
        let (channel, log) = mail();
        let mut net = Net::new();
        let key = net.open(channel);
        net.feed(key, format!("{line}\r\n"));
        let why = "TLS cannot begin: a producer or an answer that is owed is in the queue";
        assert!(log.take()[1].starts_with(why));
        assert!(!net.is_open(key));
    }
}

#[test]
fn a_channel_that_has_tls_cannot_begin_it_again() {
    let (server, log) = over_tcp();
    let mut stream = upgraded(&server);
    stream.write_all(b"STARTTLS\r\n").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    while log.len() < 4 {
        server.ask(|_| ());
    }
    let why = "TLS cannot begin: there is no connection in the clear";
    assert!(log.take()[3].starts_with(why));
}

fn over_tcp() -> (Server, Log) {
    let (channel, log) = mail();
    let mut channel = Some(channel);
    let server = Server::start(move |map| map.listen("127.0.0.1:0", move |_| channel.take()));
    (server, log)
}

/// A client that has begun TLS in the middle.
fn upgraded(server: &Server) -> StreamOwned<ClientConnection, std::net::TcpStream> {
    let mut plain = server.client();
    plain.converse("STARTTLS\r\n", "220 STARTTLS\r\n");
    let name = "localhost".try_into().unwrap();
    StreamOwned::new(ClientConnection::new(client(), name).unwrap(), plain.0)
}

#[test]
fn the_reply_goes_out_in_the_clear_and_all_else_is_encrypted() {
    let (server, log) = over_tcp();
    let mut stream = upgraded(&server);
    stream.write_all(b"NOOP\r\n").unwrap();
    let mut heard = [0; 10];
    stream.read_exact(&mut heard).unwrap();
    assert_eq!(heard, *b"220 NOOP\r\n");
    assert_eq!(log.take(), ["STARTTLS", "secured TLSv1_3", "tls: NOOP"]);
}

#[test]
fn behind_a_proxy_it_begins_as_everywhere() {
    let (channel, log) = mail();
    let mut channel = Some(channel);
    let server = Server::start(move |map| {
        let at = tcp("127.0.0.1:0").proxy_protocol(["127.0.0.1"]);
        map.listen(at, move |_| channel.take())
    });
    let mut plain = server.client();
    plain.send("PROXY TCP4 203.0.113.9 198.51.100.1 51000 25\r\n");
    plain.converse("STARTTLS\r\n", "220 STARTTLS\r\n");
    let name = "localhost".try_into().unwrap();
    let tls = ClientConnection::new(client(), name).unwrap();
    let mut stream = StreamOwned::new(tls, plain.0);
    stream.write_all(b"NOOP\r\n").unwrap();
    stream.read_exact(&mut [0; 10]).unwrap();
    assert_eq!(log.take(), ["STARTTLS", "secured TLSv1_3", "tls: NOOP"]);
}

#[test]
fn what_comes_in_the_same_segment_over_tcp_is_an_error() {
    let (server, log) = over_tcp();
    let mut plain = server.client();
    plain.send("STARTTLS\r\nNOOP\r\n");
    assert_eq!(plain.receive_all(), b"220 STARTTLS\r\n");
    assert_eq!(log.take()[0], "STARTTLS");
}

/// Begins TLS as a client does, and speaks then.
#[channel]
struct Submit {
    log: Log,
}

#[channel]
impl Submit {
    #[on_connect]
    fn up() -> &'static str {
        "STARTTLS\r\n"
    }

    #[terminator(b"\r\n")]
    fn answer(&mut self, line: &str, io: &mut Io<Self>) {
        self.log.note(format_args!("heard {line}"));
        match line {
            "220 STARTTLS" => io.start_tls(Tls::client("localhost", client()).unwrap()),
            _ => io.close_when_done(),
        }
    }

    #[on_tls]
    fn secured() -> &'static str {
        "NOOP\r\n"
    }
}

#[test]
fn both_sides_are_ours_in_memory() {
    let mut net = Net::new();
    let (channel, log) = mail();
    let mut channel = Some(channel);
    net.listen("10.0.0.1:25", move |_| channel.take()).unwrap();
    net.connect("10.0.0.1:25", Submit { log: log.clone() }).unwrap();
    net.advance(Duration::ZERO);
    let heard = log.take();
    assert!(heard.contains(&"heard 220 NOOP".to_owned()), "{heard:?}");
    assert!(heard.contains(&"tls: NOOP".to_owned()));
}

/// Pushes to another one in each turn, and has no other purpose.
#[channel]
struct Noise(Key<Mail>);

#[channel]
impl Noise {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &[u8], io: &mut Io<Self>) {
        io.push_to(self.0, "news\r\n");
    }
}

#[test]
fn what_another_channel_pushes_meanwhile_is_encrypted() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let key = map.add(ours, Mail { log: log.clone(), tls: server() }).unwrap();
    let (noise, mut shouts) = std::os::unix::net::UnixStream::pair().unwrap();
    map.add(noise, Noise(key)).unwrap();
    shouts.write_all(&b"\n".repeat(100)).unwrap();
    theirs.write_all(b"STARTTLS\r\n").unwrap();
    run_until(&mut map, |_| !log.is_empty());
    for _ in 0..100 {
        shouts.write_all(b"\n").unwrap();
        map.poll(Some(Duration::ZERO)).unwrap();
    }
    theirs.set_nonblocking(true).unwrap();
    let mut heard = Vec::new();
    let _ = theirs.read_to_end(&mut heard);
    let heard = String::from_utf8_lossy(&heard).into_owned();
    // All of it was pushed before the handler returned, or waits for the handshake.
    let (_, behind) = heard.split_once("220 STARTTLS\r\n").unwrap();
    assert_eq!(behind, "");
}
