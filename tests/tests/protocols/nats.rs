//! A NATS-like client that reconnects, as the backplane of local connections in the same map.

use asyncore_runtime::testing::Net;
use asyncore_runtime::{channel, Error, Frame, FromFrame, Io, Key};
use asyncore_tests::net::{run_until, Client};
use std::net::TcpListener;
use std::time::Duration;

/// What the server says, borrowed from the line it came in.
enum Op<'a> {
    Info,
    Msg { sid: usize, len: u64 },
    Ping,
    Ok,
    Err(&'a str),
}

impl<'a> FromFrame<'a> for Op<'a> {
    type Error = Error;

    fn from_frame(frame: Frame<'a>) -> Result<Self, Error> {
        let line: &str = frame.parse()?;
        let words: Vec<_> = line.split(' ').collect();
        Ok(match words[..] {
            ["INFO", ..] => Op::Info,
            ["MSG", _subject, sid, len] => Op::Msg {
                sid: sid.parse().map_err(Error::frame)?,
                len: len.parse().map_err(Error::frame)?,
            },
            ["PING"] => Op::Ping,
            ["PONG" | "+OK"] => Op::Ok,
            ["-ERR", reason] => Op::Err(reason),
            _ => return Err(Error::frame(format!("unknown: {line}"))),
        })
    }
}

const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LAST_BACKOFF: Duration = Duration::from_secs(10);

#[channel(idle_timeout = "5m")]
struct Nats {
    /// Subjects and who wants them; a place in here is a subscription's number.
    subscribers: Vec<(String, Key<Local>)>,
    sid: usize,
    backoff: Duration,
}

#[channel]
impl Nats {
    #[terminator(b"\r\n", max = 64 * 1024)]
    fn op(&mut self, op: Op<'_>, io: &mut Io<Self>) -> Result<(), String> {
        match op {
            Op::Info => self.subscribe_again(io),
            Op::Msg { sid, len } => {
                self.sid = sid;
                io.set_terminator(NatsTerminator::Payload(len));
            }
            Op::Ping => io.push("PONG\r\n"),
            Op::Ok => {}
            Op::Err(reason) => return Err(reason.to_owned()),
        }
        Ok(())
    }

    #[terminator(len, end = b"\r\n", max = 1 << 20, next = op)]
    fn payload(&mut self, data: &[u8], io: &mut Io<Self>) {
        if let Some((_, local)) = self.subscribers.get(self.sid) {
            // Who is slow misses messages, as with the real one.
            let _ = io.try_push_to(*local, [data, b"\n"].concat());
        }
    }

    #[on_close]
    fn lost(&mut self, io: &mut Io<Self>) {
        io.reconnect(self.backoff);
        self.backoff = LAST_BACKOFF.min(self.backoff * 2);
    }
}

impl Nats {
    fn new() -> Self {
        Self { subscribers: Vec::new(), sid: 0, backoff: FIRST_BACKOFF }
    }

    fn subscribe_again(&mut self, io: &mut Io<Self>) {
        self.backoff = FIRST_BACKOFF;
        io.push("CONNECT {}\r\n");
        for (sid, (subject, _)) in self.subscribers.iter().enumerate() {
            io.push(format_args!("SUB {subject} {sid}\r\n"));
        }
    }

    fn subscribe(&mut self, subject: String, local: Key<Local>, io: &mut Io<Self>) {
        io.push(format_args!("SUB {subject} {}\r\n", self.subscribers.len()));
        self.subscribers.push((subject, local));
    }

    fn publish(&mut self, subject: &str, text: &str, io: &mut Io<Self>) {
        io.push(format_args!("PUB {subject} {}\r\n{text}\r\n", text.len()));
    }
}

/// A local connection: `sub subject`, `pub subject text`.
#[channel]
struct Local {
    nats: Key<Nats>,
}

#[channel]
impl Local {
    #[terminator(b"\n", max = 1024)]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> Result<(), &'static str> {
        let (verb, rest) = line.split_once(' ').ok_or("what?")?;
        let (subject, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let (subject, text, me) = (subject.to_owned(), text.to_owned(), io.key());
        match verb {
            "sub" => io.tell(self.nats, move |nats, io| nats.subscribe(subject, me, io)),
            "pub" => io.tell(self.nats, move |nats, io| nats.publish(&subject, &text, io)),
            _ => return Err("what?"),
        }
        Ok(())
    }

    #[on_error]
    fn bad(error: &Error) -> String {
        format!("{error}\n")
    }
}

const SERVER: &str = "10.0.0.1:4222";

/// A network with a client that has said hello, and one local connection.
fn connected() -> (Net, Key<Nats>, Key<Local>) {
    let mut net = Net::new();
    let nats = net.connect(SERVER, Nats::new()).unwrap();
    let local = net.open(Local { nats });
    net.feed(nats, "INFO {}\r\n");
    assert_eq!(net.output(nats), b"CONNECT {}\r\n");
    (net, nats, local)
}

#[test]
fn a_message_goes_to_its_subscriber_wherever_it_is_cut() {
    let input = b"PING\r\nMSG news 0 7\r\na\r\nb\r\nc\r\n+OK\r\n";
    for cut in 0..=input.len() {
        let (mut net, nats, local) = connected();
        net.feed(local, "sub news\n");
        net.feed(nats, &input[..cut]);
        net.feed(nats, &input[cut..]);
        assert_eq!(net.output(nats), b"SUB news 0\r\nPONG\r\n", "cut at {cut}");
        assert_eq!(net.output(local), b"a\r\nb\r\nc\n", "cut at {cut}");
    }
}

#[test]
fn what_is_published_locally_goes_to_the_server() {
    let (mut net, nats, local) = connected();
    net.feed(local, "pub news hello, world\n");
    assert_eq!(net.output(nats), b"PUB news 12\r\nhello, world\r\n");
}

#[test]
fn a_client_that_reconnects_subscribes_again_under_its_key() {
    let (mut net, nats, local) = connected();
    net.feed(local, "sub news\n");
    net.feed_eof(nats);
    net.advance(FIRST_BACKOFF);
    net.output(nats);
    net.feed(nats, "INFO {}\r\n");
    assert_eq!(net.output(nats), b"CONNECT {}\r\nSUB news 0\r\n");
    net.feed(local, "pub news again\n");
    assert_eq!(net.output(nats), b"PUB news 5\r\nagain\r\n");
}

#[test]
fn a_server_that_refuses_is_asked_less_and_less_often() {
    let mut net = Net::new();
    net.refuse(SERVER);
    let nats = net.connect(SERVER, Nats::new()).unwrap();
    net.advance(Duration::from_secs(60));
    // At once, after 0.1, 0.2, .. and 6.4 s, then each 10 s.
    assert_eq!(net.counters().closed(), 1 + 7 + 4);
    assert!(net.is_open(nats));
}

#[test]
fn a_client_reconnects_over_sockets() {
    let mut map = asyncore_runtime::Map::new().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let nats = map.connect(server.local_addr().unwrap(), Nats::new()).unwrap();
    for hello in ["CONNECT {}\r\n", "CONNECT {}\r\n"] {
        let mut arrived = None;
        run_until(&mut map, |_| {
            arrived = server.accept().ok();
            arrived.is_some()
        });
        let mut peer = Client::from(arrived.unwrap().0);
        peer.send("INFO {}\r\n");
        run_until(&mut map, |_| peer.has_input());
        assert_eq!(peer.receive_line(), hello);
        let closed = map.counters().closed();
        drop(peer);
        run_until(&mut map, |map| map.counters().closed() > closed);
    }
    assert!(map.is_alive(nats));
}
