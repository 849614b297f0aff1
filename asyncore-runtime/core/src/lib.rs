//! The runtime of [asyncore-runtime](https://docs.rs/asyncore-runtime): the loop, the map, the
//! framing, the channels. That crate is this one and the macros, and what to depend on.
//!
//! They are two because cargo builds a crate after those it needs: here nothing waits for the
//! macros and their parser, so that a clean build takes an eighth less. (The idea is `serde_core`'s.)
#![forbid(unsafe_code)]

mod acceptor;
mod addr;
mod channel;
mod clock;
mod default_map;
mod entry;
mod error;
mod frame;
mod framing;
mod handle;
mod io;
mod key;
mod limits;
mod linger;
mod link;
mod listen;
mod log;
mod map;
mod network;
mod open;
mod output;
mod producer;
mod push;
mod reception;
mod scratch;
mod shared;
pub mod testing;
mod timers;
mod until;

pub(crate) use log::trace;

pub use addr::{Addr, IntoSocket, Socket, ToAddr};
pub use bytes::Bytes;
pub use channel::{Channel, FieldTerminator, OnTimer, Settings, Unframed};
pub use default_map::{connect, listen, run, with_map};
pub use error::{BoxError, Cause, Closed, Error, OpenError, Refused, Result};
pub use frame::{Frame, FromFrame, Piece, WrongLength};
pub use handle::{Handle, MapHandle};
pub use io::Io;
pub use key::Key;
pub use limits::{Counters, Limit, Limits, NEVER};
pub use listen::{tcp, Bind, Listen};
pub use map::{Loop, Map};
pub use producer::{
    ByIterator, ByMethod, ByMethodWithIo, ByProducer, ByReader, IntoProducer, Produced, Producer,
    PullFor, SimpleProducer,
};
pub use push::{Collect, Push, Reply, Sink};
pub use reception::{Accept, Listener};
pub use timers::TimerId;
pub use until::{Scan, Terminator, Until};

/// Fails the build with `why` unless `ok`: how the impl run of `#[channel]` checks what only the
/// struct run knows.
#[track_caller]
pub const fn ensure(ok: bool, why: &str) {
    if !ok {
        panic!("{}", why)
    }
}
