//! Output that nobody takes: it stops whoever pushed it, and nobody else.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, Addr, Closed, Io, Key, Limit, Refused, Socket};
use asyncore_tests::net::{bounded, Server};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::time::Duration;

/// Answers each line with so many bytes.
#[channel(output_high = 1000, output_low = 500)]
struct Answers {
    size: usize,
    handled: usize,
}

#[channel]
impl Answers {
    #[terminator(b"\n", discard)]
    fn line(&mut self) -> Vec<u8> {
        self.handled += 1;
        vec![b'x'; self.size]
    }
}

fn handled(session: &mut Session<Answers>) -> usize {
    session.with(|channel, _| channel.handled).unwrap()
}

/// A session whose peer sent 100 lines and reads no answer.
fn choked() -> Session<Answers> {
    let mut session = Session::new(Answers { size: 100, handled: 0 });
    session.window(0);
    session.feed(b"\n".repeat(100));
    session
}

#[test]
fn a_channel_handles_no_more_frames_while_its_queue_is_high() {
    assert_eq!(handled(&mut choked()), 10);
}

#[test]
fn a_queue_that_gets_high_is_counted() {
    assert_eq!(choked().net().counters().hits(Limit::OutputHigh), 1);
}

#[test]
fn a_queue_above_its_low_mark_keeps_its_channel_waiting() {
    let mut session = choked();
    session.window(499);
    assert_eq!(handled(&mut session), 10);
}

#[test]
fn a_queue_at_its_low_mark_lets_its_channel_go_on() {
    let mut session = choked();
    session.window(500);
    assert_eq!(handled(&mut session), 15);
}

#[test]
fn a_channel_that_waited_handles_every_frame_when_its_peer_reads() {
    let mut session = choked();
    session.window(usize::MAX);
    assert_eq!(session.output().len(), 100 * 100);
}

/// Pushes lines to another channel, waiting for it or not.
#[channel]
struct Forwards {
    to: Key<Answers>,
    handled: usize,
    refused: Option<Refused>,
}

#[channel]
impl Forwards {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        self.handled += 1;
        match line {
            "try" => self.refused = io.try_push_to(self.to, [b'x'; 100]).err(),
            _ => io.push_to(self.to, [b'x'; 100]),
        }
    }
}

/// A network in which one channel forwards lines to another whose peer reads nothing.
fn forwarding(lines: &[u8]) -> (Net, Key<Forwards>, Key<Answers>) {
    let mut net = Net::new();
    let to = net.open(Answers { size: 0, handled: 0 });
    let from = net.open(Forwards { to, handled: 0, refused: None });
    net.window(to, 0);
    net.feed(from, lines);
    (net, from, to)
}

fn forwarded(net: &mut Net, from: Key<Forwards>) -> usize {
    net.with(from, |channel, _| channel.handled).unwrap()
}

#[test]
fn push_to_a_high_queue_stops_the_channel_that_pushed() {
    let (mut net, from, _) = forwarding(&b"\n".repeat(100));
    assert_eq!(forwarded(&mut net, from), 10);
    assert_eq!(net.counters().hits(Limit::OutputHigh), 1);
}

#[test]
fn push_to_a_high_queue_does_not_stop_the_channel_it_belongs_to() {
    let (mut net, _, to) = forwarding(&b"\n".repeat(100));
    net.feed(to, b"a line of its own\n");
    assert_eq!(net.with(to, |channel, _| channel.handled), Some(1));
}

#[test]
fn a_channel_that_waits_for_another_goes_on_at_its_low_mark() {
    let (mut net, from, to) = forwarding(&b"\n".repeat(100));
    net.window(to, 500);
    assert_eq!(forwarded(&mut net, from), 15);
}

#[test]
fn a_channel_that_waits_for_another_goes_on_when_that_closes() {
    let (mut net, from, to) = forwarding(&b"\n".repeat(100));
    net.with(to, |_, io| io.close());
    assert_eq!(forwarded(&mut net, from), 100);
}

#[test]
fn two_channels_that_push_to_one_are_both_stopped_and_both_go_on() {
    let (mut net, one, to) = forwarding(&b"\n".repeat(100));
    let two = net.open(Forwards { to, handled: 0, refused: None });
    net.feed(two, b"\n".repeat(100));
    assert_eq!(forwarded(&mut net, two), 1);
    net.window(to, usize::MAX);
    assert_eq!((forwarded(&mut net, one), forwarded(&mut net, two)), (100, 100));
    assert_eq!(net.output(to).len(), 200 * 100);
}

#[test]
fn try_push_to_a_high_queue_is_refused_and_stops_nobody() {
    let (mut net, from, _) = forwarding(&b"try\n".repeat(100));
    assert_eq!(forwarded(&mut net, from), 100);
    assert_eq!(net.with(from, |channel, _| channel.refused), Some(Some(Refused::Full)));
}

#[test]
fn try_push_to_a_channel_that_has_closed_is_refused() {
    let (mut net, from, to) = forwarding(b"");
    net.with(to, |_, io| io.close());
    net.feed(from, b"try\n");
    assert_eq!(net.with(from, |channel, _| channel.refused), Some(Some(Refused::Gone)));
}

#[test]
fn push_to_a_channel_that_has_closed_does_nothing() {
    let (mut net, from, to) = forwarding(b"");
    net.with(to, |_, io| io.close());
    net.feed(from, b"\n\n\n");
    assert_eq!(forwarded(&mut net, from), 3);
}

/// Pauses at `pause`; a task of the test's resumes.
#[channel]
struct Pauses;

#[channel]
impl Pauses {
    #[terminator(b"\n")]
    fn line(line: &str, io: &mut Io<Self>) -> String {
        if line == "pause" {
            io.pause();
        }
        format!("{line} ")
    }
}

