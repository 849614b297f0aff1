//! L1 to L12, and L26: the loop.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, Closed, Error, Io, Map};
use std::cell::Cell;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::rc::Rc;

use super::common::{run_until, settle, Events, PATIENCE};
use super::spies::{told, with_peers, Named, Spy};

/// C: select gives all reads, then all writes; poll, as mio, each channel its events in turn.
#[test]
fn l1_each_channel_has_its_events_in_the_order_of_the_map() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let mut peers = Vec::new();
    for name in ["A", "B", "C"] {
        let channel = Named { writes: true, ..Named::new(name, &events) };
        let (ours, mut theirs) = UnixStream::pair().expect("a pair");
        theirs.write_all(b"x").expect("room");
        map.add(ours, channel).expect("a channel");
        peers.push(theirs);
    }
    run_until(&mut map, |_| told(&events).len() >= 6);
    let expected = ["A: read x", "A: write", "B: read x", "B: write", "C: read x", "C: write"];
    assert_eq!(told(&events)[..6], expected);
}

#[test]
fn l2_a_channel_closed_by_another_has_no_more_events() {
    let events = Events::default();
    let (mut map, keys, mut peers) =
        with_peers(vec![Named::new("A", &events), Named::new("B", &events)]);
    let b = keys[1];
    map.tell(keys[0], move |a: &mut Named, _| {
        a.on_read = Some(Box::new(move |io| io.tell(b, |_, io: &mut Io<Named>| io.close())));
    });
    settle(&mut map);
    peers.iter_mut().for_each(|peer| peer.write_all(b"x").expect("room"));
    run_until(&mut map, |map| map.len() == 1);
    assert_eq!(told(&events), ["A: read x", "B: close"]);
}

/// F: CPython looks the descriptor up again, and the new channel gets the old one's events
/// (bpo-30931).
#[test]
fn l3_a_new_channel_does_not_get_the_events_of_an_old_one() {
    let events = Events::default();
    let (mut map, keys, mut peers) =
        with_peers(vec![Named::new("A", &events), Named::new("B", &events)]);
    let (b, noted) = (keys[1], events.clone());
    let kept = Rc::new(Cell::new(None));
    map.tell(keys[0], move |a: &mut Named, _| {
        a.on_read = Some(Box::new(move |io| {
            io.tell(b, |_, io: &mut Io<Named>| io.close());
            let (ours, theirs) = UnixStream::pair().expect("a pair");
            kept.set(Some(theirs));
            io.add(ours, Named::new("NEW", &noted)).expect("a channel");
        }));
    });
    settle(&mut map);
    peers.iter_mut().for_each(|peer| peer.write_all(b"x").expect("room"));
    run_until(&mut map, |_| events.count("B: close") == 1);
    settle(&mut map);
    assert_eq!(told(&events), ["A: read x", "B: close"]);
    assert_eq!(map.len(), 2);
}

/// F: in CPython it leaves `loop()`, and the others are not served.
#[test]
fn l4_a_panic_in_readable_costs_one_channel() {
    #[channel]
    struct Broken;
    #[channel]
    impl Broken {
        #[readable]
        fn is_readable(&self) -> bool {
            panic!("scripted: readable");
        }
        #[on_read]
        fn read(&mut self, _data: &[u8]) {}
    }
    let events = Events::default();
    let mut net = Net::new();
    let broken = net.open(Broken);
    let other = net.open(Spy::new(&events));
    net.feed(other, b"x");
    assert!(!net.is_open(broken));
    assert_eq!(events.count("read x"), 1);
}

/// F: in CPython it leaves `loop()`.
#[test]
fn l5_an_error_in_handle_error_closes_that_channel() {
    #[channel]
    struct Worse;
    #[channel]
    impl Worse {
        #[terminator(b"\n")]
        fn line(&mut self, _line: &[u8]) -> Result<(), &'static str> {
            Err("first")
        }
        #[on_error]
        fn failed(&mut self, _error: &Error) -> Result<(), &'static str> {
            Err("second")
        }
    }
    let mut session = Session::new(Worse);
    session.feed(b"x\n");
    let why = session.closed().expect("closed");
    assert_eq!(why.error().map(ToString::to_string).as_deref(), Some("first"));
}

/// F: in CPython it leaves `loop()`.
#[test]
fn l6_a_panic_in_handle_close_ends_with_its_channel() {
    #[channel]
    struct Last;
    #[channel]
    impl Last {
        #[on_read]
        fn read(&mut self, _data: &[u8]) {}
        #[on_close]
        fn closed(&mut self, _why: &Closed) {
            panic!("scripted: close");
        }
    }
    let events = Events::default();
    let mut net = Net::new();
    let (last, other) = (net.open(Last), net.open(Spy::new(&events)));
    net.feed_eof(last);
    net.feed(other, b"x");
    assert!(!net.is_open(last));
    assert_eq!(events.count("read x"), 1);
}

/// K: whoever runs the passes stops when a handler says so; the channels stay in the map. Unlike
/// `ExitNow` this does not skip who else was ready in the pass.
#[test]
fn l7_a_handler_can_have_the_loop_left() {
    let events = Events::default();
    let (mut map, keys, mut peers) = with_peers(vec![Named::new("A", &events)]);
    let leave = Rc::new(Cell::new(false));
    let asked = Rc::clone(&leave);
    map.tell(keys[0], move |a: &mut Named, _| {
        a.on_read = Some(Box::new(move |_| asked.set(true)));
    });
    settle(&mut map);
    peers[0].write_all(b"x").expect("room");
    while !leave.get() {
        map.poll(Some(PATIENCE)).expect("a pass");
    }
    assert_eq!(map.len(), 1);
}

