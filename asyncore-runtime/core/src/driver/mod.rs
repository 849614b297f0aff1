//! What drives a connection: reads and writes its endpoint, dials, accepts, and closes.
//!
//! Between the scheduler, which gives turns, and the connection, which decides. The only room
//! where both the endpoint and the connection are known. A turn goes: connecting, `on_connect`,
//! reading (all frames of what was read), writing (once), out-of-band data; then what ends it.

pub(crate) mod accepting;
mod datagrams;
mod detaching;
mod dialling;
pub(crate) mod handle;
mod layers;
pub(crate) mod linger;
pub(crate) mod many;
mod messages;
pub(crate) mod owed;
mod racing;
pub(crate) mod reach;
mod reading;
#[cfg(feature = "tls")]
mod securing;
pub(crate) mod start;
mod waking;
mod writing;

use core::any::Any;

use crate::channel::io::{stop, Io, Phase};
use crate::channel::reply::Reply;
use crate::channel::Channel;
use crate::connection::{Connection, Verdict};
use crate::scheduler::scratch::Scratch;
use crate::scheduler::turn::{After, Driven, TaskFn, Wake};
use crate::transport::endpoint::Endpoint;
use crate::transport::readiness::Ready;
use crate::vocabulary::error::Error;
use crate::vocabulary::guard::{dispose, guarded};
use linger::Linger;

/// A connection in its slot.
pub(crate) struct Driver<T: Channel> {
    pub(crate) connection: Connection<T>,
}

impl<T: Channel> Driver<T> {
    pub(crate) fn new(user: T, io: Io<T>) -> Self {
        Self { connection: Connection::new(user, io) }
    }

    /// Runs what another channel, a thread or a test wants done.
    pub(crate) fn run_task<R: Reply<T>>(
        any: &mut dyn Any,
        scratch: &mut Scratch,
        f: impl FnOnce(&mut T, &mut Io<T>) -> R,
    ) -> After {
        // Something else may stand here: what lingers after the channel has the same slot.
        let Some(driver) = any.downcast_mut::<Self>() else {
            dispose(f);
            return After::Rest;
        };
        driver.event(scratch, |driver, _| {
            let Connection { user, io, .. } = &mut driver.connection;
            let result = Reply::send(f(user, io), io);
            driver.connection.handled(result);
        })
    }

    /// The task that makes this channel wait for another's queue, or no longer.
    pub(crate) fn wait_task(waits: bool) -> TaskFn {
        Box::new(move |any, scratch| {
            let Some(driver) = any.downcast_mut::<Self>() else { return After::Rest };
            driver.event(scratch, |driver, _| driver.connection.io.wait(waits))
        })
    }

    /// Everything that calls user code goes through here: a panic costs this channel only.
    pub(crate) fn event(
        &mut self,
        scratch: &mut Scratch,
        work: impl FnOnce(&mut Self, &mut Scratch),
    ) -> After {
        self.connection.io.out.borrow(&mut scratch.output);
        self.connection.mark_output();
        let work = |driver: &mut Self| {
            work(driver, scratch);
            if T::PRODUCES {
                // The event may have filled the field: nobody else would look.
                driver.flush_again();
            }
        };
        if let Err(panic) = guarded(|| work(self)) {
            self.connection.panicked(panic);
        }
        self.secure_if_asked();
        let after = self.conclude();
        let io = &mut self.connection.io;
        io.out.give_back(&mut scratch.output);
        self.tell_held();
        after
    }

    /// TLS begins as soon as the handler that asked for it has returned.
    #[inline]
    fn secure_if_asked(&mut self) {
        #[cfg(feature = "tls")]
        if self.connection.io.state.stop & stop::SECURING != 0 {
            self.secure();
        }
    }

    /// The map bounds what all channels hold together.
    #[inline]
    fn tell_held(&mut self) {
        let held = self.connection.held();
        let io = &mut self.connection.io;
        if held != io.state.held {
            io.scheduler.holds(io.state.held, held);
            io.state.held = held;
        }
    }

