//! F: files and pipes.

use asyncore_runtime::{channel, Closed, Io, Map};
use rustix::fs::{fcntl_getfl, OFlags};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};

use super::common::{run_until, settle, Events};
use super::spies::Spy;

/// asyncore's `handle_read`: 256 bytes at a time.
#[channel]
struct Reader(Events);

#[channel]
impl Reader {
    #[on_read]
    fn read(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let len = io.recv(&mut [0; 256])?;
        self.0.note(format!("read {len}"));
        Ok(())
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed) {
        self.0.note("close");
    }
}

/// A file of `len` bytes that is in no directory.
fn file_of(len: usize) -> File {
    static NUMBER: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("asyncore-file-{}-{number}", std::process::id()));
    let mut file =
        File::options().read(true).write(true).create_new(true).open(&path).expect("a file");
    std::fs::remove_file(path).expect("a path");
    file.write_all(&vec![b'x'; len]).expect("room");
    file.rewind().expect("a file");
    file
}

/// What is read to the end of it.
fn read_out(file: impl Into<OwnedFd>) -> Vec<String> {
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    map.add_file(file, Reader(events.clone())).expect("a channel");
    run_until(&mut map, Map::is_empty);
    events.list()
}

/// K, but that CPython's `recv` runs `handle_close` inside, before it returns 0.
#[test]
fn f1_a_regular_file_is_read_to_its_end() {
    assert_eq!(read_out(file_of(600)), ["read 256", "read 256", "read 88", "read 0", "close"]);
}

fn is_nonblocking(file: impl AsFd) -> bool {
    fcntl_getfl(file).expect("flags").contains(OFlags::NONBLOCK)
}

/// C: as in CPython the open file, which others may share, becomes non-blocking.
#[test]
fn f2_the_open_file_becomes_non_blocking() {
    let (reader, _writer) = io::pipe().expect("a pipe");
    let mine = reader.try_clone().expect("a duplicate");
    assert!(!is_nonblocking(&mine));
    let mut map = Map::new().expect("a map");
    map.add_file(reader, Spy::default()).expect("a channel");
    assert!(is_nonblocking(&mine));
}

/// CPython duplicates the descriptor. Here the map takes it over; who wants to keep one, gives a
/// duplicate away.
#[test]
fn f3_the_callers_own_descriptor_may_be_closed() {
    let file = file_of(10);
    let given = file.try_clone().expect("a duplicate");
    drop(file);
    assert_eq!(read_out(given), ["read 10", "read 0", "close"]);
}

/// F: with poll CPython calls `handle_close` after the first 256 bytes, and loses 344.
#[test]
fn f4_all_that_was_written_to_a_pipe_before_it_was_closed_is_read() {
    let (reader, mut writer) = io::pipe().expect("a pipe");
    writer.write_all(&[b'x'; 600]).expect("room");
    drop(writer);
    assert_eq!(read_out(reader), ["read 256", "read 256", "read 88", "read 0", "close"]);
}

/// Writes as much as there is room for, by itself.
#[channel]
struct Writer(Events);

#[channel]
impl Writer {
    #[on_read]
    fn never(&mut self, _data: &[u8]) {}

    #[writable]
    fn is_writable(&self) -> bool {
        true
    }

    #[on_write]
    fn write(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let sent = io.send(&[b'x'; 70_000])?;
        self.0.note(format!("sent {sent}"));
        Ok(())
    }
}

#[test]
fn f5_a_full_pipe_takes_no_more_until_there_is_room() {
    let (mut reader, writer) = io::pipe().expect("a pipe");
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    map.add_file(writer, Writer(events.clone())).expect("a channel");
    run_until(&mut map, |_| events.count("sent 65536") == 1);
    settle(&mut map);
    assert_eq!(events.list(), ["sent 65536"], "and no event after it");
    reader.read_exact(&mut vec![0; 65_536]).expect("what was sent");
    run_until(&mut map, |_| events.list().len() == 2);
}

/// F: with poll CPython calls `handle_close` twice.
#[test]
fn f6_a_pipe_whose_reader_is_gone_closes_once() {
    let (reader, writer) = io::pipe().expect("a pipe");
    let (events, mut map) = (Events::default(), Map::new().expect("a map"));
    let key = map.add_file(writer, Spy::new(&events)).expect("a channel");
    drop(reader);
    map.tell(key, |_, io: &mut Io<Spy>| io.push("hello?"));
    run_until(&mut map, Map::is_empty);
    assert_eq!(events.count("close"), 1);
}

/// By type: a number is no file. CPython raises EBADF, and its destructor complains as well.
#[test]
fn f7_a_descriptor_that_is_not_open_cannot_be_given() {
    assert!(crate::has!(File: Into<OwnedFd>));
    assert!(!crate::has!(i32: Into<OwnedFd>));
}
