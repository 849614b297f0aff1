//! Real sockets with bounds, so that no test hangs: clients that wait for some seconds at most,
//! and a map in a thread of its own.

use asyncore_runtime::{Listener, Map, MapHandle};
use rustix::event::{poll, PollFd, PollFlags, Timespec};
use rustix::process::{getrlimit, setrlimit, Resource};
use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};
use rustix::termios::{tcgetattr, tcsetattr, OptionalActions};
use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The longest any wait takes: far more than is needed, and not for ever.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// A peer that blocks: each of its waits ends after [`PATIENCE`], with a panic.
#[derive(Debug)]
pub struct Client<S = TcpStream>(pub S);

impl Client {
    /// Connects over TCP.
    #[track_caller]
    pub fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&addr, PATIENCE).expect("connect");
        stream.set_nodelay(true).expect("no delay");
        Self::from(stream)
    }

    /// Closes this side: the server reads the end, and can still answer.
    pub fn finish(&self) {
        self.0.shutdown(Shutdown::Write).expect("shutdown");
    }

    /// Closes with a reset, as a peer that crashed.
    pub fn reset(self) {
        let socket = socket2::SockRef::from(&self.0);
        socket.set_linger(Some(Duration::ZERO)).expect("linger");
    }
}

impl Client<UnixStream> {
    /// Connects to a path.
    #[track_caller]
    pub fn connect_path(path: &Path) -> Self {
        Self::from(UnixStream::connect(path).expect("connect"))
    }
}

impl From<TcpStream> for Client {
    fn from(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("read timeout");
        stream.set_write_timeout(Some(PATIENCE)).expect("write timeout");
        Self(stream)
    }
}

impl From<UnixStream> for Client<UnixStream> {
    fn from(stream: UnixStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("read timeout");
        stream.set_write_timeout(Some(PATIENCE)).expect("write timeout");
        Self(stream)
    }
}

impl<S: AsFd> Client<S> {
    /// Whether something came that was not received yet, the end included.
    pub fn has_input(&self) -> bool {
        let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec::default())).expect("poll") > 0
    }
}

impl<S: Read + Write> Client<S> {
    /// Sends all of `data`.
    #[track_caller]
    pub fn send(&mut self, data: impl AsRef<[u8]>) {
        self.0.write_all(data.as_ref()).expect("send");
    }

    /// The next `len` bytes.
    #[track_caller]
    pub fn receive(&mut self, len: usize) -> Vec<u8> {
        let mut data = vec![0; len];
        self.0.read_exact(&mut data).expect("receive");
        data
    }

    /// The next bytes, which are text, up to and with the first `\n`.
    #[track_caller]
    pub fn receive_line(&mut self) -> String {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            line.extend(self.receive(1));
        }
        String::from_utf8(line).expect("text")
    }

    /// All that comes until the server closes.
    #[track_caller]
    pub fn receive_all(&mut self) -> Vec<u8> {
        let mut data = Vec::new();
        self.0.read_to_end(&mut data).expect("receive");
        data
    }

    /// Sends, and compares what comes back.
    #[track_caller]
    pub fn converse(&mut self, sent: &str, expected: &str) {
        self.send(sent);
        let answer = self.receive(expected.len());
        assert_eq!(String::from_utf8_lossy(&answer), expected, "after {sent:?}");
    }
}

/// A map that runs in a thread until its last channel has closed, or the test is over.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    map: MapHandle,
    ended: Receiver<()>,
}

impl Server {
    /// Starts with what `set_up` puts into the map; the listener is the one clients connect to.
    #[track_caller]
    pub fn start(set_up: impl FnOnce(&mut Map) -> io::Result<Listener> + Send + 'static) -> Self {
        Self::start_at(|map| Ok(set_up(map)?.local_addr().inet().expect("an IP address")))
    }

