//! The servers under measurement: each sends every CRLF line back as it came.
//!
//! All say `listening on ADDR` on their first line. All but `asynchat`, and message-io, which has no
//! way to, turn Nagle's algorithm off.

mod asynchat;
mod by_hand;
mod codecs;
mod edge;
mod message_io;
mod ours;
mod read_until;
#[cfg(feature = "tls")]
mod secured;

use std::fmt;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::Result;
use clap::ValueEnum;

use crate::machine;

/// A server, by the name it has on the command line and in the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub(crate) enum Server {
    /// Reads and writes back, without framing: what the kernel costs.
    Floor,
    /// mio and memchr by hand: what framing need cost.
    Mio,
    /// asyncore-runtime: an annotated struct.
    Ours,
    /// The same in two loops, which share the listener.
    Workers,
    /// tokio by hand: `read_until`, flushed when the input is dry.
    Tokio,
    /// tokio-util's `LinesCodec`, forwarded: flushed when the input is dry.
    Lines,
    /// The same with buffers of 64 KiB instead of 8.
    #[value(name = "lines-64k")]
    Lines64k,
    /// tokio-util's `AnyDelimiterCodec`, likewise, with its own 8 KiB.
    AnyDelimiter,
    /// message-io over its raw TCP transport, the lines cut by hand: its own framing is another.
    MessageIo,
    /// CPython's asynchat as it comes, where a Python that still has it is found.
    Asynchat,
    /// The same without Nagle's algorithm.
    AsynchatNodelay,
    /// asyncore-runtime over TLS.
    #[cfg(feature = "tls")]
    OursTls,
    /// tokio by hand over tokio-rustls, with the same rustls and the same provider.
    #[cfg(feature = "tls")]
    TokioTls,
}

impl Server {
    /// Runs the server in this process, until it is killed.
    pub(crate) fn serve(self) -> Result<()> {
        match self {
            Self::Floor => Ok(edge::serve(listen()?, by_hand::raw)?),
            Self::Mio => Ok(edge::serve(listen()?, by_hand::lines)?),
            Self::Ours => ours::serve(),
            Self::Workers => ours::serve_in_two(),
            Self::Tokio => read_until::serve(listen()?),
            Self::Lines => codecs::serve_lines(listen()?),
            Self::Lines64k => codecs::serve_lines_with(64 * 1024, listen()?),
            Self::AnyDelimiter => codecs::serve_any_delimiter(listen()?),
            Self::MessageIo => message_io::serve(),
            Self::Asynchat => asynchat::serve(false),
            Self::AsynchatNodelay => asynchat::serve(true),
            #[cfg(feature = "tls")]
            Self::OursTls => ours::serve_with(|at| at.tls(secured::config())),
            #[cfg(feature = "tls")]
            Self::TokioTls => read_until::serve_tls(listen()?, secured::config()),
        }
    }

    /// Whether it is measured in a section of its own.
    pub(crate) fn is_apart(self) -> bool {
        self.is_tls() || self == Self::Workers
    }

    /// Whether it is spoken to over TLS.
    pub(crate) fn is_tls(self) -> bool {
        #[cfg(feature = "tls")]
        return matches!(self, Self::OursTls | Self::TokioTls);
        #[cfg(not(feature = "tls"))]
        false
    }

    /// Why the server cannot run on this machine.
    pub(crate) fn missing(self) -> Option<&'static str> {
        let python = matches!(self, Self::Asynchat | Self::AsynchatNodelay);
        (python && asynchat::python().is_none())
            .then_some("no Python with asynchat (3.11 or older) was found")
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value().expect("no server is skipped");
        f.pad(value.get_name())
    }
}

/// Of the interpreter that runs asynchat.
pub(crate) fn python_version() -> Option<String> {
    asynchat::python().map(|python| machine::output(python, &["--version"]))
}

fn listen() -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    announce(listener.local_addr()?)?;
    Ok(listener)
}

fn announce(addr: SocketAddr) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "listening on {addr}")?;
    stdout.flush()
}
