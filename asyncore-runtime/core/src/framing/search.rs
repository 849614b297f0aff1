//! Looking for the end of a frame. Three searches, by the length of the terminator and how many
//! there are; each answers the same for every cut of the input.

// Every number here is a position in a slice: none is from the wire, and none can go round.
#![allow(clippy::arithmetic_side_effects)]

use memchr::{memchr, memchr2, memchr3};

/// Terminators up to this length are looked for again at the seam of two reads; longer ones keep
/// an automaton ([`Automaton`]), or a dripping peer would make the seam cost more than the data.
pub(super) const SHORT: usize = 8;

/// The first `end` that is complete in `input`, which holds none that ends before `from`.
/// Looks for the last byte and then back: `\n` tells more than `\r` does, and one byte is what
/// the vector units search for best.
#[inline(always)]
pub(super) fn find_short(end: &[u8], input: &[u8], from: usize) -> Option<usize> {
    let (last, front) = end.split_last()?;
    let mut at = from;
    loop {
        at += find_byte(*last, input.get(at..)?)?;
        if at >= front.len() && ends_with_short(input.get(..at)?, front) {
            return Some(at - front.len());
        }
        at += 1;
    }
}

/// How many bytes are one comparison of the smallest vector unit there is.
const BLOCK: usize = 16;

/// So many blocks are compared here before `memchr` is called.
const NEAR: usize = 8;

/// As `memchr`, but quicker up to 128 bytes: lines are rarely longer, and for such the call and
/// what goes before its first comparison take as long as the search. (For 64 bytes 5.4 ns where it
/// takes 6.3; for 200 it costs 1.7 more, for 1 KiB 1.)
#[inline(always)]
fn find_byte(byte: u8, input: &[u8]) -> Option<usize> {
    let mut rest = input;
    for block in 0..NEAR {
        let Some((head, behind)) = rest.split_first_chunk() else { break };
        if has_byte(byte, head) {
            return Some(block * BLOCK + first_in_block(byte, head));
        }
        rest = behind;
    }
    Some(input.len() - rest.len() + memchr(byte, rest)?)
}

/// Compilers make one comparison of it, as all bytes are looked at.
#[inline(always)]
fn has_byte(byte: u8, block: &[u8; BLOCK]) -> bool {
    block.iter().fold(false, |found, here| found | (*here == byte))
}

/// Where `byte`, which is there, is first: Mycroft's test for a zero byte, on all bytes at once.
#[inline(always)]
fn first_in_block(byte: u8, block: &[u8; BLOCK]) -> usize {
    const ONES: u128 = u128::from_le_bytes([1; BLOCK]);
    let differs = u128::from_le_bytes(*block) ^ (ONES * u128::from(byte));
    let zeros = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
    zeros.trailing_zeros() as usize / 8
}

/// `ends_with` byte by byte: for the one or three bytes it is about, a call of `memcmp` costs more
/// than the rest of the search.
#[inline(always)]
fn ends_with_short(input: &[u8], end: &[u8]) -> bool {
    let start = input.len() - end.len().min(input.len());
    input.iter().skip(start).zip(end).all(|(byte, expected)| byte == expected)
}

/// Where the alternative that ends first starts, and its length; of those ending at one byte the
/// longest. `input` holds none that ends before `from`.
#[inline(always)]
pub(super) fn find_any(ends: &[&[u8]], input: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut lasts = [0; 3];
    let distinct = distinct_lasts(ends, &mut lasts);
    let [a, b, c] = lasts;
    let mut at = from;
    loop {
        let rest = input.get(at..)?;
        at += match distinct {
            Some(1) => find_byte(a, rest),
            Some(2) => memchr2(a, b, rest),
            Some(3) => memchr3(a, b, c, rest),
            _ => rest.iter().position(|byte| ends.iter().any(|end| end.last() == Some(byte))),
        }? + 1;
        if let Some(len) = longest_suffix(ends, input.get(..at)?) {
            return Some((at - len, len));
        }
    }
}

/// How many different last bytes there are, if no more than three; they are put into `lasts`.
#[inline(always)]
fn distinct_lasts(ends: &[&[u8]], lasts: &mut [u8; 3]) -> Option<usize> {
    let mut known = 0;
    for last in ends.iter().filter_map(|end| end.last()) {
        if !lasts.iter().take(known).any(|seen| seen == last) {
            *lasts.get_mut(known)? = *last;
            known += 1;
        }
    }
    Some(known)
}

