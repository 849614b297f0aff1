//! Who is let in: seats, limits and refusals, for `listen` and `serve` alike.

use asyncore_runtime::{channel, tcp, Addr, Io, Limits, Map, MapHandle, Socket};
use asyncore_tests::net::{run_until, Client, Server};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// Echoes lines; `bye` is the last one.
#[channel(linger_timeout = "60s", first_frame_timeout = "60s")]
struct Echo;

#[channel]
impl Echo {
    #[terminator(b"\n")]
    fn line(line: &str, io: &mut Io<Self>) -> String {
        if line == "bye" {
            io.close_when_done();
        }
        format!("{line}\n")
    }
}

/// Takes each connection in.
#[channel]
struct Door;

#[channel]
impl Door {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket, io: &mut Io<Self>) -> std::io::Result<()> {
        io.add(socket, Echo).map(|_| ())
    }
}

fn addr(at: &Addr) -> SocketAddr {
    at.inet().unwrap()
}

/// What so many clients hear of a server that has two seats.
fn heard(map: &mut Map, at: SocketAddr) -> Vec<String> {
    let mut clients: Vec<_> = (0..4).map(|_| Client::connect(at)).collect();
    let mut heard: Vec<_> = Vec::new();
    for client in &mut clients {
        client.send("echo\n");
    }
    for client in &mut clients {
        run_until(map, |_| client.has_input());
        heard.push(client.receive_line());
    }
    heard.sort();
    heard
}

#[test]
fn a_server_with_a_channel_of_its_own_has_seats_as_one_with_a_closure() {
    let two = || tcp("127.0.0.1:0").max_connections(2).when_full(b"full\n");
    let expected = ["echo\n", "echo\n", "full\n", "full\n"];
    let mut map = Map::new().unwrap();
    let at = addr(&map.listen(two(), |_| Echo).unwrap().local_addr());
    assert_eq!(heard(&mut map, at), expected);
    let mut map = Map::new().unwrap();
    let at = addr(&map.serve(two(), Door).unwrap().local_addr());
    assert_eq!(heard(&mut map, at), expected);
}

#[test]
fn the_limits_of_a_server_with_a_channel_of_its_own_are_those_of_its_connections() {
    let limits = Limits::DEFAULT.max_frame(4);
    let mut map = Map::new().unwrap();
    let listener = map.serve(tcp("127.0.0.1:0").limits(limits), Door).unwrap();
    let mut client = Client::connect(addr(&listener.local_addr()));
    client.send("too long\n");
    run_until(&mut map, |map| map.counters().closed() == 1);
    assert_eq!(client.receive_all(), b"");
}

#[test]
fn whoever_lingers_keeps_its_seat() {
    let mut map = Map::new().unwrap();
    let one = tcp("127.0.0.1:0").max_connections(1).when_full(b"full\n");
    let at = addr(&map.listen(one, |_| Echo).unwrap().local_addr());
    let mut first = Client::connect(at);
    first.send("bye\n");
    run_until(&mut map, |_| first.has_input());
    assert_eq!(first.receive_all(), b"bye\n");
    // It has heard the end and does not close: its descriptor is still open here.
    let mut second = Client::connect(at);
    run_until(&mut map, |_| second.has_input());
    assert_eq!(second.receive_all(), b"full\n");
    drop(first);
    run_until(&mut map, |map| map.len() == 1);
    let mut third = Client::connect(at);
    third.send("hello\n");
    run_until(&mut map, |_| third.has_input());
    assert_eq!(third.receive_line(), "hello\n");
}

/// Hands each connection to another loop.
#[channel]
struct Front(MapHandle);

#[channel]
impl Front {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket) {
        self.0.post(move |map| drop(map.add(socket, Echo))).expect("the other loop runs");
    }
}

#[test]
fn a_seat_goes_with_its_socket_to_another_thread() {
    let worker = Server::start(|map| map.listen("127.0.0.1:0", |_| Echo));
    let handle = worker.map().clone();
    let front = Server::start(move |map| {
        map.serve(tcp("127.0.0.1:0").max_connections(1).when_full(b"full\n"), Front(handle))
    });
    let mut first = front.client();
    first.converse("hello\n", "hello\n");
    assert_eq!(front.client().receive_line(), "full\n");
    first.send("bye\n");
    assert_eq!(first.receive_all(), b"bye\n");
    drop(first);
    // The seat comes back as soon as the other loop has seen the end.
    let mut line = String::new();
    while line != "hello\n" {
        let mut next = front.client();
        let _ = std::io::Write::write_all(&mut next.0, b"hello\n");
        line = next.receive_line();
    }
}

/// Takes no more than two at a time: asyncore's way to say so.
#[channel]
struct Two {
    open: Rc<Cell<u32>>,
    kept: Vec<Socket>,
}

#[channel]
impl Two {
    #[readable]
    fn has_room(&self) -> bool {
        self.open.get() < 2
    }

    #[on_accepted]
    fn accepted(&mut self, socket: Socket) {
        self.open.set(self.open.get() + 1);
        self.kept.push(socket);
    }
}

#[test]
fn who_asks_before_each_connection_takes_no_batch() {
    let open = Rc::new(Cell::new(0));
    let mut map = Map::new().unwrap();
    let channel = Two { open: Rc::clone(&open), kept: Vec::new() };
    let at = addr(&map.serve("127.0.0.1:0", channel).unwrap().local_addr());
    let _clients: Vec<_> = (0..5).map(|_| Client::connect(at)).collect();
    for _ in 0..10 {
        map.poll(Some(Duration::from_millis(1))).unwrap();
    }
    assert_eq!(open.get(), 2);
}

/// Panics at its first connection.
#[channel]
struct Clumsy(bool);

#[channel]
impl Clumsy {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket, io: &mut Io<Self>) -> std::io::Result<()> {
        assert!(std::mem::replace(&mut self.0, true), "the first one is bad luck");
        io.add(socket, Echo).map(|_| ())
    }
}

#[test]
fn a_panic_over_one_connection_does_not_end_the_listener() {
    let mut map = Map::new().unwrap();
    let at = addr(&map.serve("127.0.0.1:0", Clumsy(false)).unwrap().local_addr());
    let (mut first, mut second) = (Client::connect(at), Client::connect(at));
    second.send("hello\n");
    run_until(&mut map, |_| second.has_input());
    assert_eq!(second.receive_line(), "hello\n");
    assert_eq!(first.receive_all(), b"");
    assert_eq!(map.counters().panics(), 1);
}
