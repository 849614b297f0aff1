//! What all threads know: who the workers are, who has how many, and who is lost.

use core::time::Duration;
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use super::desk::{Arrival, Desk, News, Order, Readiness};
use super::error::WorkersError;
use super::front::Front;
use crate::map::handle::MapHandle;
use crate::map::Map;
use crate::scheduler::inbox::Inbox;
use crate::scheduler::Scheduler;
use crate::vocabulary::counters::Counters;
use crate::vocabulary::log;

/// The workers, and the map that accepts for them.
pub(super) struct Crew {
    workers: Vec<Worker>,
    pub(super) acceptor: MapHandle,
    counters: Arc<Counters>,
    /// The acceptor waits until somebody has room.
    is_full: AtomicBool,
    /// So many have not ended.
    serving: AtomicUsize,
    lost: Mutex<Vec<(usize, String)>>,
}

pub(super) struct Worker {
    desk: Desk,
    inbox: Arc<Inbox>,
    /// Those of its map, when it has one.
    counters: OnceLock<Arc<Counters>>,
}

impl Worker {
    fn new(inbox: Arc<Inbox>) -> Self {
        Self { desk: Desk::default(), inbox, counters: OnceLock::new() }
    }

    /// It comes back if the worker is gone.
    fn give(&self, arrival: Box<Arrival>) -> Result<(), Box<Arrival>> {
        if self.desk.put(arrival)? {
            self.inbox.wake();
        }
        Ok(())
    }
}

impl Crew {
    pub(super) fn new(acceptor: &Rc<Scheduler>, inboxes: Vec<Arc<Inbox>>) -> Self {
        Self {
            serving: AtomicUsize::new(inboxes.len()),
            workers: inboxes.into_iter().map(Worker::new).collect(),
            acceptor: MapHandle::new(Arc::clone(&acceptor.inbox)),
            counters: Arc::clone(&acceptor.counters),
            is_full: AtomicBool::new(false),
            lost: Mutex::default(),
        }
    }

    /// Of workers that could not be made.
    pub(super) fn nobody() -> Self {
        let inbox = Inbox::new(|| ());
        inbox.close();
        Self {
            workers: Vec::new(),
            acceptor: MapHandle::new(inbox),
            counters: Arc::default(),
            is_full: AtomicBool::new(false),
            serving: AtomicUsize::new(0),
            lost: Mutex::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.workers.len()
    }

    /// How many connections each has.
    pub(super) fn loads(&self) -> impl Iterator<Item = usize> + '_ {
        self.workers.iter().map(|worker| worker.desk.load())
    }

