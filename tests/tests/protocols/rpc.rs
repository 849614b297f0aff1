//! Calls with numbers, done by a pool of threads, each with a time-out. Every answer is owed: by its
//! number, so each goes out as it comes.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Frame, FromFrame, Io, Settings, TimerId};
use asyncore_tests::net::{Client, Server, PATIENCE};
use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Job = Box<dyn FnOnce() + Send>;

const TIMEOUT: Duration = Duration::from_secs(2);

/// A call: its number, then its argument.
struct Request {
    id: u32,
    argument: Vec<u8>,
}

impl<'a> FromFrame<'a> for Request {
    type Error = &'static str;

    fn from_frame(frame: Frame<'a>) -> Result<Self, &'static str> {
        let bytes = frame.as_bytes();
        let (id, argument) = bytes.split_first_chunk().ok_or("no number")?;
        Ok(Self { id: u32::from_be_bytes(*id), argument: argument.to_vec() })
    }
}

/// The call of this number has taken too long.
struct Expired(u32);

/// No more calls of one connection are under way than are owed at most.
#[channel(max_owed = 4)]
struct Rpc {
    pool: Sender<Job>,
    waiting: HashMap<u32, TimerId>,
}

#[channel]
impl Rpc {
    #[terminator(prefix = u32, max = 64 * 1024)]
    fn call(&mut self, Request { id, argument }: Request, io: &mut Io<Self>) {
        let owed = io.owe_unordered();
        self.waiting.insert(id, io.set_timer(TIMEOUT, Expired(id)));
        let job = move || {
            let answer = argument.to_ascii_uppercase();
            owed.answer(move |rpc, io| rpc.done(id, &answer, io));
        };
        self.pool.send(Box::new(job)).expect("the pool outlives the map");
    }

    #[on_timer]
    fn expired(&mut self, Expired(id): Expired, io: &mut Io<Self>) {
        self.done(id, b"timed out", io);
    }
}

impl Rpc {
    fn new(pool: Sender<Job>) -> Self {
        Self { pool, waiting: HashMap::new() }
    }

    fn done(&mut self, id: u32, answer: &[u8], io: &mut Io<Self>) {
        // Unless it was answered already.
        let Some(timer) = self.waiting.remove(&id) else { return };
        io.cancel(timer);
        io.push(message(id, answer));
    }
}

/// What goes over the wire: a length, a number, bytes.
fn message(id: u32, bytes: &[u8]) -> Vec<u8> {
    let len = u32::try_from(bytes.len() + 4).expect("a short message");
    [&len.to_be_bytes(), &id.to_be_bytes(), bytes].concat()
}

fn pool(jobs: Receiver<Job>) {
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..4 {
        let jobs = Arc::clone(&jobs);
        std::thread::spawn(move || loop {
            let job = jobs.lock().unwrap().recv();
            match job {
                Ok(job) => job(),
                Err(_) => return,
            }
        });
    }
}

/// A session whose pool is the test.
fn session() -> (Session<Rpc>, Receiver<Job>) {
    let (pool, jobs) = mpsc::channel();
    (Session::new(Rpc::new(pool)), jobs)
}

#[test]
fn a_call_is_answered_when_its_job_is_done() {
    let (mut session, jobs) = session();
    session.feed(message(7, b"hello"));
    assert_eq!(session.output(), b"");
    jobs.try_recv().unwrap()();
    assert_eq!(session.output(), message(7, b"HELLO"));
}

#[test]
fn calls_are_answered_in_the_order_in_which_they_are_done() {
    let (mut session, jobs) = session();
    session.feed([message(1, b"one"), message(2, b"two")].concat());
    let (first, second) = (jobs.try_recv().unwrap(), jobs.try_recv().unwrap());
    second();
    first();
    assert_eq!(session.output(), [message(2, b"TWO"), message(1, b"ONE")].concat());
}

#[test]
fn a_call_that_takes_too_long_is_answered_once() {
    let (mut session, jobs) = session();
    session.feed(message(7, b"hello"));
    session.advance(TIMEOUT);
    assert_eq!(session.output(), message(7, b"timed out"));
    jobs.try_recv().unwrap()();
    assert_eq!(session.output(), b"");
}

#[test]
fn a_call_that_was_answered_does_not_time_out() {
    let (mut session, jobs) = session();
    session.feed(message(7, b"hello"));
    jobs.try_recv().unwrap()();
    session.output();
    session.advance(10 * TIMEOUT);
    assert_eq!(session.output(), b"");
}

#[test]
fn so_many_calls_are_under_way_at_most() {
    let (mut session, jobs) = session();
    session.feed((0..10).flat_map(|id| message(id, b"x")).collect::<Vec<_>>());
    let under_way: Vec<_> = jobs.try_iter().collect();
    assert_eq!(under_way.len(), Rpc::LIMITS.max_owed);
    under_way.into_iter().for_each(|job| job());
    session.output();
    assert_eq!(jobs.try_iter().count(), Rpc::LIMITS.max_owed);
}

#[test]
fn a_client_that_says_no_more_gets_its_answers() {
    let (mut session, jobs) = session();
    session.feed(message(7, b"hello"));
    session.feed_eof();
    jobs.try_recv().unwrap()();
    assert_eq!(session.output(), message(7, b"HELLO"));
    assert!(!session.is_open());
}

#[test]
fn a_job_of_a_connection_that_closed_answers_nobody() {
    let (mut session, jobs) = session();
    session.feed(message(7, b"hello"));
    session.feed_reset();
    jobs.try_recv().unwrap()();
    assert_eq!(session.output(), b"");
}

#[test]
fn a_server_that_drains_gives_the_answers_it_owes() {
    let (sender, jobs) = mpsc::channel();
    let server = Server::start(|map| map.listen("127.0.0.1:0", move |_| Rpc::new(sender.clone())));
    let mut client = server.client();
    client.send(message(7, b"hello"));
    let job = jobs.recv_timeout(PATIENCE).unwrap();
    server.map().drain(PATIENCE).unwrap();
    // The map has heard of it before this is answered.
    server.ask(|map| map.len());
    job();
    assert_eq!(client.receive_all(), message(7, b"HELLO"));
    server.join();
}

#[test]
fn a_thousand_calls_are_answered_by_threads_over_a_socket() {
    let (sender, jobs) = mpsc::channel();
    pool(jobs);
    let server = Server::start(|map| map.listen("127.0.0.1:0", move |_| Rpc::new(sender.clone())));
    let mut client = server.client();
    let calls: Vec<_> = (0..1_000).flat_map(|id| message(id, b"hello")).collect();
    let mut writer = Client::from(client.0.try_clone().unwrap());
    let written = asyncore_tests::net::bounded(move || writer.send(calls));
    let mut answered: Vec<u32> = (0..1_000)
        .map(|_| client.receive(13))
        .map(|answer| u32::from_be_bytes(answer[4..8].try_into().unwrap()))
        .collect();
    written();
    answered.sort_unstable();
    assert!(answered.into_iter().eq(0..1_000));
    assert!(TIMEOUT < PATIENCE);
}
