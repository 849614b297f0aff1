//! An FTP-like pair: a control connection, and a data connection for each transfer.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Bytes, Closed, Io, Key, Listener};
use asyncore_tests::net::{Client, Server};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

type Files = Rc<RefCell<BTreeMap<String, Bytes>>>;

/// What a data connection is for.
enum Transfer {
    Retrieve(Bytes),
    Store(String),
}

#[channel]
#[derive(Default)]
struct Ftp {
    files: Files,
    passive: Option<Listener>,
    data: Option<Key<Data>>,
    /// Asked for before the data connection was there.
    waiting: Option<Transfer>,
}

#[channel]
impl Ftp {
    #[on_connect]
    fn greet() -> &'static str {
        "220 ready\r\n"
    }

    #[terminator(b"\r\n", max = 512)]
    fn command(&mut self, line: &str, io: &mut Io<Self>) -> io::Result<String> {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        Ok(match verb {
            "EPSV" => self.listen(io)?,
            "RETR" => {
                let file = self.files.borrow().get(argument).cloned();
                file.map_or("550 no such file\r\n".to_owned(), |file| {
                    self.start(Transfer::Retrieve(file), io)
                })
            }
            "STOR" => self.start(Transfer::Store(argument.to_owned()), io),
            "QUIT" => {
                io.close_when_done();
                "221 bye\r\n".to_owned()
            }
            _ => "502 no\r\n".to_owned(),
        })
    }

    #[on_close]
    fn closed(&mut self) {
        self.passive.iter().for_each(Listener::close);
    }
}

impl Ftp {
    /// One connection, from the address of the client.
    fn listen(&mut self, io: &mut Io<Self>) -> io::Result<String> {
        let (ctl, client) = (io.key(), io.peer_addr().and_then(|peer| peer.ip()));
        let listener =
            io.listen("127.0.0.1:0", move |peer| (peer.ip() == client).then(|| Data::new(ctl)))?;
        let port = listener.local_addr().port();
        self.passive.replace(listener).iter().for_each(Listener::close);
        Ok(format!("229 passive (|||{port}|)\r\n"))
    }

    fn start(&mut self, transfer: Transfer, io: &mut Io<Self>) -> String {
        match self.data.take() {
            Some(data) => io.tell(data, |data, io| data.start(transfer, io)),
            None => self.waiting = Some(transfer),
        }
        "150 here it goes\r\n".to_owned()
    }

    fn data_is_up(&mut self, key: Key<Data>, io: &mut Io<Self>) {
        match self.waiting.take() {
            Some(transfer) => io.tell(key, |data, io| data.start(transfer, io)),
            None => self.data = Some(key),
        }
    }

    fn stored(&mut self, name: String, content: Vec<u8>) {
        self.files.borrow_mut().insert(name, content.into());
    }
}

#[channel]
struct Data {
    ctl: Key<Ftp>,
    name: Option<String>,
    received: Vec<u8>,
}

#[channel]
impl Data {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        let key = io.key();
        io.pause();
        io.tell(self.ctl, move |ftp, io| ftp.data_is_up(key, io));
    }

    #[on_read]
    fn upload(&mut self, data: &[u8]) {
        self.received.extend_from_slice(data);
    }

    #[on_close]
    fn done(&mut self, why: &Closed, io: &mut Io<Self>) {
        let (is_whole, name) = (why.is_clean(), self.name.take());
        let received = std::mem::take(&mut self.received);
        io.tell(self.ctl, move |ftp, _| {
            match name {
                Some(name) if is_whole => ftp.stored(name, received),
                _ => {}
            }
            if is_whole {
                "226 done\r\n"
            } else {
                "426 cut off\r\n"
            }
        });
    }
}

impl Data {
    fn new(ctl: Key<Ftp>) -> Self {
        Self { ctl, name: None, received: Vec::new() }
    }

