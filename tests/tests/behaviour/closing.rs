//! The end of a connection: one close event with its reason, and nothing lost that could be sent.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, Bytes, Cause, Closed, Error, Io, Key, Map};
use asyncore_tests::net::{run_until, Client, Log};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Notes each event; ends as the line says.
#[channel]
struct Witness(Log);

struct Late;

#[channel]
impl Witness {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) {
        io.set_timer(Duration::from_secs(30), Late);
        self.0.note("connect");
    }

    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> String {
        self.0.note(line);
        match line {
            "close" => io.close(),
            "done" => io.close_when_done(),
            "twice" => {
                io.close_when_done();
                io.close();
            }
            "late" => {
                io.close_when_done();
                io.tell(io.key(), |_, io| io.push("too late"));
                io.push_with_producer([Bytes::from_static(b"still ")].into_iter());
            }
            "half" => io.end_output(),
            "panic" => panic!("on purpose"),
            _ => {}
        }
        format!("{line}\n")
    }

    #[on_eof]
    fn eof(&mut self, io: &mut Io<Self>) -> &'static str {
        self.0.note("eof");
        io.close_when_done();
        "goodbye\n"
    }

    #[on_timer]
    fn late(&mut self, _late: Late) {
        self.0.note("timer");
    }

    #[on_error]
    fn failed(&mut self, _error: &Error) {
        self.0.note("error");
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(format!("closed: {why}"));
    }
}

fn witness() -> (Net, Key<Witness>, Log) {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(Witness(log.clone()));
    (net, key, log)
}

/// What the channel saw, with whatever can still come after its end.
fn seen(mut net: Net, key: Key<Witness>, log: &Log) -> Vec<String> {
    net.feed(key, "more\n");
    net.feed_eof(key);
    net.with(key, |_, io| io.close());
    net.advance(Duration::from_secs(3_600));
    net.close_all();
    log.take()
}

#[test]
fn a_channel_that_closes_has_one_close_event_and_nothing_after_it() {
    let (mut net, key, log) = witness();
    net.feed(key, "close\n");
    assert_eq!(seen(net, key, &log), ["connect", "close", "closed: closed"]);
}

#[test]
fn a_channel_that_closes_when_done_has_one_close_event_and_nothing_after_it() {
    let (mut net, key, log) = witness();
    net.feed(key, "done\nmore\n");
    assert_eq!(seen(net, key, &log), ["connect", "done", "closed: closed"]);
}

#[test]
fn a_channel_that_closes_in_both_ways_has_one_close_event() {
    let (mut net, key, log) = witness();
    net.feed(key, "twice\nmore\n");
    assert_eq!(seen(net, key, &log), ["connect", "twice", "closed: closed"]);
}

#[test]
fn a_channel_whose_peer_closes_has_one_close_event() {
    let (mut net, key, log) = witness();
    net.feed(key, "one\n");
    net.feed_eof(key);
    assert_eq!(seen(net, key, &log), ["connect", "one", "eof", "closed: closed by the peer"]);
}

#[test]
fn a_channel_that_panics_has_one_close_event() {
    let (mut net, key, log) = witness();
    net.feed(key, "panic\nmore\n");
    let expected = ["connect", "panic", "error", "closed: a handler panicked: on purpose"];
    assert_eq!(seen(net, key, &log), expected);
}

#[test]
fn a_channel_that_is_closed_with_all_others_has_one_close_event() {
    let (mut net, key, log) = witness();
    net.close_all();
    assert_eq!(seen(net, key, &log), ["connect", "closed: closed"]);
}

#[test]
fn a_connection_that_was_reset_has_one_error_and_one_close_event() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::connect(listener.local_addr().unwrap());
    map.add(listener.accept().unwrap().0, Witness(log.clone())).unwrap();
    client.reset();
    run_until(&mut map, |map| map.is_empty());
    let events = log.take();
    assert_eq!(events[..2], ["connect", "error"]);
    assert!(events[2].starts_with("closed: read: Connection reset"), "{events:?}");
    assert_eq!(events.len(), 3);
}

#[test]
fn a_channel_whose_peer_is_reset_has_one_close_event() {
    let (mut net, key, log) = witness();
    net.feed_reset(key);
    let events = seen(net, key, &log);
    assert_eq!(events[..2], ["connect", "error"]);
    assert!(events[2].starts_with("closed: read: "), "{events:?}");
    assert_eq!(events.len(), 3);
}

#[test]
fn a_reply_returned_with_close_when_done_is_sent() {
    let (mut net, key, _) = witness();
    net.feed(key, "done\n");
    assert_eq!(net.output(key), b"done\n");
}

#[test]
fn a_reply_returned_with_close_is_sent_if_there_is_room() {
    let (mut net, key, _) = witness();
    net.feed(key, "close\n");
    assert_eq!(net.output(key), b"close\n");
}

#[test]
fn close_does_not_wait_for_a_peer_that_reads_nothing_and_says_what_was_lost() {
    let (mut net, key, _) = witness();
    net.window(key, 0);
    net.feed(key, "one\nclose\n");
    assert_eq!(net.closed(key).map(|why| why.unsent), Some("one\nclose\n".len()));
}

#[test]
fn close_when_done_waits_until_its_peer_reads() {
    let (mut net, key, _) = witness();
    net.window(key, 0);
    net.feed(key, "one\ndone\n");
    assert!(net.is_open(key));
    net.window(key, usize::MAX);
    assert_eq!(net.output(key), b"one\ndone\n");
    assert!(net.closed(key).as_ref().is_some_and(Closed::is_clean));
}

