//! Behind a proxy that says whose connection it hands on.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, dial, tcp, Closed, Io, Limit};
use asyncore_tests::net::{Log, Server};
use core::time::Duration;
use std::net::SocketAddr;

/// Notes who has come, and what they say.
#[channel]
struct Behind(Log);

#[channel]
impl Behind {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        let proxy = io.proxy().unwrap();
        let to = proxy.destination.as_ref().map(ToString::to_string).unwrap_or_default();
        self.0.note(format_args!("{} to {to}", io.peer_addr().unwrap()));
    }

    #[terminator(b"\n")]
    fn line(&mut self, line: &str) -> String {
        self.0.note(line);
        line.to_uppercase() + "\n"
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(why);
    }
}

fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A server behind proxies of these networks.
fn server(trusted: &'static str, log: &Log) -> Server {
    let log = log.clone();
    Server::start(move |map| {
        let at = tcp("127.0.0.1:0").proxy_protocol([trusted]);
        map.listen(at, move |_| Behind(log.clone()))
    })
}

const HEADER: &str = "PROXY TCP4 203.0.113.9 198.51.100.1 51000 443\r\n";

#[test]
fn the_peer_is_the_client_at_every_cut() {
    let input = format!("{HEADER}one\ntwo\n");
    for cut in 0..input.len() {
        let log = Log::default();
        let server = server("127.0.0.0/8", &log);
        let mut proxy = server.client();
        proxy.send(&input[..cut]);
        server.ask(|_| ());
        proxy.send(&input[cut..]);
        assert_eq!(proxy.receive(8), b"ONE\nTWO\n");
        assert_eq!(log.take(), ["203.0.113.9:51000 to 198.51.100.1:443", "one", "two"]);
    }
}

#[test]
fn a_header_is_required() {
    let log = Log::default();
    let server = server("127.0.0.1", &log);
    let mut client = server.client();
    let peer = client.0.local_addr().unwrap();
    client.send("one\n");
    assert_eq!(client.receive_all(), b"");
    let why = format!("handshake with {peer}: PROXY header: it begins as neither version");
    assert_eq!(log.take(), [why]);
    assert_eq!(server.ask(|map| map.counters().failed_handshakes()), 1);
}

#[test]
fn the_word_of_who_is_not_trusted_is_not_taken() {
    let log = Log::default();
    let server = server("10.0.0.0/8", &log);
    let mut client = server.client();
    let peer = client.0.local_addr().unwrap();
    let _ = std::io::Write::write_all(&mut client.0, HEADER.as_bytes());
    let _ = std::io::Read::read_to_end(&mut client.0, &mut Vec::new());
    let why =
        format!("handshake with {peer}: PROXY header: the peer is none of the trusted proxies");
    while log.is_empty() {
        server.ask(|_| ());
    }
    assert_eq!(log.take(), [why]);
}

#[test]
fn a_proxy_that_stops_in_the_middle_has_the_time_of_a_handshake() {
    let (mut net, log) = (Net::new(), Log::default());
    let behind = log.clone();
    let at = tcp("10.0.0.1:80").proxy_protocol(["0.0.0.0/0"]);
    net.listen(at, move |_| Behind(behind.clone())).unwrap();
    net.dial("10.0.0.1:80");
    net.advance(Duration::from_secs(10));
    assert_eq!(log.take(), ["handshake not over after 10s"]);
    assert_eq!(net.counters().hits(Limit::Handshake), 1);
}

/// Says one line.
#[channel]
struct Says;

#[channel]
impl Says {
    #[on_connect]
    fn up() -> &'static str {
        "one\n"
    }

    #[terminator(b"\n")]
    fn line(_line: &str, io: &mut Io<Self>) {
        io.close_when_done();
    }
}

#[test]
fn a_client_of_ours_says_whose_connection_it_is() {
    let (mut net, log) = (Net::new(), Log::default());
    let behind = log.clone();
    let at = tcp("10.0.0.1:80").proxy_protocol(["0.0.0.0/0"]);
    net.listen(at, move |_| Behind(behind.clone())).unwrap();
    let (client, asked) = (addr("[2001:db8::9]:51000"), addr("[2001:db8::1]:443"));
    net.connect(dial("10.0.0.1:80").proxy_protocol(client, asked), Says).unwrap();
    net.advance(Duration::ZERO);
    let heard = ["[2001:db8::9]:51000 to [2001:db8::1]:443", "one", "closed by the peer"];
    assert_eq!(log.take(), heard);
}

#[test]
fn what_is_no_network_is_an_error_of_listen() {
    let mut net = Net::new();
    let at = tcp("10.0.0.1:80").proxy_protocol(["10.0.0.0/40"]);
    let error = net.listen(at, |_| Says).unwrap_err();
    let text =
        "cannot listen behind a proxy: `10.0.0.0/40` is no network: write it as `10.0.0.0/8`, \
                `::1/128` or `127.0.0.1`";
    assert_eq!(error.to_string(), text);
}