    /// As [`start`](Self::start), with what has no listener; what is returned is its address.
    #[track_caller]
    pub fn start_at(
        set_up: impl FnOnce(&mut Map) -> io::Result<SocketAddr> + Send + 'static,
    ) -> Self {
        let (ready, started) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        thread::spawn(move || {
            let mut map = Map::new().expect("map");
            let addr = set_up(&mut map).expect("set up");
            ready.send((addr, map.handle())).expect("the test waits");
            map.run().expect("run");
            // Nobody hears it where the test failed.
            let _ = end.send(());
        });
        let (addr, map) = started.recv_timeout(PATIENCE).expect("start");
        Self { addr, map, ended }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// A new connection.
    #[track_caller]
    pub fn client(&self) -> Client {
        Client::connect(self.addr)
    }

    /// Its map, for other threads.
    pub fn map(&self) -> &MapHandle {
        &self.map
    }

    /// Runs `f` in the server's thread.
    #[track_caller]
    pub fn ask<R: Send + 'static>(&self, f: impl FnOnce(&mut Map) -> R + Send + 'static) -> R {
        let (answer, answered) = mpsc::channel();
        let ask = move |map: &mut Map| answer.send(f(map)).expect("the test waits");
        self.map.post(ask).expect("the map runs");
        answered.recv_timeout(PATIENCE).expect("answer")
    }

    /// Waits until its last channel has closed.
    #[track_caller]
    pub fn join(self) {
        self.ended.recv_timeout(PATIENCE).expect("the loop ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone where the loop has ended.
        let _ = self.map.post(|map| map.close_all());
    }
}

/// Passes of the loop until `done`.
///
/// # Panics
/// If it takes longer than [`PATIENCE`].
#[track_caller]
pub fn run_until(map: &mut Map, mut done: impl FnMut(&mut Map) -> bool) {
    let end = Instant::now() + PATIENCE;
    while !done(map) {
        let left = end.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "nothing more happens");
        map.poll(Some(left)).expect("poll");
    }
}

/// Asks again and again whether it is so.
///
/// # Panics
/// If it takes longer than [`PATIENCE`].
#[track_caller]
pub fn until(mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "it never is");
        thread::yield_now();
    }
}

/// Runs `f` in a thread; what is returned waits for its end.
///
/// # Panics
/// What is returned does, if it takes longer than [`PATIENCE`], or `f` panics.
pub fn bounded<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> impl FnOnce() -> R {
    let (end, ended) = mpsc::channel();
    thread::spawn(move || end.send(f()));
    move || ended.recv_timeout(PATIENCE).expect("an end")
}

/// A listener whose queue is full, so that the kernel answers no more, and who is in the queue.
pub fn deaf() -> (socket2::Socket, Vec<TcpStream>) {
    let stream = socket2::Type::STREAM;
    let socket = socket2::Socket::new(socket2::Domain::IPV4, stream, None).expect("socket");
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("bind");
    socket.listen(0).expect("listen");
    let addr = socket.local_addr().ok().and_then(|addr| addr.as_socket()).expect("an address");
    let connect = || TcpStream::connect_timeout(&addr, Duration::from_millis(100)).ok();
    let queued = std::iter::from_fn(connect).collect();
    (socket, queued)
}

/// A terminal: the side of whoever made it, and the one for a program.
pub fn terminal() -> (OwnedFd, File) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("grant");
    unlockpt(&master).expect("unlock");
    let name = ptsname(&master, vec![]).expect("a name");
    let path = name.to_str().expect("text");
    let slave = OpenOptions::new().read(true).write(true).open(path).expect("open");
    (master, slave)
}

/// A terminal that passes each byte on as it is, and echoes none.
pub fn raw_terminal() -> (OwnedFd, File) {
    let (master, slave) = terminal();
    let mut attributes = tcgetattr(&slave).expect("attributes");
    attributes.make_raw();
    tcsetattr(&slave, OptionalActions::Now, &attributes).expect("set attributes");
    (master, slave)
}

/// Lets the process have so many descriptors, if the system allows it at all.
pub fn allow_descriptors(count: u64) {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < count) {
        limit.current = Some(count);
        setrlimit(Resource::Nofile, limit).expect("more descriptors");
    }
}

/// What happened, in order: shared by channels, threads and the test.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// Adds an entry.
    pub fn note(&self, what: impl Display) {
        self.lock().push(what.to_string());
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All entries since the last look.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        // Channels that panic on purpose may have it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
