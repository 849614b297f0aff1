//! Whether a call waits is a flag of the open file, and whoever shares it (a child, a duplicate) can
//! set it back: the loop goes on all the same.

use asyncore_runtime::{channel, Io, Key, Map};
use asyncore_tests::net::{bounded, run_until, terminal, Client, Log};
use core::time::Duration;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// Notes each line, and `many` asks for more than any socket takes at once.
#[channel(max_output = 64 * 1024 * 1024, output_high = 64 * 1024 * 1024)]
struct Lines(Log);

const MANY: usize = 16 * 1024 * 1024;

#[channel]
impl Lines {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        if line == "many" {
            io.push(vec![b'x'; MANY]);
        }
        self.0.note(line);
    }
}

/// A duplicate, which shares the flags; made blocking.
fn made_blocking(socket: &impl AsFd) -> OwnedFd {
    let shared = socket.as_fd().try_clone_to_owned().unwrap();
    socket2::SockRef::from(&shared).set_nonblocking(false).unwrap();
    shared
}

/// Hears each line, and then passes that have nothing to read end all the same.
fn hears_lines(
    mut map: Map,
    log: &Log,
    shared: &OwnedFd,
    mut peer: impl Read + Write + Send + 'static,
) {
    for line in ["one", "two"] {
        writeln!(peer, "{line}").unwrap();
        run_until(&mut map, |_| !log.is_empty());
        assert_eq!(log.take(), [line]);
        (0..2).for_each(|_| map.poll(Some(Duration::ZERO)).unwrap());
    }
    peer.write_all(b"many\n").unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert!(!socket2::SockRef::from(shared).nonblocking().unwrap(), "not provoked");
    // Nobody has read: a write that waits would wait for ever.
    (0..2).for_each(|_| map.poll(Some(Duration::ZERO)).unwrap());
    let reader = std::thread::spawn(move || {
        let mut many = vec![0; MANY];
        peer.read_exact(&mut many).unwrap();
    });
    // The peer goes with its thread.
    run_until(&mut map, |map| map.is_empty());
    reader.join().unwrap();
}

#[test]
fn a_unix_stream() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, theirs) = UnixStream::pair().unwrap();
    let shared = ours.try_clone().unwrap();
    map.add(ours, Lines(log.clone())).unwrap();
    let shared = made_blocking(&shared);
    hears_lines(map, &log, &shared, theirs);
}

#[test]
fn a_tcp_stream() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let ours = listener.accept().unwrap().0;
    let shared = ours.try_clone().unwrap();
    map.add(ours, Lines(log.clone())).unwrap();
    let shared = made_blocking(&shared);
    hears_lines(map, &log, &shared, peer);
}

#[test]
fn a_tcp_stream_that_is_read_a_whole_buffer_at_a_time() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let ours = listener.accept().unwrap().0;
    let shared = ours.try_clone().unwrap();
    map.add(ours, Lines(log.clone())).unwrap();
    made_blocking(&shared);
    // One read takes all there is and fills its buffer: only a second one could tell.
    peer.write_all(&b"0123456\n".repeat(64 * 1024 / 8)).unwrap();
    run_until(&mut map, |_| log.len() == 64 * 1024 / 8);
}

/// Answers what it is sent.
#[channel]
struct Echo;

#[channel]
impl Echo {
    #[on_read]
    fn datagram(data: &[u8]) -> Vec<u8> {
        data.to_vec()
    }
}

#[test]
fn datagrams() {
    let mut map = Map::new().unwrap();
    let ours = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (addr, shared) = (ours.local_addr().unwrap(), ours.try_clone().unwrap());
    map.datagram(ours, Echo).unwrap();
    let shared = made_blocking(&shared);
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_nonblocking(true).unwrap();
    for _ in 0..2 {
        peer.send_to(b"hello", addr).unwrap();
        run_until(&mut map, |_| peer.recv(&mut [0; 10]).is_ok());
        made_blocking(&shared);
    }
}

#[test]
fn a_listener() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (addr, shared) = (listener.local_addr().unwrap(), listener.try_clone().unwrap());
    let accept = log.clone();
    map.listen(listener, move |_| Lines(accept.clone())).unwrap();
    for line in ["one", "two"] {
        let _shared = made_blocking(&shared);
        let mut client = Client::connect(addr);
        client.send(format!("{line}\n"));
        run_until(&mut map, |_| !log.is_empty());
        assert_eq!(log.take(), [line]);
    }
}

/// Reads for itself until there is no more.
#[channel]
struct Drains(Log);

#[channel]
impl Drains {
    #[on_read]
    fn ready(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let mut data = [0; 10];
        loop {
            let len = io.recv(&mut data)?;
            self.0.note(data[..len].escape_ascii());
        }
    }
}

/// What it hears of one line.
fn drained(file: OwnedFd, mut peer: impl Write) -> Vec<String> {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let shared = file.try_clone().unwrap();
    map.add_file(file, Drains(log.clone())).unwrap();
    made_blocking(&shared);
    peer.write_all(b"hello\n").unwrap();
    run_until(&mut map, |_| !log.is_empty());
    map.poll(Some(Duration::ZERO)).unwrap();
    log.take()
}

#[test]
fn a_pipe_whose_handler_reads_until_there_is_no_more() {
    let (reader, writer) = std::io::pipe().unwrap();
    assert_eq!(bounded(|| drained(reader.into(), writer))(), ["hello\\n"]);
}

#[test]
fn a_terminal_whose_handler_reads_until_there_is_no_more() {
    let (master, slave) = terminal();
    let master = std::fs::File::from(master);
    assert_eq!(bounded(|| drained(slave.into(), master))(), ["hello\\n"]);
}

/// Has a map write to a pipe that somebody made blocking, and that nobody reads.
fn written(write: impl FnOnce(&mut Map, Key<Echo>) + Send + 'static) {
    let (reader, writer) = std::io::pipe().unwrap();
    bounded(move || {
        let mut map = Map::new().unwrap();
        let shared = writer.try_clone().unwrap();
        let key = map.add_file(writer, Echo).unwrap();
        map.poll(Some(Duration::ZERO)).unwrap();
        made_blocking(&shared);
        write(&mut map, key);
        assert!(map.is_alive(key));
    })();
    drop(reader);
}

#[test]
fn a_pipe_that_is_filled_in_small_pieces() {
    written(|map, key| {
        for _ in 0..1000 {
            map.tell(key, |_, io| io.push([b'x'; 100]));
            map.poll(Some(Duration::ZERO)).unwrap();
        }
    });
}

#[test]
fn a_pipe_that_is_filled_by_hand() {
    written(|map, key| {
        let sent = Log::default();
        let log = sent.clone();
        map.tell(key, move |_, io| {
            while io.send(&[b'x'; 400]).unwrap() > 0 {
                log.note("sent");
            }
        });
        run_until(map, |_| !sent.is_empty());
    });
}
