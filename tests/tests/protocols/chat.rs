//! A chat room: names, history, and lurkers who stop nobody.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Bytes, Io, Key, Refused};
use asyncore_tests::net::Server;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

const HISTORY: usize = 3;

#[derive(Default)]
struct Hub {
    members: BTreeMap<String, Key<Guest>>,
    history: VecDeque<Bytes>,
}

#[channel(idle_timeout = "never", output_high = 1024)]
struct Guest {
    hub: Rc<RefCell<Hub>>,
    name: String,
}

#[channel]
impl Guest {
    #[on_connect]
    fn welcome() -> &'static str {
        "who are you?\r\n"
    }

    #[terminator(b"\r\n", max = 32, within = "30s")]
    fn name(&mut self, name: String, io: &mut Io<Self>) -> Option<&'static str> {
        if self.hub.borrow().members.contains_key(&name) {
            return Some("taken\r\n");
        }
        self.say(&format!("* {name} is here\r\n"), io);
        let mut hub = self.hub.borrow_mut();
        hub.history.iter().for_each(|line| io.push(line));
        hub.members.insert(name.clone(), io.key());
        self.name = name;
        io.set_terminator(GuestTerminator::Line);
        None
    }

    #[terminator(b"\r\n", max = 1024)]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        self.say(&format!("{}: {line}\r\n", self.name), io);
    }

    #[on_close]
    fn gone(&mut self, io: &mut Io<Self>) {
        if self.hub.borrow_mut().members.remove(&self.name).is_some() {
            self.say(&format!("* {} has left\r\n", self.name), io);
        }
    }
}

impl Guest {
    fn new(hub: &Rc<RefCell<Hub>>) -> Self {
        Self { hub: Rc::clone(hub), name: String::new() }
    }

    /// Tells everybody but this one; who does not listen is shown the door.
    fn say(&self, line: &str, io: &mut Io<Self>) {
        let (me, line) = (io.key(), Bytes::copy_from_slice(line.as_bytes()));
        let mut hub = self.hub.borrow_mut();
        for member in hub.members.values().copied().filter(|member| *member != me) {
            if io.try_push_to(member, &line) == Err(Refused::Full) {
                io.tell(member, |_, io| io.close());
            }
        }
        hub.history.push_back(line);
        if hub.history.len() > HISTORY {
            hub.history.pop_front();
        }
    }
}

/// A room with two in it, whose first lines were read.
fn two() -> (Net, Key<Guest>, Key<Guest>, Rc<RefCell<Hub>>) {
    let (mut net, hub) = (Net::new(), Rc::default());
    let (ann, bob) = (net.open(Guest::new(&hub)), net.open(Guest::new(&hub)));
    net.feed(ann, "ann\r\n");
    net.feed(bob, "bob\r\n");
    net.output(ann);
    net.output(bob);
    (net, ann, bob, hub)
}

#[test]
fn a_line_goes_to_everybody_else() {
    let (mut net, ann, bob, _) = two();
    net.feed(ann, "hello\r\n");
    assert_eq!(net.output(bob), b"ann: hello\r\n");
    assert_eq!(net.output(ann), b"");
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let (mut net, .., hub) = two();
    let other = net.open(Guest::new(&hub));
    net.feed(other, "ann\r\nanna\r\n");
    let output = String::from_utf8(net.output(other)).unwrap();
    assert!(output.starts_with("who are you?\r\ntaken\r\n* ann is here\r\n"), "{output}");
}

#[test]
fn a_newcomer_is_told_what_was_said_last() {
    let (mut net, ann, _, hub) = two();
    net.feed(ann, "one\r\ntwo\r\nthree\r\n");
    let carl = net.open(Guest::new(&hub));
    net.feed(carl, "carl\r\n");
    let expected = b"who are you?\r\nann: two\r\nann: three\r\n* carl is here\r\n";
    assert_eq!(net.output(carl), expected);
}

#[test]
fn nobody_hears_a_guest_without_a_name_leave() {
    let (mut net, ann, _, hub) = two();
    let stranger = net.open(Guest::new(&hub));
    net.feed_eof(stranger);
    assert_eq!(net.output(ann), b"");
}

#[test]
fn everybody_hears_a_guest_leave() {
    let (mut net, ann, bob, _) = two();
    net.feed_eof(ann);
    assert_eq!(net.output(bob), b"* ann has left\r\n");
}

#[test]
fn a_lurker_who_reads_nothing_is_closed_and_stops_nobody() {
    let (mut net, ann, bob, hub) = two();
    let carl = net.open(Guest::new(&hub));
    net.feed(carl, "carl\r\n");
    net.output(carl);
    net.window(bob, 0);
    for _ in 0..100 {
        net.feed(ann, "blah blah blah\r\n");
    }
    assert!(!net.is_open(bob));
    let heard = String::from_utf8(net.output(carl)).unwrap();
    assert_eq!(heard.matches("blah blah blah").count(), 100);
    assert_eq!(heard.matches("* bob has left").count(), 1);
}

#[test]
fn guests_talk_over_sockets() {
    let server = Server::start(|map| {
        let hub = Rc::default();
        map.listen("127.0.0.1:0", move |_| Guest::new(&hub))
    });
    let (mut ann, mut bob) = (server.client(), server.client());
    ann.converse("ann\r\n", "who are you?\r\n* ann is here\r\n");
    bob.converse("bob\r\n", "who are you?\r\n* ann is here\r\n* bob is here\r\n");
    assert_eq!(ann.receive_line(), "* bob is here\r\n");
    bob.send("hello\r\n");
    assert_eq!(ann.receive_line(), "bob: hello\r\n");
    drop(bob);
    assert_eq!(ann.receive_line(), "* bob has left\r\n");
}
