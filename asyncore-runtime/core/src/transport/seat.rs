//! Seats: whoever holds a descriptor of a listener's connections holds one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// The seats of one listener. Counted across threads: an accepted socket may go to another loop.
#[derive(Debug, Clone)]
pub(crate) struct Seats {
    taken: Arc<AtomicUsize>,
    most: usize,
}

/// One seat, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    _of_listener: Place,
    /// Where several loops share the listener's connections, the loop counts its own.
    of_loop: Option<Place>,
}

#[derive(Debug)]
struct Place(Arc<AtomicUsize>);

impl Seats {
    pub(crate) fn new(most: usize) -> Self {
        Self { taken: Arc::default(), most }
    }

    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }

    /// A seat, if there is one left.
    pub(crate) fn take(&self) -> Option<Seat> {
        Some(Seat { _of_listener: self.place()?, of_loop: None })
    }

    fn place(&self) -> Option<Place> {
        let next = |taken: usize| (taken < self.most).then(|| taken.saturating_add(1));
        let taken = self.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
        taken.ok().map(|_| Place(Arc::clone(&self.taken)))
    }
}

impl Seat {
    /// It counts in this loop from now on, and in no other.
    pub(crate) fn moves_to(&mut self, of_loop: &Seats) {
        self.of_loop = of_loop.place();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
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
        let (seats, one, other) = (Seats::new(2), Seats::new(usize::MAX), Seats::new(usize::MAX));
        let mut seat = seats.take().expect("free");
        seat.moves_to(&one);
        assert_eq!((seats.taken(), one.taken(), other.taken()), (1, 1, 0));
        seat.moves_to(&other);
        assert_eq!((seats.taken(), one.taken(), other.taken()), (1, 0, 1));
        drop(seat);
        assert_eq!((seats.taken(), one.taken(), other.taken()), (0, 0, 0));
    }
}
