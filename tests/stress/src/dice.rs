//! Where decisions come from: a seed, or the bytes of a fuzzer.

/// Decisions, one after the other. The same source gives the same ones.
pub trait Dice {
    /// A number from all there are.
    fn roll(&mut self) -> u64;

    /// Whether nothing is left to decide by.
    fn is_empty(&self) -> bool;

    /// A number below `sides`; 0 if that is 0.
    fn below(&mut self, sides: usize) -> usize {
        let sides = u64::try_from(sides.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.roll() % sides).unwrap_or(0)
    }

    /// Whether something that comes about once in `times` times comes now.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    fn pick<T: Copy>(&mut self, of: &[T]) -> T
    where
        Self: Sized,
    {
        of[self.below(of.len())]
    }
}

/// Decisions from a seed: splitmix64, which needs no warming up.
#[derive(Debug, Clone)]
pub struct Seeded(pub u64);

impl Dice for Seeded {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn is_empty(&self) -> bool {
        false
    }
}

/// Decisions from bytes, a byte each, so that a small change of the input is a small change of what
/// happens. When they are used up everything is 0.
#[derive(Debug, Clone)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Dice for Bytes<'_> {
    fn roll(&mut self) -> u64 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        u64::from(*first)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
