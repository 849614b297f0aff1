//! What stays in the slot of a channel that has closed, until its peer has read the end.
//!
//! Closing a TCP socket with unread input makes the kernel send a reset, and a reset destroys what
//! the peer has not read yet: our last reply. So this side says "no more" and drops what comes,
//! until the peer says so too, or for a time, or for an amount.

use core::time::Duration;
use std::rc::Rc;

use crate::scheduler::scratch::Scratch;
use crate::scheduler::timers::{Due, TimerId};
use crate::scheduler::turn::{After, Driven, Wake};
use crate::scheduler::Scheduler;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::stream::Stream;
use crate::vocabulary::counters::Limit;
use crate::vocabulary::key::RawKey;

/// So much is dropped at most; a peer that goes on sending has not understood.
const MOST: usize = 256 * 1024;

/// A stream whose channel has closed; it keeps its seat as long as its descriptor.
pub(crate) struct Linger {
    scheduler: Rc<Scheduler>,
    endpoint: Endpoint,
    dropped: usize,
    deadline: TimerId,
}

impl Linger {
    pub(crate) fn new(
        scheduler: Rc<Scheduler>,
        key: RawKey,
        stream: Stream,
        timeout: Duration,
    ) -> Self {
        let at = scheduler.clock.after(timeout);
        let deadline = scheduler.timers.borrow_mut().set(at, key, Due::Deadline);
        Self { scheduler, endpoint: Endpoint::Stream(stream), dropped: 0, deadline }
    }

    /// Whether the peer has come to the end as well.
    fn is_over(&mut self, buf: &mut [u8]) -> bool {
        let Endpoint::Stream(stream) = &mut self.endpoint else { return true };
        // What lies over it may still have its last word to say.
        if stream.flush().is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock) {
            return true;
        }
        while self.dropped <= MOST {
            match stream.read_below(buf) {
                Ok(0) => return !stream.has_backlog(),
                Ok(len) => self.dropped = self.dropped.saturating_add(len),
                Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
            }
        }
        self.scheduler.counters.hit(Limit::Linger);
        true
    }

    fn end(&mut self) -> After {
        self.scheduler.timers.borrow_mut().cancel(self.deadline);
        self.scheduler.close(&mut self.endpoint);
        After::Gone
    }
}

impl Driven for Linger {
    fn heard(&mut self, news: Ready) {
        if let Endpoint::Stream(stream) = &mut self.endpoint {
            stream.heard(news);
        }
    }

    fn run(&mut self, wake: Wake, scratch: &mut Scratch) -> After {
        match wake {
            Wake::Ready(news) => {
                self.heard(news);
                if !self.is_over(&mut scratch.input) {
                    return After::Rest;
                }
            }
            Wake::Deadline => self.scheduler.counters.hit(Limit::Linger),
            _ => {}
        }
        self.end()
    }

    fn ask(&mut self, _: &mut Scratch) -> After {
        After::Rest
    }

    fn held(&self) -> usize {
        0
    }

    fn dismantle(self: Box<Self>) {}
}
