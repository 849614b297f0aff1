//! Several maps in several threads, which share listeners.

use asyncore_runtime::{
    channel, tcp, Counters, Io, Limit, Listen, Refused, SlowReader, Workers, WorkersError,
    WorkersHandle,
};
use asyncore_tests::net::{allow_descriptors, bounded, Client, PATIENCE};
use std::cell::Cell;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, Arc, Barrier, Mutex};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// Echoes lines; `bye` is the last one, `where` is answered with the thread's number, `block` blocks it.
#[channel]
struct Echo {
    /// How many its worker has, which nobody else's does.
    room: Rc<Cell<usize>>,
    shared: Shared,
}

/// What the channels of all workers share with the test.
#[derive(Clone, Default)]
struct Shared {
    /// Lines handled.
    lines: Arc<AtomicUsize>,
    /// Whoever blocks waits for both.
    block: Option<Arc<Barrier>>,
    all: Option<WorkersHandle>,
}

#[channel]
impl Echo {
    #[on_connect]
    fn up(&mut self) -> &'static str {
        self.room.set(self.room.get() + 1);
        "hello\n"
    }

    #[terminator(b"\n")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> String {
        self.shared.lines.fetch_add(1, Ordering::SeqCst);
        match line {
            "bye" => io.close_when_done(),
            "room" => return format!("{}\n", self.room.get()),
            "block" => self.shared.block.as_ref().map(|block| block.wait()).map(drop).unwrap(),
            "all" => self.shared.all().broadcast::<Self>("to all\n", SlowReader::Skip).unwrap(),
            _ => {}
        }
        format!("{line}\n")
    }
}

impl Shared {
    fn all(&self) -> &WorkersHandle {
        self.all.as_ref().expect("given")
    }
}

/// Workers in a thread of their own, until the test is over.
struct Running {
    addr: SocketAddr,
    handle: WorkersHandle,
    ended: mpsc::Receiver<io::Result<()>>,
    shared: Shared,
}

impl Running {
    fn start(count: usize) -> Self {
        Self::start_at(count, tcp("127.0.0.1:0"), Shared::default())
    }

    fn start_at(count: usize, at: Listen, shared: Shared) -> Self {
        Self::start_with(count, at, shared, || ())
    }

    /// `begin` is called in each worker's thread when it starts.
    fn start_with(
        count: usize,
        at: Listen,
        mut shared: Shared,
        begin: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let ((ready, started), (end, ended)) = (mpsc::channel(), mpsc::channel());
        thread::spawn(move || {
            let workers = Workers::new(count);
            shared.all = Some(workers.handle());
            let given = shared.clone();
            let channels = move || {
                begin();
                let (room, shared) = (Rc::new(Cell::new(0)), given.clone());
                move |_peer| Echo { room: Rc::clone(&room), shared: shared.clone() }
            };
            let workers = workers.listen(at, channels).expect("listen");
            ready.send((workers.local_addrs()[0].inet(), shared)).expect("the test waits");
            // Nobody hears it where the test failed.
            let _ = end.send(workers.run());
        });
        let (addr, shared) = started.recv_timeout(PATIENCE).expect("start");
        let handle = shared.all().clone();
        Self { addr: addr.expect("an IP address"), handle, ended, shared }
    }

    /// A connection that stands.
    #[track_caller]
    fn client(&self) -> Client {
        let mut client = Client::connect(self.addr);
        assert_eq!(client.receive_line(), "hello\n");
        client
    }

    #[track_caller]
    fn until(&self, is_so: impl Fn(&WorkersHandle) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so(&self.handle) {
            assert!(Instant::now() < end, "it does not come: {:?}", self.handle.connections());
            thread::yield_now();
        }
    }

    #[track_caller]
    fn end(self) -> io::Result<()> {
        self.ended.recv_timeout(2 * PATIENCE).expect("it ends")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Gone where it has ended.
        let _ = self.handle.close_all();
    }
}

#[test]
fn ten_connections_are_five_in_each_of_two_loops() {
    let running = Running::start(2);
    let mut clients: Vec<_> = (0..10).map(|_| running.client()).collect();
    assert_eq!(running.handle.connections(), [5, 5]);
    for client in &mut clients {
        client.converse("room\n", "5\n");
    }
}

#[test]
fn a_thousand_connections_are_shared_within_one_in_a_hundred() {
    allow_descriptors(4096);
    let running = Running::start(2);
    let clients: Vec<_> = (0..1_000).map(|_| running.client()).collect();
    let shares = running.handle.connections();
    assert!(shares.iter().all(|share| (495..=505).contains(share)), "{shares:?}");
    drop(clients);
}

