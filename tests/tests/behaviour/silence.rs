//! `#[on_idle]`: half way to the end of a silence the channel is told of it, once.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Closed, Io, Limit, Map};
use asyncore_tests::net::{run_until, Client, Log};
use core::time::Duration;
use std::net::TcpListener;

/// Pings.
#[channel(idle_timeout = "60s", frame_timeout = "10s")]
struct Pings(Log);

#[channel]
impl Pings {
    #[on_idle]
    fn ping(&mut self) -> &'static str {
        self.0.note("idle");
        "PING\n"
    }

    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        self.0.note(line);
        match line {
            "pause" => io.pause(),
            "owe" => std::mem::forget(io.owe()),
            _ => {}
        }
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(why.error().map_or("closed".to_owned(), ToString::to_string));
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// A connection that has said its first line.
fn connected() -> (Net, asyncore_runtime::Key<Pings>, Log) {
    let (mut net, log) = (Net::new(), Log::default());
    let key = net.open(Pings(log.clone()));
    net.feed(key, "hello\n");
    assert_eq!(log.take(), ["hello"]);
    (net, key, log)
}

#[test]
fn a_silence_is_told_once_and_then_ended() {
    let (mut net, key, log) = connected();
    net.advance(30 * SECOND - Duration::from_nanos(1));
    assert!(log.is_empty());
    net.advance(Duration::from_nanos(1));
    assert_eq!((log.take(), net.output(key)), (vec!["idle".to_owned()], b"PING\n".to_vec()));
    net.advance(30 * SECOND - Duration::from_nanos(1));
    assert!(log.is_empty(), "once");
    net.advance(Duration::from_nanos(1));
    assert_eq!(log.take(), ["nothing heard after 60s"]);
    assert_eq!(net.counters().hits(Limit::Idle), 1);
}

#[test]
fn whoever_answers_is_asked_again_and_lives() {
    let (mut net, key, log) = connected();
    for _ in 0..10 {
        net.advance(30 * SECOND);
        assert_eq!(net.output(key), b"PING\n");
        net.feed(key, "PONG\n");
        assert_eq!(log.take(), ["idle", "PONG"]);
    }
}

#[test]
fn what_is_sent_for_other_reasons_ends_the_silence() {
    let (mut net, key, log) = connected();
    net.advance(29 * SECOND);
    net.with(key, |_, io| io.push("news\n")).unwrap();
    net.advance(29 * SECOND);
    assert!(log.is_empty());
    net.advance(SECOND);
    assert_eq!(log.take(), ["idle"]);
}

#[test]
fn a_frame_under_way_is_no_silence() {
    let (mut net, key, log) = connected();
    net.feed(key, "hal");
    net.advance(10 * SECOND);
    assert_eq!(log.take(), ["frame not complete after 10s"]);
}

#[test]
fn a_silence_of_our_own_is_not_told() {
    for line in ["pause", "owe"] {
        let (mut net, key, log) = connected();
        net.feed(key, format!("{line}\n"));
        net.advance(31 * SECOND);
        assert_eq!(log.take(), [line]);
    }
}

#[test]
fn over_a_socket() {
    /// In no time.
    #[channel(idle_timeout = "10ms")]
    struct Quick(Log);
    #[channel]
    impl Quick {
        #[on_idle]
        fn ping(&mut self) -> &'static str {
            self.0.note("idle");
            "PING\n"
        }
    }
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = Client::connect(listener.local_addr().unwrap());
    map.add(listener.accept().unwrap().0, Quick(log.clone())).unwrap();
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.take(), ["idle"]);
    assert_eq!(client.receive_all(), b"PING\n");
}

#[test]
fn a_loop_that_comes_late_asks_before_it_gives_up() {
    #[channel(idle_timeout = "20ms")]
    struct Late(Log);
    #[channel]
    impl Late {
        #[on_idle]
        fn ping(&mut self) {
            self.0.note("idle");
        }
    }
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, _theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    map.add(ours, Late(log.clone())).unwrap();
    map.poll(Some(Duration::ZERO)).unwrap();
    // Whatever the program does instead.
    std::thread::sleep(Duration::from_millis(40));
    map.poll(Some(Duration::ZERO)).unwrap();
    assert_eq!((log.take(), map.len()), (vec!["idle".to_owned()], 1));
}
