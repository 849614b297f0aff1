//! Ping: ICMP echo over a raw socket, or over one of datagrams where only those are allowed.

use asyncore_runtime::{channel, Error, Io, Key, Map, TimerId};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

const REQUEST: u8 = 8;
const ANSWER: u8 = 0;

/// What a request carries, and its answer has to bring back.
const PAYLOAD: &[u8; 48] = b"anybody there? anybody there? anybody there? ok?";

/// What became of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Answered { sequence: u16, bytes: usize, from: Ipv4Addr, after: Duration },
    Lost { sequence: u16 },
    Failed { why: String },
}

struct Next;

struct Late(u16);

#[channel]
pub struct Ping {
    to: Ipv4Addr,
    id: u16,
    is_raw: bool,
    /// How many requests, how often, and how long each may take.
    count: u16,
    every: Duration,
    patience: Duration,
    next: u16,
    open: BTreeMap<u16, (TimerId, Instant)>,
    tell: Box<dyn FnMut(Outcome)>,
}

#[channel]
impl Ping {
    #[on_read]
    fn packet(&mut self, packet: &[u8], io: &mut Io<Self>) {
        // A raw socket hears all that comes for this machine, our own requests too.
        let head = packet.first().map_or(0, |first| usize::from(first & 15) * 4);
        let icmp = packet.get(if self.is_raw { head } else { 0 }..).unwrap_or_default();
        let Some((&[kind, _, _, _, a, b, high, low], payload)) = icmp.split_first_chunk::<8>()
        else {
            return;
        };
        let sequence = u16::from_be_bytes([high, low]);
        // The id of a socket of datagrams is the system's, which sorts the answers out by it.
        let is_mine = !self.is_raw || u16::from_be_bytes([a, b]) == self.id;
        if kind != ANSWER || !is_mine || payload != PAYLOAD {
            return;
        }
        let Some((timer, sent)) = self.open.remove(&sequence) else { return };
        io.cancel(timer);
        if let Some(SocketAddr::V4(from)) = io.sender() {
            let (bytes, from, after) = (icmp.len(), *from.ip(), io.now() - sent);
            (self.tell)(Outcome::Answered { sequence, bytes, from, after });
        }
        self.end_if_done(io);
    }

    #[on_timer]
    fn send(&mut self, _: Next, io: &mut Io<Self>) {
        let sequence = self.next;
        self.next += 1;
        self.open.insert(sequence, (io.set_timer(self.patience, Late(sequence)), io.now()));
        io.push_to_addr((self.to, 0).into(), request(self.id, sequence));
        if self.next < self.count {
            io.set_timer(self.every, Next);
        }
    }

    #[on_timer]
    fn is_late(&mut self, Late(sequence): Late, io: &mut Io<Self>) {
        self.open.remove(&sequence);
        (self.tell)(Outcome::Lost { sequence });
        self.end_if_done(io);
    }

    #[on_error]
    fn failed(&mut self, error: &Error) {
        (self.tell)(Outcome::Failed { why: error.to_string() });
    }
}

impl Ping {
    pub fn socket() -> io::Result<Socket> {
        let open = |kind| Socket::new(Domain::IPV4, kind, Some(Protocol::ICMPV4));
        open(Type::RAW).or_else(|_| open(Type::DGRAM))
    }

    /// Sends `count` requests over such a socket, and ends when all are settled.
    pub fn start(
        map: &mut Map,
        socket: Socket,
        to: Ipv4Addr,
        count: u16,
        tell: impl FnMut(Outcome) + 'static,
    ) -> io::Result<Key<Self>> {
        let is_raw = socket.r#type()? == Type::RAW;
        let (every, patience) = (Duration::from_millis(10), Duration::from_secs(1));
        let (id, open) = (std::process::id() as u16, BTreeMap::new());
        let tell = Box::new(tell);
        let ping = Self { to, id, is_raw, count, every, patience, next: 0, open, tell };
        let key = map.datagram(socket, ping)?;
        map.tell(key, |ping, io| ping.send(Next, io));
        Ok(key)
    }

    fn end_if_done(&mut self, io: &mut Io<Self>) {
        if self.open.is_empty() && self.next == self.count {
            io.close();
        }
    }
}

fn request(id: u16, sequence: u16) -> Vec<u8> {
    let packet = |sum: u16| {
        let head = [u16::from_be_bytes([REQUEST, 0]), sum, id, sequence];
        [&head.map(u16::to_be_bytes).concat(), &PAYLOAD[..]].concat()
    };
    packet(checksum(&packet(0)))
}

/// The internet checksum (RFC 1071).
fn checksum(data: &[u8]) -> u16 {
    let word = |pair: &[u8]| u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]));
    let sum: u32 = data.chunks(2).map(word).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}
