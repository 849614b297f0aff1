//! Listeners whose connections a closure makes channels of.

use core::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;

use crate::channel::Channel;
use crate::connection::start;
use crate::key::RawKey;
use crate::scheduler::scratch::Scratch;
use crate::scheduler::shared::Shared;
use crate::scheduler::timers::Due;
use crate::scheduler::turn::{After, Driven, Ready, Wake};
use crate::transport::addr::Addr;
use crate::transport::link::Link;

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
pub(crate) struct Reception<F> {
    pub(crate) shared: Rc<Shared>,
    pub(crate) key: RawKey,
    pub(crate) link: Link,
    pub(crate) accept: F,
}

impl<F, A> Reception<F>
where
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    fn receive(&mut self) -> After {
        let Link::Acceptor(acceptor) = &mut self.link else { return After::Gone };
        acceptor.begin_batch();
        loop {
            match acceptor.next(&self.shared, self.key) {
                Ok(Some((socket, peer))) => {
                    if let Some(channel) = (self.accept)(peer).accept() {
                        start::seat(
                            &self.shared,
                            socket,
                            channel,
                            acceptor.seat(),
                            acceptor.limits,
                        );
                    }
                }
                Ok(None) if acceptor.has_more() => return After::Again,
                Ok(None) => return After::Rest,
                Err(error) => {
                    crate::log::note(&format_args!(
                        "{}: no longer listening: {error}",
                        acceptor.addr
                    ));
                    return self.end();
                }
            }
        }
    }

    fn end(&mut self) -> After {
        self.shared.close(&mut self.link);
        After::Gone
    }
}

impl<F, A> Driven for Reception<F>
where
    F: FnMut(Addr) -> A + 'static,
    A: Accept,
{
    fn note(&mut self, _: Ready) {}

    fn run(&mut self, wake: Wake, _: &mut Scratch) -> After {
        if self.shared.is_draining.get() || !matches!(wake, Wake::Ready(_)) {
            return self.end();
        }
        let received = catch_unwind(AssertUnwindSafe(|| self.receive()));
        // The closure panicked (the hook has printed it): that connection is lost, no other.
        received.unwrap_or(After::Again)
    }

    fn ask(&mut self, _: &mut Scratch) -> After {
        After::Rest
    }
}

/// A listener in a map: where it listens, and a way to end it. Dropping it changes nothing.
#[derive(Clone)]
pub struct Listener {
    pub(crate) shared: Rc<Shared>,
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
        self.shared.timers.borrow_mut().set(0, self.key, Due::Close);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("addr", &self.addr).finish_non_exhaustive()
    }
}
