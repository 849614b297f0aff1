//! Where connections wait for one worker, and what it is ordered to do.

use core::time::Duration;
use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::transport::seat::Seats;
use crate::transport::socket::Socket;
use crate::vocabulary::addr::Addr;

/// So many connections wait for one worker at most, while another one has room: what one pass takes.
const ROOM: usize = 1024;

/// A worker that took nothing for so long hangs: far more than a pass takes, on a busy machine too.
const HANGS_AFTER: Duration = Duration::from_millis(500);

/// A connection on its way to a worker.
pub(super) struct Arrival {
    /// Which of the listeners has accepted it.
    pub(super) listener: usize,
    pub(super) socket: Socket,
    pub(super) peer: Addr,
}

/// What a worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Nobody comes any more: it ends with its last channel.
    Finish,
    Drain(Duration),
    Close,
}

/// How ready a worker is to take one more: the readiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Readiness {
    Ready,
    Hangs,
    Full,
}

#[derive(Default)]
pub(super) struct Desk {
    state: Mutex<State>,
    /// There is something for the worker: it looks at this in each pass, and not at the lock.
    has_news: AtomicBool,
}

#[derive(Default)]
struct State {
    arrivals: Vec<Arrival>,
    /// Since when the first of them waits.
    since: Option<Instant>,
    orders: Vec<Order>,
    /// What it has of the seats of each listener.
    shares: BTreeMap<usize, Seats>,
    /// The worker has ended, and takes nobody.
    is_gone: bool,
}

/// What a worker finds at its desk.
#[derive(Default)]
pub(super) struct News {
    pub(super) arrivals: Vec<Arrival>,
    pub(super) orders: Vec<Order>,
}

impl State {
    fn load(&self) -> usize {
        self.shares.values().map(Seats::taken).sum()
    }
}

impl Desk {
    /// No user code runs under this lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How ready the worker is, and how many connections it has, those that wait for it included. None
    /// if it is gone.
    pub(super) fn readiness(&self, now: Instant) -> Option<(Readiness, usize)> {
        let state = self.lock();
        let hangs = |since: Instant| now.saturating_duration_since(since) >= HANGS_AFTER;
        let readiness = match &*state {
            State { is_gone: true, .. } => return None,
            _ if state.arrivals.len() >= ROOM => Readiness::Full,
            _ if state.since.is_some_and(hangs) => Readiness::Hangs,
            _ => Readiness::Ready,
        };
        Some((readiness, state.load()))
    }

    /// How many connections the worker has, those that wait for it included.
    pub(super) fn load(&self) -> usize {
        self.lock().load()
    }

    /// Whether the worker has to be woken for it; it comes back if the worker is gone.
    pub(super) fn put(&self, mut arrival: Box<Arrival>) -> Result<bool, Box<Arrival>> {
        let mut state = self.lock();
        if state.is_gone {
            return Err(arrival);
        }
        if let Some(seat) = &mut arrival.socket.seat {
            seat.moves_to(state.shares.entry(arrival.listener).or_insert_with(|| seat.share()));
        }
        let is_first = state.arrivals.is_empty();
        state.since.get_or_insert_with(Instant::now);
        state.arrivals.push(*arrival);
        self.has_news.store(true, Ordering::Release);
        Ok(is_first)
    }

    pub(super) fn order(&self, order: Order) {
        self.lock().orders.push(order);
        self.has_news.store(true, Ordering::Release);
    }

    /// What has come since this was asked.
    pub(super) fn take(&self) -> News {
        if !self.has_news.load(Ordering::Acquire) {
            return News::default();
        }
        let mut state = self.lock();
        self.has_news.store(false, Ordering::Release);
        state.since = None;
        News { arrivals: mem::take(&mut state.arrivals), orders: mem::take(&mut state.orders) }
    }

    /// The worker ends: who waits for it is given back.
    pub(super) fn close(&self) -> Vec<Arrival> {
        let mut state = self.lock();
        state.is_gone = true;
        mem::take(&mut state.arrivals)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::transport::socket::{SocketKind, Ticket};
    use std::sync::Arc;

    pub(in super::super) fn arrival() -> Box<Arrival> {
        let peer = Addr::Unix(None);
        let ticket = Ticket { number: 0, addr: peer.clone(), held: Arc::default() };
        let socket = Socket::new(SocketKind::Memory(ticket));
        Box::new(Arrival { listener: 0, socket, peer })
    }

    #[test]
    fn the_first_of_those_who_wait_wakes_the_worker() {
        let desk = Desk::default();
        assert_eq!((desk.put(arrival()).ok(), desk.put(arrival()).ok()), (Some(true), Some(false)));
        assert_eq!(desk.take().arrivals.len(), 2);
        assert_eq!(desk.put(arrival()).ok(), Some(true));
    }

    #[test]
    fn who_takes_nothing_for_half_a_second_hangs_until_it_does() {
        let desk = Desk::default();
        let later = Instant::now() + Duration::from_secs(60);
        assert_eq!(desk.readiness(later), Some((Readiness::Ready, 0)), "nobody waits");
        assert!(desk.put(arrival()).is_ok());
        assert_eq!(desk.readiness(Instant::now()), Some((Readiness::Ready, 0)));
        assert_eq!(desk.readiness(later), Some((Readiness::Hangs, 0)));
        desk.take();
        assert_eq!(desk.readiness(later), Some((Readiness::Ready, 0)));
    }

    #[test]
    fn who_is_gone_takes_nobody_and_gives_back_who_waits() {
        let desk = Desk::default();
        assert!(desk.put(arrival()).is_ok());
        assert_eq!(desk.close().len(), 1);
        assert_eq!(desk.readiness(Instant::now()), None);
        assert!(desk.put(arrival()).is_err());
    }

    #[test]
    fn orders_come_in_their_order_and_once() {
        let desk = Desk::default();
        let orders = [Order::Drain(Duration::ZERO), Order::Close];
        orders.into_iter().for_each(|order| desk.order(order));
        assert_eq!(desk.take().orders, orders);
        assert_eq!(desk.take().orders, []);
    }
}
