//! A connection leaves its channel and goes on: with another one, a thread, or a child.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, tcp, Bytes, Cause, Closed, Io, Map, Socket};
use asyncore_tests::net::{run_until, Log, Server};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::task::Poll;

/// Gives its connection up at the first line, to what the line names.
#[channel]
struct Door(Log);

#[channel]
impl Door {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> std::io::Result<String> {
        self.0.note(line);
        match line {
            "produced" => io.push_with_producer(Self::more),
            "reset" => io.close(),
            _ => {}
        }
        let to = line.to_owned();
        io.detach(move |me, socket, io| me.hand_over(&to, socket, io))?;
        Ok(format!("to {line}\n"))
    }

    #[producer]
    fn more(&mut self) -> Poll<Option<Bytes>> {
        Poll::Ready(None)
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        let by_us = matches!(why.cause, Cause::ByUs);
        self.0.note(format_args!("closed by us: {by_us}, unread {}", why.unread));
    }
}

impl Door {
    fn hand_over(&self, to: &str, mut socket: Socket, io: &mut Io<Self>) {
        let log = self.0.clone();
        match to {
            "room" => drop(io.add(socket, Room(log)).unwrap()),
            "reader" => log.note(io.add(socket, Reader).unwrap_err()),
            "thread" => {
                let unread = socket.take_unread();
                let stream = TcpStream::try_from(socket).unwrap();
                std::thread::spawn(move || shout(stream, &unread));
            }
            "panic" => panic!("with the socket"),
            _ => log.note(format_args!("dropped, unread {:?}", socket.unread())),
        }
    }
}

/// Answers lines in capitals.
#[channel]
struct Room(Log);

#[channel]
impl Room {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) -> String {
        self.0.note(format_args!("room: {line}"));
        format!("{}\n", line.to_uppercase())
    }
}

/// Reads for itself.
#[channel]
struct Reader;

#[channel]
impl Reader {
    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        io.recv(&mut [0; 10]).map(drop)
    }
}

/// Goes on with a connection that blocks, as it is made for.
fn shout(mut stream: TcpStream, unread: &[u8]) {
    let mut lines = BufReader::new(std::io::Read::chain(unread, stream.try_clone().unwrap()));
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap() > 0 {
        stream.write_all(line.to_uppercase().as_bytes()).unwrap();
        line.clear();
    }
}

fn door(log: &Log) -> Server {
    let log = log.clone();
    Server::start(move |map| map.listen("127.0.0.1:0", move |_| Door(log.clone())))
}

#[test]
fn another_channel_goes_on_with_what_was_read_before() {
    let log = Log::default();
    let server = door(&log);
    let mut client = server.client();
    client.send("room\none\ntw");
    client.converse("o\n", "to room\nONE\nTWO\n");
    let heard = ["room", "closed by us: true, unread 0", "room: one", "room: two"];
    assert_eq!(log.take(), heard);
}

#[test]
fn every_cut_gives_each_byte_to_exactly_one_channel() {
    let input = b"room\none\ntwo\n";
    for cut in 0..input.len() {
        let (mut net, log) = (Net::new(), Log::default());
        let key = net.open(Door(log.clone()));
        net.feed(key, &input[..cut]);
        let room = net.keys::<Room>().first().copied();
        match room {
            Some(room) => net.feed(room, &input[cut..]),
            None => net.feed(key, &input[cut..]),
        }
        let heard = ["room", "closed by us: true, unread 0", "room: one", "room: two"];
        assert_eq!(log.take(), heard, "cut at {cut}");
    }
}

#[test]
fn a_thread_goes_on_with_what_was_read_before() {
    let log = Log::default();
    let server = door(&log);
    let mut client = server.client();
    client.converse("thread\none\n", "to thread\nONE\n");
    client.converse("two\n", "TWO\n");
    assert_eq!(server.ask(|map| map.len()), 1, "only the listener is left");
}

#[test]
fn what_is_queued_is_written_first() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(Door(log.clone()));
    net.window(key, 3);
    net.feed(key, "produced\nrest");
    assert_eq!(log.take(), ["produced"], "not all is written");
    net.window(key, usize::MAX);
    let heard = ["dropped, unread [114, 101, 115, 116]", "closed by us: true, unread 0"];
    assert_eq!(log.take(), heard);
}

#[test]
fn a_close_goes_before() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(Door(log.clone()));
    net.feed(key, "reset\n");
    assert_eq!(log.take(), ["reset", "closed by us: true, unread 0"]);
}

#[test]
fn a_panic_closes_the_socket_and_nothing_else() {
    let log = Log::default();
    let server = door(&log);
    let mut client = server.client();
    client.send("panic\n");
    assert_eq!(client.receive_all(), b"to panic\n");
    assert_eq!(server.ask(|map| map.counters().panics()), 1);
    server.client().converse("room\nhello\n", "to room\nHELLO\n");
}

#[test]
fn a_channel_that_reads_for_itself_is_not_given_what_was_read_before() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(Door(log.clone()));
    net.feed(key, "reader\nrest");
    let refused =
        "cannot add the socket: a channel that reads for itself cannot be given what was \
                   read before: `take_unread` first";
    assert_eq!(log.take(), ["reader", refused, "closed by us: true, unread 0"]);
}

#[test]
fn a_socket_of_which_something_was_read_is_no_stream_of_std_until_that_is_taken() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let key = map.add(ours, Room(log.clone())).unwrap();
    theirs.write_all(b"one\nhalf").unwrap();
    run_until(&mut map, |_| log.len() == 1);
    let noted = log.clone();
    map.tell(key, move |_, io| {
        io.detach(move |_, socket, _| noted.note(UnixStream::try_from(socket).unwrap_err()))
    });
    run_until(&mut map, |map| map.is_empty());
    let refused = "4 bytes of the socket were read and not used: `take_unread` first";
    assert_eq!(log.take(), ["room: one", refused]);
}

#[test]
fn the_seat_goes_with_the_socket() {
    let log = Log::default();
    let server = Server::start(move |map| {
        let one = tcp("127.0.0.1:0").max_connections(1).when_full(b"full\n");
        map.listen(one, move |_| Door(log.clone()))
    });
    let mut first = server.client();
    first.converse("room\nhello\n", "to room\nHELLO\n");
    assert_eq!(server.client().receive_line(), "full\n");
    drop(first);
    // It comes back as soon as the connection has gone.
    let next = || {
        let mut client = server.client();
        let _ = client.0.write_all(b"room\n");
        client.receive_line()
    };
    while next() == "full\n" {}
}

#[test]
fn what_is_no_connection_cannot_be_given_up() {
    let mut map = Map::new().unwrap();
    let log = Log::default();
    let (reader, _writer) = std::io::pipe().unwrap();
    let key = map.add_file(reader, Room(log.clone())).unwrap();
    let noted = log.clone();
    map.tell(key, move |_, io| {
        noted.note(io.detach(|_, _, _| ()).unwrap_err());
        io.close();
    });
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(
        log.take(),
        ["only a connection that stands, with nothing over it, can be given up"]
    );
}
