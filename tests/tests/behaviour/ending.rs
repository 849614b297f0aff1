//! A map that drains or closes comes to its end, whatever its channels do.

use asyncore_runtime::{channel, Closed, Io, Map};
use asyncore_tests::net::{run_until, PATIENCE};
use std::cell::Cell;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Comes back in its own way whenever it is closed.
#[channel]
struct Stubborn {
    to: SocketAddr,
    way: Way,
    closed: Rc<Cell<u32>>,
}

#[derive(Clone, Copy)]
enum Way {
    Reconnects,
    Connects,
    Listens,
    Tells,
}

#[channel]
impl Stubborn {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str) {}

    #[on_close]
    fn closed(&mut self, _why: &Closed, io: &mut Io<Self>) {
        self.closed.set(self.closed.get() + 1);
        let again = || Stubborn { to: self.to, way: self.way, closed: Rc::clone(&self.closed) };
        match self.way {
            Way::Reconnects => io.reconnect(Duration::ZERO),
            Way::Connects => drop(io.connect(self.to, again())),
            Way::Listens => drop(io.listen("127.0.0.1:0", |_| None::<Stubborn>)),
            Way::Tells => {
                let key = io.connect(self.to, again());
                if let Ok(key) = key {
                    io.tell(key, |_, _| "more\n");
                }
            }
        }
    }
}

fn with(way: Way) -> (Map, TcpListener, Rc<Cell<u32>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = Rc::new(Cell::new(0));
    let mut map = Map::new().unwrap();
    let to = listener.local_addr().unwrap();
    map.connect(to, Stubborn { to, way, closed: Rc::clone(&closed) }).unwrap();
    let key = map.keys::<Stubborn>()[0];
    run_until(&mut map, |map| map.local_addr(key).is_some());
    (map, listener, closed)
}

const WAYS: [Way; 4] = [Way::Reconnects, Way::Connects, Way::Listens, Way::Tells];

#[test]
fn a_map_that_drains_ends_by_its_deadline() {
    for way in WAYS {
        let (mut map, _listener, closed) = with(way);
        let start = Instant::now();
        map.drain(Duration::from_millis(100));
        map.run().unwrap();
        assert!(start.elapsed() < PATIENCE, "it never ends");
        assert!(closed.get() >= 1);
    }
}

#[test]
fn a_map_that_closes_ends_at_once_and_can_be_filled_again() {
    for way in WAYS {
        let (mut map, listener, closed) = with(way);
        map.close_all();
        map.run().unwrap();
        assert_eq!(closed.get(), 1);
        let to = listener.local_addr().unwrap();
        map.connect(to, Stubborn { to, way, closed: Rc::clone(&closed) }).unwrap();
        assert_eq!(map.len(), 1);
    }
}

#[test]
fn a_client_that_waits_to_connect_again_does_not_keep_a_map_from_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = Rc::new(Cell::new(0));
    let mut map = Map::new().unwrap();
    let key = map.connect(listener.local_addr().unwrap(), Patient(Rc::clone(&closed))).unwrap();
    run_until(&mut map, |map| map.local_addr(key).is_some());
    drop(listener.accept().unwrap());
    run_until(&mut map, |_| closed.get() == 1);
    assert!(map.is_alive(key));
    map.drain(Duration::from_secs(60));
    map.run().unwrap();
    assert_eq!(closed.get(), 1, "it was told of its end already");
}

/// Waits an hour before it connects again.
#[channel]
struct Patient(Rc<Cell<u32>>);

#[channel]
impl Patient {
    #[on_read]
    fn read(&mut self, _data: &[u8]) {}

    #[on_close]
    fn closed(&mut self, _why: &Closed, io: &mut Io<Self>) {
        self.0.set(self.0.get() + 1);
        io.reconnect(Duration::from_secs(3_600));
    }
}

#[test]
fn a_client_that_waits_to_connect_again_can_be_closed_without_a_second_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = Rc::new(Cell::new(0));
    let mut map = Map::new().unwrap();
    let key = map.connect(listener.local_addr().unwrap(), Patient(Rc::clone(&closed))).unwrap();
    run_until(&mut map, |map| map.local_addr(key).is_some());
    drop(listener.accept().unwrap());
    run_until(&mut map, |_| closed.get() == 1);
    map.tell(key, |_, io| io.close());
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(closed.get(), 1);
}
