//! What the runtime allocates: nothing for a frame, and little for output that is made on demand.

use allocation_counter::{measure, AllocationInfo};
use asyncore_runtime::{channel, Bytes, Io, Map, Piece};
use asyncore_tests::net::{run_until, Client};
use std::thread;

const MIB: u64 = 1 << 20;

/// Echoes lines.
#[channel]
struct Echo;

#[channel]
impl Echo {
    #[terminator(b"\r\n")]
    fn line(line: &[u8], io: &mut Io<Self>) {
        io.push(line);
        io.push("\r\n");
    }
}

/// Echoes messages with their length in front.
#[channel]
struct Lengths;

#[channel]
impl Lengths {
    #[terminator(prefix = u16)]
    fn message(message: &[u8], io: &mut Io<Self>) {
        io.push((message.len() as u16).to_be_bytes());
        io.push(message);
    }
}

/// Sends 100 MiB, made on demand, as producers or as one reader.
#[channel]
struct Download;

#[channel]
impl Download {
    #[terminator(b"\n")]
    fn what(what: &str, io: &mut Io<Self>) {
        const PIECE: usize = 16 * 1024;
        match what {
            "iterator" => {
                let piece = Bytes::from(vec![7; PIECE]);
                let pieces = 100 * MIB as usize / PIECE;
                io.push_with_producer(std::iter::repeat_n(piece, pieces));
            }
            _ => io.push_with_producer(std::io::Read::take(std::io::repeat(7), 100 * MIB)),
        }
        io.close_when_done();
    }
}

/// Counts what comes, and holds none of it.
#[channel]
struct Upload {
    received: u64,
}

#[channel]
impl Upload {
    #[terminator(len = 100 * MIB)]
    fn body(&mut self, piece: Piece<'_>) -> Option<String> {
        self.received += piece.data.len() as u64;
        piece.last.then(|| self.received.to_string())
    }
}

/// A map with one connection to a channel, and its other end.
fn connected<T: asyncore_runtime::Channel>(channel: T) -> (Map, Client) {
    let mut map = Map::new().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::connect(listener.local_addr().unwrap());
    map.add(listener.accept().unwrap().0, channel).unwrap();
    (map, client)
}

/// What the loop allocates for so many exchanges of `message` for itself, once it is warm.
fn echoing<T: asyncore_runtime::Channel>(channel: T, message: &[u8], times: u32) -> AllocationInfo {
    let (mut map, mut client) = connected(channel);
    let mut answer = vec![0; message.len()];
    let mut exchange = |times: u32| {
        for _ in 0..times {
            client.send(message);
            run_until(&mut map, |_| client.has_input());
            std::io::Read::read_exact(&mut client.0, &mut answer).unwrap();
            assert_eq!(answer, message);
        }
    };
    exchange(10);
    measure(|| exchange(times))
}

/// The most bytes the loop has at one time while it sends 100 MiB.
fn most_while_sending(what: &'static str) -> u64 {
    let (mut map, mut client) = connected(Download);
    let reader = thread::spawn(move || {
        client.send(format!("{what}\n"));
        std::io::copy(&mut client.0, &mut std::io::sink()).unwrap()
    });
    let info = measure(|| map.run().unwrap());
    assert_eq!(reader.join().unwrap(), 100 * MIB);
    info.bytes_max
}

#[test]
fn an_allocation_would_be_seen() {
    assert_eq!(measure(|| drop(std::hint::black_box(vec![0; 1_000]))).bytes_max, 4_000);
}

#[test]
fn a_line_costs_no_allocation() {
    assert_eq!(echoing(Echo, b"hello, world\r\n", 1_000).count_total, 0);
}

#[test]
fn many_lines_in_one_read_cost_no_allocation() {
    let message = b"hello, world\r\n".repeat(500);
    assert_eq!(echoing(Echo, &message, 100).count_total, 0);
}

#[test]
fn a_frame_with_its_length_in_front_costs_no_allocation() {
    assert_eq!(echoing(Lengths, b"\x00\x05hello", 1_000).count_total, 0);
}

#[test]
fn an_iterator_of_100_mib_is_sent_in_less_than_1_mib() {
    assert!(most_while_sending("iterator") < MIB);
}

#[test]
fn a_reader_of_100_mib_is_sent_in_less_than_1_mib() {
    assert!(most_while_sending("reader") < MIB);
}

#[test]
fn a_stream_of_100_mib_is_received_in_less_than_1_mib() {
    let (mut map, mut client) = connected(Upload { received: 0 });
    let writer = thread::spawn(move || {
        let piece = vec![7; 64 * 1024];
        for _ in 0..100 * MIB / piece.len() as u64 {
            client.send(&piece);
        }
        client.finish();
        client.receive_all()
    });
    let info = measure(|| map.run().unwrap());
    assert_eq!(writer.join().unwrap(), (100 * MIB).to_string().as_bytes());
    assert!(info.bytes_max < MIB, "{} bytes", info.bytes_max);
}
