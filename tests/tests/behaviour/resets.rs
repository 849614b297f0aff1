//! A peer that is gone ends its channel, whatever stops the channel's input.

use asyncore_runtime::{channel, Bytes, Closed, Error, Io, Key, Map};
use asyncore_tests::net::{run_until, Client, Log};
use std::cell::Cell;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::task::Poll;

/// How often it was asked, and closed.
type Seen = Rc<Cell<(u32, u32)>>;

/// Stops its own input, by what the line says.
#[channel]
struct Stops {
    seen: Seen,
    to: Option<Key<Stops>>,
    wants: bool,
}

#[channel]
impl Stops {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        let (asked, closed) = self.seen.get();
        self.seen.set((asked + 1, closed));
        match line {
            "pause" => io.pause(),
            "produce" => io.push_with_producer(Self::nothing_yet),
            "end" => {
                io.push_with_producer(Self::nothing_yet);
                io.close_when_done();
            }
            "owe" => std::mem::forget(io.owe()),
            "push" => {
                let to = self.to.expect("another one");
                while io.is_alive(to) && self.wants {
                    io.push_to(to, vec![b'x'; 1 << 19]);
                    self.wants = io.queued() > 0;
                }
                for _ in 0..20 {
                    io.push_to(to, vec![b'x'; 1 << 19]);
                }
            }
            _ => {}
        }
    }

    #[producer]
    fn nothing_yet(&mut self) -> Poll<Option<Bytes>> {
        Poll::Pending
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed) {
        let (asked, closed) = self.seen.get();
        self.seen.set((asked, closed + 1));
    }
}

fn stops(seen: &Seen, to: Option<Key<Stops>>) -> Stops {
    Stops { seen: Rc::clone(seen), to, wants: true }
}

/// Has a TCP channel stop by `line`, then resets the connection.
fn reset_after(line: &str) {
    let (seen, mut map) = (Seen::default(), Map::new().unwrap());
    // Somebody who does not read, to be pushed to.
    let (deaf, _deaf_peer) = UnixStream::pair().unwrap();
    let deaf = map.add(deaf, stops(&Seen::default(), None)).unwrap();
    let log = Rc::clone(&seen);
    let listener = map.listen("127.0.0.1:0", move |_| stops(&log, Some(deaf))).unwrap();
    let mut peer = Client::connect(listener.local_addr().inet().unwrap());
    peer.send(line);
    run_until(&mut map, |_| seen.get().0 == 1);
    peer.reset();
    run_until(&mut map, |_| seen.get().1 == 1);
    assert_eq!(map.len(), 2, "the listener, and the deaf one");
}

#[test]
fn a_reset_ends_a_channel_that_has_paused() {
    reset_after("pause\n");
}

#[test]
fn a_reset_ends_a_channel_whose_producer_has_nothing_yet() {
    reset_after("produce\n");
}

#[test]
fn a_reset_ends_a_channel_that_is_ending_and_waits_for_its_producer() {
    reset_after("end\n");
}

#[test]
fn a_reset_ends_a_channel_that_owes_an_answer() {
    reset_after("owe\n");
}

#[test]
fn a_reset_ends_a_channel_that_waits_for_the_queue_of_another() {
    reset_after("push\n");
}

#[test]
fn the_end_of_a_unix_peer_ends_a_channel_that_has_paused() {
    for line in ["pause\n", "produce\n"] {
        let (seen, mut map) = (Seen::default(), Map::new().unwrap());
        let (ours, theirs) = UnixStream::pair().unwrap();
        map.add(ours, stops(&seen, None)).unwrap();
        let mut peer = Client::from(theirs);
        peer.send(line);
        run_until(&mut map, |_| seen.get().0 == 1);
        drop(peer);
        run_until(&mut map, |_| seen.get().1 == 1);
    }
}

#[test]
fn what_a_unix_peer_sent_before_it_went_is_handled_when_the_pause_is_over() {
    let (seen, mut map) = (Seen::default(), Map::new().unwrap());
    let (ours, theirs) = UnixStream::pair().unwrap();
    let key = map.add(ours, stops(&seen, None)).unwrap();
    let mut peer = Client::from(theirs);
    peer.send("pause\nlast words\n");
    run_until(&mut map, |_| seen.get().0 == 1);
    drop(peer);
    for _ in 0..5 {
        map.poll(Some(std::time::Duration::ZERO)).unwrap();
    }
    assert_eq!(seen.get(), (1, 0));
    map.tell(key, |_, io| io.resume());
    run_until(&mut map, |_| seen.get() == (2, 1));
}

/// Answers each line, and notes what it hears.
#[channel]
#[derive(Default)]
struct Answers(Log);

#[channel]
impl Answers {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) -> String {
        self.0.note(line);
        format!("{line}\n")
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.0.note(error);
    }
}

#[test]
fn what_a_peer_sent_before_it_went_is_heard_although_no_answer_can_be_written() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    // More than is handled in one turn, at whose end the first answers are written.
    let lines: Vec<_> = (0..5_000).map(|line| line.to_string()).collect();
    theirs.write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    drop(theirs);
    map.add(ours, Answers(log.clone())).unwrap();
    run_until(&mut map, |map| map.is_empty());
    let heard = log.take();
    assert_eq!(heard[..5_000], lines);
    assert_eq!(heard[5_000..], ["write: Broken pipe (os error 32)"]);
}

/// Is told that there is something, and does not read it.
#[channel(idle_timeout = "never")]
struct Ignores(Seen);

#[channel]
impl Ignores {
    #[on_read]
    fn ready(&mut self) {}

    #[on_close]
    fn closed(&mut self, _why: &Closed) {
        self.0.set((0, 1));
    }
}

#[test]
fn a_reset_ends_a_channel_that_reads_for_itself_and_reads_nothing() {
    let (seen, mut map) = (Seen::default(), Map::new().unwrap());
    let log = Rc::clone(&seen);
    let listener = map.listen("127.0.0.1:0", move |_| Ignores(Rc::clone(&log))).unwrap();
    let peer = Client::connect(listener.local_addr().inet().unwrap());
    run_until(&mut map, |map| map.len() == 2);
    peer.reset();
    run_until(&mut map, |_| seen.get().1 == 1);
}
