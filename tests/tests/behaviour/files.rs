//! Pipes, terminals and devices: watched for what their mode allows, and left as they were found.

use asyncore_runtime::{channel, Channel, Closed, Error, Io, Map};
use asyncore_tests::net::{raw_terminal, run_until, terminal, Client};
use rustix::fs::OFlags;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{ErrorKind, PipeReader, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::mpsc;
use std::time::Duration;

type Log = Rc<RefCell<Vec<String>>>;

/// Notes what it hears.
#[channel]
struct Lines(Log);

#[channel]
impl Lines {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {
        self.0.borrow_mut().push(line.trim_end().to_owned());
    }

    #[on_eof]
    fn end(&mut self, io: &mut Io<Self>) {
        self.0.borrow_mut().push("eof".to_owned());
        io.close_when_done();
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.0.borrow_mut().push(error.to_string());
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.borrow_mut().push(format!("clean: {}", why.is_clean()));
    }
}

#[test]
fn the_end_of_a_terminal_is_an_end_and_no_error() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let (master, mut slave) = terminal();
    map.add_file(master, Lines(Rc::clone(&log))).unwrap();
    slave.write_all(b"one\ntwo\n").unwrap();
    run_until(&mut map, |_| log.borrow().len() == 2);
    drop(slave);
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(*log.borrow(), ["one", "two", "eof", "clean: true"]);
}

#[test]
fn a_terminal_is_blocking_again_when_its_channel_has_gone() {
    let (_master, slave) = terminal();
    let is_blocking = || !rustix::fs::fcntl_getfl(&slave).unwrap().contains(OFlags::NONBLOCK);
    let mut map = Map::new().unwrap();
    map.add_file(slave.try_clone().unwrap(), Lines(Log::default())).unwrap();
    assert!(!is_blocking());
    map.close_all();
    assert!(is_blocking());
}

#[test]
fn a_terminal_that_somebody_set_blocking_does_not_stop_the_loop() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let (mut master, slave) = terminal();
    let shared = slave.as_fd().try_clone_to_owned().unwrap();
    map.add_file(slave, Lines(Rc::clone(&log))).unwrap();
    let flags = rustix::fs::fcntl_getfl(&shared).unwrap();
    rustix::fs::fcntl_setfl(&shared, flags - OFlags::NONBLOCK).unwrap();
    for line in ["one\n", "two\n"] {
        rustix::io::write(&mut master, line.as_bytes()).unwrap();
        let heard = log.borrow().len();
        run_until(&mut map, |_| log.borrow().len() > heard);
        // A second read would wait for ever; a pass does not.
        map.poll(Some(Duration::ZERO)).unwrap();
    }
    assert_eq!(*log.borrow(), ["one", "two"]);
}

/// Writes, and has nothing to read.
#[channel]
struct Writes(Log);

#[channel]
impl Writes {
    #[on_read]
    fn read(&mut self, _data: &[u8]) {
        self.0.borrow_mut().push("read".to_owned());
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        self.0.borrow_mut().push(error.to_string());
    }
}

#[test]
fn a_file_that_is_written_only_is_not_read() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let (mut reader, writer) = std::io::pipe().unwrap();
    let key = map.add_file(writer, Writes(Rc::clone(&log))).unwrap();
    let null = File::options().write(true).open("/dev/null").unwrap();
    let null = map.add_file(null, Writes(Rc::clone(&log))).unwrap();
    map.tell(key, |_, io| {
        io.push("hello");
        io.close_when_done();
    });
    map.tell(null, |_, _| "gone");
    run_until(&mut map, |map| map.len() == 1);
    let mut heard = String::new();
    reader.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "hello");
    assert!(map.is_alive(null));
    assert!(log.borrow().is_empty(), "{:?}", log.borrow());
}

#[test]
fn the_end_of_output_of_a_pipe_is_its_end() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let (mut reader, writer) = std::io::pipe().unwrap();
    let key = map.add_file(writer, Writes(Rc::clone(&log))).unwrap();
    map.tell(key, |_, io| {
        io.push("all of it");
        io.end_output();
    });
    run_until(&mut map, |map| map.is_empty());
    let mut heard = String::new();
    reader.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "all of it");
}

#[test]
fn a_pipe_whose_reader_went_ends_although_nothing_is_said() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let (reader, writer) = std::io::pipe().unwrap();
    map.add_file(writer, Writes(Rc::clone(&log))).unwrap();
    map.poll(Some(Duration::ZERO)).unwrap();
    drop(reader);
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(log.borrow().len(), 1, "{:?}", log.borrow());
}

#[test]
fn a_device_that_is_full_says_so() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let full = File::options().write(true).open("/dev/full").unwrap();
    let key = map.add_file(full, Writes(Rc::clone(&log))).unwrap();
    map.tell(key, |_, _| "no room");
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(*log.borrow(), ["write: No space left on device (os error 28)"]);
}

#[test]
fn what_is_pushed_to_a_file_that_is_read_only_is_an_error_that_says_so() {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let (reader, _writer) = std::io::pipe().unwrap();
    let key = map.add_file(reader, Writes(Rc::clone(&log))).unwrap();
    map.tell(key, |_, _| "who hears it?");
    run_until(&mut map, |map| map.is_empty());
    assert_eq!(*log.borrow(), ["write: the file is not open for writing"]);
}

