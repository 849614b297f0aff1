//! DispatcherTests and DispatcherWithSendTests.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Channel, Io, Map};
use std::io::Read;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::asyncore::common::run_until;

/// A dispatcher with nothing but what it has to have.
#[channel]
struct Plain;

#[channel]
impl Plain {
    #[on_read]
    fn read(&mut self, data: &[u8]) -> Result<(), String> {
        Err(String::from_utf8_lossy(data).into_owned())
    }
}

/// `readable` is true as in CPython; `writable` is not, or the loop would spin (L20).
#[test]
fn test_basic() {
    assert!(Channel::readable(&mut Plain));
    assert!(!Channel::writable(&mut Plain));
}

/// Adapted: `Debug`.
#[test]
fn test_repr() {
    let mut session = Session::new(Plain);
    let text = session.with(|_, io| format!("{io:?}")).expect("open");
    assert!(text.starts_with("Io {") && text.contains("queued: 0"), "{text}");
}

#[test]
#[ignore = "needs a stderr of its own: test_log"]
fn log_alone() {
    for text in ["Lorem ipsum", "dolor\nsit"] {
        Session::new(Plain).feed(text);
    }
}

/// The lines the library writes to stderr in [`log_alone`].
fn logged() -> Vec<String> {
    let this = std::env::current_exe().expect("this test");
    let mut child = Command::new(this);
    let test = "asyncore::test_asyncore::dispatcher::log_alone";
    child.args(["--ignored", "--exact", "--nocapture", test]);
    let output = child.stdout(Stdio::null()).output().expect("a process");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    said.lines().filter_map(|line| line.strip_prefix("asyncore: ")).map(str::to_owned).collect()
}

/// Adapted: what nobody handles is a line on stderr.
#[test]
fn test_log() {
    assert_eq!(logged()[0], "Plain: Lorem ipsum; closing");
}

/// Adapted: a line says what it is about, and no text of a peer's makes a second line.
#[test]
fn test_log_info() {
    assert_eq!(logged()[1..], [r"Plain: dolor\nsit; closing"]);
}

/// Adapted: an event nobody handles does what is safe, and can be seen: a connection is closed, an
/// end is answered with the end, an error closes.
#[test]
fn test_unhandled() {
    let mut session = Session::new(Plain);
    session.with(|_, io| io.push("unsent"));
    session.feed_eof();
    assert!(!session.is_open());

    let mut session = Session::new(Plain);
    session.feed(b"error");
    let why = session.closed().expect("closed");
    assert_eq!(why.error().map(ToString::to_string).as_deref(), Some("error"));

    let mut map = Map::new().expect("a map");
    let listener = map.serve("127.0.0.1:0", Plain).expect("a listener");
    let mut peer =
        TcpStream::connect(listener.local_addr().inet().expect("an address")).expect("a peer");
    run_until(&mut map, |map| map.counters().accepted() == 1);
    assert_eq!(peer.read(&mut [0]).expect("the end"), 0);
}

/// DispatcherWithSendTests.test_send: three sends to a slow reader arrive whole.
#[test]
fn test_send() {
    let mut session = Session::new(Plain);
    session.window(0);
    for part in ["Suppose there isn't a 16-ton weight?", "\n", "the end"] {
        session.with(move |_, io: &mut Io<Plain>| io.push(part));
    }
    let mut received = Vec::new();
    while !received.ends_with(b"the end") {
        session.window(1);
        let byte = session.output();
        assert_eq!(byte.len(), 1);
        received.extend(byte);
    }
    assert_eq!(received, b"Suppose there isn't a 16-ton weight?\nthe end");
}