    pub(super) fn maps(&self) -> impl Iterator<Item = MapHandle> + '_ {
        self.workers.iter().map(|worker| MapHandle::new(Arc::clone(&worker.inbox)))
    }

    /// What all maps have counted together.
    pub(super) fn counters(&self) -> Counters {
        let sum = Counters::default();
        sum.add(&self.counters);
        let known = self.workers.iter().filter_map(|worker| worker.counters.get());
        known.for_each(|counters| sum.add(counters));
        sum
    }

    // -- connections

    /// Gives it to whoever has the fewest. Whether somebody has room for the next.
    pub(super) fn hand_over(&self, mut arrival: Box<Arrival>) -> bool {
        while let Some((_, worker)) = self.next() {
            match worker.give(arrival) {
                Ok(()) => return self.has_room(),
                Err(refused) => arrival = refused,
            }
        }
        // All are gone: it closes.
        true
    }

    /// Whose turn it is, unless all are gone: of those who take any the one that has the fewest.
    fn next(&self) -> Option<((Readiness, usize), &Worker)> {
        let now = Instant::now();
        let workers = self.workers.iter();
        let serving = workers.filter_map(|worker| Some((worker.desk.readiness(now)?, worker)));
        serving.min_by_key(|(readiness, _)| *readiness)
    }

    fn has_room(&self) -> bool {
        let has_room = || !matches!(self.next(), Some(((Readiness::Full, _), _)));
        if has_room() {
            return true;
        }
        // Whoever takes something from now on sees it; who has done so meanwhile is seen here.
        self.is_full.store(true, Ordering::SeqCst);
        has_room()
    }

    /// What is there for a worker.
    pub(super) fn news(&self, index: usize) -> News {
        let news = self.workers.get(index).map(|worker| worker.desk.take()).unwrap_or_default();
        if !news.arrivals.is_empty() && self.is_full.swap(false, Ordering::SeqCst) {
            self.accept_again();
        }
        news
    }

    fn accept_again(&self) {
        // If it is gone nobody is to be accepted.
        let _ = self.acceptor.post_when_room(|map| {
            for key in map.keys::<Front>() {
                map.tell(key, |_, io| io.resume());
            }
        });
    }

    // -- beginning and end

    /// A worker begins.
    pub(super) fn begins(&self, index: usize, counters: &Arc<Counters>) {
        if let Some(worker) = self.workers.get(index) {
            // It begins once.
            let _ = worker.counters.set(Arc::clone(counters));
        }
    }

    pub(super) fn order(&self, order: Order) {
        for worker in &self.workers {
            worker.desk.order(order);
            worker.inbox.wake();
        }
    }

    /// In the acceptor's thread: from here on nobody is accepted, so nobody comes behind the order.
    pub(super) fn drain(&self, acceptor: &mut Map, deadline: Duration) {
        acceptor.drain(deadline);
        self.order(Order::Drain(deadline));
    }

    /// As [`drain`](Self::drain), at once.
    pub(super) fn close_all(&self, acceptor: &mut Map) {
        acceptor.close_all();
        self.order(Order::Close);
    }

    /// Nothing is listened on any more: waits for the end of each worker.
    pub(super) fn ended(&self, acceptor: &mut Map) -> io::Result<()> {
        self.order(Order::Finish);
        while self.serving.load(Ordering::Acquire) > 0 {
            acceptor.poll(None)?;
        }
        Ok(())
    }

    /// A worker has ended; `why`, if before its time. Who waits for it goes to the others.
    pub(super) fn leaves(&self, index: usize, why: Option<String>) {
        if let Some(why) = why {
            log::line(&format_args!("worker {index} has ended: {why}"));
            self.lock_lost().push((index, why));
        }
        let waiting = self.workers.get(index).map(|worker| worker.desk.close());
        for arrival in waiting.into_iter().flatten() {
            self.hand_over(Box::new(arrival));
        }
        if self.serving.fetch_sub(1, Ordering::AcqRel) == 1 {
            // Nobody is left to serve whom it would accept.
            let _ = self.acceptor.post_when_room(Map::close_all);
        } else if self.is_full.swap(false, Ordering::SeqCst) {
            self.accept_again();
        }
        self.acceptor.wake();
    }

    fn lock_lost(&self) -> MutexGuard<'_, Vec<(usize, String)>> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who has ended before their time.
    pub(super) fn losses(&self) -> io::Result<()> {
        let lost = std::mem::take(&mut *self.lock_lost());
        if lost.is_empty() {
            return Ok(());
        }
        Err(io::Error::other(WorkersError::Lost { lost, of: self.workers.len() }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::desk::tests::arrival;
    use super::*;
    use crate::transport::seat::Seats;
    use crate::transport::system::System;

    /// Of so many, with the map that accepts for them.
    fn crew(count: usize) -> (Crew, Rc<Scheduler>) {
        let inbox = || Inbox::new(|| ());
        let acceptor = Scheduler::new(System::Memory(Default::default()), inbox());
        (Crew::new(&acceptor, (0..count).map(|_| inbox()).collect()), acceptor)
    }

    fn seated(seats: &Seats) -> Box<Arrival> {
        let mut arrival = arrival();
        arrival.socket.seat = seats.take();
        arrival
    }

    #[test]
    fn each_connection_goes_to_who_has_the_fewest() {
        let ((crew, _acceptor), seats) = (crew(3), Seats::new(usize::MAX));
        (0..7).for_each(|_| assert!(crew.hand_over(seated(&seats))));
        assert_eq!(crew.loads().collect::<Vec<_>>(), [3, 2, 2]);
        drop(crew.news(1));
        assert_eq!(crew.loads().collect::<Vec<_>>(), [3, 0, 2]);
        (0..2).for_each(|_| assert!(crew.hand_over(seated(&seats))));
        assert_eq!(crew.loads().collect::<Vec<_>>(), [3, 2, 2]);
    }

    #[test]
    fn who_ends_leaves_those_that_wait_for_it_to_the_others() {
        let ((crew, _acceptor), seats) = (crew(2), Seats::new(usize::MAX));
        (0..4).for_each(|_| assert!(crew.hand_over(seated(&seats))));
        crew.leaves(0, Some("as ordered".to_owned()));
        assert_eq!(crew.loads().collect::<Vec<_>>(), [0, 4]);
        assert_eq!(crew.news(1).arrivals.len(), 4);
        let why = "1 of 2 workers ended before their time; worker 0: as ordered";
        assert_eq!(crew.losses().unwrap_err().to_string(), why);
    }

    #[test]
    fn when_all_have_ended_who_comes_is_turned_away() {
        let ((crew, acceptor), seats) = (crew(1), Seats::new(usize::MAX));
        crew.leaves(0, None);
        assert!(!acceptor.inbox.is_empty(), "it is told to listen no more");
        assert!(crew.hand_over(seated(&seats)));
        assert_eq!(seats.taken(), 0);
    }

    #[test]
    fn when_nobody_has_room_the_acceptor_waits_until_somebody_has() {
        let (crew, acceptor) = crew(2);
        let given = (0..).take_while(|_| crew.hand_over(arrival())).count();
        assert_eq!(given, 2 * 1024 - 1, "and one that filled the last place");
        assert!(acceptor.inbox.is_empty());
        crew.news(1);
        assert!(!acceptor.inbox.is_empty());
        assert!(crew.hand_over(arrival()));
    }
}
