//! Features of asyncore that no behaviour row and no test of CPython's shows.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, tcp, Io, Loop, Map, Terminator};
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::common::{run_until, settle, Chat, Events, PATIENCE};
use super::spies::{local_addr, Spy};

/// A map with one channel, and its peer.
fn one(events: &Events) -> (Map, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let mut map = Map::new().expect("a map");
    map.add(ours, Spy::new(events)).expect("a channel");
    (map, theirs)
}

#[test]
fn the_loop_runs_so_many_passes_at_most() {
    let events = Events::default();
    let (mut map, mut peer) = one(&events);
    peer.write_all(b"x").expect("room");
    Loop::new().count(0).run(&mut map).expect("no pass");
    assert_eq!(events.list(), Vec::<String>::new());
    Loop::new().timeout(Duration::from_millis(1)).count(10).run(&mut map).expect("some");
    assert_eq!(events.count("read x"), 1);
    assert_eq!(map.len(), 1);
}

/// Adds another when it closes.
#[channel]
struct Heir(Events, Option<UnixStream>);

#[channel]
impl Heir {
    #[on_read]
    fn read(&mut self, _data: &[u8]) {}

    #[on_eof]
    fn ended(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        if let Some(stream) = self.1.take() {
            io.add(stream, Heir(self.0.clone(), None))?;
        }
        self.0.note("eof");
        io.close();
        Ok(())
    }
}

#[test]
fn the_loop_ends_with_the_last_channel_those_added_meanwhile_included() {
    let events = Events::default();
    let (ours, first) = UnixStream::pair().expect("a pair");
    let (more, second) = UnixStream::pair().expect("a pair");
    let mut map = Map::new().expect("a map");
    map.add(ours, Heir(events.clone(), Some(more))).expect("a channel");
    drop((first, second));
    map.run().expect("the end");
    assert_eq!(events.count("eof"), 2);
}

#[test]
fn dispatchers_chats_and_files_share_a_map() {
    let events = Events::default();
    let (mut map, mut peer) = one(&events);
    let chat = Chat::new(b"\n");
    let framed = chat.events.clone();
    let (ours, mut other) = UnixStream::pair().expect("a pair");
    map.add(ours, chat).expect("a channel");
    let (reader, mut writer) = io::pipe().expect("a pipe");
    let piped = Events::default();
    map.add_file(reader, Spy::new(&piped)).expect("a channel");
    peer.write_all(b"1").expect("room");
    other.write_all(b"2\n").expect("room");
    writer.write_all(b"3").expect("room");
    run_until(&mut map, |_| piped.count("read 3") == 1);
    run_until(&mut map, |_| events.count("read 1") + framed.count("found") == 2);
}

#[test]
fn a_pass_without_anything_to_do_takes_its_timeout() {
    let mut map = Map::new().expect("a map");
    map.poll(Some(Duration::ZERO)).expect("a pass");
    let begun = Instant::now();
    map.poll(Some(Duration::from_millis(30))).expect("a pass");
    assert!(begun.elapsed() >= Duration::from_millis(29));
    map.run().expect("an empty map is at its end");
}

#[test]
fn a_host_name_is_looked_up_beside_the_loop() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    map.connect(("localhost", port), Spy::new(&events)).expect("a name");
    run_until(&mut map, |_| events.count("connect") == 1);
    let unknown = Events::default();
    map.connect(("x".repeat(64).as_str(), 80), Spy::new(&unknown)).expect("a key");
    run_until(&mut map, |_| unknown.count("close") == 1);
}

#[channel]
struct Nothing(Events);

#[channel]
impl Nothing {
    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let none = io.recv(&mut [])?;
        let some = io.recv(&mut [0; 16])?;
        self.0.note(format!("{none} {some}"));
        Ok(())
    }
}

#[test]
fn recv_into_nothing_is_not_the_end() {
    let events = Events::default();
    let mut session = Session::new(Nothing(events.clone()));
    session.feed(b"abc");
    assert_eq!(events.list(), ["0 3"]);
    assert!(session.is_open());
}

#[test]
fn a_map_that_is_dropped_closes_its_sockets_without_events() {
    let events = Events::default();
    let (map, mut peer) = one(&events);
    drop(map);
    assert_eq!(peer.read(&mut [0]).expect("the end"), 0);
    assert_eq!(events.list(), Vec::<String>::new());
}

#[test]
fn a_file_has_no_socket_options() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let (reader, _writer) = io::pipe().expect("a pipe");
    let key = map.add_file(reader, Spy::default()).expect("a channel");
    let noted = events.clone();
    map.tell(key, move |_, io: &mut Io<Spy>| {
        noted.note(format!("{} {}", io.socket_options().is_none(), io.peer_addr().is_none()));
    });
    run_until(&mut map, |_| events.list() == ["true true"]);
}

#[channel]
struct Collecting {
    #[on_read]
    data: Vec<u8>,
    #[terminator]
    until: Terminator,
}

#[channel]
impl Collecting {
    /// `_get_data`, and the answer.
    #[terminator]
    fn found(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.data)
    }
}

