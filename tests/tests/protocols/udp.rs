//! A UDP responder: answers from its cache, or asks a server above it and answers later.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Error, Frame, FromFrame, Io, Map};
use asyncore_tests::net::PATIENCE;
use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};

/// `id name` asks, `id name=value` answers.
struct Message<'a> {
    id: &'a str,
    name: &'a str,
    value: Option<&'a str>,
}

impl<'a> FromFrame<'a> for Message<'a> {
    type Error = Error;

    fn from_frame(frame: Frame<'a>) -> Result<Self, Error> {
        let text: &str = frame.parse()?;
        let (id, rest) = text.split_once(' ').ok_or_else(|| Error::frame("no id"))?;
        Ok(match rest.split_once('=') {
            Some((name, value)) => Self { id, name, value: Some(value) },
            None => Self { id, name: rest, value: None },
        })
    }
}

#[channel]
struct Resolver {
    upstream: SocketAddr,
    cache: HashMap<String, String>,
    /// Who asked for what is not known yet, and under which number.
    asked: HashMap<String, Vec<(SocketAddr, String)>>,
}

#[channel]
impl Resolver {
    #[on_read]
    fn message(&mut self, message: Message<'_>, io: &mut Io<Self>) -> Option<String> {
        match message.value {
            None => self.query(&message, io),
            Some(value) if io.sender() == Some(self.upstream) => {
                self.answer(message.name, value, io);
                None
            }
            // Somebody who wants to put something into our cache.
            Some(_) => None,
        }
    }

    #[on_error]
    fn bad(&mut self, _error: &Error) {}
}

impl Resolver {
    fn new(upstream: SocketAddr) -> Self {
        let cache = HashMap::from([("localhost".to_owned(), "127.0.0.1".to_owned())]);
        Self { upstream, cache, asked: HashMap::new() }
    }

    fn query(&mut self, query: &Message<'_>, io: &mut Io<Self>) -> Option<String> {
        if let Some(value) = self.cache.get(query.name) {
            return Some(format!("{} {}={value}", query.id, query.name));
        }
        let asked = self.asked.entry(query.name.to_owned()).or_default();
        asked.push((io.sender()?, query.id.to_owned()));
        io.push_to_addr(self.upstream, format_args!("0 {}", query.name));
        None
    }

    fn answer(&mut self, name: &str, value: &str, io: &mut Io<Self>) {
        self.cache.insert(name.to_owned(), value.to_owned());
        for (client, id) in self.asked.remove(name).unwrap_or_default() {
            io.push_to_addr(client, format_args!("{id} {name}={value}"));
        }
    }
}

fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn receive(socket: &UdpSocket) -> String {
    let mut data = [0; 100];
    let len = socket.recv(&mut data).unwrap();
    String::from_utf8(data[..len].to_vec()).unwrap()
}

/// A resolver in a map of its own, a client of it, and the server above it.
fn connected() -> (Map, UdpSocket, UdpSocket) {
    let (mut map, upstream, client) = (Map::new().unwrap(), socket(), socket());
    let resolver = Resolver::new(upstream.local_addr().unwrap());
    let key = map.datagram("127.0.0.1:0", resolver).unwrap();
    client.connect(map.local_addr(key).unwrap().inet().unwrap()).unwrap();
    (map, client, upstream)
}

#[test]
fn what_is_known_is_answered_in_memory() {
    let mut session = Session::new(Resolver::new(([10, 0, 0, 1], 53).into()));
    session.feed("7 localhost");
    assert_eq!(session.output(), b"7 localhost=127.0.0.1");
}

#[test]
fn what_is_known_is_answered_to_who_asked() {
    let (mut map, client, _upstream) = connected();
    client.send(b"7 localhost").unwrap();
    map.poll(Some(PATIENCE)).unwrap();
    assert_eq!(receive(&client), "7 localhost=127.0.0.1");
}

#[test]
fn what_is_not_known_is_asked_for_and_answered_later() {
    let (mut map, client, upstream) = connected();
    client.send(b"7 example").unwrap();
    client.send(b"8 example").unwrap();
    map.poll(Some(PATIENCE)).unwrap();
    assert_eq!(receive(&upstream), "0 example");
    upstream.send_to(b"0 example=192.0.2.1", client.peer_addr().unwrap()).unwrap();
    map.poll(Some(PATIENCE)).unwrap();
    assert_eq!(receive(&client), "7 example=192.0.2.1");
    assert_eq!(receive(&client), "8 example=192.0.2.1");
}

#[test]
fn an_answer_of_anybody_else_is_not_believed() {
    let (mut map, client, _upstream) = connected();
    client.send(b"0 localhost=203.0.113.1").unwrap();
    client.send(b"7 localhost").unwrap();
    map.poll(Some(PATIENCE)).unwrap();
    assert_eq!(receive(&client), "7 localhost=127.0.0.1");
}

#[test]
fn what_is_no_message_costs_nothing() {
    let (mut map, client, _upstream) = connected();
    for bad in [&b"\xff\xff"[..], b"", b"noid"] {
        client.send(bad).unwrap();
    }
    client.send(b"7 localhost").unwrap();
    map.poll(Some(PATIENCE)).unwrap();
    assert_eq!(receive(&client), "7 localhost=127.0.0.1");
}
