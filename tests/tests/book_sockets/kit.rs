//! What every page needs: a conversation over sockets, and one in memory for each cut of the input.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{Addr, Channel, Handle, Io};
use asyncore_tests::net::PATIENCE;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

pub use asyncore_runtime::Map;
pub use asyncore_tests::net::{bounded, run_until, until, Client as Peer, Server};

/// A listener at a port of its own, with such channels.
pub fn server<T: Channel>(make: impl Fn() -> T + Send + 'static) -> Server {
    Server::start(move |map| map.listen("127.0.0.1:0", move |_: Addr| make()))
}

/// What a channel answers to `sent` and the end of it, over TCP and over a Unix socket.
pub fn answers<T: Channel>(make: fn() -> T, sent: impl AsRef<[u8]>) -> String {
    let sent = sent.as_ref();
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    let ended = bounded(move || {
        let mut map = Map::new().expect("map");
        map.add(ours, make()).expect("add");
        map.run().expect("run");
    });
    let unix = all_of(theirs.try_clone().expect("clone"), theirs, UnixStream::shutdown, sent);
    ended();
    let server = server(make);
    let peer = server.client().0;
    let tcp = all_of(peer.try_clone().expect("clone"), peer, TcpStream::shutdown, sent);
    assert!(tcp == unix, "over TCP {} bytes, over a Unix socket {}", tcp.len(), unix.len());
    tcp
}

/// Sends and reads at once, so that neither waits for the other.
fn all_of<S>(
    reader: S,
    mut writer: S,
    shutdown: fn(&S, Shutdown) -> io::Result<()>,
    sent: &[u8],
) -> String
where
    S: Read + Write + Send + 'static,
    Peer<S>: From<S>,
{
    let sent = sent.to_vec();
    let writes = thread::spawn(move || {
        // The channel may close before it has read all of it.
        let _ = writer.write_all(&sent);
        let _ = shutdown(&writer, Shutdown::Write);
    });
    let mut received = Vec::new();
    // A reset comes after all that was said.
    let _ = Peer::from(reader).0.read_to_end(&mut received);
    writes.join().expect("the writer ends");
    String::from_utf8_lossy(&received).into_owned()
}

/// The channels of a server, when there are so many and all of them are connected.
pub fn connected<T: Channel>(server: &Server, count: usize) -> Vec<Handle<T>> {
    until(|| server.ask(|map| map.keys::<T>().len()) == count);
    let handles = |map: &mut Map| map.keys().into_iter().map(|key| map.handle_of(key)).collect();
    let handles: Vec<Handle<T>> = server.ask(handles);
    // A post comes after the channel's `#[on_connect]`.
    handles.iter().for_each(|handle| with(handle, |_, _| ()));
    handles
}

/// What a channel answers to `input` in memory, and whether it lives: the same for each cut in two,
/// and byte by byte.
pub fn every_cut<T: Channel>(make: fn() -> T, input: impl AsRef<[u8]>) -> (String, bool) {
    let input = input.as_ref();
    let fed = |pieces: &mut dyn Iterator<Item = &[u8]>| {
        let mut session = Session::new(make());
        pieces.for_each(|piece| session.feed(piece));
        (String::from_utf8_lossy(&session.output()).into_owned(), session.is_open())
    };
    let whole = fed(&mut [input].into_iter());
    assert_eq!(fed(&mut input.chunks(1)), whole, "byte by byte: {input:?}");
    for cut in 1..input.len() {
        let (head, tail) = input.split_at(cut);
        assert_eq!(fed(&mut [head, tail].into_iter()), whole, "cut at {cut}: {input:?}");
    }
    whole
}

/// Runs `f` on a channel of a server.
pub fn with<T: Channel, R: Send + 'static>(
    handle: &Handle<T>,
    f: impl FnOnce(&mut T, &mut Io<T>) -> R + Send + 'static,
) -> R {
    let (answer, answered) = mpsc::channel();
    let post = move |channel: &mut T, io: &mut Io<T>| {
        answer.send(f(channel, io)).expect("the test waits");
    };
    handle.post(post).expect("a channel");
    answered.recv_timeout(PATIENCE).expect("an answer")
}
