//! Sockets of every kind: from addresses with options, and made elsewhere.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, dial, tcp, udp, Error, Io, Key, Map};
use asyncore_tests::net::{run_until, Client, PATIENCE};
use core::time::Duration;
use socket2::{Domain, Socket, Type};
use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::PathBuf;
use std::rc::Rc;

type Log = Rc<RefCell<Vec<String>>>;

/// Answers text in capitals, and notes errors.
#[channel]
#[derive(Default)]
struct Shout(Log);

#[channel]
impl Shout {
    #[on_read]
    fn text(text: &str) -> String {
        text.to_uppercase()
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.0.borrow_mut().push(error.to_string());
    }
}

fn loopback() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

fn path(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("asyncore-kinds-{name}-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

fn udp_peer() -> UdpSocket {
    let socket = UdpSocket::bind(loopback()).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

fn inet(map: &Map, key: Key<Shout>) -> SocketAddr {
    map.local_addr(key).unwrap().inet().unwrap()
}

/// What the peer hears next.
fn heard(map: &mut Map, peer: &UdpSocket) -> String {
    let (mut data, mut len) = ([0; 100], None);
    run_until(map, |_| {
        len = peer.recv(&mut data).ok();
        len.is_some()
    });
    String::from_utf8_lossy(&data[..len.unwrap()]).into_owned()
}

#[test]
fn a_connection_comes_from_the_address_it_was_bound_to() {
    let listener = TcpListener::bind(loopback()).unwrap();
    let free = TcpListener::bind("127.0.0.2:0").unwrap().local_addr().unwrap();
    let mut map = Map::new().unwrap();
    map.connect(dial(listener.local_addr().unwrap()).bind(free), Shout::default()).unwrap();
    map.poll(Some(PATIENCE)).unwrap();
    assert_eq!(listener.accept().unwrap().1, free);
}

#[test]
fn an_address_of_another_family_than_the_peers_is_an_error_of_the_channel() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    map.connect(dial("127.0.0.1:1").bind("[::1]:0"), Shout(Rc::clone(&log))).unwrap();
    map.run().unwrap();
    assert!(log.borrow()[0].contains("another family"), "{log:?}");
}

#[test]
fn a_listener_for_one_connection_ends_with_it_and_the_connection_lives() {
    let mut map = Map::new().unwrap();
    let mut is_known = false;
    let accept = move |_| std::mem::replace(&mut is_known, true).then(Shout::default);
    let at = map.listen(tcp(loopback()).once(), accept).unwrap().local_addr().inet().unwrap();
    let refused = Client::connect(at);
    run_until(&mut map, |_| refused.has_input());
    let mut client = Client::connect(at);
    client.send("hello");
    run_until(&mut map, |_| client.has_input());
    assert_eq!(client.receive(5), b"HELLO");
    assert_eq!(map.len(), 1, "the listener has gone");
}

#[test]
fn a_listener_for_a_time_ends_with_it() {
    let mut net = Net::new();
    let five_seconds = || tcp("10.0.0.1:0").within(Duration::from_secs(5));
    let closure = net.listen(five_seconds(), |_| Shout::default()).unwrap().local_addr();
    let channel = net.serve(five_seconds(), Shout::default()).unwrap().local_addr();
    net.advance(Duration::from_secs(5) - Duration::from_nanos(1));
    assert!(net.dial(closure.clone()) && net.dial(channel.clone()));
    net.advance(Duration::from_nanos(1));
    assert!(!net.dial(closure) && !net.dial(channel));
    assert_eq!(net.len(), 1, "the connection that was accepted lives on");
}

#[test]
fn a_socket_that_is_bound_and_connected_hears_its_peer_only() {
    let (mut map, peer, other) = (Map::new().unwrap(), udp_peer(), udp_peer());
    let at = udp(loopback()).connect(peer.local_addr().unwrap());
    let key = map.datagram(at, Shout::default()).unwrap();
    let at = inet(&map, key);
    other.send_to(b"other", at).unwrap();
    peer.send_to(b"peer", at).unwrap();
    assert_eq!(heard(&mut map, &peer), "PEER");
    assert_eq!(other.recv(&mut [0; 10]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn programs_that_share_a_port_all_hear_what_is_sent_to_their_group() {
    let (mut map, peer) = (Map::new().unwrap(), udp_peer());
    let group = Ipv4Addr::new(239, 255, 77, 1);
    let join =
        |at: SocketAddr| udp(at).reuse_address().join_multicast_v4(group, Ipv4Addr::LOCALHOST);
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let first = map.datagram(join(any), Shout::default()).unwrap();
    let at = SocketAddr::from((group, inet(&map, first).port()));
    let shared = SocketAddr::from((Ipv4Addr::UNSPECIFIED, at.port()));
    map.datagram(join(shared), Shout::default()).unwrap();
    socket2::SockRef::from(&peer).set_multicast_if_v4(&Ipv4Addr::LOCALHOST).unwrap();
    peer.send_to(b"who is there?", at).unwrap();
    assert_eq!(heard(&mut map, &peer), "WHO IS THERE?");
    assert_eq!(heard(&mut map, &peer), "WHO IS THERE?");
}

#[test]
fn what_is_no_group_is_refused_by_its_address() {
    let mut map = Map::new().unwrap();
    let at = udp(loopback()).join_multicast_v4(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST);
    let error = map.datagram(at, Shout::default()).unwrap_err();
    assert_eq!(error.to_string(), "cannot join 127.0.0.1: it is no multicast address");
    assert!(map.is_empty());
}

#[test]
fn a_datagram_may_be_sent_to_all_where_that_was_asked_for() {
    let mut map = Map::new().unwrap();
    let key = map.datagram(udp(loopback()).broadcast(), Shout::default()).unwrap();
    map.tell(key, |_, io: &mut Io<Shout>| {
        assert!(io.socket_options().unwrap().broadcast().unwrap());
        io.close();
    });
    map.run().unwrap();
}

#[test]
fn a_datagram_to_a_port_that_nobody_has_is_told_with_its_address() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let nobody = udp_peer().local_addr().unwrap();
    let key = map.datagram_to(nobody, Shout(Rc::clone(&log))).unwrap();
    map.tell(key, |_, _| "hello");
    run_until(&mut map, |_| !log.borrow().is_empty());
    assert!(log.borrow()[0].starts_with(&format!("datagram to {nobody}: ")), "{log:?}");
    assert!(map.is_alive(key));
}

#[test]
fn unix_datagrams_are_answered_where_they_came_from() {
    let (server, client) = (path("server"), path("client"));
    let mut map = Map::new().unwrap();
    let key = map.datagram(server.as_path(), Shout::default()).unwrap();
    let peer = UnixDatagram::bind(&client).unwrap();
    peer.set_nonblocking(true).unwrap();
    peer.send_to(b"hello", &server).unwrap();
    let mut data = [0; 10];
    let mut len = 0;
    run_until(&mut map, |_| {
        len = peer.recv(&mut data).unwrap_or(0);
        len > 0
    });
    assert_eq!(&data[..len], b"HELLO");
    map.tell(key, |_, io| io.close());
    map.run().unwrap();
    assert!(!server.exists(), "its file goes with it");
    std::fs::remove_file(client).unwrap();
}

#[test]
fn a_unix_datagram_from_nowhere_cannot_be_answered_and_that_is_told() {
    let (server, log) = (path("nameless"), Log::default());
    let mut map = Map::new().unwrap();
    map.datagram(server.as_path(), Shout(Rc::clone(&log))).unwrap();
    UnixDatagram::unbound().unwrap().send_to(b"hello", &server).unwrap();
    run_until(&mut map, |_| !log.borrow().is_empty());
    assert!(log.borrow()[0].ends_with("it has no name"), "{log:?}");
}

#[test]
fn a_socket_made_elsewhere_is_taken_for_what_it_is() {
    let (mut map, peer) = (Map::new().unwrap(), udp_peer());
    let ready = UdpSocket::bind(loopback()).unwrap();
    let key = map.datagram(ready, Shout::default()).unwrap();
    peer.send_to(b"udp", inet(&map, key)).unwrap();
    assert_eq!(heard(&mut map, &peer), "UDP");

    let (ours, theirs) = UnixStream::pair().unwrap();
    map.add(OwnedFd::from(ours), Shout::default()).unwrap();
    let mut client = Client::from(theirs);
    client.send("stream");
    run_until(&mut map, |_| client.has_input());
    assert_eq!(client.receive(6), b"STREAM");

    let listener = TcpListener::bind(loopback()).unwrap();
    let at = map.listen(listener, |_| Shout::default()).unwrap().local_addr();
    let mut client = Client::connect(at.inet().unwrap());
    client.send("tcp");
    run_until(&mut map, |_| client.has_input());
    assert_eq!(client.receive(3), b"TCP");
}

#[test]
fn a_socket_of_the_wrong_kind_is_refused_with_a_word() {
    let mut map = Map::new().unwrap();
    let stream = || Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let datagrams = || Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    let refused = [
        (map.datagram(stream(), Shout::default()).unwrap_err(), "`add` takes it"),
        (map.add(datagrams(), Shout::default()).unwrap_err(), "`datagram` takes"),
        (map.listen(TcpListener::from(stream()), |_| Shout::default()).unwrap_err(), "not listen"),
    ];
    for (error, why) in refused {
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(map.is_empty());
}

/// Hears what comes to a raw socket, headers and all.
#[channel]
struct Ping(Rc<RefCell<Vec<u8>>>);

#[channel]
impl Ping {
    #[on_read]
    fn packet(&mut self, packet: &[u8]) {
        self.0.borrow_mut().extend(packet);
    }
}

#[test]
fn an_icmp_socket_pings_this_machine() {
    let icmp = socket2::Protocol::ICMPV4;
    let Ok(raw) = Socket::new(Domain::IPV4, Type::RAW, Some(icmp)) else {
        return println!("skipped: raw sockets are not allowed");
    };
    let (mut map, heard) = (Map::new().unwrap(), Rc::<RefCell<Vec<u8>>>::default());
    let key = map.datagram(raw, Ping(Rc::clone(&heard))).unwrap();
    // Echo request, its checksum, number 7.
    map.tell(key, |_, io| io.push_to_addr(loopback(), [8, 0, 0xf7, 0xf8, 0, 7, 0, 0]));
    run_until(&mut map, |_| heard.borrow().windows(2).any(|at| at == [0, 0]));
    assert!(heard.borrow().len() >= 28, "an IP header, and the answer");
}