    fn turn(&mut self, scratch: &mut Scratch) {
        self.connection.begin_turn();
        if self.connection.io.state.phase == Phase::Connecting && !self.connects() {
            return;
        }
        if !self.layers_have_begun() {
            return;
        }
        if self.connection.io.state.phase == Phase::Fresh {
            self.connection.opened();
        }
        self.read(scratch);
        self.secure_if_asked();
        if !self.connection.io.state.is_beginning {
            self.write();
        }
        self.flush_layers();
        let ready = &mut self.connection.io.state.ready;
        if ready.has(Ready::URGENT) {
            ready.remove(Ready::URGENT);
            self.connection.urgent();
        }
    }

    /// A reset, or both directions closed, ends a channel whatever stops its input: it would hear
    /// of it by reading, and does not read. Of what it can still read it hears first.
    #[inline]
    fn end_if_gone(&mut self) {
        let state = &self.connection.io.state;
        let is_gone = state.ready.has(Ready::FAILED.and(Ready::HUNG_UP));
        if is_gone && state.phase != Phase::Connecting {
            self.end_if_unheard();
        }
    }

    #[cold]
    fn end_if_unheard(&mut self) {
        let connection = &mut self.connection;
        let Endpoint::Stream(stream) = &connection.io.endpoint else { return };
        let state = &connection.io.state;
        let takes_input = connection.takes_input();
        // A library of the channel's own that has left something is told again. Once it had all, the
        // channel will not hear of the end by us.
        let is_told_again = !state.ready.has(Ready::FAILED) && stream.has_bytes(state.ready);
        let reads_elsewhere = T::RAW && takes_input && !state.has_read && !is_told_again;
        if takes_input && !state.eof && stream.can_read() && !reads_elsewhere {
            return;
        }
        if stream.is_terminal() && connection.is_choked() {
            // Nobody will take what fills the queue; the end stands behind what is to be read.
            return connection.output_is_lost();
        }
        if state.eof && stream.is_terminal() {
            // A terminal that was hung up says so with an error as well. Nobody will take what is
            // still to be said.
            if state.stop & stop::ENDING != 0 {
                connection.io.state.stop |= stop::CLOSING;
            }
            return;
        }
        // Who does not want to read hears of no end, as in asyncore; but of a reset.
        let may_hear = state.has_peer && state.wants_read;
        let is_unheard = may_hear && !connection.has_kept() && !stream.has_unread();
        if state.ready.has(Ready::FAILED) {
            let during = if stream.can_read() { "read" } else { "write" };
            let error = Error::io(during, stream.why_failed());
            connection.io.state.ready.remove(Ready::FAILED);
            connection.fail(error);
        } else if is_unheard || reads_elsewhere {
            connection.io.state.eof = true;
            connection.io.state.stop |= stop::CLOSING;
        }
    }

    /// The end of every turn: what becomes of it.
    fn conclude(&mut self) -> After {
        loop {
            match self.connection.verdict() {
                Verdict::Close => {
                    // Any close makes one attempt to write what is ready.
                    self.connection.io.write_ready();
                    return self.end();
                }
                Verdict::Detach => {
                    self.detach();
                    return self.end();
                }
                Verdict::Done => return self.end(),
                _ if self.connection.ends_output() => match self.shutdown_write() {
                    Ok(()) => {}
                    Err(error) => self.connection.fail(Error::io("shutdown", error)),
                },
                verdict => return self.rest(verdict),
            }
        }
    }

    fn shutdown_write(&mut self) -> std::io::Result<()> {
        let io = &mut self.connection.io;
        let Some(stream) = io.endpoint.stream_mut() else { return Ok(()) };
        if !stream.can_read() {
            // A pipe has no other direction: its end is that of the descriptor.
            io.state.stop |= stop::ENDING;
        }
        stream.shutdown_write()
    }

    /// It waits for the system, or comes again by itself.
    #[inline]
    fn rest(&mut self, verdict: Verdict) -> After {
        let io = &mut self.connection.io;
        if io.endpoint.stream().is_some_and(|stream| stream.is_once()) {
            self.ask_again();
        }
        match verdict {
            Verdict::Again => After::Again,
            _ => After::Rest,
        }
    }

