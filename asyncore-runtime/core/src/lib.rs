//! The runtime of [asyncore-runtime](https://docs.rs/asyncore-runtime): the loop, the map, the
//! framing, the channels. That crate is this one and the macros, and what to depend on.
//!
//! They are two because cargo builds a crate after those it needs: here nothing waits for the
//! macros and their parser, so that a clean build takes an eighth less. (The idea is `serde_core`'s.)
#![forbid(unsafe_code)]

mod channel;
mod connection;
mod driver;
mod framing;
mod map;
mod output;
mod scheduler;
pub mod testing;
mod transport;
mod vocabulary;

pub(crate) use vocabulary::log::trace;

pub use bytes::{Bytes, BytesMut};
pub use channel::io::Io;
pub use channel::produce::{
    ByIterator, ByMethod, ByMethodWithIo, ByProducer, ByReader, IntoProducer, PullFor,
};
pub use channel::reply::{reply, Reply};
pub use channel::{
    largest_frame, Channel, Expires, FieldTerminator, OnTimer, Settings, Unframed, Watched,
};
pub use driver::handle::{Handle, NotPosted};
pub use driver::many::SlowReader;
pub use driver::owed::Owed;
pub use framing::frame::{Frame, FromFrame, Piece, WrongLength};
pub use framing::size::Size;
pub use framing::until::{Scan, Terminator, Until};
pub use map::datagram::{udp, BindDatagrams, Udp};
pub use map::default::{connect, listen, run, with_map};
#[cfg(feature = "tls")]
pub use map::dial::tls;
pub use map::dial::{dial, Connect, Dial};
pub use map::handle::MapHandle;
pub use map::listen::{tcp, Bind, Listen};
pub use map::listener::{Accept, Listener};
pub use map::looping::Loop;
pub use map::workers::handle::WorkersHandle;
pub use map::workers::{Workers, WorkersError};
pub use map::Map;
pub use output::line::{Line, NotALine};
pub use output::producer::{Produced, Producer, SimpleProducer};
pub use output::push::{Collect, Push, Sink};
pub use scheduler::timers::TimerId;
pub use transport::proxy::{BadHeader, ProxyHeader};
pub use transport::socket::{IntoSocket, Socket};
pub use vocabulary::addr::{Addr, ToAddr};
pub use vocabulary::closed::{Cause, Closed};
pub use vocabulary::counters::{Counters, Limit};
pub use vocabulary::error::{BoxError, Error, OpenError, Refused, Result};
pub use vocabulary::key::Key;
pub use vocabulary::limits::{Limits, NEVER};

/// TLS: configurations, what was agreed, and certificates from files.
#[cfg(feature = "tls")]
pub mod tls {
    pub use crate::transport::tls::{
        certificates, client, private_key, rustls, server, NotTls, ServerTls, Tls, TlsInfo,
    };
}

/// Signals by name, for [`Map::on_signal`].
#[cfg(all(unix, feature = "signals"))]
pub mod signals {
    pub use signal_hook::consts::signal::*;
}

/// Fails the build with `why` unless `ok`: how the impl run of `#[channel]` checks what only the
/// struct run knows.
#[track_caller]
pub const fn ensure(ok: bool, why: &str) {
    if !ok {
        panic!("{}", why)
    }
}
