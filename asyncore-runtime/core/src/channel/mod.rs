//! What users see of a channel: the two traits `#[channel]` writes, and `Io`, the context of every
//! handler.
//!
//! Knows framing, output, the scheduler and the transport, and names what they have for users.
//! `io` and this file name each other, as a trait and its context do; nothing else here is a
//! circle. How a connection lives is the next room's.

pub(crate) mod io;
mod output;
pub(crate) mod produce;
pub(crate) mod raw;
pub(crate) mod reply;
pub(crate) mod state;

use crate::channel::io::Io;
use crate::framing::frame::Frame;
use crate::framing::until::{Terminator, Until};
use crate::output::producer::Producer;
use crate::transport::socket::Socket;
use crate::vocabulary::addr::Addr;
use crate::vocabulary::closed::Closed;
use crate::vocabulary::error::{Error, Result};
use crate::vocabulary::limits::Limits;

/// What a channel *is*: written by `#[channel]` on a struct.
///
/// All of it has defaults: for a struct without options or marked fields the impl is empty.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has `#[channel]` on its impl block but not on its struct",
    label = "this struct is missing `#[channel]`",
    note = "add `#[channel]` above `struct {Self}`; it says what the channel may hold and how long it may take"
)]
pub trait Settings: Sized + 'static {
    /// Every bound of the channel.
    const LIMITS: Limits = Limits::DEFAULT;
    /// A field is marked `#[on_read]`.
    const COLLECTS: bool = false;
    /// A field is marked `#[terminator]`.
    const HAS_TERMINATOR: bool = false;
    /// A field is marked `#[producer]`.
    const PRODUCES: bool = false;
    /// The channel itself, where it is a struct without fields: what an `#[example]` is tried on.
    const UNIT: Option<Self> = None;

    /// Appends to the field marked `#[on_read]`: asynchat's `collect_incoming_data`.
    fn collect(&mut self, data: &[u8]) {
        let _ = data;
    }

    /// Takes back the last `len` bytes of the field marked `#[on_read]`: the frame they are of is
    /// bad, and the rest of it is dropped.
    fn take_back(&mut self, len: usize) {
        let _ = len;
    }

    /// The field marked `#[terminator]`.
    fn terminator_field(&mut self) -> Option<&mut Terminator> {
        None
    }

    /// The field marked `#[producer]`.
    fn producer_field(&mut self) -> Option<&mut dyn Producer> {
        None
    }
}

