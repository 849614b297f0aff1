//! What the system says of a descriptor.

/// Readiness, as it was reported and not yet used up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // independent facts, not one state
pub(crate) struct Ready {
    pub(crate) readable: bool,
    pub(crate) writable: bool,
    /// Out-of-band data.
    pub(crate) urgent: bool,
    /// The peer has closed its side: behind what can be read stands the end.
    pub(crate) read_closed: bool,
    /// Both directions are closed: nothing comes any more, and nothing can be said.
    pub(crate) hung_up: bool,
    /// An error waits: of a socket a reset, of a pipe a reader that went.
    pub(crate) failed: bool,
}

impl Ready {
    pub(crate) const NONE: Self = Self {
        readable: false,
        writable: false,
        urgent: false,
        read_closed: false,
        hung_up: false,
        failed: false,
    };
    pub(crate) const READABLE: Self = Self { readable: true, ..Self::NONE };
    pub(crate) const WRITABLE: Self = Self { writable: true, ..Self::NONE };

    /// Both.
    pub(crate) fn add(&mut self, other: Self) {
        self.readable |= other.readable;
        self.writable |= other.writable;
        self.urgent |= other.urgent;
        self.read_closed |= other.read_closed;
        self.hung_up |= other.hung_up;
        self.failed |= other.failed;
    }
}

impl From<&mio::event::Event> for Ready {
    fn from(event: &mio::event::Event) -> Self {
        let failed = event.is_error();
        let read_closed = event.is_read_closed();
        Self {
            // A pipe whose writer has gone is reported as hung up alone: its end is to be read.
            readable: event.is_readable() || read_closed || failed,
            writable: event.is_writable() || failed,
            urgent: event.is_priority(),
            read_closed: read_closed || failed,
            hung_up: read_closed && event.is_write_closed(),
            failed,
        }
    }
}
