//! The network of a [`testing::Net`](crate::testing::Net): addresses and connections in memory.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use crate::error::Closed;
use crate::key::RawKey;
use crate::transport::addr::Addr;
use crate::transport::link::Link;
use crate::transport::pipe::{Arrivals, End, Pipe};

/// The first port given to who asks for none: IANA's dynamic range.
const FIRST_PORT: u16 = 49_152;

#[derive(Debug, Default)]
pub(crate) struct Network {
    listeners: Vec<(RawKey, Arrivals)>,
    /// Connections between two channels of this network.
    cables: Vec<(End, End)>,
    pipes: HashMap<RawKey, End>,
    refused: Vec<Addr>,
    ports: u16,
    /// Who has something to read, or to accept.
    news: Vec<RawKey>,
    pub(crate) closed: HashMap<RawKey, Closed>,
}

impl Network {
    fn free_port(&mut self) -> u16 {
        self.ports += 1;
        FIRST_PORT + self.ports
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

    pub(crate) fn refuse(&mut self, addr: Addr) {
        self.refused.push(addr);
    }

    /// Connects a channel: to a listener here, or to the test.
    pub(crate) fn dial(&mut self, addr: &Addr, key: RawKey) -> io::Result<Link> {
        if self.refused.contains(addr) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let mut pipe = Pipe::new();
        pipe.addr = Some(addr.clone());
        let end = Rc::new(RefCell::new(pipe));
        if let Some(other) = self.arrive(addr) {
            self.cables.push((Rc::clone(&end), other));
        }
        self.news.push(key);
        Ok(Link::Memory(end))
    }

    /// A connection for the listener at `addr`, if there is one; this is its end.
    pub(crate) fn arrive(&mut self, addr: &Addr) -> Option<End> {
        let (key, arrivals) = self.listeners.iter().find(|(_, other)| other.addr == *addr)?;
        let (key, waiting) = (*key, Rc::clone(&arrivals.waiting));
        let mut pipe = Pipe::new();
        pipe.addr = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, self.free_port())).into());
        let end = Rc::new(RefCell::new(pipe));
        waiting.borrow_mut().push_back(Rc::clone(&end));
        self.news.push(key);
        Some(end)
    }

    pub(crate) fn plug(&mut self, key: RawKey, pipe: &End) {
        pipe.borrow_mut().key = Some(key);
        self.pipes.insert(key, Rc::clone(pipe));
        self.news.push(key);
    }

    pub(crate) fn pipe(&self, key: RawKey) -> Option<End> {
        self.pipes.get(&key).cloned()
    }

    /// Carries what was written along the cables; who has news, each once.
    pub(crate) fn carry(&mut self) -> Vec<RawKey> {
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
