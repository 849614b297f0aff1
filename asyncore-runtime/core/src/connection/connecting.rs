//! Outgoing connections: dialling, the answer, and dialling again.

use core::time::Duration;
use mio::net::{TcpStream, UnixStream};
use std::io;

use super::deadlines::deadline;
use super::Entry;
use crate::channel::io::{Phase, State};
use crate::channel::Channel;
use crate::error::Error;
use crate::framing::Framer;
use crate::limits::Limit;
use crate::output::Output;
use crate::scheduler::turn::Ready;
use crate::transport::addr::Addr;
use crate::transport::link::Link;

impl<T: Channel> Entry<T> {
    /// Whether the connection stands; if not, it goes on with what there is to do about it.
    pub(super) fn is_connected_now(&mut self) -> bool {
        if matches!(self.io.link, Link::None) {
            if self.io.state.dial_at.is_none() {
                self.dial();
            }
            // A connection in memory stands at once.
            return matches!(self.io.link, Link::Memory(_)) && self.connected();
        }
        let ready = self.io.state.ready;
        if !ready.writable && !ready.hung_up {
            return false;
        }
        match self.answer() {
            Ok(true) => self.connected(),
            Ok(false) => {
                self.io.state.ready.writable = false;
                false
            }
            Err(error) => {
                self.refused(error);
                false
            }
        }
    }

    fn connected(&mut self) -> bool {
        self.io.state.phase = Phase::Fresh;
        if let Link::Tcp(stream) = &self.io.link {
            // Replies leave when they are complete; waiting for more would only delay them. A
            // socket that refuses the option is no worse than one with Nagle's delay.
            let _ = stream.set_nodelay(true);
        }
        true
    }

    /// What became of the attempt: `Ok(false)` is a readiness that said nothing.
    fn answer(&self) -> io::Result<bool> {
        if let Some(error) = self.io.link.take_error()? {
            return Err(error);
        }
        let Some(peer) = self.io.link.peer_addr() else { return Ok(false) };
        // A TCP socket can connect to itself, on a port that nobody listens on.
        if matches!(peer, Addr::Inet(_)) && self.io.link.local_addr() == Some(peer) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        Ok(true)
    }

    /// The next address, or the end.
    fn refused(&mut self, error: io::Error) {
        self.pass_over(error);
        self.dial();
    }

    /// This address did not answer: the next one's turn.
    fn pass_over(&mut self, error: io::Error) {
        self.io.shared.close(&mut self.io.link);
        self.io.state.ready = Ready::default();
        let extra = self.io.extra();
        extra.trying += 1;
        extra.refused = Some(error);
    }

    /// Tries one address after another until an attempt is under way.
    fn dial(&mut self) {
        loop {
            let extra = self.io.extra();
            let Some(addr) = extra.target.get(extra.trying).cloned() else {
                return self.nobody_there();
            };
            match self.dial_one(&addr) {
                Ok(()) => return,
                Err(error) => self.pass_over(error),
            }
        }
    }

    fn dial_one(&mut self, addr: &Addr) -> io::Result<()> {
        let shared = &self.io.shared;
        self.io.link = match (&shared.network, addr) {
            (Some(network), addr) => network.borrow_mut().dial(addr, self.io.key)?,
            (None, Addr::Inet(addr)) => Link::Tcp(TcpStream::connect(*addr)?),
            (None, Addr::Unix(Some(path))) => Link::Unix(UnixStream::connect(path)?),
            (None, Addr::Unix(None)) => return Err(io::ErrorKind::AddrNotAvailable.into()),
        };
        shared.register(self.io.key, &mut self.io.link)
    }

    fn nobody_there(&mut self) {
        let extra = self.io.extra();
        let addr = extra.target.last().map(ToString::to_string).unwrap_or_default();
        let source = extra.refused.take().unwrap_or_else(|| io::ErrorKind::NotFound.into());
        self.fail(Error::Connect { addr, source });
    }

    /// `reconnect`: the same struct and key, and everything else as new.
    pub(super) fn start_over(&mut self, after: Duration) {
        self.io.shared.close(&mut self.io.link);
        let dial_at = self.io.shared.clock.after(after);
        self.io.at = T::Terminator::default();
        self.io.next = None;
        self.io.out = Output::default();
        self.io.state = State {
            phase: Phase::Connecting,
            wants_read: true,
            active_at: dial_at,
            dial_at: Some(dial_at),
            ..State::default()
        };
        let extra = self.io.extra();
        (extra.trying, extra.refused, extra.pushed_late) = (0, None, 0);
        self.framer = Framer::default();
        self.kept = bytes::BytesMut::new();
        self.set_deadline(dial_at);
    }

    /// Whether it is time to connect again, and it was done.
    pub(super) fn dial_if_due(&mut self) -> bool {
        let is_due = self.io.state.dial_at.is_some_and(|at| at <= self.io.shared.clock.now());
        if is_due {
            self.io.state.dial_at = None;
            self.io.state.active_at = self.io.shared.clock.now();
            self.dial();
            self.io.shared.make_ready(self.io.key);
        }
        is_due
    }

    pub(super) fn connect_deadline(&self) -> Option<(u64, Limit, Duration)> {
        let state = &self.io.state;
        match state.dial_at {
            Some(at) => Some((at, Limit::Connect, Duration::ZERO)),
            None => deadline(state.active_at, Limit::Connect, self.io.limits().connect_timeout),
        }
    }
}