    fn start(&mut self, transfer: Transfer, io: &mut Io<Self>) {
        match transfer {
            Transfer::Retrieve(file) => {
                io.push_with_producer(io::Cursor::new(file));
                io.close_when_done();
            }
            Transfer::Store(name) => {
                self.name = Some(name);
                io.resume();
            }
        }
    }
}

fn files() -> Files {
    Rc::new(RefCell::new(BTreeMap::from([("big".to_owned(), vec![7; 300_000].into())])))
}

/// The port of a `229` reply.
fn port(reply: &str) -> u16 {
    let digits: String = reply[3..].chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}

/// A network with a control connection to which a data connection was made.
fn connected(files: &Files) -> (Net, Key<Ftp>, Key<Data>) {
    let mut net = Net::new();
    let shared = files.clone();
    net.listen("127.0.0.1:21", move |_| Ftp { files: shared.clone(), ..Ftp::default() }).unwrap();
    assert!(net.dial("127.0.0.1:21"));
    let ctl = net.keys()[0];
    net.feed(ctl, "EPSV\r\n");
    let replies = String::from_utf8(net.output(ctl)).unwrap();
    assert!(net.dial(("127.0.0.1", port(replies.lines().last().unwrap()))));
    let data = net.keys()[0];
    (net, ctl, data)
}

#[test]
fn a_file_is_retrieved() {
    let (mut net, ctl, data) = connected(&files());
    net.feed(ctl, "RETR big\r\n");
    assert_eq!(net.output(ctl), b"150 here it goes\r\n226 done\r\n");
    assert_eq!(net.output(data), vec![7; 300_000]);
}

#[test]
fn a_file_is_stored() {
    let files = files();
    let (mut net, ctl, data) = connected(&files);
    net.feed(data, "sent before it was ");
    net.feed(ctl, "STOR new\r\n");
    net.feed(data, "asked for");
    net.feed_eof(data);
    assert_eq!(net.output(ctl), b"150 here it goes\r\n226 done\r\n");
    assert_eq!(files.borrow()["new"], "sent before it was asked for");
}

#[test]
fn a_transfer_that_is_cut_off_is_told_on_the_control_connection() {
    let (mut net, ctl, data) = connected(&files());
    net.window(data, 1_000);
    net.feed(ctl, "RETR big\r\n");
    net.with(data, |_, io| io.close());
    assert_eq!(net.output(ctl), b"150 here it goes\r\n426 cut off\r\n");
}

#[test]
fn a_transfer_that_is_asked_for_first_waits_for_its_connection() {
    let mut net = Net::new();
    let ctl = net.open(Ftp { files: files(), ..Ftp::default() });
    net.feed(ctl, "RETR big\r\n");
    assert_eq!(net.output(ctl), b"220 ready\r\n150 here it goes\r\n");
    let data = net.open(Data::new(ctl));
    assert_eq!(net.output(data).len(), 300_000);
}

#[test]
fn files_are_stored_and_retrieved_over_sockets() {
    let server = Server::start(|map| {
        let files = files();
        map.listen("127.0.0.1:0", move |_| Ftp { files: files.clone(), ..Ftp::default() })
    });
    let mut ctl = server.client();
    let passive = |ctl: &mut Client| {
        ctl.send("EPSV\r\n");
        Client::connect((server.addr().ip(), port(&ctl.receive_line())).into())
    };
    assert_eq!(ctl.receive_line(), "220 ready\r\n");
    let mut upload = passive(&mut ctl);
    ctl.converse("STOR new\r\n", "150 here it goes\r\n");
    upload.send("content");
    drop(upload);
    assert_eq!(ctl.receive_line(), "226 done\r\n");
    let mut download = passive(&mut ctl);
    ctl.converse("RETR new\r\n", "150 here it goes\r\n");
    assert_eq!(download.receive_all(), b"content");
    drop(download);
    ctl.converse("QUIT\r\n", "226 done\r\n221 bye\r\n");
}
