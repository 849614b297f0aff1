//! A process that has no file descriptor left. Alone in its process, whose limit it sets.

use asyncore_runtime::{channel, Io, Limit, Map};
use asyncore_tests::net::{run_until, Client};
use rustix::process::{getrlimit, setrlimit, Resource};
use std::fs::File;
use std::time::{Duration, Instant};

/// Echoes lines.
#[channel]
struct Echo;

#[channel]
impl Echo {
    #[terminator(b"\n")]
    fn line(line: &str, io: &mut Io<Self>) -> String {
        if line == "quit" {
            io.close_when_done();
        }
        format!("{line}\n")
    }
}

/// Sends a line and waits for its echo.
fn exchange(map: &mut Map, client: &mut Client, line: &str) {
    client.send(line);
    run_until(map, |_| client.has_input());
    assert_eq!(client.receive_line(), line);
}

/// Lets this process have `spare` descriptors more than it has now, and no further ones.
fn leave(spare: u64) {
    // Descriptors are given out from the lowest: the next one says how many there are.
    let next = std::os::fd::AsRawFd::as_raw_fd(&File::open("/dev/null").unwrap());
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = Some(u64::try_from(next).unwrap() + spare);
    setrlimit(Resource::Nofile, limit).unwrap();
}

#[test]
fn a_listener_at_the_descriptor_limit_pauses_and_recovers() {
    let mut map = Map::new().unwrap();
    let listener = map.listen("127.0.0.1:0", |_| Echo).unwrap();
    let addr = listener.local_addr().inet().unwrap();
    let [mut one, mut two, mut three] = [(); 3].map(|()| Client::connect(addr));
    leave(2);

    // Two of three are accepted, and served while the listener has no descriptor.
    run_until(&mut map, |map| map.counters().hits(Limit::Descriptors) > 0);
    assert_eq!(map.counters().accepted(), 2);
    exchange(&mut map, &mut one, "hello\n");
    exchange(&mut map, &mut two, "hello\n");

    // It looks again each 100 ms, and does not spin meanwhile.
    let (start, mut passes) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_millis(350) {
        map.poll(Some(Duration::from_millis(350))).unwrap();
        passes += 1;
    }
    assert!(passes < 10, "{passes} passes");
    assert!((2..=6).contains(&map.counters().hits(Limit::Descriptors)));

    // A connection that ends makes room for the one that waits.
    exchange(&mut map, &mut one, "quit\n");
    drop(one);
    exchange(&mut map, &mut three, "at last\n");
    assert_eq!(map.counters().accepted(), 3);
}
