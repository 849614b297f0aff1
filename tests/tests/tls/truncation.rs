//! An end without close_notify: between frames the peer's, inside one an error.

use asyncore_runtime::{channel, tcp, Bytes, Closed};
use asyncore_tests::net::{Log, Server};
use rustls::{ClientConnection, StreamOwned};
use std::io::Write;
use std::net::{Shutdown, TcpStream};

use crate::certificates::{client, server};

/// Lines.
#[channel]
struct Lines(Log);

#[channel]
impl Lines {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {
        self.0.note(line);
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(why);
    }
}

/// One frame, up to the end.
#[channel]
struct Upload(Log);

#[channel]
impl Upload {
    #[terminator(eof)]
    fn all(&mut self, data: Bytes) {
        self.0.note(format_args!("{} bytes", data.len()));
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(why);
    }
}

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// What the channel hears when the client does this, and how often an end was cut off.
fn heard(
    listen: impl FnOnce(Log) -> Server,
    speak: impl FnOnce(&mut Stream),
) -> (Vec<String>, u64) {
    let log = Log::default();
    let server = listen(log.clone());
    let name = "localhost".try_into().unwrap();
    let connection = ClientConnection::new(client(), name).unwrap();
    let mut stream = StreamOwned::new(connection, server.client().0);
    speak(&mut stream);
    stream.sock.shutdown(Shutdown::Write).unwrap();
    while server.ask(|map| map.counters().closed()) == 0 {}
    (log.take(), server.ask(|map| map.counters().truncated()))
}

fn lines(log: Log) -> Server {
    Server::start(move |map| {
        map.listen(tcp("127.0.0.1:0").tls(server()), move |_| Lines(log.clone()))
    })
}

fn upload(log: Log) -> Server {
    Server::start(move |map| {
        map.listen(tcp("127.0.0.1:0").tls(server()), move |_| Upload(log.clone()))
    })
}

#[test]
fn between_frames_it_is_the_peers_end_and_counted() {
    let (heard, cut) = heard(lines, |stream| stream.write_all(b"one\n").unwrap());
    assert_eq!((heard, cut), (vec!["one".to_owned(), "closed by the peer".to_owned()], 1));
}

#[test]
fn inside_a_frame_it_is_an_error() {
    let (heard, cut) = heard(lines, |stream| stream.write_all(b"one\ntw").unwrap());
    let why = "the peer's stream ends without close_notify, 2 bytes in no frame";
    assert_eq!((heard, cut), (vec!["one".to_owned(), why.to_owned()], 1));
}

#[test]
fn where_the_end_is_the_frames_it_is_an_error() {
    let (heard, cut) = heard(upload, |stream| stream.write_all(b"half of it").unwrap());
    let why = "the peer's stream ends without close_notify, 10 bytes in no frame";
    assert_eq!((heard, cut), (vec![why.to_owned()], 1));
}

#[test]
fn with_the_word_for_it_the_frame_is_whole() {
    let (heard, cut) = heard(upload, |stream| {
        stream.write_all(b"all of it").unwrap();
        stream.conn.send_close_notify();
        stream.flush().unwrap();
    });
    assert_eq!((heard, cut), (vec!["9 bytes".to_owned(), "closed by the peer".to_owned()], 0));
}

/// Takes what comes.
#[channel]
struct Takes(Log);

#[channel]
impl Takes {
    #[on_read]
    fn read(&mut self, data: &[u8]) {
        self.0.note(data.len());
    }

    #[on_close]
    fn closed(&mut self, why: &Closed) {
        self.0.note(why);
    }
}

#[test]
fn what_has_no_frames_has_none_that_could_be_cut() {
    let takes = |log: Log| {
        Server::start(move |map| {
            map.listen(tcp("127.0.0.1:0").tls(server()), move |_| Takes(log.clone()))
        })
    };
    let (heard, cut) = heard(takes, |stream| stream.write_all(b"some").unwrap());
    assert_eq!((heard, cut), (vec!["4".to_owned(), "closed by the peer".to_owned()], 1));
}