#[test]
fn who_has_lost_the_most_is_given_the_next() {
    let running = Running::start(2);
    let mut clients: Vec<_> = (0..8).map(|_| running.client()).collect();
    // They came in turn.
    let mut at = 0..;
    clients.retain(|_| at.next() < Some(2) || at.start % 2 == 0);
    running.until(|handle| handle.connections().iter().sum::<usize>() == clients.len());
    while clients.len() < 8 {
        clients.push(running.client());
    }
    assert_eq!(running.handle.connections(), [4, 4]);
}

#[test]
fn a_bound_of_all_is_exact_in_a_storm() {
    const SEATS: usize = 100;
    let at = tcp("127.0.0.1:0").max_connections(SEATS).when_full(b"full\n");
    let running = Running::start_at(2, at, Shared::default());
    let addr = running.addr;
    let connect = move |_| {
        let mut client = Client::connect(addr);
        (client.receive_line(), client)
    };
    let storm = move || (0..40).map(connect).collect::<Vec<_>>();
    let storms: Vec<_> = (0..8).map(|_| bounded(storm)).collect();
    let heard: Vec<_> = storms.into_iter().flat_map(|storm| storm()).collect();
    let served = heard.iter().filter(|(line, _)| line == "hello\n").count();
    let refused = heard.iter().filter(|(line, _)| line == "full\n").count();
    assert_eq!((served, refused), (SEATS, 8 * 40 - SEATS));
    let counters = running.handle.counters();
    assert_eq!((counters.accepted(), counters.hits(Limit::Connections)), (320, 220));
}

#[test]
fn a_drain_loses_no_request_of_500_busy_connections() {
    const CONNECTIONS: usize = 500;
    const REQUESTS: usize = 50;
    allow_descriptors(4096);
    let running = Running::start(2);
    let mut clients: Vec<_> = (0..CONNECTIONS).map(|_| running.client()).collect();
    let requests: String = (0..REQUESTS).map(|number| format!("{number}\n")).collect();
    for client in &mut clients {
        client.send(&requests);
    }
    running.handle.drain(PATIENCE).unwrap();
    for (number, client) in clients.iter_mut().enumerate() {
        assert_eq!(client.receive_all(), requests.as_bytes(), "client {number}");
    }
    assert_eq!(running.shared.lines.load(Ordering::SeqCst), CONNECTIONS * REQUESTS);
    drop(clients);
    running.end().unwrap();
}

#[test]
fn a_drain_ends_the_listener_and_then_the_threads() {
    let running = Running::start(3);
    let (addr, mut client) = (running.addr, running.client());
    client.send("half a li");
    running.handle.drain(PATIENCE).unwrap();
    running.until(|_| TcpStream::connect(addr).is_err());
    client.send("ne\n");
    assert_eq!(client.receive_all(), b"half a line\n");
    drop(client);
    running.end().unwrap();
}

#[test]
fn what_is_left_when_the_time_to_drain_is_over_is_closed() {
    let running = Running::start(2);
    let mut clients = [running.client(), running.client()];
    clients.iter_mut().for_each(|client| client.send("half a li"));
    running.handle.drain(Duration::from_millis(1)).unwrap();
    for client in &mut clients {
        assert_eq!(client.receive_all(), b"");
    }
    running.end().unwrap();
}

#[test]
fn no_workers_are_an_error_that_says_so() {
    let none = || Workers::new(0);
    let echo = || |_| Echo { room: Rc::default(), shared: Shared::default() };
    for error in [none().listen("127.0.0.1:0", echo).unwrap_err(), none().run().unwrap_err()] {
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let typed = error.get_ref().and_then(|error| error.downcast_ref::<WorkersError>());
        assert_eq!(typed, Some(&WorkersError::None));
        assert_eq!(error.to_string(), "0 workers serve nobody: there has to be 1 at least");
    }
    assert_eq!(none().handle().drain(SECOND), Err(Refused::Gone));
}

#[test]
fn where_nothing_is_listened_on_there_is_nothing_to_wait_for() {
    bounded(|| Workers::new(2).run())().unwrap();
}

#[test]
fn a_listener_for_one_connection_ends_with_it() {
    let running = Running::start_at(2, tcp("127.0.0.1:0").once(), Shared::default());
    let mut client = running.client();
    client.send("bye\n");
    assert_eq!(client.receive_all(), b"bye\n");
    drop(client);
    running.end().unwrap();
}

