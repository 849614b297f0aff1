//! A field that collects, with a terminator in a field: the rules of frames hold for it as well.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, BytesMut, Error, Io, Map, Terminator};
use asyncore_tests::net::{run_until, Client};
use std::cell::RefCell;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

const LIMIT: usize = 1_000;

/// What a channel came to: the frames it found, its errors, and the most its field held.
#[derive(Debug, Default, Clone)]
struct Seen {
    found: Vec<String>,
    errors: Vec<String>,
    most: usize,
}

/// asynchat as it was; survives its errors.
#[channel(max_frame = LIMIT)]
struct Chat {
    #[on_read]
    data: Vec<u8>,
    #[terminator]
    until: Terminator,
    seen: Rc<RefCell<Seen>>,
}

impl Chat {
    fn new(seen: &Rc<RefCell<Seen>>) -> Self {
        Self { data: Vec::new(), until: Terminator::from(b"\n"), seen: Rc::clone(seen) }
    }
}

#[channel]
impl Chat {
    #[terminator]
    fn found(&mut self) {
        let data = std::mem::take(&mut self.data);
        let mut seen = self.seen.borrow_mut();
        seen.most = seen.most.max(data.len());
        seen.found.push(String::from_utf8_lossy(&data).into_owned());
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        let mut seen = self.seen.borrow_mut();
        seen.most = seen.most.max(self.data.len());
        seen.errors.push(error.to_string());
    }
}

#[track_caller]
fn is_one_error(seen: &Seen) {
    assert_eq!(seen.errors, ["no end of frame within 1000 bytes"]);
    assert_eq!(seen.found, ["next"]);
    assert!(seen.most <= LIMIT, "the field held {} bytes", seen.most);
}

#[test]
fn a_frame_that_outgrows_a_field_is_one_error_and_skipped_at_every_cut() {
    for piece in [1, 7, LIMIT, LIMIT + 1, 5 * LIMIT] {
        let seen = Rc::default();
        let mut session = Session::new(Chat::new(&seen));
        let input = [vec![b'x'; 20 * LIMIT], b"\nnext\n".to_vec()].concat();
        for piece in input.chunks(piece) {
            session.feed(piece);
            let held = session.with(|chat, _| chat.data.len()).unwrap();
            assert!(held <= LIMIT, "the field holds {held} bytes");
        }
        is_one_error(&seen.borrow());
    }
}

#[test]
fn ten_megabytes_without_an_end_are_one_error_over_a_socket() {
    let (seen, mut map) = (Rc::default(), Map::new().unwrap());
    let (ours, theirs) = UnixStream::pair().unwrap();
    map.add(ours, Chat::new(&seen)).unwrap();
    let mut peer = Client::from(theirs);
    let sends = std::thread::spawn(move || {
        peer.send(vec![b'x'; 10 << 20]);
        peer.send("\nnext\n");
        peer
    });
    run_until(&mut map, |_| !seen.borrow().found.is_empty());
    drop(sends.join().unwrap());
    is_one_error(&seen.borrow());
}

/// Keeps what it hears in buffers that can be taken apart, named as the runtime names them.
#[channel]
#[derive(Default)]
struct Buffers {
    #[on_read]
    inbox: BytesMut,
    frames: Vec<BytesMut>,
}

#[channel]
impl Buffers {
    #[terminator(b"\n")]
    fn line(&mut self, line: BytesMut, io: &mut Io<Self>) -> BytesMut {
        self.frames.push(line.clone());
        io.set_terminator(BuffersTerminator::Collected);
        line
    }

    #[terminator(b".", next = line)]
    fn collected(&mut self) -> BytesMut {
        self.inbox.split()
    }
}

#[test]
fn a_frame_a_field_and_a_reply_may_be_a_buffer() {
    let mut session = Session::new(Buffers::default());
    session.feed(b"one\n");
    session.feed(b"two.");
    assert_eq!(session.output(), b"onetwo");
    assert_eq!(session.with(|channel, _| channel.frames.len()), Some(1));
}
