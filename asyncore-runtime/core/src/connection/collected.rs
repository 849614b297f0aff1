//! How much a field marked `#[on_read]` has collected of one frame.

/// How many bytes were given out of the frame under way.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Collected(pub(super) usize);

impl Collected {
    /// It outgrew its limit, and was reported: the rest goes nowhere, up to its end.
    pub(super) const SKIPPING: Self = Self(usize::MAX);

    pub(super) fn is_skipping(self) -> bool {
        self.0 == usize::MAX
    }
}
