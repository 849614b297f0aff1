//! A scenario over a real connection, through [`Map`].

use asyncore_runtime::{tcp, Addr, Io, Key, Limit, Listener, Map, Settings};
use socket2::SockRef;
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::record::Trace;
use super::scenario::{Action, End, Family, Scenario, PIECE};
use super::script::{Before, Log, PeerSaw, Scripted};

/// On loopback TCP a byte or an end can be seen a moment late; a Unix socket is immediate.
const INET_PATIENCE: Duration = Duration::from_millis(5);

/// Far more than anything here takes: where the kernel owes us something, we wait.
const AT_MOST: Duration = Duration::from_secs(20);

/// A map that plays one scenario after another.
#[derive(Debug)]
pub struct Sockets {
    map: Map,
    /// One for each kind of socket and size of a read, which is a limit of the listener.
    listeners: HashMap<(Family, usize), Listener>,
    arriving: Rc<RefCell<Option<Scripted>>>,
    directory: PathBuf,
}

impl Sockets {
    /// A map without connections.
    ///
    /// # Errors
    /// The system has no descriptor, or no place for Unix sockets.
    pub fn new() -> io::Result<Self> {
        static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("asyncore-trace-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir(&directory)?;
        Ok(Self { map: Map::new()?, listeners: HashMap::new(), arriving: Rc::default(), directory })
    }

    /// Plays a scenario.
    ///
    /// # Errors
    /// The system refuses a socket, or a burst is more than a socket holds.
    pub fn play(&mut self, scenario: &Scenario) -> io::Result<Trace> {
        let log = Log::default();
        let channel = match Scripted::new(scenario, &log) {
            Err(raised) => return Ok(Trace::rejected(raised.name())),
            Ok(channel) => channel,
        };
        let (peer, key) = self.connect(scenario, channel)?;
        let peer = Peer { stream: Some(peer), saw: PeerSaw::default() };
        let trace = Line { sockets: self, scenario, log: &log, key, peer }.play();
        self.settle_all()?;
        trace
    }

    fn listener(&mut self, family: Family, read_size: usize) -> io::Result<Addr> {
        if let Some(listener) = self.listeners.get(&(family, read_size)) {
            return Ok(listener.local_addr());
        }
        let limits = Scripted::LIMITS.bytes_per_turn(read_size);
        let listen = match family {
            Family::Inet => tcp("127.0.0.1:0"),
            Family::Unix => tcp(self.directory.join(read_size.to_string())),
        };
        let arriving = Rc::clone(&self.arriving);
        let listener = self.map.listen(listen.limits(limits), move |_| arriving.take())?;
        let addr = listener.local_addr();
        self.listeners.insert((family, read_size), listener);
        Ok(addr)
    }

    fn connect(
        &mut self,
        scenario: &Scenario,
        channel: Scripted,
    ) -> io::Result<(Stream, Key<Scripted>)> {
        let addr = self.listener(scenario.family, scenario.read_size())?;
        *self.arriving.borrow_mut() = Some(channel);
        let stream = Stream::connect(&addr)?;
        let deadline = Instant::now() + AT_MOST;
        loop {
            self.map.poll(Some(INET_PATIENCE))?;
            if let Some(key) = self.map.keys().pop() {
                return Ok((stream, key));
            }
            in_time(deadline)?;
        }
    }

    /// Until nothing but the listeners is left.
    fn settle_all(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + AT_MOST;
        while self.map.len() > self.listeners.len() {
            self.map.poll(Some(INET_PATIENCE))?;
            in_time(deadline)?;
        }
        Ok(())
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        // What is left behind in a temporary directory is no reason to fail.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn in_time(deadline: Instant) -> io::Result<()> {
    if Instant::now() < deadline {
        Ok(())
    } else {
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// One connection.
struct Line<'a> {
    sockets: &'a mut Sockets,
    scenario: &'a Scenario,
    log: &'a Log,
    key: Key<Scripted>,
    peer: Peer,
}

impl Line<'_> {
    fn play(mut self) -> io::Result<Trace> {
        self.act(self.scenario.output.clone());
        self.settle()?;
        if self.scenario.burst {
            self.note_reads(&self.scenario.chunks.concat());
        }
        for piece in self.scenario.pieces() {
            self.write(piece)?;
        }
        if !self.is_closed() {
            self.peer.end(self.scenario.end)?;
            self.settle_end()?;
        }
        let before = Before::of(self.log);
        let saw = std::mem::take(&mut self.peer.saw);
        self.act(vec![Action::Close]);
        self.settle()?;
        Ok(Trace::Played(self.log.look().trace(self.scenario, &before, saw)))
    }

    fn is_closed(&self) -> bool {
        self.log.look().is_closed
    }

    fn act(&mut self, output: Vec<Action>) {
        let act = move |channel: &mut Scripted, io: &mut Io<Scripted>| channel.act_all(output, io);
        self.sockets.map.tell(self.key, act);
    }

    fn note_reads(&self, data: &[u8]) {
        for read in data.chunks(self.scenario.read_size()) {
            self.log.change(|seen| seen.feed(read));
        }
    }

    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        if !self.scenario.burst {
            self.note_reads(piece);
        }
        let mut rest = piece;
        while !rest.is_empty() {
            let taken = if self.is_closed() { None } else { self.peer.write(rest) };
            let Some(taken) = taken else {
                self.peer.saw.unwritten += rest.len();
                break;
            };
            rest = rest.get(taken..).unwrap_or(&[]);
            if !self.scenario.burst {
                self.settle()?;
            } else if taken == 0 {
                return Err(io::Error::other("the burst does not fit into the socket's buffer"));
            }
        }
        Ok(())
    }

    /// Passes until nothing more can be seen to happen.
    fn settle(&mut self) -> io::Result<()> {
        let patience = match self.scenario.family {
            Family::Unix => Duration::ZERO,
            Family::Inet => INET_PATIENCE,
        };
        let mut still = 0;
        while still < 2 {
            let before = self.progress();
            self.sockets.map.poll(Some(patience))?;
            self.peer.drain();
            still = if self.progress() == before { still + 1 } else { 0 };
        }
        Ok(())
    }

    /// An end is always followed by a close: however long it takes to arrive.
    fn settle_end(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + AT_MOST;
        loop {
            self.settle()?;
            if self.scenario.end == End::None || self.is_closed() {
                return Ok(());
            }
            in_time(deadline)?;
        }
    }

    /// Everything that changes while something happens; a read that is all terminator shows only
    /// in the counter of turns cut short.
    fn progress(&self) -> (usize, usize, bool, u64, usize, bool) {
        let (seen, peer) = (self.log.look(), &self.peer.saw);
        let turns = self.sockets.map.counters().hits(Limit::Turn);
        let (events, collects) = (seen.events.len(), seen.collects.len());
        (events, collects, seen.is_closed, turns, peer.received.len(), peer.eof)
    }
}

/// The other end: everything it gets is kept.
struct Peer {
    stream: Option<Stream>,
    saw: PeerSaw,
}

impl Peer {
    fn drain(&mut self) {
        let mut buf = [0; PIECE];
        while let Some(stream) = self.stream.as_mut().filter(|_| !self.saw.eof) {
            match stream.read(&mut buf) {
                Ok(0) => self.saw.eof = true,
                Ok(len) => self.saw.received.extend_from_slice(buf.get(..len).unwrap_or(&[])),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.saw.eof = true,
            }
        }
    }

