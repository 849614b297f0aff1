//! Dispatchers that note their events, and the connections they stand at.

use asyncore_runtime::{channel, BoxError, Channel, Closed, Error, Io, Key, Listener, Map};
use std::cell::Cell;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

use super::common::{run_until, settle, text, Events};

pub(super) type Act = Option<fn(&mut Spy, &mut Io<Spy>) -> Result<(), BoxError>>;

/// A dispatcher that notes its events, and does a little in them.
#[channel]
#[derive(Default)]
pub(super) struct Spy {
    pub(super) events: Events,
    pub(super) on_connect: Act,
    /// Errors that are survivable do not close it.
    pub(super) survives: bool,
    /// The end does not close it.
    pub(super) stays: bool,
}

#[channel]
impl Spy {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) -> Result<(), BoxError> {
        self.events.note("connect");
        self.on_connect.map_or(Ok(()), |act| act(self, io))
    }

    #[on_read]
    fn read(&mut self, data: &[u8]) {
        self.events.note(format!("read {}", text(data)));
    }

    #[on_write]
    fn written(&mut self) {
        self.events.note("write");
    }

    #[on_eof]
    fn ended(&mut self, io: &mut Io<Self>) {
        self.events.note("eof");
        if !self.stays {
            io.close_when_done();
        }
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        let kind = match error {
            Error::Connect { source, .. } | Error::Io { source, .. } => source.kind().to_string(),
            other => other.to_string(),
        };
        self.events.note(format!("error {kind}"));
        if !self.survives {
            io.close();
        }
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed) {
        self.events.note("close");
    }
}

impl Spy {
    pub(super) fn new(events: &Events) -> Self {
        Self { events: events.clone(), ..Self::default() }
    }
}

pub(super) fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("an option");
}

/// A listener whose one connection becomes `spy`.
pub(super) fn listen(map: &mut Map, spy: Spy) -> (Listener, SocketAddr) {
    let mut spy = Some(spy);
    let listener = map.listen("127.0.0.1:0", move |_| spy.take()).expect("a listener");
    let addr = listener.local_addr().inet().expect("an address");
    (listener, addr)
}

/// Where a channel of this map is bound.
pub(super) fn local_addr<T: Channel>(map: &mut Map, key: Key<T>) -> SocketAddr {
    let addr = Rc::new(Cell::new(None));
    let slot = Rc::clone(&addr);
    map.tell(key, move |_, io: &mut Io<T>| slot.set(io.local_addr().and_then(|addr| addr.inet())));
    run_until(map, |_| addr.get().is_some());
    addr.get().expect("an address")
}

/// What is done when something was read.
pub(super) type Reaction = Box<dyn FnMut(&mut Io<Named>)>;

/// Asked in each pass; notes its events with its name.
#[channel]
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) events: Events,
    pub(super) reads: bool,
    pub(super) writes: bool,
    pub(super) on_read: Option<Reaction>,
}

#[channel]
impl Named {
    #[readable]
    fn is_readable(&self) -> bool {
        self.events.note(format!("{}: readable", self.name));
        self.reads
    }

    #[writable]
    fn is_writable(&self) -> bool {
        self.writes
    }

    #[on_read]
    fn read(&mut self, data: &[u8], io: &mut Io<Self>) {
        self.events.note(format!("{}: read {}", self.name, text(data)));
        if let Some(act) = &mut self.on_read {
            act(io);
        }
    }

    #[on_write]
    fn written(&mut self) {
        self.events.note(format!("{}: write", self.name));
    }

    #[on_expt]
    fn urgent(&mut self) {
        self.events.note(format!("{}: expt", self.name));
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed) {
        self.events.note(format!("{}: close", self.name));
    }
}

impl Named {
    pub(super) fn new(name: &'static str, events: &Events) -> Self {
        Self { name, events: events.clone(), reads: true, writes: false, on_read: None }
    }
}

/// A map with channels, each with its peer.
pub(super) fn with_peers(channels: Vec<Named>) -> (Map, Vec<Key<Named>>, Vec<UnixStream>) {
    let mut map = Map::new().expect("a map");
    let add = |channel| {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        (map.add(ours, channel).expect("a channel"), theirs)
    };
    let (keys, peers) = channels.into_iter().map(add).unzip();
    settle(&mut map);
    (map, keys, peers)
}

/// What happened but for the questions.
pub(super) fn told(events: &Events) -> Vec<String> {
    events.list().into_iter().filter(|event| !event.ends_with(": readable")).collect()
}