#[test]
fn frames_that_were_read_and_not_handled_are_in_the_reason() {
    let (mut net, key, _) = witness();
    net.feed(key, "close\nmore\n");
    assert_eq!(net.closed(key).map(|why| why.unread), Some("more\n".len()));
}

#[test]
fn what_is_pushed_after_close_when_done_is_in_the_reason() {
    let (mut net, key, _) = witness();
    net.window(key, 0);
    net.feed(key, "late\n");
    net.window(key, usize::MAX);
    assert_eq!(net.output(key), b"still late\n");
    assert_eq!(net.closed(key).map(|why| why.pushed_late), Some("too late".len()));
}

#[test]
fn a_frame_that_was_cut_off_is_in_the_reason() {
    let (mut net, key, _) = witness();
    net.feed(key, "one\nhalf");
    net.feed_eof(key);
    let why = net.closed(key).unwrap();
    assert!(matches!(why.cause, Cause::ByPeer), "{why}");
    assert_eq!((why.unread, why.is_clean()), (4, false));
}

#[test]
fn what_on_eof_returns_is_sent() {
    let (mut net, key, _) = witness();
    net.feed_eof(key);
    assert_eq!(net.output(key), b"goodbye\n");
}

/// A map with one TCP connection to a `Witness`, and its other end.
fn over_tcp() -> (Map, Client) {
    let mut map = Map::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = Client::connect(listener.local_addr().unwrap());
    map.add(listener.accept().unwrap().0, Witness(Log::default())).unwrap();
    (map, client)
}

#[test]
fn a_last_reply_arrives_although_unread_input_is_pending() {
    let (mut map, mut client) = over_tcp();
    client.send("done\n");
    client.send("x".repeat(100_000));
    run_until(&mut map, |map| map.counters().closed() == 1);
    client.send("y".repeat(10_000));
    run_until(&mut map, |_| client.has_input());
    assert_eq!(client.receive_all(), b"done\n");
}

#[test]
fn a_peer_that_hangs_up_ends_a_lingering_connection() {
    let (mut map, mut client) = over_tcp();
    client.send("done\nunread");
    run_until(&mut map, |map| map.counters().closed() == 1);
    assert_eq!(client.receive_all(), b"done\n");
    drop(client);
    run_until(&mut map, |map| map.is_empty());
}

#[test]
fn a_peer_that_closed_its_side_still_gets_its_answer() {
    let (mut map, mut client) = over_tcp();
    client.send("one\n");
    client.finish();
    run_until(&mut map, |map| map.counters().closed() == 1);
    assert_eq!(client.receive_all(), b"one\ngoodbye\n");
}

#[test]
fn a_channel_that_ends_its_output_still_reads() {
    let (mut map, mut client) = over_tcp();
    client.send("half\n");
    run_until(&mut map, |_| client.has_input());
    assert_eq!(client.receive_all(), b"half\n");
    client.send("close\n");
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(map.counters().closed(), 1);
}

/// Answers at the end of a peer that closed its side: a second later.
#[channel]
struct Slow;

#[channel]
impl Slow {
    #[terminator(b"\n", discard)]
    fn line(&mut self) {}

    #[on_eof]
    fn eof(&mut self, io: &mut Io<Self>) {
        io.set_timer(Duration::from_secs(1), Late);
    }

    #[on_timer]
    fn late(&mut self, _late: Late, io: &mut Io<Self>) -> &'static str {
        io.close_when_done();
        "at last\n"
    }
}

#[test]
fn a_channel_with_on_eof_may_answer_later() {
    let mut session = Session::new(Slow);
    session.feed_eof();
    session.advance(Duration::from_secs(1));
    assert_eq!(session.output(), b"at last\n");
    assert!(!session.is_open());
}

/// Has so much to say that it leaves in three pieces, and ends as the line says.
#[channel]
struct Parts;

#[channel]
impl Parts {
    #[terminator(b"\n")]
    fn line(&mut self, how: &str, io: &mut Io<Self>) -> Result<(), &'static str> {
        Self::say(io);
        match how {
            "close" => io.close(),
            "panic" => panic!("on purpose"),
            _ => return Err("failed"),
        }
        Ok(())
    }
}

impl Parts {
    fn say(io: &mut Io<Self>) {
        io.push("head\n");
        io.push(vec![b'x'; 5000]);
        io.push("tail\n");
    }
}

#[test]
fn the_one_attempt_at_the_end_writes_all_that_the_system_takes() {
    for how in ["close\n", "fail\n", "panic\n"] {
        let mut session = Session::new(Parts);
        session.feed(how);
        assert!(!session.is_open());
        assert_eq!(session.output().len(), 5010, "{how}");
    }
}

#[test]
fn a_map_that_closes_writes_what_each_of_its_channels_has() {
    let mut map = Map::new().unwrap();
    let (ours, theirs) = UnixStream::pair().unwrap();
    let key = map.add(ours, Parts).unwrap();
    map.tell(key, |_, io| Parts::say(io));
    // The task runs behind the turn of its channel: what it pushed is still queued.
    map.poll(Some(Duration::ZERO)).unwrap();
    map.close_all();
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(Client::from(theirs).receive_all().len(), 5010);
}
