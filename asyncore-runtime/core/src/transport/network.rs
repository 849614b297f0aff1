//! The network of a [`testing::Net`](crate::testing::Net): addresses and connections in memory.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::{Arc, Weak};

use super::pipe::{Pipe, PipeEnd, SharedPipe};
use super::socket::Ticket;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::closed::Closed;
use crate::vocabulary::key::RawKey;

/// The first port given to who asks for none: IANA's dynamic range.
const FIRST_PORT: u16 = 49_152;

#[derive(Debug, Default)]
pub(crate) struct Network {
    listeners: Vec<(RawKey, Arrivals)>,
    /// Connections between two channels of this network.
    cables: Vec<(SharedPipe, SharedPipe)>,
    pipes: BTreeMap<RawKey, SharedPipe>,
    /// No channel has it, not yet or not any more: the ticket stands for it.
    accepted: BTreeMap<u64, (PipeEnd, Weak<()>)>,
    tickets: u64,
    refused: Vec<Addr>,
    ports: u16,
    /// Who has something to read, or to accept.
    news: Vec<RawKey>,
    pub(crate) closed: BTreeMap<RawKey, Closed>,
}

/// A listener's queue.
#[derive(Debug, Clone)]
pub(crate) struct Arrivals {
    pub(crate) addr: Addr,
    waiting: Rc<RefCell<VecDeque<Ticket>>>,
}

impl Arrivals {
    pub(crate) fn next(&self) -> Option<Ticket> {
        self.waiting.borrow_mut().pop_front()
    }
}

impl Network {
    fn free_port(&mut self) -> u16 {
        let port = FIRST_PORT.saturating_add(self.ports);
        self.ports = self.ports.saturating_add(1);
        port
    }

    pub(crate) fn listen(&mut self, addr: &Addr, key: RawKey) -> io::Result<Arrivals> {
        let addr = match addr {
            Addr::Inet(inet) if inet.port() == 0 => {
                SocketAddr::new(inet.ip(), self.free_port()).into()
            }
            addr => addr.clone(),
        };
        if self.listeners.iter().any(|(_, other)| other.addr == addr) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let arrivals = Arrivals { addr, waiting: Rc::default() };
        self.listeners.push((key, arrivals.clone()));
        Ok(arrivals)
    }

    /// Nobody listens there any more; who waited to be accepted is closed.
    pub(crate) fn unlisten(&mut self, arrivals: &Arrivals) {
        self.listeners.retain(|(_, other)| !Rc::ptr_eq(&other.waiting, &arrivals.waiting));
        arrivals.waiting.borrow_mut().clear();
    }

    pub(crate) fn refuse(&mut self, addr: Addr) {
        self.refused.push(addr);
    }

    /// Connects a channel: to a listener here, or to the test.
    pub(crate) fn dial(&mut self, addr: &Addr, key: RawKey) -> io::Result<PipeEnd> {
        if self.refused.contains(addr) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let end = Pipe::new(Some(addr.clone()));
        if let Some(other) = self.arrive(addr) {
            self.cables.push((Rc::clone(&end), other));
        }
        self.news.push(key);
        Ok(PipeEnd(end))
    }

    /// A connection for the listener at `addr`, if there is one; this is its end.
    pub(crate) fn arrive(&mut self, addr: &Addr) -> Option<SharedPipe> {
        let (key, arrivals) = self.listeners.iter().find(|(_, other)| other.addr == *addr)?;
        let (key, waiting) = (*key, Rc::clone(&arrivals.waiting));
        let from: Addr = SocketAddr::from((Ipv4Addr::LOCALHOST, self.free_port())).into();
        let end = Pipe::new(Some(from));
        let ticket = self.ticket(PipeEnd(Rc::clone(&end)));
        waiting.borrow_mut().push_back(ticket);
        self.news.push(key);
        Some(end)
    }

    /// What stands for a connection while no channel has it.
    pub(crate) fn ticket(&mut self, end: PipeEnd) -> Ticket {
        let (held, addr) = (Arc::new(()), end.addr().unwrap_or(Addr::Unix(None)));
        self.tickets = self.tickets.wrapping_add(1);
        self.accepted.insert(self.tickets, (end, Arc::downgrade(&held)));
        Ticket { number: self.tickets, addr, held }
    }

    /// The connection that a ticket stands for; one of another network is closed already.
    pub(crate) fn admit(&mut self, ticket: &Ticket) -> PipeEnd {
        let accepted = self.accepted.get(&ticket.number);
        let is_own = accepted.is_some_and(|(_, held)| held.as_ptr() == Arc::as_ptr(&ticket.held));
        let own = is_own.then(|| self.accepted.remove(&ticket.number)).flatten();
        own.map_or_else(PipeEnd::closed, |(end, _)| end)
    }

