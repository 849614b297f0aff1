//! What the system says of a descriptor.

use super::os;

/// Readiness, as it was reported and not yet used up: a set of facts, in bits of one number, as it is
/// added up for each event and asked for in each turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ready(u8);

impl Ready {
    pub(crate) const READABLE: Self = Self(1);
    pub(crate) const WRITABLE: Self = Self(1 << 1);
    /// Out-of-band data.
    pub(crate) const URGENT: Self = Self(1 << 2);
    /// The peer has closed its side: behind what can be read stands the end.
    pub(crate) const READ_CLOSED: Self = Self(1 << 3);
    /// Both directions are closed: nothing comes any more, and nothing can be said.
    pub(crate) const HUNG_UP: Self = Self(1 << 4);
    /// An error waits: of a socket a reset, of a pipe a reader that went.
    pub(crate) const FAILED: Self = Self(1 << 5);
    /// What can be read of a pipe is bytes, and not the end alone; where the system tells them apart.
    pub(crate) const BYTES: Self = Self(1 << 6);

    /// Both.
    #[must_use]
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one of these is so.
    pub(crate) const fn has(self, any: Self) -> bool {
        self.0 & any.0 != 0
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    pub(crate) fn remove(&mut self, other: Self) {
        self.0 &= !other.0;
    }

    const fn when(self, is_so: bool) -> Self {
        Self(if is_so { self.0 } else { 0 })
    }
}

impl From<&mio::event::Event> for Ready {
    fn from(event: &mio::event::Event) -> Self {
        let failed = event.is_error();
        let read_closed = event.is_read_closed();
        // A pipe whose writer has gone is reported as hung up alone: its end is to be read.
        Self::READABLE
            .when(event.is_readable() || read_closed || failed)
            .and(Self::WRITABLE.when(event.is_writable() || failed))
            .and(Self::URGENT.when(event.is_priority()))
            .and(Self::READ_CLOSED.when(read_closed || failed))
            .and(Self::HUNG_UP.when(read_closed && event.is_write_closed()))
            .and(Self::FAILED.when(failed))
            .and(
                Self::BYTES.when(event.is_readable() && (!read_closed || os::TELLS_BYTES_FROM_END)),
            )
    }
}
