//! Answers that are owed: given by other threads, in the order of the questions or not.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, Cause, Closed, Error, Io, Limit, Map, Owed};
use asyncore_tests::net::{run_until, Client, Server};
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::Poll;
use std::time::Duration;

/// Owes every answer: keeps what it owes, in the order of the questions.
#[channel(max_owed = 3)]
#[derive(Default)]
struct Desk {
    owed: Vec<Owed<Desk>>,
    seen: Vec<String>,
}

#[channel]
impl Desk {
    #[terminator(b"\n")]
    fn line(&mut self, line: String, io: &mut Io<Self>) -> Option<&'static str> {
        self.seen.push(line.clone());
        match line.as_str() {
            "now" => return Some("now\n"),
            "bye" => io.close_when_done(),
            "by number" => self.owed.push(io.owe_unordered()),
            _ => self.owed.push(io.owe()),
        }
        None
    }
}

fn take(session: &mut Session<Desk>, at: usize) -> Owed<Desk> {
    session.with(move |desk, _| desk.owed.remove(at)).expect("open")
}

#[test]
fn answers_come_in_the_order_of_the_questions() {
    let mut session = Session::new(Desk::default());
    session.feed("one\ntwo\nthree\n");
    take(&mut session, 2).answer(|_, _| "3\n");
    take(&mut session, 1).answer(|_, _| "2\n");
    assert_eq!(session.output(), b"");
    take(&mut session, 0).answer(|_, _| "1\n");
    assert_eq!(session.output(), b"1\n2\n3\n");
}

#[test]
fn what_is_said_after_a_question_waits_for_its_answer() {
    let mut session = Session::new(Desk::default());
    session.feed("one\nnow\n");
    assert_eq!(session.output(), b"");
    take(&mut session, 0).answer(|_, io| io.push("1\n"));
    assert_eq!(session.output(), b"1\nnow\n");
}

#[test]
fn an_answer_by_number_waits_for_no_other() {
    let mut session = Session::new(Desk::default());
    session.feed("by number\nby number\nnow\n");
    assert_eq!(session.output(), b"now\n");
    take(&mut session, 1).answer(|_, _| "b\n");
    assert_eq!(session.output(), b"b\n");
    take(&mut session, 0).answer(|_, _| "a\n");
    assert_eq!(session.output(), b"a\n");
}

#[test]
fn an_answer_may_be_a_producer() {
    let mut session = Session::new(Desk::default());
    session.feed("one\ntwo\n");
    take(&mut session, 1).answer(|_, io| io.push_with_producer(["2", "2", "\n"].into_iter()));
    take(&mut session, 0).answer(|_, io| io.push_with_producer(["1", "1", "\n"].into_iter()));
    assert_eq!(session.output(), b"11\n22\n");
}

#[test]
fn as_many_as_may_be_owed_stop_the_frames_until_one_is_answered() {
    let mut session = Session::new(Desk::default());
    session.feed("1\n2\n3\n4\n5\n");
    assert_eq!(session.with(|desk, _| desk.seen.len()), Some(3));
    assert_eq!(session.net().counters().hits(Limit::Owed), 1);
    take(&mut session, 0).answer(|_, _| "one\n");
    assert_eq!(session.output(), b"one\n");
    assert_eq!(session.with(|desk, _| desk.seen.len()), Some(4));
}

#[test]
fn a_channel_that_owes_is_not_idle_but_has_a_time_for_it() {
    let mut session = Session::new(Desk::default());
    session.feed("one\n");
    session.advance(Duration::from_secs(299));
    assert!(session.is_open());
    session.advance(Duration::from_secs(1));
    let why = session.closed().expect("its time is over");
    assert_eq!(why.error().and_then(Error::limit), Some(Limit::Answer));
}

#[test]
fn a_peer_that_says_no_more_gets_its_answer() {
    let mut session = Session::new(Desk::default());
    session.feed("one\n");
    session.feed_eof();
    assert!(session.is_open());
    take(&mut session, 0).answer(|_, _| "1\n");
    assert_eq!(session.output(), b"1\n");
    assert!(session.closed().expect("done").is_clean());
}

#[test]
fn a_channel_that_ends_gives_its_answers_first() {
    let mut session = Session::new(Desk::default());
    session.feed("one\nbye\n");
    assert!(session.is_open());
    take(&mut session, 0).answer(|_, _| "1\n");
    assert_eq!(session.output(), b"1\n");
    assert!(session.closed().is_some());
}

#[test]
fn a_map_that_drains_waits_for_the_answers() {
    let mut net = Net::new();
    let key = net.open(Desk::default());
    net.feed(key, "one\n");
    net.drain(Duration::from_secs(10));
    assert!(net.is_open(key));
    let owed = net.with(key, |desk, _| desk.owed.remove(0)).expect("open");
    owed.answer(|_, _| "1\n");
    assert_eq!(net.output(key), b"1\n");
    assert!(matches!(net.closed(key).expect("drained").cause, Cause::Drained));
}

#[test]
fn an_answer_that_is_dropped_closes_a_channel_that_does_not_hear_of_it() {
    let mut session = Session::new(Desk::default());
    session.feed("one\n");
    drop(take(&mut session, 0));
    let why = session.closed().expect("the place would never be filled");
    assert!(matches!(why.error(), Some(Error::Unanswered)), "{why}");
}

#[test]
fn an_answer_after_the_end_goes_nowhere() {
    let mut session = Session::new(Desk::default());
    session.feed("one\n");
    let owed = take(&mut session, 0);
    session.feed_reset();
    assert!(!session.is_open());
    owed.answer(|_, _| "1\n");
    assert_eq!(session.output(), b"");
}

