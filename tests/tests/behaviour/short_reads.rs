//! A short read proves nothing but on a plain TCP stream: what else may cut one, and the line that
//! is in the kernel already comes without a further byte.

use asyncore_runtime::{channel, Map};
use asyncore_tests::net::{run_until, Client, Log};
use rustix::net::{sendmsg, SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use std::io::{IoSlice, Write};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

/// Notes each line.
#[channel]
struct Lines(Log);

#[channel]
impl Lines {
    #[terminator(b"\r\n")]
    fn line(&mut self, line: &str) {
        self.0.note(line);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_line_with_an_urgent_byte_in_it_comes_at_once() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = Client::connect(listener.local_addr().unwrap());
    let accepted = listener.accept().unwrap().0;
    client.send("ab");
    socket2::SockRef::from(&client.0).send_out_of_band(b"!").unwrap();
    client.send("cd\r\n");
    // All of it is there before the first read, which stops at the mark.
    let whole = |stream: &std::net::TcpStream| stream.peek(&mut [0; 100]).unwrap();
    assert_eq!(whole(&accepted), 2, "not provoked");
    map.add(accepted, Lines(log.clone())).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["abcd"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_line_behind_an_urgent_byte_that_came_before_comes_at_once() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = Client::connect(listener.local_addr().unwrap());
    map.add(listener.accept().unwrap().0, Lines(log.clone())).unwrap();
    for line in ["one", "two", "three"] {
        client.send(&line[..1]);
        socket2::SockRef::from(&client.0).send_out_of_band(b"!").unwrap();
        client.send(format!("{}\r\n", &line[1..]));
        run_until(&mut map, |_| !log.is_empty());
        assert_eq!(log.take(), [line]);
    }
}

/// Sends `data` with a descriptor that the other side does not ask for.
fn send_with_descriptor(stream: &UnixStream, data: &[u8]) {
    let fds = [stream.as_fd()];
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&fds)));
    sendmsg(stream, &[IoSlice::new(data)], &mut ancillary, SendFlags::empty()).unwrap();
}

#[test]
fn a_line_behind_a_passed_descriptor_comes_at_once() {
    let (mut map, log) = (Map::new().unwrap(), Log::default());
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    send_with_descriptor(&theirs, b"ab");
    theirs.write_all(b"cd\r\n").unwrap();
    map.add(ours, Lines(log.clone())).unwrap();
    run_until(&mut map, |_| !log.is_empty());
    assert_eq!(log.take(), ["abcd"]);
}