#[test]
fn a_field_collects_and_is_taken() {
    let mut session = Session::new(Collecting { data: Vec::new(), until: b";".into() });
    session.feed(b"one;t");
    session.feed(b"wo;three");
    assert_eq!(session.output(), b"onetwo");
    assert_eq!(session.with(|channel, _| channel.data.clone()).as_deref(), Some(&b"three"[..]));
}

#[test]
fn a_listener_takes_a_backlog() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let noted = events.clone();
    let listener =
        map.listen(tcp("127.0.0.1:0").backlog(1), move |_| Spy::new(&noted)).expect("a listener");
    let _peer = TcpStream::connect(listener.local_addr().inet().expect("an address"));
    run_until(&mut map, |_| events.count("connect") == 1);
}

/// Answers each datagram.
#[channel]
struct Resolver(Events);

#[channel]
impl Resolver {
    #[on_read]
    fn asked(&mut self, question: &[u8], io: &mut Io<Self>) -> Vec<u8> {
        self.0.note(format!("{:?}", io.sender().map(|sender| sender.port())));
        [b"re: ", question].concat()
    }
}

#[test]
fn a_reply_to_a_datagram_goes_to_its_sender() {
    for any in ["127.0.0.1:0", "[::1]:0"] {
        let Ok(peer) = UdpSocket::bind(any) else { continue };
        peer.set_read_timeout(Some(PATIENCE)).expect("an option");
        let (events, mut map) = (Events::default(), Map::new().expect("a map"));
        let key = map.datagram(any, Resolver(events.clone())).expect("a channel");
        let addr = local_addr(&mut map, key);
        peer.send_to(b"who?", addr).expect("room");
        run_until(&mut map, |_| events.list().len() == 1);
        settle(&mut map);
        let sender = peer.local_addr().expect("an address").port();
        assert_eq!(events.list(), [format!("Some({sender})")]);
        let mut answer = [0; 16];
        let (len, from) = peer.recv_from(&mut answer).expect("an answer");
        assert_eq!((&answer[..len], from), (&b"re: who?"[..], addr));
    }
}

/// Asks, says that that was all, and reads the answer.
#[channel]
struct Asks(Events);

#[channel]
impl Asks {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) -> &'static str {
        io.end_output();
        "question"
    }

    #[on_read]
    fn read(&mut self, data: &[u8]) {
        self.0.note(format!("read {}", data.escape_ascii()));
    }
}

#[test]
fn a_channel_can_end_its_output_and_read_on() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let (ours, mut peer) = UnixStream::pair().expect("a pair");
    peer.set_read_timeout(Some(PATIENCE)).expect("an option");
    map.add(ours, Asks(events.clone())).expect("a channel");
    settle(&mut map);
    let mut question = String::new();
    peer.read_to_string(&mut question).expect("the end of it");
    peer.write_all(b"answer").expect("room");
    run_until(&mut map, |_| events.list() == ["read answer"]);
    assert_eq!(question, "question");
}

#[channel]
struct Urgent(Events);

#[channel]
impl Urgent {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let socket = io.socket_options().ok_or(io::ErrorKind::NotConnected)?;
        socket.set_out_of_band_inline(true)?;
        self.0.note("connect");
        Ok(())
    }

    #[on_expt]
    fn urgent(&mut self) {
        self.0.note("expt");
    }

    #[on_read]
    fn read(&mut self, data: &[u8]) {
        self.0.note(format!("read {}", data.escape_ascii()));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn out_of_band_data_can_be_read_with_the_rest() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let peer = TcpStream::connect(listener.local_addr().expect("an address")).expect("a peer");
    map.add(listener.accept().expect("a connection").0, Urgent(events.clone())).expect("a channel");
    run_until(&mut map, |_| events.count("connect") == 1);
    socket2::SockRef::from(&peer).send_out_of_band(b"!").expect("room");
    run_until(&mut map, |_| events.count("read !") == 1);
    assert_eq!(events.count("expt"), 1);
}

#[test]
fn a_terminal_is_a_file() {
    use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};
    let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&user).and_then(|()| unlockpt(&user)).expect("a terminal");
    let name = ptsname(&user, Vec::new()).expect("a name");
    let path = name.into_string().expect("text");
    let tty = File::options().read(true).write(true).open(path).expect("a terminal");
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let key = map.add_file(tty, Spy::new(&events)).expect("a channel");
    let mut user = File::from(user);
    user.write_all(b"ls\n").expect("room");
    run_until(&mut map, |_| events.count(r"read ls\n") == 1);
    map.tell(key, |_, io: &mut Io<Spy>| io.push("README\n"));
    settle(&mut map);
    let mut shown = Vec::new();
    while !shown.ends_with(b"README\r\n") {
        let mut part = [0; 64];
        let len = user.read(&mut part).expect("an answer");
        shown.extend_from_slice(&part[..len]);
    }
    assert_eq!(shown, b"ls\r\nREADME\r\n", "the terminal's echo, and the answer");
}
