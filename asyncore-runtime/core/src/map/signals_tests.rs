//! Signals are the whole process's: each test has its own, but for the one that ends a server.

use signal_hook::consts::{SIGINT, SIGKILL, SIGSEGV, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::low_level::raise;
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use core::time::Duration;

use super::Map;
use crate::{Channel, Frame, Io, Result, Settings, Until, Workers};

const PATIENCE: Duration = Duration::from_secs(20);

struct Echo;

impl Settings for Echo {}

impl Channel for Echo {
    type Terminator = ();

    fn until<'a>(&'a self, (): &'a ()) -> Until<'a> {
        Until::bytes(b"\n")
    }

    fn found_terminator(&mut self, frame: Frame<'_>, io: &mut Io<Self>) -> Result {
        io.push(frame.as_bytes().to_vec());
        Ok(())
    }
}

/// Passes until this is so.
fn pass_until(map: &mut Map, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "it does not come");
        map.poll(Some(PATIENCE)).unwrap();
    }
}

#[test]
fn a_signal_wakes_the_loop_and_has_its_action_run_with_the_map() {
    let mut map = Map::new().unwrap();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let hears = Rc::clone(&heard);
    map.on_signal(SIGUSR1, move |map| hears.borrow_mut().push(map.len())).unwrap();
    for times in 1..=3 {
        raise(SIGUSR1).unwrap();
        pass_until(&mut map, || heard.borrow().len() == times);
    }
    assert_eq!(*heard.borrow(), [0, 0, 0]);
}

#[test]
fn the_last_action_given_is_the_only_one_and_may_give_the_next() {
    let mut map = Map::new().unwrap();
    let heard = Rc::new(RefCell::new(String::new()));
    let note = |text: &'static str| {
        let heard = Rc::clone(&heard);
        move |_: &mut Map| heard.borrow_mut().push_str(text)
    };
    let (first, second, third) = (note("1"), note("2"), note("3"));
    map.on_signal(SIGUSR2, first).unwrap();
    map.on_signal(SIGUSR2, move |map| {
        second(map);
        map.on_signal(SIGUSR2, third.clone()).unwrap();
    })
    .unwrap();
    for seen in ["2", "23", "233"] {
        raise(SIGUSR2).unwrap();
        pass_until(&mut map, || *heard.borrow() == seen);
    }
}

#[test]
fn a_panic_of_an_action_is_counted_and_the_next_signal_is_heard() {
    let mut map = Map::new().unwrap();
    let times = Rc::new(RefCell::new(0));
    let counts = Rc::clone(&times);
    map.on_signal(SIGWINCH, move |_| {
        *counts.borrow_mut() += 1;
        panic!("as ordered");
    })
    .unwrap();
    for seen in 1..=2 {
        raise(SIGWINCH).unwrap();
        pass_until(&mut map, || *times.borrow() == seen);
    }
    assert_eq!(map.counters().panics(), 2);
}

#[test]
fn a_signal_that_cannot_be_caught_is_an_error() {
    let mut map = Map::new().unwrap();
    for signal in [-1, 0, 4711, SIGKILL, SIGSEGV] {
        assert!(map.on_signal(signal, |_| ()).is_err(), "{signal}");
    }
}

/// One test: the two signals are those of every server of the process.
#[test]
fn the_first_signal_drains_and_the_second_closes() {
    of_a_map();
    of_workers();
}

fn of_workers() {
    let (say, hear) = mpsc::channel();
    let server = thread::spawn(move || {
        let workers = Workers::new(2).listen("127.0.0.1:0", || |_| Echo).unwrap();
        say.send(workers.local_addrs()[0].inet().unwrap()).unwrap();
        workers.until_signal(Duration::from_secs(3600))
    });
    let addr = hear.recv_timeout(PATIENCE).unwrap();
    let mut busy = [TcpStream::connect(addr).unwrap(), TcpStream::connect(addr).unwrap()];
    for client in &mut busy {
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.write_all(b"whole\nhalf").unwrap();
        client.read_exact(&mut [0; 5]).unwrap();
    }
    raise(SIGTERM).unwrap();
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(addr).is_ok() {
        assert!(Instant::now() < end, "it listens on");
        thread::yield_now();
    }
    busy[0].write_all(b"\n").unwrap();
    assert_eq!(busy[0].read(&mut [0; 8]).unwrap(), 4, "who is within a frame may end it");
    raise(SIGTERM).unwrap();
    assert_eq!(busy[1].read(&mut [0]).unwrap(), 0);
    server.join().unwrap().unwrap();
}

fn of_a_map() {
    for (first, second) in [(SIGINT, SIGTERM), (SIGTERM, SIGTERM)] {
        let (say, hear) = mpsc::channel();
        let server = thread::spawn(move || {
            let mut map = Map::new().unwrap();
            let listener = map.listen("127.0.0.1:0", |_| Echo).unwrap();
            say.send((listener.local_addr().inet().unwrap(), map.handle())).unwrap();
            map.until_signal(Duration::from_secs(3600)).unwrap();
            map.len()
        });
        let (addr, handle) = hear.recv_timeout(PATIENCE).unwrap();
        let mut busy = TcpStream::connect(addr).unwrap();
        busy.set_read_timeout(Some(PATIENCE)).unwrap();
        busy.write_all(b"whole\nhalf").unwrap();
        busy.read_exact(&mut [0; 5]).unwrap();
        raise(first).unwrap();
        // The listener has gone, and whoever is within a frame has not.
        wait_until(&handle, |map| map.len() == 1);
        raise(second).unwrap();
        assert_eq!(busy.read(&mut [0]).unwrap(), 0);
        assert_eq!(server.join().unwrap(), 0);
    }
}

#[test]
fn when_no_map_serves_any_more_the_signal_ends_the_process() {
    const CHILD: &str = "ASYNCORE_SIGNALS_CHILD";
    if std::env::var_os(CHILD).is_some() {
        Map::new().unwrap().until_signal(Duration::ZERO).unwrap();
        raise(SIGTERM).unwrap();
        panic!("it goes on");
    }
    let name = "map::signals_tests::when_no_map_serves_any_more_the_signal_ends_the_process";
    let mut child = Command::new(std::env::current_exe().unwrap());
    let status = child.args(["--exact", name]).env(CHILD, "").stdout(Stdio::null()).status();
    assert_eq!(status.unwrap().signal(), Some(SIGTERM));
}

/// Until this is so in the other thread's map.
fn wait_until(handle: &crate::MapHandle, is_so: fn(&Map) -> bool) {
    let end = Instant::now() + PATIENCE;
    loop {
        let (say, hear) = mpsc::channel();
        handle.post(move |map| say.send(is_so(map)).unwrap()).unwrap();
        if hear.recv_timeout(PATIENCE).unwrap() {
            return;
        }
        assert!(Instant::now() < end, "it does not come");
    }
}
