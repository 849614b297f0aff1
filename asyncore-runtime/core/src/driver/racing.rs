//! Several addresses of one target: who does not answer soon is not waited for, but may still answer
//! first (RFC 8305, "Happy Eyeballs").
//!
//! All attempts are watched by the key of the one channel: the system does not tell which of them it
//! speaks of, so each is asked.

use core::time::Duration;
use std::mem;

use super::dialling::answer;
use super::Driver;
use crate::channel::Channel;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::stream::Stream;
use crate::vocabulary::error::Error;

/// The Connection Attempt Delay that RFC 8305 (section 5) recommends.
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);

impl<T: Channel> Driver<T> {
    /// If this attempt has no answer by then, the next address is tried as well.
    pub(super) fn next_in_time(&mut self) {
        let io = &mut self.connection.io;
        let stands = io.endpoint.stream().is_some_and(Stream::stands_at_once);
        let extra = io.extra.get_or_insert_default();
        let has_next = extra.trying.saturating_add(1) < extra.target.addrs.len();
        if has_next && !stands {
            extra.next_at.begins(io.scheduler.clock.after(ATTEMPT_DELAY));
        }
    }

    /// Tries the next address, if there is one, beside those that have not answered.
    pub(super) fn try_next(&mut self) {
        let io = &mut self.connection.io;
        let extra = io.extra.get_or_insert_default();
        let next = extra.trying.saturating_add(1);
        if next >= extra.target.addrs.len() || matches!(io.endpoint, Endpoint::None) {
            return;
        }
        let endpoint = mem::replace(&mut io.endpoint, Endpoint::None);
        if let Some(addr) = extra.target.addrs.get(extra.trying).cloned() {
            extra.earlier.push((addr, endpoint));
        }
        extra.trying = next;
        extra.next_at.is_over();
        io.state.ready = Ready::default();
        self.dial();
    }

    /// Whether one of the earlier attempts was answered: then it is the connection.
    #[inline]
    pub(super) fn an_earlier_one_stands(&mut self) -> bool {
        let extra = self.connection.io.extra.as_ref();
        extra.is_some_and(|extra| !extra.earlier.is_empty()) && self.ask_earlier()
    }

    #[cold]
    fn ask_earlier(&mut self) -> bool {
        let io = &mut self.connection.io;
        let extra = io.extra.get_or_insert_default();
        let (mut stands, mut has_failed) = (None, false);
        for (addr, mut endpoint) in mem::take(&mut extra.earlier) {
            match answer(&endpoint) {
                Ok(true) if stands.is_none() => stands = Some(endpoint),
                Ok(_) => extra.earlier.push((addr, endpoint)),
                Err(error) => {
                    io.scheduler.close(&mut endpoint);
                    extra.refused = Some((addr, error));
                    has_failed = true;
                }
            }
        }
        let Some(endpoint) = stands else {
            if has_failed {
                self.try_next();
            }
            return false;
        };
        io.scheduler.close(&mut io.endpoint);
        io.attach(endpoint);
        self.give_up_earlier();
        self.hear_anew();
        true
    }

    /// The last attempt was answered: the others are given up.
    pub(super) fn only_this_one(&mut self) {
        let extra = self.connection.io.extra.as_ref();
        if extra.is_some_and(|extra| !extra.earlier.is_empty()) {
            self.give_up_earlier();
            self.hear_anew();
        }
    }

    /// What was said of one of several is forgotten, and said again of the one that is left.
    fn hear_anew(&mut self) {
        let io = &mut self.connection.io;
        io.state.ready = Ready::default();
        let both = Ready::READABLE.and(Ready::WRITABLE);
        match io.scheduler.system.ask_again(io.key, &mut io.endpoint, both) {
            Ok(()) => io.state.ready.add(Ready::WRITABLE),
            Err(error) => self.connection.fail(Error::io("watch", error)),
        }
    }

    /// Closes the earlier attempts, and waits for no name any more.
    pub(super) fn give_up_earlier(&mut self) {
        let io = &mut self.connection.io;
        let Some(extra) = &mut io.extra else { return };
        extra.look_up = None;
        for (_, mut endpoint) in mem::take(&mut extra.earlier) {
            io.scheduler.close(&mut endpoint);
        }
    }
}
