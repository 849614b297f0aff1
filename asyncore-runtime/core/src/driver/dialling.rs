//! Outgoing connections: dialling, the answer, and dialling again.

use core::time::Duration;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::Driver;
use crate::channel::io::Phase;
use crate::channel::Channel;
use crate::scheduler::inbox::Post;
use crate::transport::endpoint::Endpoint;
use crate::transport::names;
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
        if self.an_earlier_one_stands() {
            return self.stands();
        }
        if matches!(self.connection.io.endpoint, Endpoint::None) {
            if !self.waits_to_dial() && self.knows_addresses() {
                self.dial();
            }
            let stream = self.connection.io.endpoint.stream();
            return stream.is_some_and(Stream::stands_at_once) && self.stands();
        }
        let ready = self.connection.io.state.ready;
        if !ready.has(Ready::WRITABLE.and(Ready::READ_CLOSED)) {
            return false;
        }
        match answer(&self.connection.io.endpoint) {
            Ok(true) => {
                self.only_this_one();
                self.stands()
            }
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
        io.extra().next_at.is_over();
        if io.state.is_beginning {
            let now = io.scheduler.clock.now();
            io.extra().beginning.begins(now);
        }
        if let Endpoint::Stream(stream) = &io.endpoint {
            stream.set_nodelay();
        }
        true
    }

    /// Whether there are addresses to dial; a name is looked up.
    fn knows_addresses(&mut self) -> bool {
        let target = &self.connection.io.extra().target;
        if target.name.is_none() || !target.addrs.is_empty() {
            return true;
        }
        match self.looked_up() {
            None => false,
            Some(Ok(found)) => {
                let extra = self.connection.io.extra();
                extra.target.addrs = found.into_iter().map(Addr::Inet).collect();
                true
            }
            Some(Err(source)) => {
                let addr = self.connection.io.extra().target.describe(None);
                self.connection.fail(Error::Connect { addr, source });
                false
            }
        }
    }

    /// What the look-up of the name has come to, which begins here. In memory nothing happens beside the
    /// test: there it is done at once.
    fn looked_up(&mut self) -> Option<io::Result<Vec<SocketAddr>>> {
        let io = &mut self.connection.io;
        let (inbox, key) = (Arc::clone(&io.scheduler.inbox), io.key);
        let is_in_memory = io.scheduler.system.network().is_some();
        let extra = io.extra();
        if let Some(look_up) = &extra.look_up {
            let found = look_up.take();
            extra.look_up = extra.look_up.take().filter(|_| found.is_none());
            return found;
        }
        let name = extra.target.name.clone()?;
        if is_in_memory {
            return Some(names::look_up_here(&name));
        }
        // Given back by a map that has gone.
        let wake = move || drop(inbox.post_owed(Post::Ready(key)));
        match names::look_up(name, wake) {
            Ok(look_up) => {
                extra.look_up = Some(look_up);
                None
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// This address did not answer: the next one's turn.
    fn pass_over(&mut self, error: io::Error) {
        let io = &mut self.connection.io;
        io.scheduler.close(&mut io.endpoint);
        io.state.ready = Ready::default();
        let extra = io.extra();
        extra.next_at.is_over();
        let tried = extra.target.addrs.get(extra.trying).cloned();
        extra.refused = tried.map(|addr| (addr, error));
        extra.trying = extra.trying.saturating_add(1);
    }

    /// Tries one address after another until an attempt is under way.
    pub(super) fn dial(&mut self) {
        loop {
            let extra = self.connection.io.extra();
            let Some(addr) = extra.target.addrs.get(extra.trying).cloned() else {
                return self.none_left();
            };
            match self.dial_one(&addr) {
                Ok(()) => return self.next_in_time(),
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

    /// Every address has been tried: nobody is there, unless an earlier one still answers.
    fn none_left(&mut self) {
        let extra = self.connection.io.extra();
        if !extra.earlier.is_empty() {
            return;
        }
        let (tried, source) = match extra.refused.take() {
            Some((tried, error)) => (Some(tried), error),
            None => (None, io::ErrorKind::NotFound.into()),
        };
        let addr = extra.target.describe(tried.as_ref());
        self.connection.fail(Error::Connect { addr, source });
    }

    /// The time has come to connect, again or once more.
    pub(super) fn dial_again(&mut self) {
        self.connection.io.extra().is_between = false;
        if self.knows_addresses() {
            self.dial();
        }
        let io = &self.connection.io;
        io.scheduler.make_ready(io.key);
    }
}

/// What became of an attempt: `Ok(false)` is a readiness that said nothing.
pub(super) fn answer(endpoint: &Endpoint) -> io::Result<bool> {
    let Endpoint::Stream(stream) = endpoint else { return Ok(false) };
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