/// The length of the longest alternative that `input` ends with.
#[inline(always)]
fn longest_suffix(ends: &[&[u8]], input: &[u8]) -> Option<usize> {
    let is_suffix = |end: &&&[u8]| end.len() <= input.len() && ends_with_short(input, end);
    ends.iter().filter(is_suffix).map(|end| end.len()).max()
}

/// How many bytes at the end of `input` may be the start of `end`: asynchat's
/// `find_prefix_at_end`. Never all of `end`.
pub(super) fn held_back(end: &[u8], input: &[u8]) -> usize {
    let most = end.len().saturating_sub(1).min(input.len());
    (1..=most)
        .rev()
        .find(|len| end.get(..*len).is_some_and(|start| input.ends_with(start)))
        .unwrap_or(0)
}

/// Knuth, Morris and Pratt's automaton for one long terminator. Its state lives on between reads,
/// so each byte is looked at once, whatever nearly matches.
#[derive(Debug)]
pub(super) struct Automaton {
    end: Box<[u8]>,
    /// For each count of matched bytes, how many still match when the next one does not.
    fallback: Vec<usize>,
    matched: usize,
}

impl Automaton {
    pub(super) fn new(end: &[u8]) -> Self {
        let mut this = Self { end: end.into(), fallback: vec![0, 0], matched: 0 };
        // The table is what the automaton itself says when it reads its own terminator.
        for byte in end.iter().skip(1) {
            this.advance(*byte);
            this.fallback.push(this.matched);
        }
        this.matched = 0;
        this
    }

    pub(super) fn is_for(&self, end: &[u8]) -> bool {
        *self.end == *end
    }

    pub(super) fn restart(&mut self) {
        self.matched = 0;
    }

    /// How many bytes at the end of what was fed may be the start of the terminator.
    pub(super) fn matched(&self) -> usize {
        self.matched
    }

    /// Goes on with `input`; how much of it there is up to the end of the terminator.
    pub(super) fn feed(&mut self, input: &[u8]) -> Option<usize> {
        let first = *self.end.first()?;
        let mut at = 0;
        while let Some(rest) = input.get(at..) {
            if self.matched == 0 {
                at += memchr(first, rest)?;
            }
            self.advance(*input.get(at)?);
            at += 1;
            if self.matched == self.end.len() {
                return Some(at);
            }
        }
        None
    }

    #[inline]
    fn advance(&mut self, byte: u8) {
        while self.matched > 0 && self.end.get(self.matched) != Some(&byte) {
            self.matched = self.fallback.get(self.matched).copied().unwrap_or(0);
        }
        if self.end.get(self.matched) == Some(&byte) {
            self.matched += 1;
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn held_back_is_find_prefix_at_end() {
        assert_eq!(held_back(b"\r\n", b"qwerty\r"), 1);
        assert_eq!(held_back(b"\r\n", b"qwertydkjf"), 0);
        assert_eq!(held_back(b"a", b"a"), 0);
        assert_eq!(held_back(b"abc", b""), 0);
        assert_eq!(held_back(b"aab", b"xaaa"), 2);
    }

    #[test]
    fn find_byte_is_memchr() {
        for len in 0..300 {
            let mut input = vec![0x0b; len];
            assert_eq!(find_byte(b'\n', &input), None);
            for at in (0..len).rev() {
                // One below and one above the byte stand beside it, which a borrow could mistake.
                input[at] = b'\n';
                assert_eq!(find_byte(b'\n', &input), Some(at));
                input[at] = if at % 3 == 0 { 0x8a } else { 0x09 };
            }
        }
    }

    #[test]
    fn an_automaton_finds_what_overlaps_itself() {
        let mut search = Automaton::new(b"aabaaabaaac");
        assert_eq!(search.feed(b"aabaaabaaa"), None);
        assert_eq!(search.matched(), 10);
        assert_eq!(search.feed(b"baaac..."), Some(5));
    }

    #[test]
    fn the_alternative_that_ends_first_wins_and_then_the_longest() {
        let ends: &[&[u8]] = &[b"\n", b"\r\n"];
        assert_eq!(find_any(ends, b"a\r\nb", 0), Some((1, 2)));
        assert_eq!(find_any(ends, b"a\nb\r\n", 0), Some((1, 1)));
        assert_eq!(find_any(&[b"ab", b"b", b"cab"], b"xcab", 0), Some((1, 3)));
        assert_eq!(find_any(&[b"w", b"x", b"y", b"z"], b"..z", 0), Some((2, 1)));
    }
}
