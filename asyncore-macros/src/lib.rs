//! The attribute macros of `asyncore-runtime`, which re-exports them: use them from there.
//!
//! All work is done by `asyncore-macros-core`, a plain library; this crate is the door.

#![forbid(unsafe_code)]

use proc_macro::TokenStream;

/// Makes a struct a channel: on the struct it says what the channel *is*, on the impl block what
/// it *does*.
///
/// On the struct: limits and times. Each has a default.
///
/// | option | means | |
/// |---|---|---|
/// | `max_frame` | the most bytes of a frame that is searched for its end | number |
/// | `max_length` | the most bytes of a frame that declares its length | number |
/// | `output_high`, `output_low` | marks of the output queue, between which its pushers pause | number |
/// | `max_output` | the most bytes that handlers may leave in the output queue | number |
/// | `frames_per_turn`, `bytes_per_turn` | how much one channel may do before the next has its turn | number |
/// | `handshake_timeout` | time for a TLS handshake | time |
/// | `first_frame_timeout`, `frame_timeout` | time to finish the first frame, any frame | time |
/// | `idle_timeout` | time without any byte | time |
/// | `connect_timeout`, `write_timeout`, `linger_timeout` | time to connect, to write, to close | time |
/// | `max_connection_age` | how old a connection gets, before it closes in peace | time |
/// | `stopped_timeout`, `answer_timeout` | time that the channel itself may stop its input, or owe an answer | time |
/// | `max_owed`, `min_drain_rate` | answers owed at a time; bytes a second that the peer has to take | a number |
/// | `crate = ::path` | where the runtime is, if it was renamed or re-exported | path |
///
/// A time is `"250ms"`, `"10s"`, `"5m"`, `"1h"`, `"never"`, or an expression of type `Duration`.
///
/// On the impl block: `states = Name` renames the enum of the states, `states = pub Name` also
/// publishes it; `crate = ::path` as above. One impl block of a channel is marked.
///
/// ```ignore
/// #[channel(max_frame = 8 * 1024, idle_timeout = "60s")]
/// struct Shout;
///
/// #[channel]
/// impl Shout {
///     #[terminator(b"\r\n")]
///     fn line(&mut self, line: &str) -> String {
///         line.to_uppercase() + "\r\n"
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn channel(attr: TokenStream, item: TokenStream) -> TokenStream {
    asyncore_macros_core::channel(attr.into(), item.into()).into()
}

