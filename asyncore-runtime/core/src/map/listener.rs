//! Listeners whose connections a closure makes channels of.

use core::fmt;
use std::io;
use std::rc::Rc;

use crate::channel::Channel;
use crate::driver::accepting::Accepted;
use crate::driver::start;
use crate::scheduler::scratch::Scratch;
use crate::scheduler::timers::Due;
use crate::scheduler::turn::{After, Driven, Wake};
use crate::scheduler::Scheduler;
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::transport::socket::Socket;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::guard::{dispose, guarded};
use crate::vocabulary::key::RawKey;
use crate::vocabulary::log;

/// What the closure of `listen` can return: a channel, or `None` to refuse the peer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no channel to take a connection",
    label = "the closure of `listen` returns this",
    note = "return a type with `#[channel]` on its struct and its impl block, or an `Option` of one"
)]
pub trait Accept {
    /// The type of the channel.
    type Channel: Channel;
    /// The channel, if there is to be one.
    fn accept(self) -> Option<Self::Channel>;
}

impl<T: Channel> Accept for T {
    type Channel = T;
    fn accept(self) -> Option<T> {
        Some(self)
    }
}

impl<T: Channel> Accept for Option<T> {
    type Channel = T;
    fn accept(self) -> Self {
        self
    }
}

/// A listener whose connections a closure makes channels of.
pub(crate) struct ClosureListener<F> {
    pub(crate) scheduler: Rc<Scheduler>,
    pub(crate) key: RawKey,
    pub(crate) endpoint: Endpoint,
    pub(crate) accept: F,
}

impl<F, A> ClosureListener<F>
where
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    fn receive(&mut self) -> After {
        if let Endpoint::Listening(acceptor) = &mut self.endpoint {
            acceptor.begin_batch();
        }
        loop {
            match self.next_connection() {
                Ok(Accepted::Connection(socket, peer)) => {
                    let is_in = take_in(&self.scheduler, socket, peer, &mut self.accept);
                    if is_in && self.is_once() {
                        return self.end();
                    }
                }
                Ok(Accepted::Enough) => return After::Again,
                Ok(Accepted::Nobody | Accepted::Paused) => return After::Rest,
                Err(error) => {
                    let addr = self.endpoint.local_addr().unwrap_or(Addr::Unix(None));
                    log::line(&format_args!("{addr}: no longer listening: {error}"));
                    return self.end();
                }
            }
        }
    }

    fn next_connection(&mut self) -> io::Result<Accepted> {
        match &mut self.endpoint {
            Endpoint::Listening(acceptor) => acceptor.next(&self.scheduler, self.key),
            _ => Ok(Accepted::Nobody),
        }
    }

    fn is_once(&self) -> bool {
        matches!(&self.endpoint, Endpoint::Listening(acceptor) if acceptor.once)
    }

    fn end(&mut self) -> After {
        self.scheduler.close(&mut self.endpoint);
        After::Gone
    }
}

/// Whether the connection has become a channel. A panic of the closure (the hook has printed it)
/// costs this connection, and no other; so does a socket that cannot be watched.
pub(crate) fn take_in<A: Accept>(
    scheduler: &Rc<Scheduler>,
    socket: Socket,
    peer: Addr,
    accept: &mut impl FnMut(Addr) -> A,
) -> bool {
    match guarded(|| accept(peer).accept()) {
        Ok(None) => false,
        Ok(Some(channel)) => {
            let added = start::add(scheduler, socket, channel);
            if let Err(error) = &added {
                log::line(&format_args!("cannot add a connection: {error}"));
            }
            added.is_ok()
        }
        Err(_) => {
            scheduler.count_panic();
            false
        }
    }
}

impl<F, A> Driven for ClosureListener<F>
where
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    fn heard(&mut self, _: Ready) {}

    fn run(&mut self, wake: Wake, _: &mut Scratch) -> After {
        if self.scheduler.is_draining() || !matches!(wake, Wake::Ready(_)) {
            return self.end();
        }
        self.receive()
    }

    fn ask(&mut self, _: &mut Scratch) -> After {
        After::Rest
    }

    fn held(&self) -> usize {
        0
    }

    fn dismantle(self: Box<Self>) {
        let Self { accept, .. } = *self;
        dispose(accept);
    }
}

/// A listener in a map: where it listens, and a way to end it. Dropping it changes nothing.
#[derive(Clone)]
pub struct Listener {
    pub(crate) scheduler: Rc<Scheduler>,
    pub(crate) key: RawKey,
    pub(crate) addr: Addr,
}

impl Listener {
    /// Where it listens: with port 0 asked for, the port the kernel chose.
    #[must_use]
    pub fn local_addr(&self) -> Addr {
        self.addr.clone()
    }

    /// Listens no more. Its connections live on.
    pub fn close(&self) {
        self.scheduler.timers.borrow_mut().set(0, self.key, Due::Close);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("addr", &self.addr).finish_non_exhaustive()
    }
}
