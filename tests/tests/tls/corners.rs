//! Where what lies over a connection could be taken for the connection itself.

use asyncore_runtime::testing::Net;
use asyncore_runtime::tls::ServerTls;
use asyncore_runtime::{channel, Closed, IntoSocket, Io, Key, Map, Socket};
use asyncore_tests::net::{run_until, Log};
use core::time::Duration;
use std::io::Write;
use std::os::unix::net::UnixStream;

use crate::certificates::server;
use crate::hand::Hand;

/// Begins TLS at once, and answers `NUMBER` with so many bytes.
#[channel]
struct Serves {
    log: Log,
    tls: ServerTls,
}

#[channel]
impl Serves {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        io.start_tls(&self.tls);
    }

    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> Option<Vec<u8>> {
        self.log.note(if line.len() > 10 { "long" } else { line });
        if line == "pause" {
            io.pause();
        }
        line.parse().ok().map(|len| vec![b'x'; len])
    }

    #[on_eof]
    fn eof(&mut self, io: &mut Io<Self>) -> &'static str {
        self.log.note("eof");
        io.close_when_done();
        "goodbye\n"
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.log.note(why);
    }
}

fn serves() -> (Net, Key<Serves>, Log, Hand) {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(Serves { log: log.clone(), tls: server() });
    let hand = Hand::shaken(&mut net, key);
    (net, key, log, hand)
}

#[test]
fn an_end_in_one_segment_with_the_last_line_is_heard() {
    let (mut net, key, log, mut hand) = serves();
    hand.say("one\n");
    hand.say_end();
    hand.exchange(&mut net, key);
    assert_eq!(log.take(), ["one", "eof", "closed by the peer"]);
    assert_eq!(hand.heard, b"goodbye\n");
}

#[test]
fn what_came_during_a_pause_is_heard_after_it() {
    let (mut net, key, log, mut hand) = serves();
    hand.say(format!("pause\n{}\n", "x".repeat(6_000)));
    hand.exchange(&mut net, key);
    hand.say("last\n");
    hand.exchange(&mut net, key);
    assert_eq!(log.take(), ["pause"]);
    net.with(key, |_, io| io.resume());
    assert_eq!(log.take(), ["long", "last"]);
}

#[test]
fn a_small_answer_that_nobody_reads_has_the_time_of_a_write() {
    let (mut net, key, log, mut hand) = serves();
    net.window(key, 100);
    hand.say("20000\n");
    hand.exchange(&mut net, key);
    net.advance(Duration::from_secs(30));
    assert_eq!(log.take(), ["20000", "no output taken after 30s"]);
}

#[test]
fn who_takes_a_little_at_a_time_gets_all() {
    let (mut net, key, log, mut hand) = serves();
    net.window(key, 0);
    hand.say("50000\n");
    hand.exchange(&mut net, key);
    while hand.heard.len() < 50_000 {
        net.advance(Duration::from_secs(1));
        net.window(key, 1_500);
        hand.exchange(&mut net, key);
        assert!(net.is_open(key), "{:?}", log.take());
    }
}

#[test]
fn what_others_pushed_is_written_before_a_task_ends_the_channel() {
    let (mut net, key, _log, mut hand) = serves();
    let other = net.open(Pushes(key));
    net.window(key, 0);
    net.feed(other, "\n");
    net.with(key, |_, io| io.close_when_done());
    net.window(key, usize::MAX);
    hand.exchange(&mut net, key);
    assert_eq!(hand.heard.len(), 64 * 1024);
}

/// Pushes to another channel.
#[channel]
struct Pushes(Key<Serves>);

#[channel]
impl Pushes {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &[u8], io: &mut Io<Self>) {
        io.push_to(self.0, vec![b'x'; 64 * 1024]);
    }
}

/// Gives its connection to one that speaks TLS, with what was read in the clear.
#[channel]
struct Door {
    log: Log,
    tls: ServerTls,
}

#[channel]
impl Door {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str, io: &mut Io<Self>) -> std::io::Result<()> {
        io.detach(|door, socket: Socket, io| {
            let next = Serves { log: door.log.clone(), tls: door.tls.clone() };
            door.log.note(io.add(socket.tls(&door.tls), next).unwrap_err());
        })
    }
}

#[test]
fn what_was_read_in_the_clear_is_not_handed_to_a_channel_over_tls() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(Door { log: log.clone(), tls: server() });
    net.feed(key, "START\nINJECTED\n");
    let refused = "cannot add the socket: what was read of it before was sent in the clear: \
                   `take_unread` first";
    assert_eq!(log.take(), [refused]);
}

/// Collects lines in a field, and begins TLS when it is told.
#[channel]
struct Collects {
    #[on_read]
    line: Vec<u8>,
    log: Log,
    tls: ServerTls,
}

#[channel]
impl Collects {
    #[terminator(b"\n")]
    fn found(&mut self) {
        self.log.note(String::from_utf8_lossy(&std::mem::take(&mut self.line)));
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.log.note(why.error().map(ToString::to_string).unwrap_or_default());
    }
}

#[test]
fn half_a_frame_in_a_field_does_not_cross_the_upgrade() {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(Collects { line: Vec::new(), log: log.clone(), tls: server() });
    net.feed(key, "INJECTED ");
    net.with(key, |collects, io| io.start_tls(&collects.tls));
    let why = "TLS cannot begin: input came in the clear behind the frame that started it";
    assert_eq!(log.take(), [why]);
}

/// Takes an upload to its end, refuses it half way, and says why.
#[channel]
struct Refuses(ServerTls);

#[channel]
impl Refuses {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        io.start_tls(&self.0);
    }

    #[terminator(eof)]
    fn all(_data: Vec<u8>) {}

    #[on_tls]
    fn secured(io: &mut Io<Self>) -> Vec<u8> {
        io.close_when_done();
        vec![b'x'; 50_000]
    }
}

#[test]
fn a_bare_end_does_not_cost_the_last_word_of_who_ends() {
    let mut net = Net::new();
    let key = net.open(Refuses(server()));
    let mut hand = Hand::new();
    hand.exchange(&mut net, key);
    net.window(key, 0);
    hand.exchange(&mut net, key);
    net.feed_eof(key);
    net.window(key, usize::MAX);
    hand.hear(&net.output(key));
    assert_eq!(hand.heard.len(), 50_000);
}

#[test]
fn a_peer_that_goes_is_heard_to_the_last_line_that_waits_inside() {
    /// Answers at length, a few lines a turn.
    #[channel(bytes_per_turn = 100)]
    struct Talks(Log);
    #[channel]
    impl Talks {
        #[terminator(b"\n")]
        fn line(&mut self, line: &str) -> Vec<u8> {
            self.0.note(line);
            vec![b'x'; 2_000]
        }
    }
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    map.add(ours.into_socket().unwrap().tls(server()), Talks(log.clone())).unwrap();
    let client = std::thread::spawn(move || {
        let name = "localhost".try_into().unwrap();
        let mut tls = rustls::ClientConnection::new(crate::certificates::client(), name).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut theirs).unwrap();
        }
        let lines: String = (0..1_000).map(|line| format!("{line}\n")).collect();
        tls.writer().write_all(lines.as_bytes()).unwrap();
        while tls.wants_write() {
            tls.write_tls(&mut theirs).unwrap();
        }
    });
    run_until(&mut map, |map| map.is_empty());
    client.join().unwrap();
    assert_eq!(log.len(), 1_000);
}
