//! Other threads and the loop.

use asyncore_runtime::{channel, Handle, Io, Limit, Map, Refused};
use asyncore_tests::net::{deaf, Server, PATIENCE};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::Arc;
use std::time::Duration;

/// Answers each line from a thread of its own.
#[channel]
struct Slow;

#[channel]
impl Slow {
    #[terminator(b"\n")]
    fn line(line: String, io: &mut Io<Self>) {
        let handle = io.handle();
        std::thread::spawn(move || handle.post(move |_, _| format!("done: {line}\n")));
    }
}

/// Hands its handle out.
#[channel]
struct Known {
    handles: Sender<Handle<Known>>,
}

#[channel]
impl Known {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) {
        self.handles.send(io.handle()).unwrap();
    }

    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

#[test]
fn another_thread_wakes_the_loop() {
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| Slow));
    let (answers, answered) = mpsc::channel();
    for number in 0..1_000 {
        let answers = answers.clone();
        server.map().post(move |_| answers.send(number).unwrap()).unwrap();
        assert_eq!(answered.recv_timeout(PATIENCE), Ok(number));
    }
}

#[test]
fn a_post_to_a_channel_is_sent_as_its_reply() {
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| Slow));
    server.client().converse("work\n", "done: work\n");
}

#[test]
fn posts_of_one_thread_come_in_their_order() {
    let (handles, known) = mpsc::channel();
    let server = Server::start(move |map| {
        map.listen("127.0.0.1:0", move |_| Known { handles: handles.clone() })
    });
    let mut client = server.client();
    let handle = known.recv_timeout(PATIENCE).unwrap();
    for number in 0..1_000 {
        handle.post(move |_, _| format!("{number}\n")).unwrap();
    }
    for number in 0..1_000 {
        assert_eq!(client.receive_line(), format!("{number}\n"));
    }
}

#[test]
fn a_post_to_a_channel_that_has_closed_does_nothing() {
    let (handles, known) = mpsc::channel();
    let server = Server::start(move |map| {
        map.listen("127.0.0.1:0", move |_| Known { handles: handles.clone() })
    });
    let client = server.client();
    let handle = known.recv_timeout(PATIENCE).unwrap();
    drop(client);
    while server.ask(|map| map.len()) > 1 {}
    let (sender, ran) = mpsc::channel();
    handle.post(move |_, _| sender.send(()).unwrap()).unwrap();
    assert!(ran.recv_timeout(PATIENCE).is_err(), "it ran");
}

#[test]
fn a_handle_of_a_map_that_is_gone_says_so() {
    let mut map = Map::new().unwrap();
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let key = map.add(ours, Slow).unwrap();
    let handle = map.handle_of(key);
    drop(map);
    assert_eq!(handle.post(|_, _| ()), Err(Refused::Gone));
}

#[test]
fn a_map_that_does_not_run_takes_so_many_posts_and_no_more() {
    let map = Map::new().unwrap();
    let handle = map.handle();
    let taken = (0..).take_while(|_| handle.post(|_| ()).is_ok()).count();
    assert_eq!(taken, 65_536);
    assert_eq!(handle.post(|_| ()), Err(Refused::Full));
}

#[test]
fn a_post_that_is_refused_is_counted() {
    let mut map = Map::new().unwrap();
    let handle = map.handle();
    while handle.post(|_| ()).is_ok() {}
    map.poll(Some(PATIENCE)).unwrap();
    assert_eq!(map.counters().hits(Limit::Inbox), 1);
}

#[test]
fn a_full_inbox_is_empty_again_after_a_pass() {
    let mut map = Map::new().unwrap();
    let handle = map.handle();
    while handle.post(|_| ()).is_ok() {}
    map.poll(Some(PATIENCE)).unwrap();
    assert_eq!(handle.post(|_| ()), Ok(()));
}

fn count(ran: &AtomicUsize) {
    ran.fetch_add(1, Ordering::SeqCst);
}

/// As many posts as are taken while the loop makes so many passes, a thousand in front of each.
fn taken(map: &mut Map, mut post: impl FnMut() -> Result<(), Refused>, passes: usize) -> usize {
    let mut taken = 0;
    for _ in 0..passes {
        taken += (0..1_000).map_while(|_| post().ok()).count();
        map.poll(Some(Duration::ZERO)).unwrap();
    }
    taken
}

#[test]
fn posts_that_wait_for_a_connection_count_as_waiting() {
    let mut map = Map::new().unwrap();
    let (handles, _known) = mpsc::channel();
    let (listener, _queued) = deaf();
    let addr = listener.local_addr().unwrap().as_socket().unwrap();
    let key = map.connect(addr, Known { handles }).unwrap();
    let handle = map.handle_of(key);
    let ran = Arc::new(AtomicUsize::new(0));
    let post = || {
        let ran = Arc::clone(&ran);
        handle.post(move |_, _| count(&ran))
    };
    let taken = taken(&mut map, post, 100);
    assert_eq!(ran.load(Ordering::SeqCst), 0, "it is not connected");
    assert_eq!(taken, 65_536);
}

#[test]
fn a_loop_that_is_slower_than_its_posts_holds_no_more_than_so_many() {
    let mut map = Map::new().unwrap();
    let (handles, _known) = mpsc::channel();
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let key = map.add(ours, Known { handles }).unwrap();
    let handle = map.handle_of(key);
    let (posted, ran) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    for _ in 0..200 {
        for _ in 0..2_000 {
            let ran = Arc::clone(&ran);
            let post = handle.post(move |_, _| count(&ran));
            posted.fetch_add(usize::from(post.is_ok()), Ordering::SeqCst);
        }
        map.poll(Some(Duration::ZERO)).unwrap();
        let waiting = posted.load(Ordering::SeqCst) - ran.load(Ordering::SeqCst);
        assert!(waiting <= 65_536, "{waiting} wait");
    }
    assert!(map.counters().hits(Limit::Inbox) > 0, "not provoked");
}

#[test]
fn a_panic_in_a_post_closes_its_channel_and_loses_no_other_post() {
    let (handles, known) = mpsc::channel();
    let server = Server::start(move |map| {
        map.listen("127.0.0.1:0", move |_| Known { handles: handles.clone() })
    });
    let mut one = server.client();
    let first = known.recv_timeout(PATIENCE).unwrap();
    let mut two = server.client();
    let second = known.recv_timeout(PATIENCE).unwrap();
    first.post(|_, _| -> &str { panic!("a post that panics") }).unwrap();
    server.map().post(|_| panic!("one for the map")).unwrap();
    second.post(|_, _| "still here\n").unwrap();
    assert_eq!(two.receive_line(), "still here\n");
    assert_eq!(one.receive_all(), b"");
    assert_eq!(server.ask(|map| map.counters().panics()), 2);
}
