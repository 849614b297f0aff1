//! Answers that are owed: given by other threads, in the order of the questions.

use super::Connection;
use crate::channel::io::{stop, Io, Pull};
use crate::channel::reply::Reply;
use crate::channel::state::Debt;
use crate::channel::Channel;
use crate::output::Output;
use crate::scheduler::timers::Tick;
use crate::vocabulary::counters::Limit;
use crate::vocabulary::error::Error;
use crate::vocabulary::guard::{dispose, guarded};

impl<T: Channel> Connection<T> {
    pub(super) fn owes(&self) -> bool {
        self.io.extra.as_ref().is_some_and(|extra| extra.owed.open > 0)
    }

    pub(super) fn owing_since(&self) -> Option<Tick> {
        self.io.extra.as_ref()?.owed.since.get()
    }

    /// The answer is there: what `f` pushes, and returns, goes into its place.
    pub(crate) fn answer<R: Reply<T>>(
        &mut self,
        debt: Debt,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R,
    ) {
        if !self.pays(&debt) {
            return dispose(f);
        }
        if self.io.state.is_shared {
            return self.answer_datagram(debt, |connection| {
                let result =
                    Reply::send(f(&mut connection.user, &mut connection.io), &mut connection.io);
                connection.handled(result);
            });
        }
        let out = std::mem::replace(&mut self.io.out, Output::open());
        let late = std::mem::take(&mut self.io.state.late);
        // Guarded by itself: what is queued must not go with a panic.
        let sent = guarded(|| Reply::send(f(&mut self.user, &mut self.io), &mut self.io));
        let sent = sent.map(|result| {
            if let Err(error) = result {
                // What is said of it stands in its place.
                self.fail(error);
            }
        });
        self.put_in_place(debt, out, late);
        match sent {
            Ok(()) => self.handled(Ok(())),
            Err(text) => self.panicked(text),
        }
    }

    /// Whoever owed it has dropped it: the channel is told, and what it says goes into the place.
    pub(crate) fn unanswered(&mut self, debt: Debt) {
        if !self.pays(&debt) {
            return;
        }
        if self.io.state.is_shared {
            return self.answer_datagram(debt, |connection| connection.fail(Error::Unanswered));
        }
        let out = std::mem::replace(&mut self.io.out, Output::open());
        let late = std::mem::take(&mut self.io.state.late);
        self.fail(Error::Unanswered);
        self.put_in_place(debt, out, late);
        self.handled(Ok(()));
    }

    /// Nobody will answer what is owed now: the places are given up, so that what is said of it stands
    /// there, and an answer that comes all the same is dropped.
    pub(super) fn give_up_answers(&mut self) {
        let owed = &mut self.io.extra().owed;
        (owed.first, owed.open) = (owed.next, 0);
        owed.since.is_over();
        self.io.out.give_up_places();
        self.io.state.go_on(stop::OWING);
    }

    /// What is pushed goes to whoever asked.
    fn answer_datagram(&mut self, debt: Debt, work: impl FnOnce(&mut Self)) {
        self.io.extra().sender = debt.to;
        let late = std::mem::take(&mut self.io.state.late);
        let worked = guarded(|| work(self));
        self.io.state.late |= late;
        self.io.extra().sender = None;
        if let Err(text) = worked {
            self.panicked(text);
        }
    }

    fn put_in_place(&mut self, mut debt: Debt, mut out: Output<Pull<T>>, late: bool) {
        if self.io.state.stop & stop::DISCARD != 0 {
            // The place goes with all that was queued.
            out.clear();
            debt.in_order = false;
        }
        let answer = std::mem::replace(&mut self.io.out, out);
        self.io.state.late |= late;
        self.io.out.fill_place(debt.in_order.then_some(debt.number), answer);
        self.stop_as_queued();
    }

    /// What is queued says whether its channel has to stop. An answer whose place was dropped goes with
    /// its producers, and with what failed in it.
    fn stop_as_queued(&mut self) {
        if self.io.out.holds_input() {
            self.io.state.stop |= stop::HOLDING;
        } else {
            self.io.state.go_on(stop::HOLDING);
        }
        if !self.io.out.queue.has_failed() {
            self.io.state.go_on(stop::BROKEN);
        }
    }

    /// Whether it is still owed on this connection; it is no more then.
    fn pays(&mut self, debt: &Debt) -> bool {
        let now = self.io.scheduler.clock.now();
        let limits = self.io.limits().max_owed;
        let owed = &mut self.io.extra().owed;
        if debt.number < owed.first {
            return false;
        }
        owed.open = owed.open.saturating_sub(1);
        owed.since.is_over();
        if owed.open > 0 {
            owed.since.goes_on(now);
        }
        if owed.open < limits.max(1) {
            self.io.state.go_on(stop::OWING);
        }
        true
    }
}

impl<T: Channel> Io<T> {
    /// Notes that an answer is owed.
    pub(crate) fn borrow_answer(&mut self, in_order: bool) -> Debt {
        let (now, most) = (self.scheduler.clock.now(), self.limits().max_owed);
        // Datagrams have no order to be kept, but each has its sender.
        let in_order = in_order && !self.state.is_shared;
        let to = self.extra.as_ref().and_then(|extra| extra.sender.clone());
        let owed = &mut self.extra().owed;
        let debt = Debt { number: owed.next, in_order, to };
        owed.next = owed.next.wrapping_add(1);
        owed.open = owed.open.saturating_add(1);
        owed.since.goes_on(now);
        let is_most = owed.open >= most;
        if in_order {
            self.out.hold_place(debt.number);
        }
        if is_most {
            self.state.stop |= stop::OWING;
            self.scheduler.counters.hit(Limit::Owed);
        }
        debt
    }
}
