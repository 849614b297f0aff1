//! Handshakes over sockets: those that succeed, and each that fails with its reason, in its time.

use asyncore_runtime::tls::{self, NotTls, Tls};
use asyncore_runtime::{channel, dial, tcp, Closed, Error, IntoSocket, Io, Limit, Map, Workers};
use asyncore_tests::net::{self, bounded, run_until, Log, Server, PATIENCE};
use rustls::{ClientConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::sync::{mpsc, Arc};

use crate::certificates::{
    client, client_in, client_of, server, server_of, server_that_asks, Identity,
};
use crate::memory::{Client, Shout};

/// A server that shouts.
fn shouts(config: tls::ServerTls, log: &Log) -> Server {
    let log = log.clone();
    Server::start(move |map| {
        map.listen(tcp("127.0.0.1:0").tls(config), move |_| Shout(log.clone()))
    })
}

/// A client of rustls alone, which blocks.
fn blocking(
    server: &Server,
    config: Arc<rustls::ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let name = "localhost".try_into().unwrap();
    StreamOwned::new(ClientConnection::new(config, name).unwrap(), server.client().0)
}

/// Waits for an entry of the log, from another thread.
pub fn wait_for(server: &Server, log: &Log) -> Vec<String> {
    while log.is_empty() {
        // Each question is a pass of its loop.
        server.ask(|_| ());
    }
    log.take()
}

#[test]
fn a_client_of_another_library_is_served_in_both_versions() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let log = Log::default();
        let server = shouts(server(), &log);
        let mut stream = blocking(&server, client_in(version));
        stream.write_all(b"one\nbye\n").unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "hello\nONE\nBYE\n");
        let up = format!("up {:?} Some(\"localhost\") ", version.version);
        assert_eq!(wait_for(&server, &log)[0], up);
    }
}

#[test]
fn workers_shake_hands_each_for_its_own_connections() {
    let (ready, started) = mpsc::channel();
    let ends = bounded(move || {
        let at = tcp("127.0.0.1:0").tls(server());
        let workers = Workers::new(2).listen(at, || |_| Shout(Log::default())).unwrap();
        ready.send((workers.local_addrs()[0].inet().unwrap(), workers.handle())).unwrap();
        workers.run()
    });
    let (addr, handle) = started.recv_timeout(PATIENCE).unwrap();
    for _ in 0..4 {
        let name = "localhost".try_into().unwrap();
        let tls = ClientConnection::new(client(), name).unwrap();
        let mut stream = StreamOwned::new(tls, net::Client::connect(addr).0);
        stream.write_all(b"one\nbye\n").unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).unwrap();
        assert_eq!(heard, "hello\nONE\nBYE\n");
    }
    assert_eq!(handle.counters().handshakes(), 4);
    handle.drain(PATIENCE).unwrap();
    ends().unwrap();
}

#[test]
fn ten_megabytes_go_both_ways_over_a_socket() {
    let log = Log::default();
    let server = shouts(server(), &log);
    let mut stream = blocking(&server, client());
    assert_eq!(stream.read(&mut [0; 6]).unwrap(), 6);
    let line = [vec![b'x'; (1 << 20) - 1], vec![b'\n']].concat();
    let mut heard = vec![0; line.len()];
    for _ in 0..10 {
        stream.write_all(&line).unwrap();
        stream.read_exact(&mut heard).unwrap();
        assert!(heard == line.to_ascii_uppercase());
    }
}

#[test]
fn a_client_in_the_clear_is_told_by_its_first_bytes() {
    let log = Log::default();
    let server = shouts(server(), &log);
    let mut plain = server.client();
    plain.send("GET / HTTP/1.1\r\n\r\n");
    let _ = plain.0.read_to_end(&mut Vec::new());
    let peer = plain.0.local_addr().unwrap();
    let why = format!(
        "server: handshake with {peer}: no TLS: it begins with b\"GET / HTTP/1.1\\r\\n\\r\\n\""
    );
    assert_eq!(wait_for(&server, &log), [why]);
    assert_eq!(server.ask(|map| map.counters().failed_handshakes()), 1);
}

#[test]
fn the_reason_can_be_matched() {
    let source = std::io::Error::other(NotTls { begins: b"GET".to_vec() });
    let error = Error::Handshake { peer: None, source };
    let Error::Handshake { source, .. } = &error else { panic!("it is") };
    let other = source.get_ref().and_then(|inner| inner.downcast_ref::<NotTls>());
    assert_eq!(other.unwrap().begins, b"GET");
}

#[test]
fn a_peer_that_stops_in_the_middle_has_the_time_of_a_handshake() {
    #[channel(handshake_timeout = "20ms")]
    struct Quick(Log);
    #[channel]
    impl Quick {
        #[terminator(b"\n")]
        fn line(_line: &str) {}
        #[on_close]
        fn closed(&mut self, why: &Closed) {
            self.0.note(why);
        }
    }
    let log = Log::default();
    let quick = log.clone();
    let server = Server::start(move |map| {
        map.listen(tcp("127.0.0.1:0").tls(crate::certificates::server()), move |_| {
            Quick(quick.clone())
        })
    });
    let mut peer = server.client();
    peer.send([0x16, 3, 1, 2, 0, 1]);
    let alert = peer.receive_all();
    assert_eq!(alert[..1], [21], "it is told that this is the end");
    assert_eq!(wait_for(&server, &log), ["handshake not over after 20ms"]);
    assert_eq!(server.ask(|map| map.counters().hits(Limit::Handshake)), 1);
}

#[test]
fn a_peer_that_ends_in_the_middle_is_a_handshake_that_failed() {
    let log = Log::default();
    let server = shouts(server(), &log);
    let mut peer = server.client();
    peer.send([0x16, 3, 1, 2, 0, 1]);
    peer.finish();
    let heard = wait_for(&server, &log);
    assert!(heard[0].ends_with(": unexpected end of file"), "{heard:?}");
}

