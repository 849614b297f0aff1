//! FileWrapperTest.

use asyncore_runtime::{channel, Closed, Io, Key, Map};
use std::fs::File;
use std::io::{self, Read, Seek, Write};

use crate::asyncore::common::{run_until, text, Events};

/// Reads in parts of its own choice.
#[channel]
struct Wrapper {
    events: Events,
    parts: Vec<usize>,
}

#[channel]
impl Wrapper {
    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let mut data = vec![0; self.parts.pop().unwrap_or(100)];
        let len = io.recv(&mut data)?;
        self.events.note(text(&data[..len]));
        Ok(())
    }

    #[readable]
    fn wants_to_read(&self) -> bool {
        !self.parts.is_empty()
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed) {
        self.events.note("close");
    }
}

const DATA: &str = "It's not dead, it's sleeping!";

/// A file with [`DATA`] in it, in no directory.
fn file() -> File {
    static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path =
        std::env::temp_dir().join(format!("asyncore-wrapper-{}-{number}", std::process::id()));
    let mut file =
        File::options().read(true).write(true).create_new(true).open(&path).expect("a file");
    std::fs::remove_file(path).expect("a path");
    file.write_all(DATA.as_bytes()).expect("room");
    file.rewind().expect("a file");
    file
}

fn wrapped(file: File, parts: &[usize]) -> (Map, Key<Wrapper>, Events) {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let parts = parts.iter().rev().copied().collect();
    let wrapper = Wrapper { events: events.clone(), parts };
    let key = map.add_file(file, wrapper).expect("a channel");
    (map, key, events)
}

/// `recv` and `read` were two names for one thing; the descriptor is a duplicate of the caller's.
#[test]
fn test_recv() {
    let file = file();
    let (mut map, _, events) = wrapped(file.try_clone().expect("a duplicate"), &[13, 6, 10]);
    drop(file);
    run_until(&mut map, |_| events.list().len() == 3);
    assert_eq!(events.list(), [r"It\'s not dead", ", it\\'s", " sleeping!"]);
}

/// `send` writes at once, `push` after it.
#[test]
fn test_send() {
    let mut file = file();
    let mut given = file.try_clone().expect("a duplicate");
    given.seek(io::SeekFrom::End(0)).expect("a file");
    let (mut map, key, _) = wrapped(given, &[]);
    map.tell(key, |_, io: &mut Io<Wrapper>| {
        let sent = io.send(b" Lorem")?;
        io.push(" ipsum");
        io.close_when_done();
        assert_eq!(sent, 6);
        io::Result::Ok(())
    });
    run_until(&mut map, Map::is_empty);
    file.rewind().expect("a file");
    let mut content = String::new();
    file.read_to_string(&mut content).expect("text");
    assert_eq!(content, format!("{DATA} Lorem ipsum"));
}

/// Adapted: in two passes, the second of which finds the end.
#[test]
fn test_dispatcher() {
    let (mut map, _, events) = wrapped(file(), &[100, 100]);
    map.poll(None).expect("a pass");
    assert_eq!(events.list(), [text(DATA.as_bytes())]);
    map.poll(None).expect("a pass");
    assert_eq!(events.list()[1..], ["", "close"]);
    assert!(map.is_empty());
}

/// Adapted: closing is idempotent.
#[test]
fn test_close_twice() {
    let (mut map, key, events) = wrapped(file(), &[]);
    map.tell(key, |_, io: &mut Io<Wrapper>| {
        io.close();
        io.close();
    });
    map.tell(key, |_, io: &mut Io<Wrapper>| io.close());
    run_until(&mut map, Map::is_empty);
    map.close_all();
    assert_eq!(events.list(), ["close"]);
}
