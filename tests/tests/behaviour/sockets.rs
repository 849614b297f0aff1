//! Every kind of descriptor: Unix sockets, datagrams, pipes, files, and raw sockets of the user's.

use asyncore_runtime::{channel, Closed, Io, Key, Map, Socket};
use asyncore_tests::net::{run_until, Client, Log, PATIENCE};
use std::fs::File;
use std::io::{self, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Echoes lines, and notes them and its end.
#[channel]
struct Lines(Log);

#[channel]
impl Lines {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) -> String {
        self.0.note(line);
        format!("{line}\n")
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(why);
    }
}

/// Notes what it reads, and its end.
#[channel]
struct Reader(Log);

#[channel]
impl Reader {
    #[on_read]
    fn data(&mut self, data: &[u8]) {
        self.0.note(data.escape_ascii());
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(why);
    }
}

/// A name of the test's own in the system's directory for such files.
fn path(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("asyncore-{}-{name}", std::process::id()));
    // Left by a process that had the same number, or not there.
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn a_unix_socket_is_listened_on_and_connected_to() {
    let (mut map, log, path) = (Map::new().unwrap(), Log::default(), path("listen.sock"));
    let lines = log.clone();
    map.listen(&path, move |_| Lines(lines.clone())).unwrap();
    let mut client = Client::connect_path(&path);
    client.send("hello\n");
    run_until(&mut map, |_| client.has_input());
    assert_eq!(client.receive_line(), "hello\n");
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_channel_connects_to_a_unix_socket() {
    let (mut map, log, path) = (Map::new().unwrap(), Log::default(), path("connect.sock"));
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let key = map.connect(&path, Lines(log)).unwrap();
    map.tell(key, |_, _| "hello\n");
    map.poll(Some(PATIENCE)).unwrap();
    let mut peer = Client::from(listener.accept().unwrap().0);
    run_until(&mut map, |_| peer.has_input());
    assert_eq!(peer.receive_line(), "hello\n");
    std::fs::remove_file(path).unwrap();
}

/// Answers each datagram with its length; an empty one too. `twice` is answered twice.
#[channel]
struct Lengths;

#[channel]
impl Lengths {
    #[on_read]
    fn datagram(&mut self, data: &[u8], io: &mut Io<Self>) -> Vec<u8> {
        if data == b"twice" {
            io.push("first");
        }
        if data == b"empty" {
            return Vec::new();
        }
        data.len().to_string().into_bytes()
    }
}

/// A map with a `Lengths`, and a socket that is connected to it.
fn datagrams() -> (Map, UdpSocket) {
    let mut map = Map::new().unwrap();
    let key = map.datagram("127.0.0.1:0", Lengths).unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.connect(map.local_addr(key).unwrap().inet().unwrap()).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    (map, client)
}

/// The answers to what is sent, one for each.
fn answers(sent: &[&[u8]], count: usize) -> Vec<Vec<u8>> {
    let (mut map, client) = datagrams();
    for datagram in sent {
        client.send(datagram).unwrap();
    }
    map.poll(Some(PATIENCE)).unwrap();
    map.poll(Some(std::time::Duration::ZERO)).unwrap();
    let receive = |_| {
        let mut data = [0; 100];
        let len = client.recv(&mut data).unwrap();
        data[..len].to_vec()
    };
    (0..count).map(receive).collect()
}

#[test]
fn a_reply_to_a_datagram_goes_to_its_sender() {
    assert_eq!(answers(&[b"hello"], 1), [b"5"]);
}

#[test]
fn an_empty_datagram_is_one_and_not_the_end() {
    assert_eq!(answers(&[b"", b"one"], 2), [b"0", b"3"]);
}

#[test]
fn an_empty_reply_is_a_datagram_only_where_it_is_returned_as_bytes() {
    assert_eq!(answers(&[b"empty", b"one"], 2), [b"".to_vec(), b"3".to_vec()]);
}

#[test]
fn each_push_is_a_datagram() {
    assert_eq!(answers(&[b"twice"], 2), [b"first".to_vec(), b"5".to_vec()]);
}

#[test]
fn a_datagram_socket_survives_that_nobody_listens() {
    let (mut map, client) = datagrams();
    client.send(b"hello").unwrap();
    let addr = client.local_addr().unwrap();
    let target = client.peer_addr().unwrap();
    drop(client);
    map.poll(Some(PATIENCE)).unwrap();
    let client = UdpSocket::bind(addr).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    client.send_to(b"again", target).unwrap();
    map.poll(Some(PATIENCE)).unwrap();
    assert_eq!(client.recv(&mut [0; 100]).unwrap(), 1);
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (reader, mut writer) = io::pipe().unwrap();
    map.add_file(reader, Lines(log.clone())).unwrap();
    writer.write_all(b"one\ntwo\n").unwrap();
    drop(writer);
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.take()[..2], ["one", "two"]);
}

#[test]
fn the_output_of_a_child_is_read_to_its_end() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let mut child = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn().expect("echo");
    map.add_file(child.stdout.take().unwrap(), Reader(log.clone())).unwrap();
    run_until(&mut map, |map| map.is_empty());
    child.wait().unwrap();
    assert_eq!(log.take(), ["hello\\n", "closed by the peer"]);
}

