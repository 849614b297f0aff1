//! The proxy, driven by curl.

use super::peers::{client, run, Tap, Theirs};
use super::socks::Socks;
use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Io};
use asyncore_tests::net::Server;
use std::net::{SocketAddr, TcpListener};

/// A web server: a page of the length that its path says.
#[channel]
struct Pages;

#[channel]
impl Pages {
    #[terminator(b"\r\n\r\n")]
    fn request(head: &str, io: &mut Io<Self>) -> String {
        let len = head.split(['/', ' ']).find_map(|word| word.parse().ok()).unwrap_or(0);
        io.push_with_producer((0..len).map(|n| [b'a' + (n % 26) as u8]));
        io.close_when_done();
        String::new()
    }
}

fn curl(options: &[&str], url: &str) -> (Option<i32>, Vec<u8>) {
    let mut curl = client("curl").expect("curl");
    let output =
        run(curl.args(["--silent", "--max-time", "10", "--http0.9"]).args(options).arg(url));
    (output.status.code(), output.stdout)
}

/// What curl gets through a proxy, and what the proxy says.
fn played(proxy: SocketAddr, pages: &[String]) -> Vec<(Option<i32>, String, String)> {
    let through = |url: &String, kind: &str| {
        let tap = Tap::on(proxy);
        let (code, page) = curl(&[kind, &format!("127.0.0.1:{}", tap.port())], url);
        (code, page.escape_ascii().to_string(), tap.heard())
    };
    pages
        .iter()
        .flat_map(|url| ["--socks5", "--socks5-hostname"].map(|kind| through(url, kind)))
        .collect()
}

#[test]
fn curl_gets_pages_through_the_proxy_as_through_that_of_asyncore() {
    let Some(_) = client("curl") else { return };
    let v4 = Server::start(|map| map.listen("127.0.0.1:0", |_peer| Pages));
    let v6 = Server::start(|map| map.listen("[::1]:0", |_peer| Pages));
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let pages = [
        format!("http://{}/10", v4.addr()),
        format!("http://localhost:{}/300000", v4.addr().port()),
        format!("http://{}/10", v6.addr()),
        format!("http://{nobody}/"),
    ];
    let ours = Server::start(|map| map.listen("127.0.0.1:0", |_peer| Socks::default()));
    let said = played(ours.addr(), &pages);
    assert_eq!((said[0].0, said[0].1.as_str()), (Some(0), "abcdefghij"));
    assert_eq!((said[3].0, said[3].1.len()), (Some(0), 300_000));
    assert_eq!((said[5].0, said[5].1.as_str()), (Some(0), "abcdefghij"));
    assert_eq!(said[6].0, Some(97), "curl's word for a proxy that refuses");
    if let Some(theirs) = Theirs::start("socks.py", &[]) {
        assert_eq!(said, played(theirs.addr(), &pages), "left: ours, right: asyncore's");
    }
}

/// The answers to a request to 10.0.0.1:80, on whatever is fed.
fn asked(net: &mut Net, fed: &[u8]) -> (asyncore_runtime::Key<Socks>, Vec<u8>) {
    let client = net.open(Socks::default());
    net.feed(client, fed);
    (client, net.output(client))
}

const GREETING: &[u8] = &[5, 1, 0];
const REQUEST: &[u8] = &[5, 1, 0, 1, 10, 0, 0, 1, 0, 80];
const UP: &[u8] = &[5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

#[test]
fn what_comes_behind_the_request_goes_to_the_upstream_at_every_cut() {
    let all = [GREETING, REQUEST, b"hello"].concat();
    for cut in 0..=all.len() {
        let mut net = Net::new();
        let (client, _) = asked(&mut net, &all[..cut]);
        net.feed(client, &all[cut..]);
        let upstream = net.keys::<super::socks::Upstream>()[0];
        assert_eq!(net.output(upstream), b"hello", "cut at {cut}");
    }
}

#[test]
fn a_client_that_says_no_more_hears_the_answer() {
    let mut net = Net::new();
    let (client, said) = asked(&mut net, &[GREETING, REQUEST, b"question"].concat());
    assert_eq!(said, UP);
    net.feed_eof(client);
    let upstream = net.keys::<super::socks::Upstream>()[0];
    net.feed(upstream, b"answer");
    net.feed_eof(upstream);
    assert_eq!(net.output(client), b"answer");
    assert!(!net.is_open(client));
}

#[test]
fn what_the_proxy_does_not_do_is_refused_with_its_number() {
    let bind = [5, 2, 0, 1];
    let unknown = [5, 1, 0, 9];
    for (request, code) in [(bind, 7), (unknown, 8)] {
        let (_, said) = asked(&mut Net::new(), &[GREETING, &request].concat());
        assert_eq!(said, [5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
    assert_eq!(asked(&mut Net::new(), &[5, 1, 2]).1, [5, 255], "no way to log in");
    assert_eq!(asked(&mut Net::new(), &[4, 1]).1, b"");
}
