//! TCP, UDP, timers and threads, on whatever system this is run.

use asyncore_runtime::{channel, dial, Io, Limits, Map, MapHandle, Piece};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

#[channel]
struct Shout;

#[channel]
impl Shout {
    #[terminator(b"\r\n")]
    fn line(line: &str) -> String {
        line.to_uppercase() + "\r\n"
    }
}

/// A map that runs in a thread of its own; the receiver hears its end.
fn serve<F>(set_up: F) -> (SocketAddr, MapHandle, Receiver<()>)
where
    F: FnOnce(&mut Map) -> std::io::Result<SocketAddr> + Send + 'static,
{
    let (say, hear) = mpsc::channel();
    let (end, ended) = mpsc::channel();
    thread::spawn(move || {
        let mut map = Map::new().unwrap();
        let addr = set_up(&mut map).unwrap();
        say.send((addr, map.handle())).unwrap();
        map.run().unwrap();
        end.send(()).unwrap();
    });
    let (addr, handle) = hear.recv_timeout(PATIENCE).unwrap();
    (addr, handle, ended)
}

fn shout() -> (SocketAddr, MapHandle, Receiver<()>) {
    serve(|map| Ok(map.listen("127.0.0.1:0", |_| Shout)?.local_addr().inet().unwrap()))
}

fn client(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

#[test]
fn lines_come_back_in_capitals_to_each_of_many_however_they_are_cut() {
    let (addr, _map, _ended) = shout();
    let mut clients: Vec<_> = (0..100).map(|_| client(addr)).collect();
    for turn in 0..5 {
        for (number, client) in clients.iter_mut().enumerate() {
            write!(client, "turn {turn} of ").unwrap();
            write!(client, "{number:03}\r\n").unwrap();
        }
        for (number, client) in clients.iter_mut().enumerate() {
            let mut answer = [0; 15];
            client.read_exact(&mut answer).unwrap();
            assert_eq!(answer[..], *format!("TURN {turn} OF {number:03}\r\n").as_bytes());
        }
    }
}

#[test]
fn what_was_sent_before_the_end_is_answered_before_the_end() {
    let (addr, _map, _ended) = shout();
    let mut client = client(addr);
    client.write_all(b"one\r\ntwo\r\n").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "ONE\r\nTWO\r\n");
}

#[channel(max_output = 64 << 20)]
struct Echo;

#[channel]
impl Echo {
    #[terminator(b"\n")]
    fn piece(piece: Piece<'_>) -> Vec<u8> {
        piece.data.to_vec()
    }
}

#[test]
fn megabytes_come_through_although_the_reader_is_slow_to_begin() {
    const LEN: usize = 8 << 20;
    let (addr, _map, _ended) =
        serve(|map| Ok(map.listen("127.0.0.1:0", |_| Echo)?.local_addr().inet().unwrap()));
    let mut client = client(addr);
    let mut writer = client.try_clone().unwrap();
    let writes = thread::spawn(move || {
        let bytes: Vec<u8> = (0..LEN).map(|at| b'a' + (at % 23) as u8).collect();
        writer.write_all(&bytes).unwrap();
        writer.shutdown(Shutdown::Write).unwrap();
        bytes
    });
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert!(answer == writes.join().unwrap(), "{} bytes", answer.len());
}

/// Asks a line, and says the answer.
#[channel]
struct Ask(mpsc::Sender<String>);

#[channel]
impl Ask {
    #[on_connect]
    fn connected(&mut self) -> &'static str {
        "hello\r\n"
    }

    #[terminator(b"\r\n")]
    fn answer(&mut self, line: String, io: &mut Io<Self>) {
        self.0.send(line).unwrap();
        io.close();
    }

    #[on_close]
    fn closed(&mut self, why: &asyncore_runtime::Closed) {
        self.0.send(why.to_string()).unwrap();
    }
}

#[test]
fn a_client_connects_asks_and_closes() {
    let (addr, _map, _ended) = shout();
    let (say, hear) = mpsc::channel();
    let mut map = Map::new().unwrap();
    map.connect(addr, Ask(say)).unwrap();
    map.run().unwrap();
    assert_eq!(hear.iter().next().unwrap(), "HELLO");
}

#[test]
fn a_connection_that_is_refused_says_so() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (say, hear) = mpsc::channel();
    let mut map = Map::new().unwrap();
    map.connect(dial(closed), Ask(say)).unwrap();
    map.run().unwrap();
    let why = hear.iter().next().unwrap();
    assert!(why.contains("refused"), "{why}");
}

#[channel]
struct Datagrams;

#[channel]
impl Datagrams {
    #[on_read]
    fn datagram(data: &[u8]) -> Vec<u8> {
        data.to_ascii_uppercase()
    }
}

#[test]
fn a_datagram_is_answered_to_its_sender() {
    let (addr, _map, _ended) = serve(|map| {
        let key = map.datagram("127.0.0.1:0", Datagrams)?;
        Ok(map.local_addr(key).and_then(|addr| addr.inet()).unwrap())
    });
    for _ in 0..3 {
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        peer.set_read_timeout(Some(PATIENCE)).unwrap();
        for text in ["one", "two", "three"] {
            peer.send_to(text.as_bytes(), addr).unwrap();
            let mut answer = [0; 16];
            let (len, from) = peer.recv_from(&mut answer).unwrap();
            assert_eq!((&answer[..len], from), (text.to_uppercase().as_bytes(), addr));
        }
    }
}

#[test]
fn a_peer_that_says_nothing_is_closed_in_time() {
    let (addr, _map, _ended) = serve(|map| {
        let limits = Limits::DEFAULT.first_frame_timeout(Duration::from_millis(50));
        let at = asyncore_runtime::tcp("127.0.0.1:0").limits(limits);
        Ok(map.listen(at, |_| Shout)?.local_addr().inet().unwrap())
    });
    assert_eq!(client(addr).read(&mut [0]).unwrap(), 0);
}

#[test]
fn another_thread_ends_the_loop_when_all_is_answered() {
    let (addr, map, ended) = shout();
    let mut busy = client(addr);
    busy.write_all(b"whole\r\nhalf").unwrap();
    busy.read_exact(&mut [0; 7]).unwrap();
    map.drain(PATIENCE).unwrap();
    busy.write_all(b" and half\r\n").unwrap();
    let mut answer = String::new();
    busy.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "HALF AND HALF\r\n");
    drop(busy);
    ended.recv_timeout(PATIENCE).unwrap();
}
