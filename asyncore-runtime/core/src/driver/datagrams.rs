//! Datagram channels: there is no connection, so what is wrong with a datagram costs that one.

use core::time::Duration;
use std::io;

use super::Driver;
use crate::channel::Channel;
use crate::scheduler::scratch::Scratch;
use crate::scheduler::timers::Due;
use crate::transport::datagrams::Datagrams;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::counters::Counters;
use crate::vocabulary::error::Error;
use crate::vocabulary::guard::guarded;

/// Datagrams read in one turn before the others have theirs.
const DATAGRAMS_PER_TURN: usize = 64;

/// A socket whose reading fails for no datagram's sake is left alone for so long.
const PAUSE: Duration = Duration::from_millis(100);

impl<T: Channel> Driver<T> {
    pub(super) fn receive(&mut self, scratch: &mut Scratch) {
        // What other channels have pushed, to nobody.
        self.connection.tell_unaddressed();
        self.datagrams().into_iter().for_each(Datagrams::begin_turn);
        for _ in 0..DATAGRAMS_PER_TURN {
            if self.connection.is_choked() {
                self.flush_again();
            }
            self.connection.choke_if_high();
            let state = &self.connection.io.state;
            if state.stop != 0 || !state.wants_read || !state.ready.has(Ready::READABLE) {
                return;
            }
            // Guarded one by one: a panic costs the datagram it came over.
            if let Err(panic) = guarded(|| self.receive_one(scratch)) {
                self.connection.panicked(panic);
            }
            self.forget_sender();
        }
    }

    fn forget_sender(&mut self) {
        if let Some(extra) = &mut self.connection.io.extra {
            extra.sender = None;
        }
    }

    fn receive_one(&mut self, scratch: &mut Scratch) {
        if T::RAW {
            self.connection.read_by_hand();
            return self.ask_if_not_read();
        }
        match self.connection.io.receive(&mut scratch.input) {
            Ok(len) => self.connection.datagram(scratch.input.get(..len).unwrap_or(&[])),
            Err(error) => self.not_received(error),
        }
    }

    /// What came back for a datagram sent before (ICMP): the socket is none the worse. For any
    /// other reason it is looked at again a little later.
    fn not_received(&mut self, error: io::Error) {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::WouldBlock | Kind::Interrupted => return,
            Kind::ConnectionRefused
            | Kind::HostUnreachable
            | Kind::NetworkUnreachable
            | Kind::PermissionDenied => {}
            _ => {
                let io = &mut self.connection.io;
                io.state.ready.remove(Ready::READABLE);
                let at = io.scheduler.clock.after(PAUSE);
                io.scheduler.timers.borrow_mut().set(at, io.key, Due::Retry);
            }
        }
        self.told_back(error);
    }

    /// The system tells a socket with an only peer what became of its datagrams, and no other.
    fn told_back(&mut self, source: io::Error) {
        let peer = self.datagrams().and_then(|datagrams| datagrams.peer.clone());
        if let Some(to) = peer {
            self.connection.fail(Error::Datagram { to, source });
        }
    }

    fn datagrams(&self) -> Option<&Datagrams> {
        match &self.connection.io.endpoint {
            Endpoint::Datagrams(datagrams) => Some(datagrams),
            _ => None,
        }
    }

    /// A datagram that cannot be sent is dropped, and the others go on.
    pub(super) fn datagram_sent(&mut self, to: Addr, result: io::Result<usize>) -> Option<usize> {
        let error = match result {
            Ok(len) => {
                self.connection.sent_datagram(len);
                self.connection.io.out.datagram_done();
                return Some(1);
            }
            Err(error) => error,
        };
        let is = |what: fn(&Datagrams, &io::Error) -> bool| {
            self.datagrams().is_some_and(|datagrams| what(datagrams, &error))
        };
        if is(Datagrams::has_to_wait) {
            self.connection.io.state.ready.remove(Ready::WRITABLE);
            return None;
        }
        if is(Datagrams::is_of_an_earlier) {
            self.told_back(error);
            return Some(0);
        }
        Counters::bump(&self.connection.io.scheduler.counters.dropped);
        self.connection.io.out.datagram_done();
        self.connection.fail(Error::Datagram { to, source: error });
        Some(1)
    }
}
