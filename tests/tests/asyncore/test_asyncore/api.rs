//! BaseTestAPI: over IPv4, IPv6 and Unix sockets.

use asyncore_runtime::{channel, Addr, BoxError, Closed, Error, Io, Map, Socket};
use rustix::fs::{fcntl_getfl, OFlags};
use rustix::io::{fcntl_getfd, FdFlags};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::Duration;

use crate::asyncore::common::{run_until, text, Events, PATIENCE};

/// What one side does when it is connected.
type Act = Option<fn(&mut Side, &mut Io<Side>) -> Result<(), BoxError>>;

/// One side of the connection.
#[channel]
#[derive(Default)]
struct Side {
    events: Events,
    on_connect: Act,
    on_write: Act,
}

#[channel]
impl Side {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) -> Result<(), BoxError> {
        self.events.note(format!("connect {}", io.is_connected()));
        self.on_connect.map_or(Ok(()), |act| act(self, io))
    }

    #[on_read]
    fn read(&mut self, data: &[u8]) {
        self.events.note(format!("read {}", text(data)));
    }

    #[on_write]
    fn written(&mut self, io: &mut Io<Self>) -> Result<(), BoxError> {
        self.events.note("write");
        self.on_write.map_or(Ok(()), |act| act(self, io))
    }

    #[on_expt]
    fn urgent(&mut self) {
        self.events.note("expt");
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        let kind = if error.is_disconnect() { "gone" } else { "error" };
        self.events.note(format!("{kind} {error}"));
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed) {
        self.events.note("close");
    }
}

