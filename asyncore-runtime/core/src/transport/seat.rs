//! Seats: whoever holds a descriptor of a listener's connections holds one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// The seats of one listener. Counted across threads: an accepted socket may go to another loop.
#[derive(Debug, Clone)]
pub(crate) struct Seats {
    count: Arc<Count>,
    most: usize,
}

#[derive(Debug, Default)]
struct Count {
    taken: AtomicUsize,
    /// Those that one of several loops has of a listener's: they count there as well.
    of_listener: Option<Arc<Count>>,
}

/// One seat, given back when it is dropped. Each connection has one: it is no larger than it must be.
#[derive(Debug)]
pub(crate) struct Seat(Arc<Count>);

impl Seats {
    pub(crate) fn new(most: usize) -> Self {
        Self { count: Arc::default(), most }
    }

    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        self.count.taken.load(Ordering::Acquire)
    }

    /// A seat, if there is one left.
    pub(crate) fn take(&self) -> Option<Seat> {
        let next = |taken: usize| (taken < self.most).then(|| taken.saturating_add(1));
        let taken = self.count.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        taken.ok().map(|_| Seat(Arc::clone(&self.count)))
    }
}

impl Seat {
    /// The share that a loop has of this listener's seats; it has none yet.
    pub(crate) fn share(&self) -> Seats {
        let listener = self.0.of_listener.as_ref().unwrap_or(&self.0);
        let count = Count { taken: AtomicUsize::new(0), of_listener: Some(Arc::clone(listener)) };
        Seats { count: Arc::new(count), most: usize::MAX }
    }

    /// It is of this share of its listener's seats from now on, and of no other.
    pub(crate) fn moves_to(&mut self, share: &Seats) {
        share.count.taken.fetch_add(1, Ordering::AcqRel);
        let before = std::mem::replace(&mut self.0, Arc::clone(&share.count));
        if before.of_listener.is_some() {
            before.taken.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
        if let Some(listener) = &self.0.of_listener {
            listener.taken.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_so_many_seats_and_no_more() {
        let seats = Seats::new(2);
        let (one, two) = (seats.take(), seats.take());
        assert!(one.is_some() && two.is_some());
        assert!(seats.take().is_none());
        drop(one);
        assert!(seats.take().is_some());
    }

    #[test]
    fn a_seat_counts_in_one_loop_at_a_time() {
        let seats = Seats::new(2);
        let mut seat = seats.take().expect("free");
        let (one, other) = (seat.share(), seat.share());
        seat.moves_to(&one);
        assert_eq!((seats.taken(), one.taken(), other.taken()), (1, 1, 0));
        seat.moves_to(&other);
        assert_eq!((seats.taken(), one.taken(), other.taken()), (1, 0, 1));
        drop(seat);
        assert_eq!((seats.taken(), one.taken(), other.taken()), (0, 0, 0));
    }
}
