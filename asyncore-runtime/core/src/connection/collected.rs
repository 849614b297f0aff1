//! How much a field marked `#[on_read]` has collected of one frame.

/// How many bytes were given out of the frame under way.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Collected(pub(super) usize);

impl Collected {
    /// It outgrew its limit, and was reported: the rest goes nowhere, up to its end.
    pub(super) const SKIPPING: Self = Self(usize::MAX);

    /// How many, or 0 of one that is skipped.
    pub(super) fn len(self) -> usize {
        if self.is_skipping() {
            0
        } else {
            self.0
        }
    }

    pub(super) fn has_begun(self) -> bool {
        self.0 > 0
    }

    pub(super) fn is_skipping(self) -> bool {
        self.0 == usize::MAX
    }
}
