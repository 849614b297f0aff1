//! Why a connection ended.

use core::fmt;

use crate::vocabulary::error::Error;

/// Why a connection ended: what `#[on_close]` is told, once for each connection.
#[derive(Debug)]
#[non_exhaustive]
pub struct Closed {
    /// Who or what ended it.
    pub cause: Cause,
    /// Output that was queued and could not be sent, in bytes.
    pub unsent: usize,
    /// Input that was read and is in no frame, in bytes: the end of a cut-off frame. What was read together
    /// with a frame whose handler panicked is not in it.
    pub unread: usize,
    /// Bytes pushed after `close_when_done` or `close`, and dropped.
    pub pushed_late: usize,
}

/// Who or what ended a connection.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The peer closed its side, and ours was done.
    ByPeer,
    /// `close`, `close_when_done` or the end of a `close_all`.
    ByUs,
    /// The map was drained.
    Drained,
    /// It was as old as [`Limits::max_connection_age`](crate::Limits::max_connection_age) has it.
    Aged,
    /// An error, as `#[on_error]` was shown it.
    Error(Error),
}

impl Closed {
    /// Whether nothing was lost: no error, all output sent, all input in frames.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.error().is_none() && self.unsent == 0 && self.unread == 0
    }

    /// The error that ended the connection, if one did.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match &self.cause {
            Cause::Error(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::ByPeer => write!(f, "closed by the peer")?,
            Cause::ByUs => write!(f, "closed")?,
            Cause::Drained => write!(f, "drained")?,
            Cause::Aged => write!(f, "closed for its age")?,
            Cause::Error(error) => write!(f, "{error}")?,
        }
        let lost = [
            (self.unsent, "bytes unsent"),
            (self.unread, "bytes in no frame"),
            (self.pushed_late, "bytes pushed too late"),
        ];
        for (bytes, what) in lost.iter().filter(|(bytes, _)| *bytes > 0) {
            write!(f, ", {bytes} {what}")?;
        }
        Ok(())
    }
}