/// One helper: documented, and on its own only good for an explanation.
macro_rules! helpers {
    ($($(#[$docs:meta])* $name:ident)*) => {$(
        $(#[$docs])*
        #[proc_macro_attribute]
        pub fn $name(attr: TokenStream, item: TokenStream) -> TokenStream {
            asyncore_macros_core::stray(stringify!($name), attr.into(), item.into()).into()
        }
    )*};
}

helpers! {
    /// Says what ends the frames of a method: it becomes a state of the channel. The first one is
    /// where a connection starts.
    ///
    /// | begin with | the frame |
    /// |---|---|
    /// | `b".."`, `".."` | up to these bytes |
    /// | `any(b"\n", b"\r\n")` | up to the alternative that ends first |
    /// | `bytes` | up to a delimiter set at run time |
    /// | `len`, `len = 4` | that many bytes |
    /// | `len, end = b"\r\n"` | that many, then these bytes, checked and removed |
    /// | `prefix = u8`, `u16`, `u32`, `u64` with `be` or `le`; `varint` | with its length in front |
    /// | `eof` | all until the peer closes its side |
    /// | `none` | not framed |
    /// | `with = path` | where a `fn(&[u8]) -> Result<Scan, E>` says |
    ///
    /// Then options: `max = 512` (bytes), `within = "10s"` (time to finish the frame), `discard`
    /// (drop its bytes), `busy` (a drain waits in this state), `next = method` (where the state goes by
    /// itself; else it repeats).
    ///
    /// A state that waits for a value, `len` or `bytes`, is entered with it:
    /// `io.set_terminator(ShoutTerminator::Body(4))`. `len` may stand first if `#[on_connect]` does so.
    ///
    /// `fn(&mut self, frame: &[u8], io: &mut Io<Self>) -> reply`
    ///
    /// The method takes the frame as any `FromFrame`, the context as `&mut Io<Self>`, both or none,
    /// in any order; a `Piece<'_>` streams; what it returns is the reply.
    ///
    /// Without arguments, on a field: the channel waits for whatever the field of type `Terminator`
    /// says; its handler is the method marked `#[terminator]` without arguments.
    terminator

    /// Takes data that is in no frame: asyncore's `handle_read`, asynchat's
    /// `collect_incoming_data`.
    ///
    /// In a dispatcher it is handed what was read; without a data parameter it reads by itself with
    /// `io.recv(..)`. In a channel with terminators it gets the data of states whose method takes
    /// no frame. On a field: data is appended there.
    ///
    /// `fn(&mut self, data: &[u8], io: &mut Io<Self>) -> reply`
    on_read

    /// Called once when the connection stands: asyncore's `handle_connect`.
    ///
    /// `fn(&mut self, io: &mut Io<Self>) -> reply`
    on_connect

    /// Called when TLS that `io.start_tls` began stands: the time to forget what was said in the clear.
    /// Over TLS from the first byte it is `#[on_connect]` that comes then.
    ///
    /// `fn(&mut self, io: &mut Io<Self>) -> reply`
    on_tls

    /// Called by a listening channel for each connection: asyncore's `handle_accepted`.
    ///
    /// `fn(&mut self, socket: Socket, peer: Addr, io: &mut Io<Self>) -> reply`
    on_accepted

    /// Called when there is room to write: asyncore's `handle_write`.
    ///
    /// `fn(&mut self, io: &mut Io<Self>) -> reply`
    on_write

    /// Called for out-of-band data: asyncore's `handle_expt`.
    ///
    /// `fn(&mut self, io: &mut Io<Self>) -> reply`
    on_expt

    /// Called when the peer has closed its side, after all it sent: half-close. A queued answer
    /// still goes out.
    ///
    /// `fn(&mut self, io: &mut Io<Self>) -> reply`
    on_eof

    /// Called once in each silence, when nothing came or went for half of `idle_timeout`: the time
    /// for a ping. If nothing comes of it, the other half ends the connection.
    ///
    /// `fn(&mut self, io: &mut Io<Self>) -> reply`
    on_idle

    /// Called once for each error: asyncore's `handle_error`.
    ///
    /// `fn(&mut self, error: &Error, io: &mut Io<Self>) -> reply`
    on_error

    /// Called exactly once for each connection, after everything: asyncore's `handle_close`.
    ///
    /// `fn(&mut self, why: &Closed, io: &mut Io<Self>)`, without a reply.
    on_close

    /// Called when a timer set by `io.set_timer(after, value)` is due: one method for each type of
    /// value.
    ///
    /// `fn(&mut self, value: Expired, io: &mut Io<Self>) -> reply`
    on_timer

    /// Asked in each pass whether the channel wants to read: asyncore's `readable`.
    ///
    /// `fn(&self) -> bool`
    readable

    /// Asked in each pass whether the channel wants `#[on_write]`: asyncore's `writable`.
    ///
    /// `fn(&self) -> bool`
    writable

    /// Hands out output piece by piece: push the method with `io.push_with_producer(Self::rows)`.
    ///
    /// `fn(&mut self) -> Option<Bytes>`; `None` means done. On a field: it is pulled whenever the
    /// queue is empty and the socket takes more.
    producer

    /// Shows a `#[terminator]` method at work: a test, a part of its documentation and a seed for
    /// the fuzzer at once.
    ///
    /// `#[example(b"hello\r\n" => b"HELLO\r\n")]`; several pairs are one conversation, and
    /// `with = expr` builds the channel where it has no `Default`.
    example
}
