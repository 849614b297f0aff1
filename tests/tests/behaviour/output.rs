//! Output: all of it, in order, however slowly it is read.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Io};
use asyncore_tests::net::Server;

const MIB: usize = 1 << 20;

/// Bytes of which each four say where they are.
fn numbered(len: usize) -> Vec<u8> {
    (0_u32..).flat_map(u32::to_be_bytes).take(len).collect()
}

/// Pushes `size` bytes in one go, and hangs up.
#[channel(max_output = 16 << 20)]
struct Flood {
    size: usize,
}

#[channel]
impl Flood {
    #[terminator(b"\r\n", discard)]
    fn go(&mut self, io: &mut Io<Self>) {
        io.push(numbered(self.size));
        io.close_when_done();
    }
}

#[test]
fn eight_mib_pushed_to_a_slow_reader_arrive_whole() {
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| Flood { size: 8 * MIB }));
    let mut client = server.client();
    socket2::SockRef::from(&client.0).set_recv_buffer_size(128 * 1024).unwrap();
    client.send("go\r\n");
    let pieces = (0..8 * MIB / 1024).flat_map(|_| client.receive(1024));
    assert!(pieces.eq(numbered(8 * MIB)), "other bytes, or in another order");
    assert_eq!(client.receive_all(), b"");
}

#[test]
fn eight_mib_pushed_to_a_peer_that_reads_in_windows_arrive_whole() {
    let mut session = Session::new(Flood { size: 8 * MIB });
    session.window(0);
    session.feed(b"go\r\n");
    let mut received = Vec::new();
    while session.is_open() {
        session.window(100_003);
        received.extend(session.output());
    }
    assert!(received == numbered(8 * MIB), "other bytes, or in another order");
}