/// What a channel *does*: written by `#[channel]` on an impl block, one for each type.
///
/// The loop calls these in asyncore's order: [`on_connect`](Channel::on_connect) once, before any
/// data; then reading, writing and exceptional events as they come, in this order within one
/// pass; an error goes to [`on_error`](Channel::on_error) once; at the end exactly one
/// [`on_close`](Channel::on_close) for each connection, and nothing after it. No event runs inside
/// another, of this channel or any.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no protocol: no impl block of it is marked `#[channel]`",
    label = "no `#[channel] impl {Self}` found",
    note = "add `#[channel]` above the impl block that holds the handlers"
)]
pub trait Channel: Settings {
    /// What the channel can wait for: the enum the macro writes, a variant a state;
    /// [`Unframed`] for a dispatcher, [`FieldTerminator`] where a field says it.
    type Terminator: Default + 'static;
    /// The largest frame of any state, in bytes.
    const MAX_FRAME: usize = Self::LIMITS.max_frame;
    /// The most bytes the runtime holds for one channel: input, output, and what both grow by.
    /// Fields of the struct and what producers hold are the user's and not in it.
    const MAX_BYTES: usize = Self::LIMITS.worst(Self::MAX_FRAME);
    /// Checks the macro cannot make by itself, of generic channels.
    const CHECK: () = ();
    /// What comes in in each `#[example]`, its inputs joined: seeds for a fuzzer.
    const EXAMPLES: &'static [&'static [u8]] = &[];
    /// A method marked `#[terminator]` without arguments handles the frames of the field.
    const WAITS_FOR_FIELD: bool = false;
    /// `#[on_read]` takes no data: the channel reads for itself, in `on_readable`.
    const RAW: bool = false;
    /// The channel has `#[readable]` or `#[writable]`, and is asked in each pass.
    const ASKED: bool = false;
    /// The channel has `#[on_idle]`, and is told of silence.
    const HEARS_IDLE: bool = false;

    /// What ends the frame each state waits for.
    #[inline]
    fn until<'a>(&'a self, at: &'a Self::Terminator) -> Until<'a> {
        let _ = at;
        Until::none().collected()
    }

    /// Where a state goes by itself when its frame is done: `next = ..`.
    #[inline]
    fn next(at: &Self::Terminator) -> Option<Self::Terminator> {
        let _ = at;
        None
    }

    /// The frame that was waited for is complete, or a piece of it is there.
    ///
    /// # Errors
    /// What the handler or the conversion of its parameter failed with.
    #[inline]
    fn found_terminator(&mut self, frame: Frame<'_>, io: &mut Io<Self>) -> Result {
        let _ = (frame, io);
        Ok(())
    }

    /// Data came that is in no frame: asyncore's `handle_read`, asynchat's
    /// `collect_incoming_data`.
    ///
    /// # Errors
    /// As of a handler.
    fn on_read(&mut self, data: Frame<'_>, io: &mut Io<Self>) -> Result {
        let _ = io;
        self.collect(data.as_bytes());
        Ok(())
    }

    /// There is something to read: asyncore's `handle_read` of a dispatcher that reads for itself.
    ///
    /// # Errors
    /// As of a handler.
    fn on_readable(&mut self, io: &mut Io<Self>) -> Result {
        let _ = io;
        Ok(())
    }

    /// The connection stands, whichever side asked for it: asyncore's `handle_connect`.
    ///
    /// # Errors
    /// As of a handler.
    fn on_connect(&mut self, io: &mut Io<Self>) -> Result {
        let _ = io;
        Ok(())
    }

    /// TLS that began in the middle of the conversation (`Io::start_tls`) stands: the time to forget
    /// what was said in the clear. Where there was TLS from the beginning it is `on_connect` that comes
    /// when it stands.
    ///
    /// # Errors
    /// As of a handler.
    fn on_tls(&mut self, io: &mut Io<Self>) -> Result {
        let _ = io;
        Ok(())
    }

    /// A listening channel ([`Map::serve`](crate::Map::serve)) accepted `socket`: asyncore's
    /// `handle_accepted`. Without it the connection is closed again.
    ///
    /// # Errors
    /// As of a handler.
    fn on_accepted(&mut self, socket: Socket, peer: Addr, io: &mut Io<Self>) -> Result {
        let _ = (socket, peer, io);
        Ok(())
    }

    /// There is room to write: asyncore's `handle_write`. In each pass for a channel whose
    /// `#[writable]` says so, else once each time room appears.
    ///
    /// # Errors
    /// As of a handler.
    fn on_write(&mut self, io: &mut Io<Self>) -> Result {
        let _ = io;
        Ok(())
    }

    /// There is out-of-band data: asyncore's `handle_expt`. Linux only.
    ///
    /// The byte itself comes with the other data where `set_out_of_band_inline(true)` was called
    /// on [`Io::socket_options`], in `#[on_connect]` say; otherwise the system keeps it apart.
    ///
    /// # Errors
    /// As of a handler.
    fn on_expt(&mut self, io: &mut Io<Self>) -> Result {
        let _ = io;
        Ok(())
    }

    /// The peer closed its side; all it sent was delivered. Unless this is written, the channel
    /// sends what is queued and closes.
    ///
    /// # Errors
    /// As of a handler.
    fn on_eof(&mut self, io: &mut Io<Self>) -> Result {
        io.close_when_done();
        Ok(())
    }

    /// Nothing came or went for half of [`idle_timeout`](crate::Limits::idle_timeout), between
    /// frames: the time to ask the peer whether it is there. Once in each silence, and only if
    /// [`HEARS_IDLE`](Self::HEARS_IDLE).
    ///
    /// What is said here is no sign of the peer's life: if nothing comes of it, the other half of
    /// the time ends the connection with [`Limit::Idle`](crate::Limit::Idle).
    ///
    /// # Errors
    /// As of a handler.
    fn on_idle(&mut self, io: &mut Io<Self>) -> Result {
        let _ = io;
        Ok(())
    }

    /// Something went wrong: asyncore's `handle_error`. Unless this is written, one line is
    /// logged and the channel closes. After an error that [is fatal](Error::is_fatal) it closes in
    /// any case. What listens or takes datagrams goes on after each but the death of its own socket
    /// ([`Error::Io`]).
    ///
    /// # Errors
    /// An error here closes the channel, with the first error as the reason.
    fn on_error(&mut self, error: &Error, io: &mut Io<Self>) -> Result {
        let peer = io.peer_addr();
        let peer = peer.as_ref().map(|peer| peer as &dyn core::fmt::Display);
        // What one peer has done is no reason to refuse the next.
        let closes = !io.state.is_shared || error.is_own_death();
        crate::vocabulary::log::error(crate::vocabulary::log::name::<Self>(), peer, error, closes);
        if closes {
            io.close();
        }
        Ok(())
    }

    /// The connection has ended: asyncore's `handle_close`.
    fn on_close(&mut self, why: &Closed, io: &mut Io<Self>) {
        let _ = (why, io);
    }

    /// Whether the channel wants to read, asked before each pass if [`ASKED`](Self::ASKED).
    fn readable(&mut self) -> bool {
        true
    }

    /// Whether the channel wants `on_write`, asked before each pass if [`ASKED`](Self::ASKED).
    fn writable(&mut self) -> bool {
        false
    }
}

/// A channel with timers whose value is a `V`: written by `#[on_timer]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `#[on_timer]` that takes a `{V}`",
    label = "nobody would hear this timer",
    note = "add `#[on_timer] fn timer(&mut self, value: {V}, io: &mut Io<Self>)` to the `#[channel]` impl"
)]
pub trait OnTimer<V>: Channel {
    /// The timer set with `value` is due.
    ///
    /// # Errors
    /// As of a handler.
    fn on_timer(&mut self, value: V, io: &mut Io<Self>) -> Result;
}

/// What a timer of the channel `T` is set with: implemented for each value that `T` has an
/// [`OnTimer`] for. The compiler looks for it when it knows the value's type, and can name it.
pub trait Expires<T: Channel>: 'static {
    /// Hands the value over when its time has come.
    ///
    /// # Errors
    /// The handler's.
    fn expire(self, channel: &mut T, io: &mut Io<T>) -> Result;
}

impl<T: OnTimer<V>, V: 'static> Expires<T> for V {
    fn expire(self, channel: &mut T, io: &mut Io<T>) -> Result {
        channel.on_timer(self, io)
    }
}

/// The [`Terminator`](Channel::Terminator) of a dispatcher: there are no frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unframed;

/// The [`Terminator`](Channel::Terminator) of a channel whose `#[terminator]` is a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldTerminator;
