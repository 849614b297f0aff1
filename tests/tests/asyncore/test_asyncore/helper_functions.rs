//! HelperFunctionTests.

use asyncore_runtime::{channel, Closed, Error, Map};
use std::cell::Cell;
use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use crate::asyncore::common::{run_until, settle, Events};
use crate::asyncore::spies::Spy;

/// Fails in every event, unless it was asked to leave the loop.
#[channel]
struct Crashing {
    events: Events,
    leaves: Option<Rc<Cell<bool>>>,
}

impl Crashing {
    fn crash(&self, event: &str) -> Result<(), String> {
        match &self.leaves {
            Some(leave) => {
                leave.set(true);
                Ok(())
            }
            None => Err(event.to_owned()),
        }
    }
}

#[channel]
impl Crashing {
    #[on_read]
    fn read(&mut self, _data: &[u8]) -> Result<(), String> {
        self.crash("read")
    }

    #[on_write]
    fn written(&mut self) -> Result<(), String> {
        self.crash("write")
    }

    #[on_expt]
    fn urgent(&mut self) -> Result<(), String> {
        self.crash("expt")
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.events.note(error.to_string());
    }
}

/// A TCP connection.
fn tcp_pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let peer = TcpStream::connect(listener.local_addr().expect("an address")).expect("a peer");
    (listener.accept().expect("a connection").0, peer)
}

/// Adapted: an error of any event reaches `#[on_error]`; what leaves the loop does not.
#[test]
fn test_readwriteexc() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let (ours, mut peer) = tcp_pair();
    map.add(ours, Crashing { events: events.clone(), leaves: None }).expect("a channel");
    run_until(&mut map, |_| events.count("write") == 1);
    peer.write_all(b"x").expect("room");
    run_until(&mut map, |_| events.count("read") == 1);
    if cfg!(target_os = "linux") {
        socket2::SockRef::from(&peer).send_out_of_band(b"!").expect("room");
        run_until(&mut map, |_| events.count("expt") == 1);
    }

    let (events, leave) = (Events::default(), Rc::new(Cell::new(false)));
    let (ours, _peer) = tcp_pair();
    let leaves = Some(Rc::clone(&leave));
    map.add(ours, Crashing { events: events.clone(), leaves }).expect("a channel");
    run_until(&mut map, |_| leave.get());
    assert_eq!(events.list(), Vec::<String>::new());
}

/// Notes which events came.
#[channel]
struct Flags(Events);

#[channel]
impl Flags {
    #[on_read]
    fn read(&mut self, _data: &[u8]) {
        self.0.note("read");
    }

    #[on_write]
    fn written(&mut self) {
        self.0.note("write");
    }

    #[on_expt]
    fn urgent(&mut self) {
        self.0.note("expt");
    }

    #[on_error]
    fn failed(&mut self, _error: &Error) {
        self.0.note("error");
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed) {
        self.0.note("close");
    }
}

/// Adapted: what happens to the socket calls its own handler, and no other.
#[test]
fn test_readwrite() {
    let after = |act: fn(TcpStream) -> Option<TcpStream>, expected: &str| {
        let (events, mut map) = (Events::default(), Map::new().expect("a map"));
        let (ours, peer) = tcp_pair();
        map.add(ours, Flags(events.clone())).expect("a channel");
        run_until(&mut map, |_| events.count("write") == 1);
        let _kept = act(peer);
        run_until(&mut map, |_| events.list().len() == 2);
        settle(&mut map);
        assert_eq!(events.list(), ["write", expected]);
    };
    after(|mut peer| peer.write_all(b"x").map(|()| peer).ok(), "read");
    after(|peer| peer.shutdown(Shutdown::Write).map(|()| peer).ok(), "close");
    after(|_peer| None, "close");
    if cfg!(target_os = "linux") {
        after(
            |peer| socket2::SockRef::from(&peer).send_out_of_band(b"!").map(|_| peer).ok(),
            "expt",
        );
    }
}

/// Ten channels, with their peers.
fn ten(map: &mut Map, events: &Events) -> Vec<UnixStream> {
    let mut add = |_| {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        map.add(ours, Spy::new(events)).expect("a channel");
        theirs
    };
    (0..10).map(&mut add).collect()
}

#[test]
fn test_closeall() {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let _peers = ten(&mut map, &events);
    assert_eq!(map.len(), 10);
    map.close_all();
    assert!(map.is_empty());
    assert_eq!(events.count("close"), 10);
}

/// Adapted: the default map is the thread's.
#[test]
fn test_closeall_default() {
    let events = Events::default();
    let noted = events.clone();
    let _peers = asyncore_runtime::with_map(move |map| {
        let peers = ten(map, &noted);
        map.close_all();
        peers
    });
    assert_eq!(events.count("close"), 10);
    assert!(asyncore_runtime::with_map(|map| map.is_empty()).expect("the map"));
    asyncore_runtime::run().expect("an end at once");
}