#[test]
fn an_address_in_use_is_an_error_of_listen() {
    let running = Running::start(1);
    let echo = || |_| Echo { room: Rc::default(), shared: Shared::default() };
    let error = Workers::new(2).listen(running.addr, echo).unwrap_err();
    let text = format!("cannot listen on {}: Address already in use", running.addr);
    assert!(error.to_string().starts_with(&text), "{error}");
}

#[test]
fn each_worker_makes_its_channels_in_its_own_thread() {
    let threads = Arc::new(Mutex::new(Vec::<ThreadId>::new()));
    let seen = Arc::clone(&threads);
    let begin = move || seen.lock().unwrap().push(thread::current().id());
    let running = Running::start_with(3, tcp("127.0.0.1:0"), Shared::default(), begin);
    running.until(|_| threads.lock().unwrap().len() == 3);
    let mut ids = threads.lock().unwrap().clone();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

/// The first of the workers that start panics, when a connection has been given to each.
fn one_panics() -> (Running, Vec<Client>) {
    let (started, given) = (AtomicUsize::new(0), Arc::new(Barrier::new(3)));
    let waits = Arc::clone(&given);
    let begin = move || {
        waits.wait();
        assert_ne!(started.fetch_add(1, Ordering::SeqCst), 0, "as ordered");
    };
    let running = Running::start_with(2, tcp("127.0.0.1:0"), Shared::default(), begin);
    let clients: Vec<_> = (0..4).map(|_| Client::connect(running.addr)).collect();
    running.until(|handle| handle.connections() == [2, 2]);
    given.wait();
    (running, clients)
}

#[test]
fn who_waits_for_a_worker_that_is_lost_is_served_by_another() {
    let (running, mut clients) = one_panics();
    for client in &mut clients {
        assert_eq!(client.receive_line(), "hello\n");
        client.converse("x\n", "x\n");
    }
    let mut shares = running.handle.connections();
    shares.sort_unstable();
    assert_eq!(shares, [0, 4]);
}

#[test]
fn a_worker_that_panics_is_told_and_the_others_serve_on() {
    let (running, clients) = one_panics();
    drop(clients);
    running.client().converse("x\n", "x\n");
    running.until(|handle| handle.counters().panics() == 1);
    let handle = running.handle.clone();
    assert_eq!(handle.post(|_| ()), Ok(()), "one hears it");
    handle.drain(SECOND).unwrap();
    let error = running.end().unwrap_err();
    let typed = error.get_ref().and_then(|error| error.downcast_ref::<WorkersError>());
    let Some(WorkersError::Lost { lost, of: 2 }) = typed else { panic!("{error}") };
    assert!(matches!(&lost[..], [(_, why)] if why.contains("as ordered")), "{lost:?}");
}

#[test]
fn when_the_last_worker_is_lost_nothing_is_listened_on_any_more() {
    let begin = || panic!("as ordered");
    let running = Running::start_with(2, tcp("127.0.0.1:0"), Shared::default(), begin);
    let (addr, handle) = (running.addr, running.handle.clone());
    let error = running.end().unwrap_err().to_string();
    assert!(error.starts_with("2 of 2 workers ended before their time; worker "), "{error}");
    assert!(TcpStream::connect(addr).is_err());
    assert_eq!(handle.post(|_| ()), Err(Refused::Gone));
}

#[test]
fn who_blocks_its_worker_holds_up_no_other_and_gets_no_more() {
    let block = Arc::new(Barrier::new(2));
    let shared = Shared { block: Some(Arc::clone(&block)), ..Shared::default() };
    let running = Running::start_at(2, tcp("127.0.0.1:0"), shared);
    let (mut blocks, mut other) = (running.client(), running.client());
    blocks.send("block\n");
    other.converse("x\n", "x\n");
    // Some are still given to the worker that hangs, and wait; then it is passed over.
    let (mut served, mut waiting) = (Vec::new(), Vec::new());
    let end = Instant::now() + 2 * PATIENCE;
    while served.len() < 20 {
        assert!(Instant::now() < end, "{} served, {} wait", served.len(), waiting.len());
        let mut client = Client::connect(running.addr);
        client.0.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let heard = io::Read::read(&mut client.0, &mut [0; 6]);
        if heard.is_ok() { &mut served } else { &mut waiting }.push(client);
    }
    assert!(waiting.len() <= 10, "{} wait", waiting.len());
    block.wait();
    for client in &mut waiting {
        client.0.set_read_timeout(Some(PATIENCE)).unwrap();
        assert_eq!(client.receive_line(), "hello\n");
    }
}

#[test]
fn what_all_maps_count_is_one_count() {
    let running = Running::start(3);
    let mut clients: Vec<_> = (0..9).map(|_| running.client()).collect();
    for client in &mut clients {
        client.send("bye\n");
        assert_eq!(client.receive_all(), b"bye\n");
    }
    let count = |counters: &Counters| (counters.accepted(), counters.closed());
    running.until(|handle| count(&handle.counters()) == (9, 9));
    drop(clients);
    running.until(|handle| handle.connections() == [0, 0, 0]);
}

#[test]
fn a_broadcast_reaches_every_worker() {
    let running = Running::start(3);
    let mut clients: Vec<_> = (0..6).map(|_| running.client()).collect();
    clients[0].send("all\n");
    for client in &mut clients[1..] {
        assert_eq!(client.receive_line(), "to all\n");
    }
    // Its own reply and the broadcast come in either order.
    let mut heard = [clients[0].receive_line(), clients[0].receive_line()];
    heard.sort();
    assert_eq!(heard, ["all\n", "to all\n"]);
}

#[test]
fn what_is_told_all_is_told_on_each_channel() {
    let running = Running::start(2);
    let mut clients: Vec<_> = (0..4).map(|_| running.client()).collect();
    running.handle.tell_all(|echo: &mut Echo, _| format!("{}\n", echo.room.get())).unwrap();
    for client in &mut clients {
        assert_eq!(client.receive_line(), "2\n");
    }
}

#[test]
fn a_post_to_one_worker_is_done_in_its_map() {
    let running = Running::start(2);
    let _clients: Vec<_> = (0..3).map(|_| running.client()).collect();
    let lens = running.handle.maps().into_iter().map(|map| {
        let (say, hear) = mpsc::channel();
        map.post(move |map| say.send(map.len()).unwrap()).unwrap();
        hear.recv_timeout(PATIENCE).unwrap()
    });
    assert_eq!(lens.collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn those_that_come_and_go_leave_no_seat_taken() {
    let at = tcp("127.0.0.1:0").max_connections(16).when_full(b"full\n");
    let running = Running::start_at(2, at, Shared::default());
    let addr = running.addr;
    let churn = |kind: usize| {
        bounded(move || {
            for number in 0..200 {
                let mut client = Client::connect(addr);
                match (kind + number) % 4 {
                    0 => drop(client),
                    1 => client.reset(),
                    2 => drop(client.receive(1)),
                    _ => assert!(["hello\n", "full\n"].contains(&&*client.receive_line())),
                }
            }
        })
    };
    (0..4).map(churn).collect::<Vec<_>>().into_iter().for_each(|churn| churn());
    running.until(|handle| handle.connections() == [0, 0]);
    let clients: Vec<_> = (0..16).map(|_| running.client()).collect();
    assert_eq!(running.handle.connections(), [8, 8]);
    drop(clients);
}

#[test]
fn a_path_and_what_a_proxy_says_work_as_with_one_map() {
    let path = std::env::temp_dir().join(format!("asyncore-workers-{}", std::process::id()));
    let at = tcp(path.as_path()).proxy_protocol(["127.0.0.1"]);
    let (ready, started) = mpsc::channel();
    let ends = bounded(move || {
        let workers = Workers::new(2).listen(at, || |_| Peer).unwrap();
        ready.send(workers.handle()).unwrap();
        workers.run()
    });
    let handle = started.recv_timeout(PATIENCE).unwrap();
    for number in 1..=4 {
        let mut client = Client::connect_path(&path);
        client.send(format!("PROXY TCP4 203.0.113.{number} 198.51.100.1 51000 443\r\n"));
        assert_eq!(client.receive_line(), format!("203.0.113.{number}:51000\n"));
    }
    handle.drain(SECOND).unwrap();
    ends().unwrap();
    assert!(!path.exists(), "its file goes with the listener");
}

/// Says who the peer is.
#[channel]
struct Peer;

#[channel]
impl Peer {
    #[on_connect]
    fn up(io: &mut Io<Self>) -> String {
        io.peer_addr().map(|peer| format!("{peer}\n")).unwrap_or_default()
    }

    #[terminator(b"\n")]
    fn line(_line: &[u8]) {}
}
