//! What stays in the slot of a channel that has closed, until its peer has read the end.
//!
//! Closing a TCP socket with unread input makes the kernel send a reset, and a reset destroys what
//! the peer has not read yet: our last reply. So this side says "no more" and drops what comes,
//! until the peer says so too, or for a time, or for an amount.

use core::time::Duration;
use std::rc::Rc;

use crate::key::RawKey;
use crate::limits::Limit;
use crate::scheduler::scratch::Scratch;
use crate::scheduler::shared::Shared;
use crate::scheduler::timers::{Due, TimerId};
use crate::scheduler::turn::{After, Driven, Ready, Wake};
use crate::transport::link::Link;

/// So much is dropped at most; a peer that goes on sending has not understood.
const MOST: usize = 256 * 1024;

pub(crate) struct Linger {
    shared: Rc<Shared>,
    link: Link,
    dropped: usize,
    deadline: TimerId,
}

impl Linger {
    pub(crate) fn new(shared: Rc<Shared>, key: RawKey, mut link: Link, timeout: Duration) -> Self {
        // A connection that is gone already is what the next read will find.
        let _ = link.shutdown_write();
        let at = shared.clock.after(timeout);
        let deadline = shared.timers.borrow_mut().set(at, key, Due::Deadline);
        Self { shared, link, dropped: 0, deadline }
    }

    /// Whether the peer has come to the end as well.
    fn is_over(&mut self, buf: &mut [u8]) -> bool {
        while self.dropped <= MOST {
            match self.link.read(buf) {
                Ok(0) => return true,
                Ok(len) => self.dropped += len,
                Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
            }
        }
        self.shared.counters.hit(Limit::Linger);
        true
    }

    fn end(&mut self) -> After {
        self.shared.timers.borrow_mut().cancel(self.deadline);
        self.shared.close(&mut self.link);
        After::Gone
    }
}

impl Driven for Linger {
    fn note(&mut self, _: Ready) {}

    fn run(&mut self, wake: Wake, scratch: &mut Scratch) -> After {
        if wake == Wake::Deadline {
            self.shared.counters.hit(Limit::Linger);
        }
        if !matches!(wake, Wake::Ready(_)) || self.is_over(&mut scratch.input) {
            self.end()
        } else {
            After::Rest
        }
    }

    fn ask(&mut self, _: &mut Scratch) -> After {
        After::Rest
    }
}
