//! Unix sockets: their addresses, their files, and a listener that is busy.

use asyncore_runtime::{channel, tcp, Addr, Io, Map};
use asyncore_tests::net::{run_until, Client};
use std::cell::Cell;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::rc::Rc;

/// Counts its connections.
#[channel]
struct Up(Rc<Cell<u32>>);

#[channel]
impl Up {
    #[on_connect]
    fn up(&mut self) {
        self.0.set(self.0.get() + 1);
    }

    #[on_read]
    fn read(data: &[u8]) -> &[u8] {
        data
    }
}

/// A path of the test's own.
fn path(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("asyncore-{}-{name}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

/// Listens and connects by this text, and by what the listener says of itself.
fn both_ways(text: &str) -> u32 {
    let (up, mut map) = (Rc::new(Cell::new(0)), Map::new().unwrap());
    let log = Rc::clone(&up);
    let listener = map.listen(text, move |_| Up(Rc::clone(&log))).unwrap();
    map.connect(text, Up(Rc::clone(&up))).unwrap();
    map.connect(listener.local_addr().to_string(), Up(Rc::clone(&up))).unwrap();
    map.connect(listener.local_addr(), Up(Rc::clone(&up))).unwrap();
    run_until(&mut map, |_| up.get() == 6);
    up.get()
}

#[test]
fn a_path_in_a_text_is_listened_on_and_connected_to() {
    let path = path("text");
    assert_eq!(both_ways(path.to_str().unwrap()), 6);
    assert_eq!(both_ways(&format!("unix:{}", path.display())), 6);
    assert!(!path.exists(), "its file goes with the map");
}

#[test]
fn an_abstract_name_works_both_ways() {
    let name = format!("unix:@asyncore-{}", std::process::id());
    assert_eq!(both_ways(&name), 6);
    let addr = Addr::Unix(Some(format!("\0asyncore-{}", std::process::id()).into()));
    assert_eq!(addr.to_string(), name);
}

#[test]
fn the_file_goes_when_the_listener_closes_and_a_dead_one_is_replaced() {
    let path = path("dead");
    let mut map = Map::new().unwrap();
    map.listen(tcp(path.as_path()), |_| None::<Up>).unwrap().close();
    map.run().unwrap();
    assert!(!path.exists());
    // Left by a process that was killed.
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    map.listen(path.as_path(), |_| None::<Up>).unwrap();
    Client::connect_path(&path);
}

#[test]
fn a_live_server_and_what_is_no_socket_are_left_alone() {
    let (live, file) = (path("live"), path("file"));
    let listener = UnixListener::bind(&live).unwrap();
    std::fs::write(&file, "precious").unwrap();
    let mut map = Map::new().unwrap();
    for path in [&live, &file] {
        let error = map.listen(path.as_path(), |_| None::<Up>).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    Client::connect_path(&live);
    drop(listener);
    std::fs::remove_file(&live).unwrap();
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn the_file_of_whoever_came_after_is_not_removed() {
    let path = path("after");
    let mut map = Map::new().unwrap();
    let listener = map.listen(path.as_path(), |_| None::<Up>).unwrap();
    std::fs::remove_file(&path).unwrap();
    let other = UnixListener::bind(&path).unwrap();
    listener.close();
    map.run().unwrap();
    assert!(path.exists());
    drop(other);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_listener_whose_queue_is_full_is_waited_for() {
    let path = path("full");
    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
    socket.bind(&socket2::SockAddr::unix(&path).unwrap()).unwrap();
    socket.listen(0).unwrap();
    let listener = UnixListener::from(std::os::fd::OwnedFd::from(socket));
    let (up, mut map) = (Rc::new(Cell::new(0)), Map::new().unwrap());
    for _ in 0..5 {
        map.connect(path.as_path(), Up(Rc::clone(&up))).unwrap();
    }
    for _ in 0..5 {
        map.poll(Some(std::time::Duration::ZERO)).unwrap();
    }
    assert!(up.get() < 5, "not provoked");
    listener.set_nonblocking(true).unwrap();
    let mut taken = Vec::new();
    run_until(&mut map, |_| {
        taken.extend(listener.accept());
        up.get() == 5
    });
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_connection_by_path_is_an_ordinary_one() {
    let (path, mut map) = (path("plain"), Map::new().unwrap());
    let up = Rc::new(Cell::new(0));
    let log = Rc::clone(&up);
    map.listen(path.as_path(), move |_| Up(Rc::clone(&log))).unwrap();
    let mut client = Client::connect_path(&path);
    client.send("hello");
    run_until(&mut map, |_| client.has_input());
    assert_eq!(client.receive(5), b"hello");
    let key = map.keys::<Up>()[0];
    map.tell(key, |_, io: &mut Io<Up>| io.close());
    run_until(&mut map, |map| map.len() == 1);
}
