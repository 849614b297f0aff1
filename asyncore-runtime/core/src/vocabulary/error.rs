//! What can go wrong on a channel, and why a channel ended.

use core::fmt;
use core::time::Duration;
use std::io;

use crate::vocabulary::addr::Addr;
use crate::vocabulary::counters::Limit;

/// Any error of a user's own, as `std` boxes it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a handler or an event of a [`Channel`](crate::Channel) comes to.
pub type Result<T = (), E = Error> = core::result::Result<T, E>;

/// What went wrong on a channel. `#[on_error]` is shown it; with none, one line is logged.
///
/// [`is_fatal`](Error::is_fatal) tells whether the channel can go on after it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A frame grew past its `max` without an end. What follows is dropped up to that end.
    FrameTooLong {
        /// The bound, in payload bytes.
        limit: usize,
    },
    /// A frame announced more than its `max`, or a datagram of a Unix socket is longer than
    /// `max_length`. Nothing was reserved for it; it is dropped.
    LengthTooLarge {
        /// What the peer announced, in bytes.
        length: u64,
        /// The bound, in bytes.
        limit: usize,
    },
    /// A frame of `len, end = ..` was not followed by its end. Frame and wrong end are dropped.
    BadEnd {
        /// What had to follow.
        expected: Vec<u8>,
    },
    /// A length prefix is not one: a varint of more than 64 bits.
    BadPrefix,
    /// A state waits for what can end no frame: an empty delimiter that was set at run time, say.
    BadTerminator {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A state took nothing, and was not left: it would take nothing for ever.
    Stuck,
    /// The frame is not what the handler's parameter asks for (invalid UTF-8, wrong length, ..).
    Frame(BoxError),
    /// The function of `with = ..` refused the input.
    Scan(BoxError),
    /// A handler or a producer returned `Err`, or a [`Display`](fmt::Display) that was pushed did.
    Handler(BoxError),
    /// A handler or a producer panicked; the panic's text.
    Panic(String),
    /// Reading, writing or registering failed.
    Io {
        /// What was being done: `"read"`, `"write"`, ..
        during: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// No address of the target could be connected to, or none was found for its name.
    Connect {
        /// The last address tried; with the name in front of it, `example.org:80 (192.0.2.7:80)`, if one
        /// was given, and the name alone if it has no address.
        addr: String,
        /// What the system said to it. `QuotaExceeded`: so many names are looked up already.
        source: io::Error,
    },
    /// What comes before the first byte of payload failed: a proxy's header, or a TLS handshake. In the
    /// latter case `#[on_connect]` was not called, unless TLS began in the middle.
    Handshake {
        /// The peer, if it is still known.
        peer: Option<Addr>,
        /// Why: in it is an error of rustls, or what else was wrong.
        source: io::Error,
    },
    /// The peer's stream ended without the word that TLS has for it (close_notify), inside a frame or
    /// where the end is the end of the frame: what came may have been cut off by anybody.
    #[cfg(feature = "tls")]
    Truncated,
    /// TLS could not begin in the middle of the conversation ([`Io::start_tls`](crate::Io::start_tls)).
    #[cfg(feature = "tls")]
    StartTls {
        /// What stood in the way.
        why: &'static str,
    },
    /// A datagram could not be sent; it was dropped.
    Datagram {
        /// Whom it was for.
        to: Addr,
        /// What the system said.
        source: io::Error,
    },
    /// To a listening channel something was pushed, or on a datagram channel outside of a datagram's
    /// handling and without an only peer: nobody it could go to. [`Io::push_to_addr`](crate::Io::push_to_addr) says to whom.
    Unaddressed {
        /// How many bytes went nowhere; at least 1.
        bytes: usize,
    },
    /// An answer that was owed ([`Io::owe`](crate::Io::owe)) was dropped, as by the panic of a worker.
    /// What `#[on_error]` pushes stands in its place.
    Unanswered,
    /// All channels of the map together held more than they may, and this one most.
    Shed {
        /// The bound, in bytes: [`Map::set_max_held`](crate::Map::set_max_held).
        limit: usize,
    },
    /// Handlers have queued more than [`Limits::max_output`](crate::Limits::max_output).
    OutputTooLong {
        /// The bound, in bytes.
        limit: usize,
    },
    /// A deadline passed.
    Timeout {
        /// Which one.
        limit: Limit,
        /// How long it was.
        after: Duration,
    },
}

impl Error {
    /// An error of a `with = ..` function, as the macro writes it.
    pub fn scan(error: impl Into<BoxError>) -> Self {
        Self::from_box(error.into(), Self::Scan)
    }

    /// An error of a handler. One that is an [`Error`] already stays what it is.
    pub fn handler(error: impl Into<BoxError>) -> Self {
        Self::from_box(error.into(), Self::Handler)
    }

    /// A frame that is not what a handler asks for. An [`Error`] stays what it is.
    pub fn frame(error: impl Into<BoxError>) -> Self {
        Self::from_box(error.into(), Self::Frame)
    }

    fn from_box(error: BoxError, wrap: fn(BoxError) -> Self) -> Self {
        error.downcast::<Self>().map_or_else(wrap, |own| *own)
    }

    pub(crate) const fn io(during: &'static str, source: io::Error) -> Self {
        Self::Io { during, source }
    }

    /// Whether the channel closes whatever `#[on_error]` does: I/O, a panic, the output bound, a
    /// deadline, or input in which no next frame can be found.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        !matches!(
            self,
            Self::FrameTooLong { .. }
                | Self::LengthTooLarge { .. }
                | Self::BadEnd { .. }
                | Self::Datagram { .. }
                | Self::Unaddressed { .. }
                | Self::Unanswered
                | Self::Frame(_)
                | Self::Handler(_)
        )
    }

    /// Whether the connection is as good as before, so that something can still be said to it
    /// although no next frame can be found, or awaited.
    pub(crate) fn leaves_the_stream(&self) -> bool {
        matches!(
            self,
            Self::Timeout { .. }
                | Self::Scan(_)
                | Self::BadPrefix
                | Self::BadTerminator { .. }
                | Self::Stuck
        )
    }

    /// Whether the channel's own descriptor is no use any more.
    pub(crate) fn is_own_death(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    /// Whether the peer has gone: asyncore's set of errors that are a close (`ECONNRESET`,
    /// `EPIPE`, `ECONNABORTED`, `ENOTCONN`). Without `#[on_error]` they are not logged.
    #[must_use]
    pub fn is_disconnect(&self) -> bool {
        use io::ErrorKind as Kind;
        matches!(
            self,
            Self::Io { source, .. } if matches!(
                source.kind(),
                Kind::ConnectionReset | Kind::BrokenPipe | Kind::ConnectionAborted | Kind::NotConnected
            )
        )
    }

    /// The bound that was hit, if it was one.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        Some(match self {
            Self::FrameTooLong { .. } => Limit::Frame,
            // A frame that only the user's function knows the end of.
            Self::Scan(source) => return source.downcast_ref::<Self>()?.limit(),
            Self::LengthTooLarge { .. } => Limit::Length,
            Self::OutputTooLong { .. } => Limit::Output,
            Self::Shed { .. } => Limit::Held,
            Self::Timeout { limit, .. } => *limit,
            _ => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FrameTooLong { limit } => write!(f, "no end of frame within {limit} bytes"),
            Self::LengthTooLarge { length, limit } => {
                write!(f, "a frame of {length} bytes was announced, the limit is {limit}")
            }
            Self::BadEnd { expected } => {
                write!(f, "the frame is not followed by b\"{}\"", expected.escape_ascii())
            }
            Self::BadPrefix => write!(f, "the length prefix does not fit in 64 bits"),
            Self::BadTerminator { why } => write!(f, "the terminator can end no frame: {why}"),
            Self::Stuck => write!(f, "a state takes no bytes and is not left"),
            Self::Frame(source) => write!(f, "bad frame: {source}"),
            Self::Scan(source) => write!(f, "no frame can be found: {source}"),
            Self::Handler(source) => write!(f, "{source}"),
            Self::Panic(text) => write!(f, "a handler panicked: {text}"),
            Self::Io { during, source } => write!(f, "{during}: {source}"),
            Self::Connect { addr, source } => write!(f, "cannot connect to {addr}: {source}"),
            Self::Handshake { peer: Some(peer), source } => {
                write!(f, "handshake with {peer}: {source}")
            }
            Self::Handshake { peer: None, source } => write!(f, "handshake: {source}"),
            #[cfg(feature = "tls")]
            Self::Truncated => write!(f, "the peer's stream ends without close_notify"),
            #[cfg(feature = "tls")]
            Self::StartTls { why } => write!(f, "TLS cannot begin: {why}"),
            Self::Datagram { to, source } => write!(f, "datagram to {to}: {source}"),
            Self::Unaddressed { bytes } => write!(
                f,
                "{bytes} bytes were pushed to nobody: outside of a datagram `push_to_addr` says to whom, \
                 and a listening channel has no peer"
            ),
            Self::Unanswered => write!(f, "an answer that was owed was dropped"),
            Self::Shed { limit } => write!(f, "all channels together held more than {limit} bytes"),
            Self::OutputTooLong { limit } => write!(f, "more than {limit} bytes of output queued"),
            Self::Timeout { limit, after } => write!(f, "{} after {after:?}", deadline(*limit)),
        }
    }
}