/// A library that reads its own descriptor.
#[channel]
struct Foreign {
    library: PipeReader,
    calls: Rc<Cell<u32>>,
    read: Rc<Cell<usize>>,
}

#[channel]
impl Foreign {
    #[on_read]
    fn ready(&mut self) -> std::io::Result<()> {
        self.calls.set(self.calls.get() + 1);
        match self.library.read(&mut [0; 4]) {
            Ok(len) => self.read.set(self.read.get() + len),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

#[test]
fn a_library_that_reads_its_own_descriptor_is_called_while_there_is_something_and_then_no_more() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let (calls, read) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let library = Foreign {
        library: reader.try_clone().unwrap(),
        calls: Rc::clone(&calls),
        read: Rc::clone(&read),
    };
    let mut map = Map::new().unwrap();
    map.add_file(reader, library).unwrap();
    writer.write_all(b"0123456789").unwrap();
    run_until(&mut map, |_| read.get() == 10);
    for _ in 0..10 {
        map.poll(Some(Duration::ZERO)).unwrap();
    }
    assert!(calls.get() <= 5, "{} calls for three reads", calls.get());
}

/// Much is said to a terminal whose program takes ten bytes, has its last words, and goes.
fn ends_with_its_program(
    last_words: &str,
    say: impl FnOnce(&mut Io<Writes>) + 'static,
) -> Vec<String> {
    let (log, mut map) = (Log::default(), Map::new().unwrap());
    let (master, slave) = raw_terminal();
    let mut program = Client(slave);
    let key = map.add_file(master, Writes(Rc::clone(&log))).unwrap();
    map.tell(key, |_, io| say(io));
    run_until(&mut map, |_| program.has_input());
    program.receive(10);
    program.send(last_words);
    // Its queue is high: these wait.
    map.poll(Some(Duration::ZERO)).unwrap();
    drop(program);
    run_until(&mut map, |map| map.is_empty());
    log.take()
}

const NO_ERROR: [&str; 0] = [];

#[test]
fn a_terminal_whose_program_goes_ends_although_output_waits() {
    let heard = ends_with_its_program("", |io| io.push(vec![b'x'; 500_000]));
    assert_eq!(heard, NO_ERROR);
}

#[test]
fn the_last_words_of_a_program_are_read_although_output_waits() {
    let heard = ends_with_its_program("bye", |io| io.push(vec![b'x'; 500_000]));
    assert_eq!(heard, ["read"]);
}

#[test]
fn a_terminal_that_ends_when_done_does_not_wait_for_a_program_that_went() {
    let heard = ends_with_its_program("", |io| {
        io.push(vec![b'x'; 500_000]);
        io.close_when_done();
    });
    assert_eq!(heard, NO_ERROR);
}

/// Writes for itself, whenever there is room.
#[channel]
struct ByHand(Vec<u8>);

#[channel]
impl ByHand {
    #[on_read]
    fn read(&mut self, _data: &[u8]) {}

    #[on_write]
    fn write(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let sent = io.send(&self.0)?;
        self.0.drain(..sent);
        Ok(())
    }
}

/// The same, if it is asked whether it has something.
#[channel]
struct Asked(Vec<u8>);

#[channel]
impl Asked {
    #[on_read]
    fn read(&mut self, _data: &[u8]) {}

    #[writable]
    fn has_something(&self) -> bool {
        !self.0.is_empty()
    }

    #[on_write]
    fn write(&mut self, io: &mut Io<Self>) -> std::io::Result<()> {
        let sent = io.send(&self.0)?;
        self.0.drain(..sent);
        Ok(())
    }
}

/// Fills a terminal, then has its program read all there is.
fn goes_on_when_there_is_room<T: Channel>(channel: T, len: usize) {
    let (mut map, (master, slave)) = (Map::new().unwrap(), raw_terminal());
    map.add_file(master, channel).unwrap();
    (0..10).for_each(|_| map.poll(Some(Duration::ZERO)).unwrap());
    let (waker, (heard, hears)) = (map.handle(), mpsc::channel());
    std::thread::spawn(move || {
        heard.send(Client(slave).receive(len).len()).unwrap();
        waker.wake();
    });
    let mut all = None;
    run_until(&mut map, |_| {
        all = hears.try_recv().ok();
        all.is_some()
    });
    assert_eq!(all, Some(len));
}

#[test]
fn who_writes_to_a_terminal_for_itself_goes_on_when_there_is_room() {
    goes_on_when_there_is_room(ByHand(vec![b'x'; 100_000]), 100_000);
}

#[test]
fn who_is_asked_whether_it_writes_to_a_terminal_goes_on_when_there_is_room() {
    goes_on_when_there_is_room(Asked(vec![b'x'; 100_000]), 100_000);
}

#[test]
fn the_end_of_output_of_a_socket_that_is_taken_as_a_file_is_told_to_its_peer() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (mut map, mut peer) = (Map::new().unwrap(), Client::from(theirs));
    let key = map.add_file(ours, Writes(Log::default())).unwrap();
    map.tell(key, |_, io| {
        io.push("all of it");
        io.end_output();
    });
    run_until(&mut map, |_| peer.has_input());
    peer.receive(9);
    run_until(&mut map, |_| peer.has_input());
    assert_eq!(peer.receive_all(), b"");
    assert!(map.is_alive(key));
}