/// C: CPython treats some errnos as a close, and with poll without `handle_error`. Here every
/// error of a handler is told once, then the channel closes.
#[test]
fn l8_every_error_of_a_handler_is_told_once() {
    #[channel]
    struct Failing {
        events: Events,
        kind: std::io::ErrorKind,
    }
    #[channel]
    impl Failing {
        #[on_read]
        fn read(&mut self, _data: &[u8]) -> std::io::Result<()> {
            Err(self.kind.into())
        }
        #[on_error]
        fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
            self.events.note(format!("error {error}"));
            io.close();
        }
        #[on_close]
        fn closed(&mut self, _why: &Closed) {
            self.events.note("close");
        }
    }
    for kind in [std::io::ErrorKind::ConnectionReset, std::io::ErrorKind::PermissionDenied] {
        let events = Events::default();
        let mut session = Session::new(Failing { events: events.clone(), kind });
        session.feed(b"x");
        assert_eq!(events.list(), [format!("error {kind}"), "close".into()]);
    }
}

/// F: in CPython a descriptor closed elsewhere is an `OSError` out of the loop, for ever. The map
/// owns its descriptors; a duplicate that is closed is no matter.
#[test]
fn l9_a_descriptor_cannot_be_closed_behind_the_maps_back() {
    let events = Events::default();
    let (ours, mut theirs) = UnixStream::pair().expect("a pair");
    let duplicate = ours.try_clone().expect("a duplicate");
    let mut map = Map::new().expect("a map");
    map.add(ours, Spy::new(&events)).expect("a channel");
    drop(duplicate);
    theirs.write_all(b"x").expect("room");
    run_until(&mut map, |_| events.count("read x") == 1);
}

#[test]
#[ignore = "needs a process of its own: l10"]
fn l10_alone() {
    let files: Vec<_> =
        (0..1100).map(|_| std::fs::File::open("/dev/null").expect("a file")).collect();
    let events = Events::default();
    let (ours, mut theirs) = UnixStream::pair().expect("a pair");
    assert!(std::os::fd::AsRawFd::as_raw_fd(&ours) >= 1024);
    let mut map = Map::new().expect("a map");
    map.add(ours, Spy::new(&events)).expect("a channel");
    theirs.write_all(b"x").expect("room");
    run_until(&mut map, |_| events.count("read x") == 1);
    drop(files);
}

/// In CPython select raises a `ValueError` out of the loop; poll works, as mio does.
#[test]
fn l10_a_descriptor_may_be_larger_than_1023() {
    let this = std::env::current_exe().expect("this test");
    let mut child = Command::new("sh");
    child.args(["-c", "ulimit -n 2048 && exec \"$0\" \"$@\""]);
    child.arg(this).args(["--ignored", "--exact", "asyncore::event_loop::l10_alone"]);
    let output = child.output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

/// F: in CPython the second replaces the first in the map, and the first to close removes it.
#[test]
fn l11_two_channels_on_one_connection_have_each_a_key() {
    let events = Events::default();
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let mut map = Map::new().expect("a map");
    let one =
        map.add(ours.try_clone().expect("a duplicate"), Spy::new(&events)).expect("a channel");
    let two = map.add(ours, Spy::new(&events)).expect("a channel");
    map.tell(one, |_, io: &mut Io<Spy>| io.close());
    run_until(&mut map, |map| !map.is_alive(one));
    assert!(map.is_alive(two));
    drop(theirs);
}

/// F: in CPython `del_channel`, then `add_channel` puts the key None into the map, and the next
/// pass is a `TypeError`. Nothing is taken out of the map and put back: `pause` and `resume`.
#[test]
fn l12_a_channel_leaves_the_loop_for_a_while_by_pausing() {
    let events = Events::default();
    let mut session = Session::new(Spy::new(&events));
    session.with(|_, io| io.pause());
    session.feed(b"x");
    assert_eq!(events.count("read x"), 0);
    session.with(|_, io| io.resume());
    assert_eq!(events.count("read x"), 1);
}

#[test]
#[ignore = "needs a stderr of its own: l26"]
fn l26_alone() {
    #[channel]
    struct Quiet;
    #[channel]
    impl Quiet {
        #[terminator(b"\n")]
        fn line(&mut self, _line: &str) -> Result<(), &'static str> {
            Err("nobody handles this")
        }
    }
    Session::new(Quiet).feed(b"x\n");
}

/// C: CPython prints errors to stdout, and hides what it calls warnings. Here what nobody handles
/// is one line on stderr, with the channel's name.
#[test]
fn l26_an_error_nobody_handles_is_one_line_on_stderr() {
    let this = std::env::current_exe().expect("this test");
    let mut child = Command::new(this);
    child.args(["--ignored", "--exact", "--nocapture", "asyncore::event_loop::l26_alone"]);
    let output = child.stdout(Stdio::null()).output().expect("a process");
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("asyncore: ")).collect();
    assert_eq!(lines, ["asyncore: Quiet: nobody handles this; closing"]);
}