    /// How much the kernel took; none if the other side is gone.
    fn write(&mut self, data: &[u8]) -> Option<usize> {
        match self.stream.as_mut()?.write(data) {
            Ok(len) => Some(len),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Some(0),
            Err(_) => None,
        }
    }

    fn end(&mut self, end: End) -> io::Result<()> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        match end {
            End::None => return Ok(()),
            End::Shutdown => return stream.shutdown(),
            // A close with answers unread would be a reset.
            End::Close => self.drain(),
            End::Reset => {
                stream.sock_ref().set_linger(Some(Duration::ZERO))?;
                self.drain();
            }
        }
        self.stream = None;
        Ok(())
    }
}

/// A connection of either kind.
enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Stream {
    fn connect(addr: &Addr) -> io::Result<Self> {
        match addr {
            Addr::Inet(addr) => {
                let stream = TcpStream::connect(addr)?;
                // A chunk must not wait until the one before it is acknowledged.
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                Ok(Self::Tcp(stream))
            }
            Addr::Unix(Some(path)) => {
                let stream = UnixStream::connect(path)?;
                stream.set_nonblocking(true)?;
                Ok(Self::Unix(stream))
            }
            other => Err(io::Error::other(format!("cannot connect to {other}"))),
        }
    }

    fn sock_ref(&self) -> SockRef<'_> {
        match self {
            Self::Tcp(stream) => stream.into(),
            Self::Unix(stream) => stream.into(),
        }
    }

    fn shutdown(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown(Shutdown::Write),
            Self::Unix(stream) => stream.shutdown(Shutdown::Write),
        }
    }

    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buf),
            Self::Unix(stream) => stream.read(buf),
        }
    }

    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(data),
            Self::Unix(stream) => stream.write(data),
        }
    }
}