#[test]
fn a_panic_in_an_answer_loses_nothing_of_what_was_said_before() {
    let mut session = Session::new(Desk::default());
    session.window(0);
    session.feed("now\none\n");
    take(&mut session, 0).answer(|_, _| -> &str { panic!("it bites") });
    let why = session.closed().expect("a panic closes");
    assert_eq!(why.unsent, 4);
    assert!(matches!(why.error(), Some(Error::Panic(text)) if text == "it bites"), "{why}");
}

/// Says in the answer's place that there is none.
#[channel]
struct Polite {
    work: Sender<Owed<Polite>>,
}

#[channel]
impl Polite {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> Option<&'static str> {
        if line == "now" {
            return Some("now\n");
        }
        self.work.send(io.owe()).expect("the worker listens");
        None
    }

    #[on_error]
    fn failed(&mut self, error: &Error) -> String {
        format!("500 {error}\n")
    }
}

fn polite() -> (Server, Receiver<Owed<Polite>>) {
    let (work, worker) = mpsc::channel();
    let accept = move |_| Polite { work: work.clone() };
    (Server::start(|map| map.listen("127.0.0.1:0", accept)), worker)
}

#[test]
fn the_panic_of_a_worker_is_an_answer_in_its_place() {
    let (server, worker) = polite();
    let mut client = server.client();
    client.send("work\nnow\n");
    let owed = worker.recv().expect("work");
    let panics = std::thread::spawn(move || {
        let _owed = owed;
        panic!("the worker dies");
    });
    assert!(panics.join().is_err());
    assert_eq!(client.receive_line(), "500 an answer that was owed was dropped\n");
    client.converse("", "now\n");
}

#[test]
fn threads_finish_in_any_order_and_half_a_thousand_answers_in_theirs() {
    let (server, worker) = polite();
    let mut client = server.client();
    let questions = 500;
    let workers = std::thread::spawn(move || {
        let mut owed: Vec<_> = Vec::new();
        for number in 0..questions {
            owed.push((number, worker.recv().expect("work")));
            // In groups of seven, the last one first.
            if owed.len() == 7 || number + 1 == questions {
                let group = std::mem::take(&mut owed).into_iter().rev();
                for (number, owed) in group {
                    owed.answer(move |_, _| format!("{number}\n"));
                }
            }
        }
    });
    client.send("work\n".repeat(questions));
    client.finish();
    let expected: String = (0..questions).map(|number| format!("{number}\n")).collect();
    assert_eq!(String::from_utf8(client.receive_all()).unwrap(), expected);
    workers.join().unwrap();
}

/// Connects again, and has something to answer from before.
#[channel]
struct Again {
    kept: Sender<Owed<Again>>,
}

#[channel]
impl Again {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) -> &'static str {
        self.kept.send(io.owe()).expect("the test listens");
        "hello\n"
    }

    #[terminator(b"\n")]
    fn line(&mut self, _line: &str) {}

    #[on_close]
    fn down(&mut self, _why: &Closed, io: &mut Io<Self>) {
        io.reconnect(Duration::ZERO);
    }
}

#[test]
fn an_answer_of_an_earlier_connection_is_none_of_the_next() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (kept, owed) = mpsc::channel();
    let mut map = Map::new().unwrap();
    map.connect(listener.local_addr().unwrap(), Again { kept }).unwrap();
    let mut next = || {
        let mut owing = None;
        run_until(&mut map, |_| {
            owing = owing.take().or_else(|| owed.try_recv().ok());
            owing.is_some()
        });
        (owing.expect("it owes"), Client::from(listener.accept().unwrap().0))
    };
    let (old, peer) = next();
    peer.reset();
    let (new, mut peer) = next();
    old.answer(|_, _| "old\n");
    new.answer(|_, _| "new\n");
    run_until(&mut map, |_| peer.has_input());
    assert_eq!(peer.receive_line(), "new\n");
}

/// Has a producer that sleeps, and owes an answer behind it.
#[channel]
#[derive(Default)]
struct Sleeper {
    is_awake: bool,
    owed: Option<Owed<Sleeper>>,
}

#[channel]
impl Sleeper {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &[u8], io: &mut Io<Self>) {
        io.push_with_producer(Self::rows);
        self.owed = Some(io.owe());
    }

    #[producer]
    fn rows(&mut self) -> Poll<Option<&'static str>> {
        if self.is_awake {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }
}

#[test]
fn an_answer_can_wake_the_producer_before_it() {
    let mut session = Session::new(Sleeper::default());
    session.feed("go\n");
    let owed = session.with(|sleeper, _| sleeper.owed.take()).flatten().unwrap();
    owed.answer(|sleeper, io| {
        sleeper.is_awake = true;
        io.wake_producer();
        "answer\n"
    });
    assert_eq!(session.output(), b"answer\n");
}

/// Owes an answer that never comes, and says so; ends when that is said, or is ended.
#[channel]
struct Never {
    closes: bool,
}

#[channel]
impl Never {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str, io: &mut Io<Self>) {
        std::mem::forget(io.owe());
    }

    #[on_error]
    fn failed(&mut self, _error: &Error, io: &mut Io<Self>) -> &'static str {
        if self.closes {
            io.close_when_done();
        }
        "504\n"
    }
}

#[test]
fn what_is_said_of_an_answer_that_never_came_is_sent() {
    for closes in [false, true] {
        let mut session = Session::new(Never { closes });
        session.feed("one\n");
        session.advance(Duration::from_secs(300));
        assert_eq!(session.output(), b"504\n", "it closes when done: {closes}");
        assert!(!session.is_open());
    }
}