impl Side {
    fn new(events: &Events, on_connect: Act) -> Self {
        Self { events: events.clone(), on_connect, on_write: None }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Family {
    V4,
    V6,
    Unix,
}

/// Where to listen; a path is removed at the end.
struct Place(Family, PathBuf);

impl Place {
    fn new(family: Family) -> Self {
        static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("asyncore-api-{}-{number}", std::process::id());
        Self(family, std::env::temp_dir().join(name))
    }

    fn addr(&self) -> Addr {
        match self.0 {
            Family::V4 => Addr::Inet(([127, 0, 0, 1], 0).into()),
            Family::V6 => Addr::Inet((std::net::Ipv6Addr::LOCALHOST, 0).into()),
            Family::Unix => Addr::Unix(Some(self.1.clone())),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.1);
    }
}

/// The families this machine has.
fn families() -> impl Iterator<Item = Family> {
    let has_v6 = TcpListener::bind("[::1]:0").is_ok();
    [Family::V4, Family::V6, Family::Unix]
        .into_iter()
        .filter(move |family| *family != Family::V6 || has_v6)
}

/// A server's side and a client's in one map, as in CPython's tests.
fn both(family: Family, server: Side, client: Side) -> (Map, Place) {
    let (place, mut map) = (Place::new(family), Map::new().expect("a map"));
    let mut server = Some(server);
    let listener = map.listen(place.addr(), move |_| server.take()).expect("a listener");
    map.connect(listener.local_addr(), client).expect("an address");
    (map, place)
}

#[test]
fn test_handle_connect() {
    for family in families() {
        let events = Events::default();
        let (mut map, _place) = both(family, Side::default(), Side::new(&events, None));
        run_until(&mut map, |_| events.count("connect true") == 1);
    }
}

#[test]
fn test_handle_accept() {
    for family in families() {
        let (mut map, _place) = both(family, Side::default(), Side::default());
        run_until(&mut map, |map| map.counters().accepted() == 1);
    }
}

#[channel]
struct Server(Events);

#[channel]
impl Server {
    #[on_accepted]
    fn accepted(&mut self, socket: Socket, peer: Addr) {
        self.0.note(format!("accepted {}", socket.peer_addr() == Some(peer)));
    }
}

#[test]
fn test_handle_accepted() {
    for family in families() {
        let (place, mut map) = (Place::new(family), Map::new().expect("a map"));
        let events = Events::default();
        let listener = map.serve(place.addr(), Server(events.clone())).expect("a listener");
        map.connect(listener.local_addr(), Side::default()).expect("an address");
        run_until(&mut map, |_| events.count("accepted true") == 1);
    }
}

#[test]
fn test_handle_read() {
    for family in families() {
        let events = Events::default();
        let send: Act = Some(|_, io| {
            io.push("x");
            Ok(())
        });
        let server = Side::new(&Events::default(), send);
        let (mut map, _place) = both(family, server, Side::new(&events, None));
        run_until(&mut map, |_| events.count("read x") == 1);
    }
}

#[test]
fn test_handle_write() {
    for family in families() {
        let (client, server) = (Events::default(), Events::default());
        let (mut map, _place) = both(family, Side::new(&server, None), Side::new(&client, None));
        run_until(&mut map, |_| client.count("write") == 1 && server.count("write") == 1);
    }
}

/// The server's side closes at once.
fn closing() -> Side {
    let close: Act = Some(|_, io| {
        io.close();
        Ok(())
    });
    Side::new(&Events::default(), close)
}

#[test]
fn test_handle_close() {
    for family in families() {
        let events = Events::default();
        let (mut map, _place) = both(family, closing(), Side::new(&events, None));
        run_until(&mut map, |_| events.count("close") == 1);
    }
}

#[test]
fn test_handle_close_after_conn_broken() {
    for family in families() {
        let events = Events::default();
        let flood: Act = Some(|_, io| {
            io.push(vec![b'x'; 900_000]);
            Ok(())
        });
        let (mut map, _place) = both(family, closing(), Side::new(&events, flood));
        run_until(&mut map, |_| events.count("close") == 1);
        let errors = events.list().iter().filter(|event| event.starts_with("error")).count();
        assert_eq!(errors, 0, "{:?}", events.list());
    }
}

/// Adapted: Linux; not on Unix sockets.
#[test]
#[cfg(target_os = "linux")]
fn test_handle_expt() {
    for family in families().filter(|family| *family != Family::Unix) {
        let events = Events::default();
        let send: Act = Some(|_, io| {
            let socket = io.socket_options().expect("a socket");
            socket.send_out_of_band(b"!")?;
            Ok(())
        });
        let server = Side::new(&Events::default(), send);
        let (mut map, _place) = both(family, server, Side::new(&events, None));
        run_until(&mut map, |_| events.count("expt") == 1);
    }
}

#[test]
fn test_handle_error() {
    for family in families() {
        let events = Events::default();
        let fail: Act = Some(|_, _| Err("1.0 / 0".into()));
        let client = Side { on_write: fail, ..Side::new(&events, None) };
        let (mut map, _place) = both(family, Side::default(), client);
        run_until(&mut map, |_| events.count("error 1.0 / 0") == 1);
    }
}

#[test]
fn test_connection_attributes() {
    for family in families() {
        let (place, mut map) = (Place::new(family), Map::new().expect("a map"));
        let (events, server) = (Events::default(), Server(Events::default()));
        let listener = map.serve(place.addr(), server).expect("a listener");
        let client =
            map.connect(listener.local_addr(), Side::new(&events, None)).expect("an address");
        run_until(&mut map, |_| events.count("connect true") == 1);
        assert!(map.is_alive(client));
        let server = map.keys::<Server>()[0];
        let noted = events.clone();
        map.tell(server, move |_, io: &mut Io<Server>| {
            noted.note(format!("listening {} {:?}", io.local_addr().is_some(), io.peer_addr()));
        });
        run_until(&mut map, |_| events.count("listening true None") == 1);
        map.close_all();
        assert!(!map.is_alive(client) && !map.is_alive(server));
    }
}

/// Adapted: also closed on exec.
#[test]
fn test_create_socket() {
    for family in families() {
        let events = Events::default();
        let look: Act = Some(|side, io| {
            let socket = io.socket_options().expect("a socket");
            let flags = fcntl_getfl(socket.as_fd())?.contains(OFlags::NONBLOCK);
            let closes = fcntl_getfd(socket.as_fd())?.contains(FdFlags::CLOEXEC);
            let is_stream = socket.r#type()? == socket2::Type::STREAM;
            side.events.note(format!("{flags} {closes} {is_stream}"));
            Ok(())
        });
        let (server, client) = (Side::new(&events, look), Side::new(&events, look));
        let (mut map, _place) = both(family, server, client);
        run_until(&mut map, |_| events.count("true true true") == 2);
    }
}

#[test]
fn test_bind() {
    for family in families() {
        let (place, mut map) = (Place::new(family), Map::new().expect("a map"));
        let first = map.listen(place.addr(), |_| Side::default()).expect("a listener");
        let second = map.listen(first.local_addr(), |_| Side::default());
        let kind = second.map(|_| ()).map_err(|error| error.kind());
        assert_eq!(kind, Err(std::io::ErrorKind::AddrInUse));
        assert_eq!(map.len(), 1);
    }
}

/// A listener has it from the start; nothing else has.
#[test]
fn test_set_reuse_addr() {
    let mut map = Map::new().expect("a map");
    let events = Events::default();
    let listener = map.serve("127.0.0.1:0", Server(events.clone())).expect("a listener");
    let look: Act = Some(|side, io| {
        let socket = io.socket_options().expect("a socket");
        side.events.note(format!("client {}", socket.reuse_address()?));
        socket.set_reuse_address(true)?;
        side.events.note(format!("client {}", socket.reuse_address()?));
        Ok(())
    });
    map.connect(listener.local_addr(), Side::new(&events, look)).expect("an address");
    let server = map.keys::<Server>()[0];
    let noted = events.clone();
    map.tell(server, move |_, io: &mut Io<Server>| {
        let is_set = io.socket_options().expect("a socket").reuse_address().expect("an option");
        noted.note(format!("server {is_set}"));
    });
    run_until(&mut map, |_| events.count("client true") == 1 && events.count("server true") == 1);
    assert_eq!(events.count("client false"), 1);
}

/// bpo-10340: a client that connects and resets at once does not end the loop.
#[test]
fn test_quick_connect() {
    let mut map = Map::new().expect("a map");
    let events = Events::default();
    let noted = events.clone();
    let listener = map.listen("127.0.0.1:0", move |_| Side::new(&noted, None)).expect("a listener");
    let addr = listener.local_addr().inet().expect("an address");
    let clients = std::thread::spawn(move || {
        for _ in 0..20 {
            let peer = TcpStream::connect_timeout(&addr, PATIENCE).expect("a listener");
            socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO)).expect("an option");
        }
    });
    run_until(&mut map, |_| events.count("close") == 20);
    clients.join().expect("no panic");
    assert_eq!(map.len(), 1, "the listener is still there");
}
