//! More than one channel: what one does to another, and when.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Io, Key};
use asyncore_tests::net::Log;

/// Notes what it is told; plays the scripts of the tests.
#[channel]
struct Player {
    log: Log,
    other: Option<Key<Player>>,
}

#[channel]
impl Player {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        let Some(other) = self.other else { return };
        match line {
            "mixed" => {
                io.push_to(other, "1 ");
                io.tell(other, |_, io| io.push("2 "));
                io.push_to(other, "3 ");
                io.tell(other, |_, _| "4 ");
                let _ = io.try_push_to(other, "5 ");
            }
            "nested" => {
                io.tell(other, |me, _| me.log.note("told"));
                self.log.note("handler is still running");
            }
            "ping" => io.tell(other, |me, io| me.answer(io)),
            _ => io.tell(io.key(), |me, _| me.log.note("told itself")),
        }
        self.log.note("handler returns");
    }

    #[on_close]
    fn closed(&mut self) {
        self.log.note("closed");
    }
}

impl Player {
    fn answer(&mut self, io: &mut Io<Self>) {
        let Some(other) = self.other else { return };
        io.tell(other, |me, _| me.log.note("pong"));
    }
}

/// Two channels that know each other.
fn two() -> (Net, Key<Player>, Key<Player>, Log) {
    let (mut net, log) = (Net::new(), Log::default());
    let one = net.open(Player { log: log.clone(), other: None });
    let two = net.open(Player { log: log.clone(), other: Some(one) });
    net.with(one, move |player, _| player.other = Some(two));
    (net, one, two, log)
}

#[test]
fn tell_and_push_to_keep_their_order() {
    let (mut net, one, two, _) = two();
    net.feed(one, b"mixed\n");
    assert_eq!(net.output(two), b"1 2 3 4 5 ");
}

#[test]
fn no_handler_runs_inside_another() {
    let (mut net, one, _, log) = two();
    net.feed(one, b"nested\n");
    assert_eq!(log.take(), ["handler is still running", "handler returns", "told"]);
}

#[test]
fn a_channel_can_tell_itself() {
    let (mut net, one, _, log) = two();
    net.feed(one, b"me\n");
    assert_eq!(log.take(), ["handler returns", "told itself"]);
}

#[test]
fn what_was_told_can_tell_on() {
    let (mut net, one, _, log) = two();
    net.feed(one, b"ping\n");
    assert_eq!(log.take(), ["handler returns", "pong"]);
}

#[test]
fn what_a_dead_key_is_told_does_nothing() {
    let (mut net, one, two, log) = two();
    net.with(two, |_, io| io.close());
    log.take();
    net.feed(one, b"nested\nmixed\n");
    let expected = ["handler is still running", "handler returns", "handler returns"];
    assert_eq!(log.take(), expected);
}

#[test]
fn a_dead_key_never_becomes_another_channels() {
    let (mut net, one, two, log) = two();
    net.with(two, |_, io| io.close());
    let newer = net.open(Player { log: log.clone(), other: None });
    log.take();
    net.feed(one, b"mixed\n");
    assert_ne!(newer, two);
    assert_eq!(net.output(newer), b"");
}

#[test]
fn a_channel_closed_by_another_has_one_close_event() {
    let (mut net, one, two, log) = two();
    net.with(one, move |_, io| io.tell(two, |_, io| io.close()));
    net.with(one, move |_, io| io.tell(two, |_, io| io.close()));
    assert_eq!(log.take(), ["closed"]);
}
