//! Outgoing connections: dialling, the answer, and dialling again.

use core::time::Duration;
use std::io;

use super::Driver;
use crate::channel::io::Phase;
use crate::channel::Channel;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::stream::Stream;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::error::Error;

/// A listener whose queue is full is tried again so soon: unlike TCP, a Unix socket does not wait
/// by itself.
const FULL: Duration = Duration::from_millis(20);

impl<T: Channel> Driver<T> {
    /// Goes on with what there is to do about a connection; whether it stands now.
    pub(super) fn connects(&mut self) -> bool {
        if matches!(self.connection.io.endpoint, Endpoint::None) {
            if !self.waits_to_dial() {
                self.dial();
            }
            let stream = self.connection.io.endpoint.stream();
            return stream.is_some_and(Stream::stands_at_once) && self.stands();
        }
        let ready = self.connection.io.state.ready;
        if !ready.has(Ready::WRITABLE.and(Ready::READ_CLOSED)) {
            return false;
        }
        match self.answer() {
            Ok(true) => self.stands(),
            Ok(false) => {
                self.connection.io.state.ready.remove(Ready::WRITABLE);
                false
            }
            Err(error) => {
                self.pass_over(error);
                self.dial();
                false
            }
        }
    }

    /// Whether it is not yet time to dial.
    pub(super) fn waits_to_dial(&self) -> bool {
        let extra = self.connection.io.extra.as_ref();
        extra.is_some_and(|extra| extra.dial_at.get().is_some())
    }

    fn stands(&mut self) -> bool {
        let io = &mut self.connection.io;
        io.state.phase = Phase::Fresh;
        if io.state.is_beginning {
            let now = io.scheduler.clock.now();
            io.extra().beginning.begins(now);
        }
        if let Endpoint::Stream(stream) = &io.endpoint {
            stream.set_nodelay();
        }
        true
    }

    /// What became of the attempt: `Ok(false)` is a readiness that said nothing.
    fn answer(&self) -> io::Result<bool> {
        let Endpoint::Stream(stream) = &self.connection.io.endpoint else { return Ok(false) };
        if let Some(error) = stream.take_error()? {
            return Err(error);
        }
        let Some(peer) = stream.peer_addr() else { return Ok(false) };
        // A TCP socket can connect to itself, on a port that nobody listens on.
        if matches!(peer, Addr::Inet(_)) && stream.local_addr() == Some(peer) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        Ok(true)
    }

    /// This address did not answer: the next one's turn.
    fn pass_over(&mut self, error: io::Error) {
        self.close_endpoint();
        let io = &mut self.connection.io;
        io.state.ready = Ready::default();
        let extra = io.extra();
        extra.trying = extra.trying.saturating_add(1);
        extra.refused = Some(error);
    }

    /// Tries one address after another until an attempt is under way.
    fn dial(&mut self) {
        loop {
            let extra = self.connection.io.extra();
            let Some(addr) = extra.target.addrs.get(extra.trying).cloned() else {
                return self.nobody_there();
            };
            match self.dial_one(&addr) {
                Ok(()) => return,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let at = self.connection.io.scheduler.clock.after(FULL);
                    return self.connection.io.extra().dial_at.goes_on(at);
                }
                Err(error) => self.pass_over(error),
            }
        }
    }

    fn dial_one(&mut self, addr: &Addr) -> io::Result<()> {
        let io = &mut self.connection.io;
        let from = io.extra.as_ref().map_or(&[][..], |extra| &extra.target.from);
        let over = io.extra.as_ref().map(|extra| extra.target.over.clone()).unwrap_or_default();
        let stream = io.scheduler.system.dial(io.key, addr, from)?;
        let mut endpoint = Endpoint::Stream(over.put(stream)?);
        io.scheduler.system.register(io.key, &mut endpoint)?;
        io.attach(endpoint);
        Ok(())
    }

    fn nobody_there(&mut self) {
        let extra = self.connection.io.extra();
        let addr = extra.target.addrs.last().map(ToString::to_string).unwrap_or_default();
        let source = extra.refused.take().unwrap_or_else(|| io::ErrorKind::NotFound.into());
        self.connection.fail(Error::Connect { addr, source });
    }

    /// The time has come to connect, again or once more.
    pub(super) fn dial_again(&mut self) {
        self.connection.io.extra().is_between = false;
        self.dial();
        let io = &self.connection.io;
        io.scheduler.make_ready(io.key);
    }
}