    /// Asks the system for what is wanted and is not known to be there.
    #[inline(never)]
    fn ask_again(&mut self) {
        let connection = &mut self.connection;
        let (ready, has_ended) = (connection.io.state.ready, connection.io.state.eof);
        let mut wanted = Ready::default();
        if connection.takes_input() && !ready.has(Ready::READABLE) && !has_ended {
            wanted.add(Ready::READABLE);
            connection.io.state.ready.remove(Ready::BYTES);
        }
        // It was lost by an attempt to write: ours, or one of the channel's own.
        if !ready.has(Ready::WRITABLE) {
            wanted.add(Ready::WRITABLE);
        }
        if let Err(error) = connection.io.ask_again(wanted) {
            connection.fail(Error::io("watch", error));
        }
    }

    /// The one close event, and then the endpoint goes, or is dialled again.
    fn end(&mut self) -> After {
        if self.connection.io.extra.as_ref().is_some_and(|extra| extra.is_between) {
            self.connection.forget();
            return self.leave();
        }
        match self.connection.end() {
            Some(after) => {
                self.close_endpoint();
                self.connection.start_over(after);
                After::Rest
            }
            None => self.leave(),
        }
    }

    /// Gives up the descriptor, at once or after the peer has read the end.
    fn leave(&mut self) -> After {
        self.give_up_earlier();
        let io = &mut self.connection.io;
        let state = &io.state;
        // `close` is now; everything else lets the peer read what was sent.
        let is_now = state.stop & stop::CLOSING != 0;
        let in_peace = !is_now && !state.eof;
        let mut endpoint = std::mem::replace(&mut io.endpoint, Endpoint::None);
        let lingers = endpoint.stream_mut().is_some_and(|stream| {
            let would_reset = in_peace && stream.resets_when_closed();
            if would_reset || stream.is_layered() {
                // The end is said, also in the words of what lies over it. A connection that is gone
                // already is what the next read will find.
                let _ = stream.shutdown_write();
            }
            // Without room for these words now they go when there is.
            would_reset || !is_now && stream.has_backlog()
        });
        let after = match endpoint {
            Endpoint::Stream(stream) if lingers => {
                let timeout = io.limits().linger_timeout;
                let linger = Linger::new(io.scheduler.clone(), io.key, stream, timeout);
                After::Replaced(Box::new(linger))
            }
            mut endpoint => {
                io.scheduler.close(&mut endpoint);
                After::Gone
            }
        };
        io.scheduler.holds(io.state.held, 0);
        io.state.held = 0;
        after
    }

    fn close_endpoint(&mut self) {
        self.give_up_earlier();
        let io = &mut self.connection.io;
        io.scheduler.close(&mut io.endpoint);
    }
}

impl<T: Channel> Driven for Driver<T> {
    fn heard(&mut self, news: Ready) {
        let io = &mut self.connection.io;
        io.state.room |= news.has(Ready::WRITABLE) && !io.state.ready.has(Ready::WRITABLE);
        io.state.ready.add(news);
        if let Endpoint::Stream(stream) = &mut io.endpoint {
            stream.heard(news);
        }
    }

    fn run(&mut self, wake: Wake, scratch: &mut Scratch) -> After {
        self.event(scratch, |driver, scratch| match wake {
            Wake::Ready(news) => {
                driver.heard(news);
                driver.turn(scratch);
                driver.end_if_gone();
            }
            wake => driver.woken_otherwise(wake),
        })
    }

    fn ask(&mut self, scratch: &mut Scratch) -> After {
        if matches!(self.connection.io.endpoint, Endpoint::None) {
            return After::Rest;
        }
        self.event(scratch, |driver, _| driver.connection.ask())
    }

    fn held(&self) -> usize {
        self.connection.io.state.held
    }

    fn dismantle(self: Box<Self>) {
        let Self { connection, .. } = *self;
        connection.dismantle();
    }
}