const fn deadline(limit: Limit) -> &'static str {
    match limit {
        Limit::Connect => "not connected",
        Limit::Handshake => "handshake not over",
        Limit::FirstFrame => "no first frame",
        Limit::FrameTime => "frame not complete",
        Limit::WriteStall => "no output taken",
        Limit::DrainRate => "output taken too slowly",
        Limit::Stopped => "input stopped from our side",
        Limit::Answer => "no answer given",
        _ => "nothing heard",
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Frame(source) | Self::Scan(source) | Self::Handler(source) => Some(&**source),
            Self::Io { source, .. }
            | Self::Connect { source, .. }
            | Self::Handshake { source, .. }
            | Self::Datagram { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// A queue would not take it: what [`Io::try_push_to`](crate::Io::try_push_to) and
/// [`Handle::post`](crate::Handle::post) say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The queue is above its mark; later may work.
    Full,
    /// The channel has closed, or the map is gone.
    Gone,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the queue is full",
            Self::Gone => "the channel is closed",
        })
    }
}

impl std::error::Error for Refused {}

/// What could not be opened, and why: inside the `io::Error` of `listen`, `connect`, `add_file`, ..
#[non_exhaustive]
pub struct OpenError {
    /// What was tried: `"listen on"`, `"connect to"`, ..
    pub action: &'static str,
    /// The address or path, as it was given.
    pub target: String,
    /// The descriptor of what was given ready-made, as its owner knows it.
    pub descriptor: Option<i32>,
    /// What the system said.
    pub source: io::Error,
}

impl OpenError {
    /// Wraps `source` so that its text names the address or path; the kind stays.
    pub(crate) fn wrap(
        action: &'static str,
        target: impl fmt::Display,
        source: io::Error,
    ) -> io::Error {
        Self::wrap_given(action, target, None, source)
    }

    /// As [`wrap`](Self::wrap), of what was given ready-made.
    pub(crate) fn wrap_given(
        action: &'static str,
        target: impl fmt::Display,
        descriptor: Option<i32>,
        source: io::Error,
    ) -> io::Error {
        let kind = source.kind();
        io::Error::new(kind, Self { action, target: target.to_string(), descriptor, source })
    }
}

/// As [`Display`](fmt::Display): it is what `fn main() -> io::Result<()>` prints.
impl fmt::Debug for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.action, self.target, self.source)?;
        match self.descriptor {
            Some(number) => write!(f, " (descriptor {number})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
