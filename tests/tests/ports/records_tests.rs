//! Records, from a peer in Python that packs them with `struct`.

use super::peers::{python, stdout_of, Tap, Theirs};
use super::records::{adler32, Records};
use asyncore_runtime::testing::Session;
use asyncore_tests::net::Server;
use std::net::SocketAddr;

/// Says what it is told to, and prints what comes back.
const PEER: &str = r#"
import socket, struct, sys, zlib

def conversation(records, cut):
    peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
    sent, checksum = b"", 1
    for flags, payload, error in records:
        checksum = zlib.adler32(payload, checksum)
        sent += struct.pack("!IBI", len(payload), flags, checksum ^ error) + payload
    for start in range(0, len(sent), cut):
        peer.sendall(sent[start:start + cut])
    came, checksum = peer.makefile("rb"), 1
    while head := came.read(9):
        length, flags, theirs = struct.unpack("!IBI", head)
        payload = came.read(length)
        checksum = zlib.adler32(payload, checksum)
        assert checksum == theirs
        print(flags, length, payload[:20])

conversation([(0, b"hello", 0), (0, b"", 0), (1, b"in two ", 0), (0, b"parts", 0), (2, b"bye", 0)], 7)
conversation([(1, b"long " * 1000, 0), (1, b"", 0), (2, b"end", 0)], 4096)
conversation([(0, b"one", 0), (0, b"two", 1)], 100)
conversation([(1, b"x" * 65536, 0), (0, b"y", 0)], 65536)
peer = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=10)
peer.sendall(struct.pack("!IBI", 65537, 0, 0))
print(peer.makefile("rb").read())
"#;

fn played(server: SocketAddr) -> (String, String) {
    let tap = Tap::on(server);
    let printed = stdout_of(python(PEER).expect("Python").arg(tap.port()));
    (String::from_utf8(printed).expect("text"), tap.heard())
}

#[test]
fn records_of_a_peer_in_python_are_answered_as_by_asynchat() {
    let Some(_) = python("") else { return };
    let ours = Server::start(|map| map.listen("127.0.0.1:0", |_peer| Records::new()));
    let (printed, said) = played(ours.addr());
    let start = "0 5 b'HELLO'\n0 0 b''\n0 12 b'IN TWO PARTS'\n0 3 b'BYE'\n2 0 b''\n1 1000 ";
    assert!(printed.starts_with(start), "{printed}");
    assert!(printed.contains("0 3 b'ONE'\n128 8 b'checksum'\n128 8 b'too long'\n"), "{printed}");
    if let Some(theirs) = Theirs::start("records.py", &[]) {
        assert_eq!((printed, said), played(theirs.addr()), "left: ours, right: asynchat's");
    }
}

#[test]
fn a_checksum_goes_on_from_the_one_before() {
    let (one, two) = (adler32(1, b"one"), adler32(adler32(1, b"one"), b"two"));
    assert_eq!((one, two), (0x0291_0143, 0x0913_029d));
    let record = |sum: u32| [&[0, 0, 0, 3, 0], &sum.to_be_bytes()[..]].concat();
    let mut session = Session::new(Records::new());
    session.feed([&record(one)[..], b"one", &record(two), b"two"].concat());
    let said = session.output();
    assert_eq!(said[..9], record(adler32(1, b"ONE")));
    assert_eq!(said[12..21], record(adler32(1, b"ONETWO")));
}
