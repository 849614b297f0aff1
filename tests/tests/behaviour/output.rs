//! Output: all of it, in order, however slowly it is read.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Channel, Io, Limit, Limits, Map};
use asyncore_tests::net::{run_until, Client, Server};
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

const MIB: usize = 1 << 20;

/// Bytes of which each four say where they are.
fn numbered(len: usize) -> Vec<u8> {
    (0_u32..).flat_map(u32::to_be_bytes).take(len).collect()
}

/// Pushes all it has in one go, and hangs up.
#[channel(max_output = 16 << 20)]
struct Flood {
    data: Vec<u8>,
}

#[channel]
impl Flood {
    #[terminator(b"\r\n", discard)]
    fn go(&mut self, io: &mut Io<Self>) {
        io.push(std::mem::take(&mut self.data));
        io.close_when_done();
    }
}

#[test]
fn eight_mib_pushed_to_a_slow_reader_arrive_whole() {
    let server =
        Server::start(|map| map.listen("127.0.0.1:0", |_| Flood { data: numbered(8 * MIB) }));
    let mut client = server.client();
    socket2::SockRef::from(&client.0).set_recv_buffer_size(128 * 1024).unwrap();
    client.send("go\r\n");
    let pieces = (0..8 * MIB / 1024).flat_map(|_| client.receive(1024));
    assert!(pieces.eq(numbered(8 * MIB)), "other bytes, or in another order");
    assert_eq!(client.receive_all(), b"");
}

#[test]
fn eight_mib_pushed_to_a_peer_that_reads_in_windows_arrive_whole() {
    let mut session = Session::new(Flood { data: numbered(8 * MIB) });
    session.window(0);
    session.feed(b"go\r\n");
    let mut received = Vec::new();
    while session.is_open() {
        session.window(100_003);
        received.extend(session.output());
    }
    assert!(received == numbered(8 * MIB), "other bytes, or in another order");
}

/// A map with one connection, and its peer.
fn connected<T: Channel>(channel: T) -> (Map, Client) {
    let mut map = Map::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::connect(listener.local_addr().unwrap());
    map.add(listener.accept().unwrap().0, channel).unwrap();
    (map, client)
}

/// Is patient for a moment.
#[channel(max_output = 16 << 20, write_timeout = "600ms")]
struct Impatient {
    data: Vec<u8>,
}

#[channel]
impl Impatient {
    #[on_connect]
    fn connected(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.data)
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

#[test]
fn a_peer_that_reads_little_is_not_taken_for_one_that_reads_nothing() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (mut map, mut client) = (Map::new().unwrap(), Client::from(theirs));
    map.add(ours, Impatient { data: vec![0; 8 * MIB] }).unwrap();
    run_until(&mut map, |_| client.has_input());
    map.poll(Some(Duration::from_millis(100))).unwrap();
    // The system speaks of room when three quarters of its buffer are free, and not for this.
    client.receive(100 * 1024);
    let read_at = Instant::now();
    run_until(&mut map, |map| map.is_empty());
    let survived = read_at.elapsed();
    assert!(survived >= Duration::from_millis(600), "{survived:?}");
    assert_eq!(map.counters().hits(Limit::WriteStall), 1);
}

/// Says goodbye, and waits a moment for its peer to close.
#[channel(linger_timeout = "50ms")]
struct Goodbye;

#[channel]
impl Goodbye {
    #[on_connect]
    fn goodbye(io: &mut Io<Self>) -> &'static str {
        io.close_when_done();
        "goodbye"
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

#[test]
fn a_peer_that_does_not_close_is_waited_for_so_long() {
    let (mut map, mut client) = connected(Goodbye);
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(client.receive_all(), b"goodbye");
    assert_eq!(map.counters().hits(Limit::Linger), 1);
}

#[test]
fn a_peer_that_goes_on_sending_is_listened_to_for_so_much() {
    let (mut map, mut client) = connected(Flood { data: b"!".to_vec() });
    client.send("go\r\n");
    let start = Instant::now();
    while !map.is_empty() {
        // Refused once the connection is closed.
        let _ = client.0.write(&[0; 64 * 1024]);
        map.poll(Some(Duration::from_millis(50))).unwrap();
    }
    assert_eq!(map.counters().hits(Limit::Linger), 1);
    assert!(start.elapsed() < Limits::DEFAULT.linger_timeout);
}
