//! How a map comes to its end: who is refused, and who is closed when.

use core::time::Duration;
use std::io;

use super::scratch::Scratch;
use super::stage::Stage;
use super::turn::Wake;
use super::Scheduler;

impl Scheduler {
    /// Whether everybody is to come to an end.
    #[inline]
    pub(crate) fn is_draining(&self) -> bool {
        self.stage.get() != Stage::Serving
    }

    /// Whether somebody who has ended may begin again, or listen.
    ///
    /// # Errors
    /// The map drains or closes.
    pub(crate) fn admits_anew(&self) -> io::Result<()> {
        match self.stage.get() {
            Stage::Serving => Ok(()),
            Stage::Draining(_) => Err(io::Error::other("the map drains")),
            Stage::Closing => Err(io::Error::other("the map closes")),
        }
    }

    /// Whether a connection may come: while the map drains, what is under way may need one.
    ///
    /// # Errors
    /// The map closes.
    pub(crate) fn admits(&self) -> io::Result<()> {
        if self.stage.get() == Stage::Closing {
            return self.admits_anew();
        }
        Ok(())
    }

    /// Starts to drain: listeners close in their next turn, channels when they have nothing to
    /// do, and what is left at the deadline then.
    pub(crate) fn drain(&self, deadline: Duration) {
        let until = self.clock.after(deadline);
        match self.stage.get() {
            Stage::Closing => return,
            Stage::Draining(earlier) if earlier <= until => {}
            _ => self.stage.set(Stage::Draining(until)),
        }
        for key in self.keys() {
            self.make_ready(key);
        }
        self.begin_anew_if_empty();
    }

    /// Closes every channel.
    pub(crate) fn close_all(&self, scratch: &mut Scratch) {
        self.end_all(Wake::Close, scratch);
    }

    /// The time to drain is over.
    pub(super) fn end_drain_if_due(&self, scratch: &mut Scratch) {
        if self.stage.get().until().is_some_and(|until| until <= self.clock.now()) {
            self.end_all(Wake::Drained, scratch);
        }
    }

    fn end_all(&self, wake: Wake, scratch: &mut Scratch) {
        self.stage.set(Stage::Closing);
        for key in self.keys() {
            self.turn(key, wake, scratch);
        }
        self.run_tasks(scratch);
        self.begin_anew_if_empty();
    }

    /// An empty map serves again: asyncore's could be filled after `close_all`.
    pub(super) fn begin_anew_if_empty(&self) {
        if self.len() == 0 {
            self.stage.set(Stage::Serving);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::inbox::Inbox;
    use super::*;
    use crate::transport::system::System;
    use std::cell::RefCell;
    use std::rc::Rc;

    fn scheduler() -> Rc<Scheduler> {
        Scheduler::new(System::Memory(RefCell::default()), Inbox::new(|| ()))
    }

    #[test]
    fn while_it_drains_nobody_comes_back_and_what_is_under_way_may_connect() {
        let scheduler = scheduler();
        let key = scheduler.reserve();
        scheduler.drain(Duration::from_secs(5));
        assert!(scheduler.is_draining());
        assert_eq!(scheduler.admits_anew().unwrap_err().to_string(), "the map drains");
        assert!(scheduler.admits().is_ok());
        scheduler.release(key);
        assert!(
            !scheduler.is_draining() && scheduler.admits_anew().is_ok(),
            "empty, it serves again"
        );
    }

    #[test]
    fn the_earlier_of_two_deadlines_to_drain_holds_and_then_nobody_comes() {
        let scheduler = scheduler();
        scheduler.reserve();
        scheduler.drain(Duration::from_secs(5));
        scheduler.drain(Duration::from_secs(60));
        assert_eq!(scheduler.next_due(), Some(5_000_000_000));
        scheduler.clock.turn_to(5_000_000_000);
        scheduler.end_drain_if_due(&mut Scratch::new());
        assert_eq!(scheduler.admits().unwrap_err().to_string(), "the map closes");
        assert_eq!(scheduler.next_due(), None);
    }

    #[test]
    fn an_empty_map_has_nothing_to_drain() {
        let scheduler = scheduler();
        scheduler.drain(Duration::from_secs(5));
        assert!(!scheduler.is_draining());
    }
}
