//! In memory: real rustls on both sides.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, dial, tcp, tls, Closed, Io, Key};
use asyncore_tests::net::Log;
use core::time::Duration;

use crate::certificates::{client, client_of, server};

/// Answers lines in capitals; `bye` is its last word.
#[channel]
pub struct Shout(pub Log);

#[channel]
impl Shout {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) -> String {
        let tls = io.tls().expect("it stands when this is called");
        let alpn = tls.alpn().map(String::from_utf8_lossy).unwrap_or_default().into_owned();
        self.0.note(format_args!("up {:?} {:?} {alpn}", tls.version().unwrap(), tls.server_name()));
        "hello\n".to_owned()
    }

    #[terminator(b"\n", max = 1 << 20)]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> String {
        if line == "bye" {
            io.close_when_done();
        }
        line.to_uppercase() + "\n"
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(format_args!("server: {why}"));
    }
}

/// Says what the test tells it, and notes what it hears.
#[channel]
pub struct Client(pub Log);

#[channel]
impl Client {
    #[terminator(b"\n", max = 1 << 20)]
    fn line(&mut self, line: &str) {
        let long = line.len() > 100;
        self.0.note(if long { format!("{} bytes", line.len()) } else { line.to_owned() });
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(format_args!("client: {why}"));
    }
}

/// A server and a client of it.
fn pair() -> (Net, Key<Client>, Log) {
    let (mut net, log) = (Net::new(), Log::default());
    let shouts = log.clone();
    net.listen(tcp("10.0.0.1:443").tls(server()), move |_| Shout(shouts.clone())).unwrap();
    let dial = dial("10.0.0.1:443").tls("localhost", client_of(&["ours"], None));
    let key = net.connect(dial, Client(log.clone())).unwrap();
    net.advance(Duration::ZERO);
    (net, key, log)
}

#[test]
fn a_connection_stands_when_its_handshake_is_over() {
    let (net, _, log) = pair();
    assert_eq!(log.take(), ["up TLSv1_3 Some(\"localhost\") ours", "hello"]);
    assert_eq!(net.counters().handshakes(), 2);
}

#[test]
fn lines_go_both_ways() {
    let (mut net, key, log) = pair();
    log.take();
    net.with(key, |_, io| io.push("one\ntwo\n")).unwrap();
    assert_eq!(log.take(), ["ONE", "TWO"]);
}

#[test]
fn a_megabyte_goes_both_ways() {
    let (mut net, key, log) = pair();
    log.take();
    let line = "x".repeat((1 << 20) - 1) + "\n";
    net.with(key, move |_, io| io.push(line)).unwrap();
    assert_eq!(log.take(), ["1048575 bytes"]);
}

#[test]
fn the_end_is_said_and_heard() {
    let (mut net, key, log) = pair();
    log.take();
    net.with(key, |_, io| io.push("bye\n")).unwrap();
    let mut heard = log.take();
    heard.sort();
    assert_eq!(heard, ["BYE", "client: closed by the peer", "server: closed"]);
    assert_eq!(net.counters().truncated(), 0);
}

#[test]
fn what_was_pushed_before_it_stands_is_sent_then() {
    let (mut net, log) = (Net::new(), Log::default());
    let shouts = log.clone();
    net.listen(tcp("10.0.0.1:443").tls(server()), move |_| Shout(shouts.clone())).unwrap();
    let speaker = net.open(Client(log.clone()));
    let to = log.clone();
    net.with(speaker, move |_, io| {
        let dial = dial("10.0.0.1:443").tls("localhost", client());
        let key = io.connect(dial, Client(to)).unwrap();
        io.push_to(key, "early\n");
    });
    assert_eq!(log.take()[1..], ["hello", "EARLY"]);
}

#[test]
fn a_name_is_taken_from_the_address() {
    let (mut net, log) = (Net::new(), Log::default());
    let shouts = log.clone();
    net.listen(tcp("127.0.0.1:443").tls(server()), move |_| Shout(shouts.clone())).unwrap();
    // The certificate is for `localhost`, and not for what is connected to.
    net.connect(tls("127.0.0.1:443", client()), Client(log.clone())).unwrap();
    net.advance(Duration::ZERO);
    let heard = log.take().join("\n");
    assert!(
        heard.contains("client: handshake with 127.0.0.1:443: invalid peer certificate"),
        "{heard}"
    );
    assert_eq!(net.counters().failed_handshakes(), 2);
}