#[test]
fn a_regular_file_is_read_to_its_end() {
    let (mut map, log, path) = (Map::new().unwrap(), Log::default(), path("read"));
    std::fs::write(&path, "one\ntwo\nrest").unwrap();
    map.add_file(File::open(&path).unwrap(), Reader(log.clone())).unwrap();
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.take(), ["one\\ntwo\\nrest", "closed by the peer"]);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_regular_file_is_written() {
    let (mut map, path) = (Map::new().unwrap(), path("write"));
    let file = File::options().append(true).create(true).open(&path).unwrap();
    let key = map.add_file(file, Append).unwrap();
    map.tell(key, |_, io| {
        io.push("one ");
        io.push_with_producer(["two ", "three"].into_iter());
        io.close_when_done();
    });
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "one two three");
    std::fs::remove_file(path).unwrap();
}

/// Only writes.
#[channel]
struct Append;

#[channel]
impl Append {
    #[readable]
    fn wants_to_read(&self) -> bool {
        false
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

/// Reads for itself, a byte at a time, once each time it is called.
#[channel]
struct Bytewise(Log);

#[channel]
impl Bytewise {
    #[on_read]
    fn readable(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let mut byte = [0];
        let len = io.recv(&mut byte)?;
        self.0.note(byte[..len].escape_ascii());
        Ok(())
    }
}

#[test]
fn a_dispatcher_that_reads_one_byte_is_called_again_for_the_rest() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, theirs) = UnixStream::pair().unwrap();
    map.add(ours, Bytewise(log.clone())).unwrap();
    Client::from(theirs).send("abc");
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.take(), ["a", "b", "c", ""]);
}

#[test]
fn a_dispatcher_that_reads_one_byte_of_a_file_is_called_again_for_the_rest() {
    let (mut map, log, path) = (Map::new().unwrap(), Log::default(), path("bytes"));
    std::fs::write(&path, "abc").unwrap();
    map.add_file(File::open(&path).unwrap(), Bytewise(log.clone())).unwrap();
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.take(), ["a", "b", "c", ""]);
    std::fs::remove_file(path).unwrap();
}

/// Notes out-of-band data.
#[channel]
struct Urgent(Log);

#[channel]
impl Urgent {
    #[on_expt]
    fn urgent(&mut self) {
        self.0.note("urgent");
    }

    #[on_read]
    fn data(&mut self, data: &[u8]) {
        self.0.note(data.escape_ascii());
    }
}

#[test]
#[cfg(target_os = "linux")]
fn out_of_band_data_is_an_event_and_the_stream_stays_whole() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::connect(listener.local_addr().unwrap());
    map.add(listener.accept().unwrap().0, Urgent(log.clone())).unwrap();
    socket2::SockRef::from(&client.0).send_out_of_band(b"!").unwrap();
    run_until(&mut map, |_| log.len() == 1);
    assert_eq!(log.take(), ["urgent"]);
    (&client.0).write_all(b"in band").unwrap();
    run_until(&mut map, |_| log.len() == 1);
    assert_eq!(log.take(), ["in band"]);
}

/// Closes the channel in the slot after its own, then puts another there, all in one turn.
#[channel]
struct Swaps {
    log: Log,
    victim: Key<Reader>,
    newcomer: Option<UnixStream>,
}

#[channel]
impl Swaps {
    #[on_read]
    fn data(&mut self, _data: &[u8], io: &mut Io<Self>) {
        io.tell(self.victim, |_, io| io.close());
        io.tell(io.key(), |me, io| {
            let newcomer = me.newcomer.take().map(|stream| io.add(stream, Reader(me.log.clone())));
            newcomer.transpose().map(|_| ())
        });
    }
}

/// What two channels that had the same place, one after the other, have in common.
fn slot(key: Key<Reader>) -> String {
    let key = format!("{key:?}");
    key.split('#').next().unwrap_or_default().to_owned()
}

#[test]
fn an_event_for_a_channel_that_closed_never_reaches_the_next_one_in_its_slot() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let pairs: [_; 3] = std::array::from_fn(|_| UnixStream::pair().unwrap());
    let [(swaps, swaps_peer), (victim, victim_peer), (newcomer, newcomer_peer)] = pairs;
    // The one that swaps has its turn first: it stands before its victim.
    let place = map.add(UnixStream::pair().unwrap().0, Reader(Log::default())).unwrap();
    let victim = map.add(victim, Reader(log.clone())).unwrap();
    map.tell(place, |_, io| io.close());
    map.poll(Some(PATIENCE)).unwrap();
    map.add(swaps, Swaps { log: log.clone(), victim, newcomer: Some(newcomer) }).unwrap();
    let mut newcomer_peer = Client::from(newcomer_peer);
    Client::from(victim_peer).send("for the victim");
    (&swaps_peer).write_all(b"now").unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["closed"]);
    let newcomer = *map.keys::<Reader>().last().unwrap();
    assert_eq!(slot(newcomer), slot(victim));
    newcomer_peer.send("for the newcomer");
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["for the newcomer"]);
}

#[test]
fn a_socket_of_std_becomes_a_channel() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, theirs) = UnixStream::pair().unwrap();
    let socket: Socket = asyncore_runtime::IntoSocket::into_socket(ours).unwrap();
    map.add(socket, Lines(log)).unwrap();
    let mut client = Client::from(theirs);
    client.send("hello\n");
    run_until(&mut map, |_| client.has_input());
    assert_eq!(client.receive_line(), "hello\n");
}