#[test]
fn a_pause_holds_frames_that_were_already_read() {
    let mut session = Session::new(Pauses);
    session.feed(b"one\npause\ntwo\n");
    session.feed(b"three\n");
    assert_eq!(session.output(), b"one pause ");
}

#[test]
fn resume_handles_the_frames_that_waited_in_their_order() {
    let mut session = Session::new(Pauses);
    session.feed(b"pause\none\npause\ntwo\n");
    session.feed(b"three\n");
    session.with(|_, io| io.resume());
    assert_eq!(session.output(), b"pause one pause ");
    session.with(|_, io| io.resume());
    assert_eq!(session.output(), b"two three ");
}

#[test]
fn the_end_waits_while_the_channel_is_paused() {
    let mut session = Session::new(Pauses);
    session.feed(b"pause\n");
    session.feed_eof();
    assert!(session.is_open());
    session.with(|_, io| io.resume());
    assert!(!session.is_open());
}

#[test]
fn the_end_waits_behind_frames_that_wait() {
    let mut session = Session::new(Pauses);
    session.feed(b"pause\none\n");
    session.feed_eof();
    assert!(session.is_open());
    session.with(|_, io| io.resume());
    assert_eq!(session.output(), b"pause one ");
    assert!(session.closed().as_ref().is_some_and(Closed::is_clean));
}

/// Reads for itself, and pushes what it read.
#[channel]
struct Raw;

#[channel]
impl Raw {
    #[on_read]
    fn readable(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let mut data = [0; 8_192];
        let len = io.recv(&mut data)?;
        io.push(&data[..len]);
        Ok(())
    }
}

#[test]
fn a_channel_that_reads_for_itself_is_stopped_by_its_own_queue() {
    let mut session = Session::new(Raw);
    session.window(0);
    for _ in 0..100 {
        session.feed([b'x'; 8_192]);
    }
    let queued = session.with(|_, io| io.queued()).unwrap();
    assert!(queued <= 64 * 1024 + 8_192, "{queued} bytes are queued");
    session.window(usize::MAX);
    assert_eq!(session.output().len(), 100 * 8_192);
}

#[test]
fn all_comes_back_from_a_channel_that_reads_for_itself_to_a_peer_that_reads_late() {
    const LEN: usize = 5_500_000;
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| Raw));
    let client = server.client().0;
    let (mut sends, mut hears) = (client.try_clone().unwrap(), client);
    let sent = bounded(move || {
        let sent = sends.write_all(&vec![b'x'; LEN]).is_ok();
        let _ = sends.shutdown(Shutdown::Write);
        sent
    });
    // Late: the loop has met its mark before the first byte is read.
    while server.ask(|map| map.counters().hits(Limit::OutputHigh)) == 0 {}
    let heard = bounded(move || hears.read_to_end(&mut Vec::new()).unwrap_or(0));
    assert_eq!((heard(), sent()), (LEN, true));
}

#[test]
fn what_many_push_to_one_closes_nobody() {
    let mut net = Net::new();
    let to = net.open(Answers { size: 0, handled: 0 });
    net.window(to, 0);
    let open = |_| net.open(Forwards { to, handled: 0, refused: None });
    let from: Vec<_> = (0..132).map(open).collect();
    for key in &from {
        net.with(*key, |me, io| io.push_to(me.to, vec![b'x'; 8_000]));
    }
    assert!(net.is_open(to) && from.iter().all(|key| net.is_open(*key)));
    net.window(to, usize::MAX);
    assert_eq!(net.output(to).len(), 132 * 8_000, "all of it arrives");
    for key in &from {
        net.feed(*key, b"go on\n");
        assert_eq!(forwarded(&mut net, *key), 1, "who waited goes on");
    }
}

/// Passes on what it hears, and connects again when its connection ends.
#[channel]
struct Feeder(Key<Answers>);

#[channel]
impl Feeder {
    #[on_read]
    fn read(&mut self, data: &[u8], io: &mut Io<Self>) {
        io.push_to(self.0, data);
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed, io: &mut Io<Self>) {
        io.reconnect(Duration::ZERO);
    }
}

#[test]
fn who_waits_for_a_queue_waits_on_after_it_has_connected_again() {
    let mut net = Net::new();
    let deaf = net.open(Answers { size: 0, handled: 0 });
    net.window(deaf, 0);
    let feeder = net.connect("10.0.0.1:1", Feeder(deaf)).unwrap();
    net.feed(feeder, vec![b'x'; 2000]);
    net.feed_reset(feeder);
    net.advance(Duration::from_millis(1));
    net.feed(feeder, "more");
    assert_eq!(net.with(deaf, |_, io| io.queued()), Some(2000));
    net.window(deaf, 2000);
    assert_eq!(net.with(deaf, |_, io| io.queued()), Some(4));
}

/// Pushes to a channel that it has just added.
#[channel]
struct Adds;

#[channel]
impl Adds {
    #[on_accepted]
    fn accepted(socket: Socket, _peer: Addr, io: &mut Io<Self>) -> std::io::Result<()> {
        let key = io.add(socket, Greets)?;
        io.push_to(key, vec![b'x'; 100_000]);
        Ok(())
    }
}

/// Greets.
#[channel]
struct Greets;

#[channel]
impl Greets {
    #[on_connect]
    fn up() -> &'static str {
        "hello\n"
    }

    #[on_read]
    fn read(_data: &[u8]) {}
}

#[test]
fn however_much_is_pushed_before_a_channel_was_opened_its_greeting_comes_first() {
    let server = Server::start(|map| map.serve("127.0.0.1:0", Adds));
    assert_eq!(server.client().receive_line(), "hello\n");
}