/// What a client of ours hears of a server with this identity.
fn refusal(identity: &Identity) -> String {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let shouts = log.clone();
    let at = tcp("127.0.0.1:0").tls(server_of(identity)).once();
    let addr = map.listen(at, move |_| Shout(shouts.clone())).unwrap().local_addr();
    let noted = Log::default();
    map.connect(dial(addr).tls("localhost", client()), Client(noted.clone())).unwrap();
    run_until(&mut map, |map| map.is_empty());
    assert_eq!((noted.len(), log.len()), (1, 1), "both sides are told");
    noted.take().remove(0)
}

#[test]
fn a_wrong_name_and_an_expired_certificate_are_refused_with_the_reason() {
    let wrong = refusal(&Identity::of("example.org"));
    assert!(wrong.contains("not valid for name \"localhost\""), "{wrong}");
    let expired = refusal(&Identity::expired("localhost"));
    assert!(expired.contains("certificate expired"), "{expired}");
}

#[test]
fn a_client_without_a_certificate_is_refused_where_one_is_asked_for() {
    let log = Log::default();
    let server = shouts(server_that_asks(), &log);
    let mut stream = blocking(&server, client());
    assert!(stream.read_to_end(&mut Vec::new()).is_err());
    let heard = wait_for(&server, &log);
    assert!(heard[0].ends_with("peer sent no certificates"), "{heard:?}");

    let mut stream = blocking(&server, client_of(&[], Some(&Identity::of("client"))));
    stream.write_all(b"bye\n").unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "hello\nBYE\n");
}

#[test]
fn a_protocol_that_nobody_speaks_is_refused() {
    let log = Log::default();
    let server = shouts(server(), &log);
    let mut stream = blocking(&server, client_of(&["theirs"], None));
    assert!(stream.read_to_end(&mut Vec::new()).is_err());
    let heard = wait_for(&server, &log);
    assert!(heard[0].ends_with("peer doesn't support any known protocol"), "{heard:?}");
}

#[test]
fn a_certificate_is_replaced_while_connections_stand() {
    let log = Log::default();
    let config = server();
    let server = shouts(config.clone(), &log);
    let mut old = blocking(&server, client());
    old.write_all(b"one\n").unwrap();
    old.read_exact(&mut [0; 10]).unwrap();
    let new = Identity::of("localhost");
    config.replace(server_of(&new));
    let mut stream = blocking(&server, client());
    stream.write_all(b"two\n").unwrap();
    stream.read_exact(&mut [0; 10]).unwrap();
    let certificate = stream.conn.peer_certificates().unwrap()[0].clone();
    assert_eq!(certificate, *new.certificate.der());
    old.write_all(b"three\n").unwrap();
    old.read_exact(&mut [0; 6]).unwrap();
}

#[test]
fn tls_goes_over_a_unix_socket_and_a_ready_one() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, theirs) = UnixStream::pair().unwrap();
    map.add(ours.into_socket().unwrap().tls(server()), Shout(log.clone())).unwrap();
    let side = Tls::client("localhost", client()).unwrap();
    let noted = Log::default();
    let key = map.add(theirs.into_socket().unwrap().tls(side), Client(noted.clone())).unwrap();
    map.tell(key, |_, io: &mut Io<Client>| io.push("bye\n"));
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(noted.take(), ["hello", "BYE", "client: closed by the peer"]);
}

#[test]
fn a_name_that_is_none_is_refused_at_the_call() {
    let mut map = Map::new().unwrap();
    let dial = dial("127.0.0.1:1").tls("not a name", client());
    let error = map.connect(dial, Client(Log::default())).unwrap_err();
    let text = "cannot connect to not a name: `not a name` is no name that a server could have a \
                certificate for";
    assert_eq!(error.to_string(), text);
}

#[test]
fn files_that_are_none_are_refused_with_their_names() {
    let error = tls::server("/nowhere/cert.pem", "/nowhere/key.pem").unwrap_err();
    assert!(error.to_string().starts_with("cannot load /nowhere/cert.pem: "), "{error}");
    let dir = std::env::temp_dir().join(format!("asyncore-tls-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    let (one, other) = (Identity::of("localhost"), Identity::of("localhost"));
    std::fs::write(&cert, one.certificate.pem()).unwrap();
    std::fs::write(&key, other.key.serialize_pem()).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let error = tls::server(&cert, &key).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot load {}: ", key.display())), "{error}");
    std::fs::write(&key, one.key.serialize_pem()).unwrap();
    assert!(tls::server(&cert, &key).is_ok());
    let error = tls::certificates(&key).unwrap_err();
    assert!(error.to_string().ends_with("no certificate in it"), "{error}");
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_proxys_header_lies_below_tls() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let shouts = log.clone();
    let at = tcp("127.0.0.1:0").proxy_protocol(["127.0.0.1"]).tls(server()).once();
    let addr = map.listen(at, move |_| Named(shouts.clone())).unwrap().local_addr();
    let client_addr = "203.0.113.9:51000".parse().unwrap();
    let dial = dial(addr.clone()).proxy_protocol(client_addr, addr.inet().unwrap());
    map.connect(dial.tls("localhost", client()), Client(Log::default())).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["203.0.113.9:51000 over TLSv1_3"]);
}

/// Notes who has come.
#[channel]
struct Named(Log);

#[channel]
impl Named {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        let version = io.tls().unwrap().version().unwrap();
        self.0.note(format_args!("{} over {version:?}", io.peer_addr().unwrap()));
    }

    #[terminator(b"\n")]
    fn line(_line: &str) {}
}
