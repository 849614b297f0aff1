//! Listeners, over real sockets.

use asyncore_runtime::{channel, tcp, Addr, Io, Limit, Limits, Map, Socket};
use asyncore_tests::net::{run_until, Client, Log, Server};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

/// Echoes lines.
#[channel]
struct Echo;

#[channel]
impl Echo {
    #[terminator(b"\n")]
    fn line(line: &str, io: &mut Io<Self>) -> String {
        if line == "quit" {
            io.close_when_done();
        }
        format!("{line}\n")
    }
}

fn inet(addr: &Addr) -> SocketAddr {
    addr.inet().expect("an IP address")
}

#[test]
fn port_0_is_the_port_the_kernel_chose() {
    let mut map = Map::new().unwrap();
    let listener = map.listen("127.0.0.1:0", |_| Echo).unwrap();
    assert_ne!(listener.local_addr().port(), 0);
    Client::connect(inet(&listener.local_addr()));
}

#[test]
fn a_ready_made_listener_is_listened_on() {
    let ready_made = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = ready_made.local_addr().unwrap();
    let server = Server::start(|map| map.listen(ready_made, |_| Echo));
    assert_eq!(server.addr(), addr);
    server.client().converse("hello\n", "hello\n");
}

#[test]
fn the_closure_is_given_the_address_of_the_peer() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let peers = log.clone();
    let accept = move |peer| {
        peers.note(peer);
        Echo
    };
    let listener = map.listen("127.0.0.1:0", accept).unwrap();
    let client = Client::connect(inet(&listener.local_addr()));
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), [client.0.local_addr().unwrap().to_string()]);
}

#[test]
fn a_closure_that_returns_none_refuses_the_connection() {
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| None::<Echo>));
    assert_eq!(server.client().receive_all(), b"");
    assert_eq!(server.ask(|map| map.len()), 1);
}

#[test]
fn a_listener_that_was_closed_refuses_and_its_connections_live_on() {
    let mut map = Map::new().unwrap();
    let listener = map.listen("127.0.0.1:0", |_| Echo).unwrap();
    let addr = inet(&listener.local_addr());
    let mut client = Client::connect(addr);
    run_until(&mut map, |map| map.len() == 2);
    listener.close();
    run_until(&mut map, |map| map.len() == 1);
    let refused = std::net::TcpStream::connect(addr).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    client.send("hello\n");
    run_until(&mut map, |_| client.has_input());
    assert_eq!(client.receive_line(), "hello\n");
}

/// A listener that takes two connections at a time.
fn full_at_two(map: &mut Map) -> io::Result<asyncore_runtime::Listener> {
    map.listen(tcp("127.0.0.1:0").max_connections(2).when_full(b"full\n"), |_| Echo)
}

#[test]
fn a_connection_too_many_is_told_so_and_closed() {
    let server = Server::start(full_at_two);
    let (mut one, mut two) = (server.client(), server.client());
    assert_eq!(server.client().receive_all(), b"full\n");
    one.converse("one\n", "one\n");
    two.converse("two\n", "two\n");
    assert_eq!(server.ask(|map| map.counters().hits(Limit::Connections)), 1);
}

#[test]
fn a_connection_that_ends_makes_room_for_another() {
    let server = Server::start(full_at_two);
    let (mut one, mut two) = (server.client(), server.client());
    one.converse("quit\n", "quit\n");
    drop(one);
    while server.ask(|map| map.counters().closed()) == 0 {}
    server.client().converse("three\n", "three\n");
    two.converse("two\n", "two\n");
}

#[test]
fn so_many_connections_are_accepted_before_others_have_their_turn() {
    let mut map = Map::new().unwrap();
    let listener = map.listen(tcp("127.0.0.1:0").accept_batch(2), |_| Echo).unwrap();
    let clients: Vec<_> = (0..5).map(|_| Client::connect(inet(&listener.local_addr()))).collect();
    let mut accepted = vec![0];
    run_until(&mut map, |map| {
        accepted.push(map.counters().accepted());
        map.counters().accepted() == clients.len() as u64
    });
    accepted.dedup();
    assert_eq!(accepted, [0, 2, 4, 5]);
    assert_eq!(map.counters().hits(Limit::AcceptBatch), 2);
}

#[test]
fn the_limits_of_a_listener_tighten_those_of_its_channels() {
    let limits = Limits::DEFAULT.max_frame(4).idle_timeout(Duration::from_secs(1_000));
    let server =
        Server::start(move |map| map.listen(tcp("127.0.0.1:0").limits(limits), |_| Limited));
    server.client().converse("tell me\n", "4 60s\n");
}

/// Tells its limits.
#[channel(max_frame = 8)]
struct Limited;

#[channel]
impl Limited {
    #[terminator(b" me\n", discard)]
    fn tell(io: &mut Io<Self>) -> String {
        let limits = io.limits();
        format!("{} {:?}\n", limits.max_frame, limits.idle_timeout)
    }
}

/// Listens, as a channel of its own, and makes each connection an `Echo`.
#[channel]
struct EchoServer {
    refused: usize,
}

#[channel]
impl EchoServer {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket, _peer: Addr, io: &mut Io<Self>) -> io::Result<()> {
        if self.refused > 0 {
            self.refused -= 1;
            return Err(io::Error::other("not yet"));
        }
        io.add(socket, Echo)?;
        Ok(())
    }
}

#[test]
fn a_channel_can_listen_by_itself() {
    let server = Server::start(|map| map.serve("127.0.0.1:0", EchoServer { refused: 0 }));
    server.client().converse("hello\n", "hello\n");
}

#[test]
fn an_error_in_on_accepted_costs_that_connection_only() {
    let server = Server::start(|map| map.serve("127.0.0.1:0", EchoServer { refused: 1 }));
    assert_eq!(server.client().receive_all(), b"");
    server.client().converse("hello\n", "hello\n");
}

/// Says who it is, and nothing before.
#[channel]
struct Greets;

#[channel]
impl Greets {
    #[on_connect]
    fn connected() -> &'static str {
        "hello\n"
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

/// Tells each connection something as soon as it is added.
#[channel]
struct Hasty;

#[channel]
impl Hasty {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket, io: &mut Io<Self>) -> io::Result<()> {
        let key = io.add(socket, Greets)?;
        io.push_to(key, "pushed\n");
        io.tell(key, |_, _| "told\n");
        Ok(())
    }
}

#[test]
fn what_a_channel_is_told_when_it_was_just_added_comes_behind_on_connect() {
    let server = Server::start(|map| map.serve("127.0.0.1:0", Hasty));
    assert_eq!(server.client().receive(18), b"hello\npushed\ntold\n");
}

#[test]
#[ignore = "needs a process of its own: a_log_that_nobody_reads_ends_no_listener"]
fn logs_to_nobody() {
    let mut map = Map::new().unwrap();
    let listener = map.listen(tcp("127.0.0.1:0").max_connections(0), |_| Echo).unwrap();
    for refused in [1, 2] {
        let _client = Client::connect(inet(&listener.local_addr()));
        run_until(&mut map, |map| map.counters().hits(Limit::Connections) == refused);
    }
    assert_eq!(map.len(), 1);
}

#[test]
fn a_log_that_nobody_reads_ends_no_listener() {
    let (reader, stderr) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "--nocapture", "listening::logs_to_nobody"]);
    let output = child.stderr(stderr).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