    pub(crate) fn plug(&mut self, key: RawKey, pipe: &PipeEnd) {
        pipe.0.borrow_mut().key = Some(key);
        self.pipes.insert(key, Rc::clone(&pipe.0));
        if !pipe.has_nothing_to_say() {
            self.news.push(key);
        }
    }

    pub(crate) fn pipe(&self, key: RawKey) -> Option<SharedPipe> {
        self.pipes.get(&key).cloned()
    }

    /// Carries what was written along the cables; who has news, each once.
    pub(crate) fn carry(&mut self) -> Vec<RawKey> {
        // A socket that was accepted and dropped is closed.
        // What nobody holds a ticket of any more is closed.
        self.accepted.retain(|_, (_, held)| held.strong_count() > 0);
        for (one, other) in &self.cables {
            for (from, to) in [(one, other), (other, one)] {
                if carry_over(&mut from.borrow_mut(), &mut to.borrow_mut()) {
                    self.news.extend(to.borrow().key);
                }
            }
        }
        let mut news = std::mem::take(&mut self.news);
        news.dedup();
        news
    }
}

fn carry_over(from: &mut Pipe, to: &mut Pipe) -> bool {
    let has_data = !from.outgoing.is_empty();
    if has_data {
        to.incoming.push_back(std::mem::take(&mut from.outgoing).into());
    }
    let has_end = from.outgoing_ended && !to.incoming_ended;
    to.incoming_ended |= from.outgoing_ended;
    has_data || has_end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::stream::Stream;

    const KEY: RawKey = RawKey { index: 1, generation: 0 };

    fn addr(text: &str) -> Addr {
        Addr::Inet(text.parse().expect("an address"))
    }

    #[test]
    fn who_asks_for_no_port_gets_one_of_its_own() {
        let mut network = Network::default();
        let one = network.listen(&addr("10.0.0.1:0"), KEY).expect("free").addr;
        let two = network.listen(&addr("10.0.0.1:0"), KEY).expect("free").addr;
        assert!(one != two && one.port() != 0);
        assert!(network.listen(&one, KEY).is_err(), "it is in use");
    }

    #[test]
    fn what_one_end_writes_the_other_reads() {
        let mut network = Network::default();
        let arrivals = network.listen(&addr("10.0.0.1:7"), KEY).expect("free");
        let mut dialled = Stream::from(network.dial(&addr("10.0.0.1:7"), KEY).expect("there"));
        let ticket = arrivals.next().expect("it arrived");
        let mut accepted = Stream::from(network.admit(&ticket));
        assert_eq!(dialled.write(b"hello").expect("room"), 5);
        network.carry();
        let mut buf = [0; 10];
        assert_eq!(accepted.read(&mut buf).expect("there"), 5);
        drop(accepted);
        network.carry();
        assert_eq!(dialled.read(&mut buf).expect("the end"), 0);
    }

    #[test]
    fn a_socket_that_is_dropped_is_closed() {
        let mut network = Network::default();
        let arrivals = network.listen(&addr("10.0.0.1:7"), KEY).expect("free");
        let mut dialled = Stream::from(network.dial(&addr("10.0.0.1:7"), KEY).expect("there"));
        drop(arrivals.next());
        network.carry();
        network.carry();
        assert_eq!(dialled.read(&mut [0; 1]).expect("the end"), 0);
    }

    #[test]
    fn a_ticket_of_another_network_is_a_connection_that_is_gone() {
        let (mut one, mut other) = (Network::default(), Network::default());
        let arrivals = one.listen(&addr("10.0.0.1:7"), KEY).expect("free");
        one.arrive(&addr("10.0.0.1:7")).expect("there");
        other.listen(&addr("10.0.0.1:7"), KEY).expect("free");
        other.arrive(&addr("10.0.0.1:7")).expect("there");
        let mut stream = Stream::from(other.admit(&arrivals.next().expect("it arrived")));
        assert!(stream.read(&mut [0; 1]).is_err());
    }

    #[test]
    fn who_was_refused_is_not_connected() {
        let mut network = Network::default();
        network.refuse(addr("10.0.0.1:7"));
        assert!(network.dial(&addr("10.0.0.1:7"), KEY).is_err());
        assert!(network.dial(&addr("10.0.0.1:8"), KEY).is_ok(), "the test is the peer");
    }
}
