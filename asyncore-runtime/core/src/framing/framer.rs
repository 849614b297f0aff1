//! One frame after another out of a stream of bytes, by the [`Rule`] for them.

use super::search::{self, Automaton, SHORT};
use crate::framing::until::{Delivery, Ends, Prefix, Rule, Scan};
use crate::vocabulary::error::{Error, Result};
use crate::vocabulary::limits::Limits;

/// What the framer remembers between two looks at the same frame.
#[derive(Debug, Default)]
pub(crate) struct Framer {
    /// So many bytes at the head of the pending input hold no end.
    scanned: usize,
    /// Something below is not as at the start of a frame: tested once a frame instead of them all.
    is_special: bool,
    /// Payload still to come of a frame taken in pieces, once its length is known.
    left: Option<u64>,
    /// Payload already given out of a frame taken in pieces.
    taken: usize,
    /// The frame is bad and was reported: the rest of it goes nowhere.
    skipping: bool,
    /// For a terminator longer than [`SHORT`].
    long: Option<Box<Automaton>>,
}

/// What to do with the head of the pending input.
#[derive(Debug)]
pub(crate) enum Step {
    /// `input[start..start + len]` is payload, `used` bytes are done with. The frame ends with it
    /// if `last`.
    Take { start: usize, len: usize, used: usize, last: bool },
    /// `used` bytes of a bad frame are to be dropped; it ends with them if `last`.
    Skip { used: usize, last: bool },
    /// More input is needed.
    Need,
    /// The frame is bad; `used` bytes of it are done with. It ends with them unless the framer
    /// goes on skipping.
    Bad { error: Error, used: usize },
}

impl Step {
    const fn frame(start: usize, len: usize, used: usize) -> Self {
        Self::Take { start, len, used, last: true }
    }
}

impl Rule<'_> {
    /// The shortest path to a whole frame at the head of `input`: its payload, and what comes
    /// behind it. `None` says nothing, and [`Framer::step`] says all.
    ///
    /// Inlined together with the constants of a channel's `until`, little of it is left.
    #[inline(always)]
    pub(crate) fn whole_frame<'i>(
        &self,
        text: usize,
        declared: usize,
        input: &'i [u8],
    ) -> Option<(&'i [u8], &'i [u8])> {
        if self.delivery != Delivery::Whole {
            return None;
        }
        let (start, len, used) = self.whole_places(input)?;
        let max = if self.is_searched() { text } else { declared };
        if len > self.max.unwrap_or(max) {
            return None;
        }
        Some((input.get(start..)?.get(..len)?, input.get(used..)?))
    }

    /// Where the payload of a whole frame starts, how long it is, and where the frame ends.
    #[inline(always)]
    fn whole_places(&self, input: &[u8]) -> Option<(usize, usize, usize)> {
        // An end that was found lies in the input: its position cannot go round.
        Some(match self.ends {
            Ends::Bytes(end) if end.len() <= SHORT => {
                let at = search::find_short(end, input, 0)?;
                (0, at, at.wrapping_add(end.len()))
            }
            Ends::Any(ends) => {
                let (at, len) = search::find_any(ends, input, 0)?;
                (0, at, at.wrapping_add(len))
            }
            Ends::Prefix(Prefix::Big(4)) => {
                let len = u32::from_be_bytes(*input.first_chunk()?) as usize;
                (4, len, len.checked_add(4)?)
            }
            Ends::Len { len, end } => {
                let len = usize::try_from(len).ok()?;
                let used = len.checked_add(end.len())?;
                if !is_end(input.get(len..used)?, end) {
                    return None;
                }
                (0, len, used)
            }
            // What is still to come, or is no frame, is for `step` to say.
            Ends::Scan(scan) => match scan(input) {
                Ok(Scan::Frame(len)) if len > 0 => (0, len, len),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Whether the end of its frames is looked for.
    fn is_searched(&self) -> bool {
        self.is_text() || matches!(self.ends, Ends::Scan(_))
    }

    /// Whether its frames end with bytes that are looked for.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.ends, Ends::Bytes(_) | Ends::Any(_))
    }
}

impl Framer {
    /// Forget the frame: the next one begins, or the terminator has changed.
    #[inline(always)]
    pub(crate) fn restart(&mut self) {
        self.scanned = 0;
        if self.is_special {
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.is_special = false;
        self.left = None;
        self.taken = 0;
        self.skipping = false;
        if let Some(long) = &mut self.long {
            long.restart();
        }
    }

    /// Whether part of a frame was taken already, so that one is under way with nothing pending.
    pub(crate) fn mid_frame(&self) -> bool {
        self.taken > 0 || self.left.is_some() || self.skipping
    }

    /// Payload given out of the frame under way.
    pub(crate) fn taken(&self) -> usize {
        self.taken
    }

    pub(crate) fn is_skipping(&self) -> bool {
        self.skipping
    }

    /// Whether nothing of the frame was looked at.
    pub(crate) fn is_fresh(&self) -> bool {
        self.scanned == 0 && !self.is_special
    }

    /// Looks at all input that is not in a frame yet.
    pub(crate) fn step(&mut self, rule: &Rule<'_>, limits: &Limits, input: &[u8]) -> Step {
        if let Some(why) = rule.is_impossible() {
            return Step::Bad { error: Error::BadTerminator { why }, used: 0 };
        }
        if self.skipping || rule.delivery != Delivery::Whole {
            self.is_special = true;
            return self.piece(rule, input);
        }
        self.whole(rule, limits, input)
    }

    fn whole(&mut self, rule: &Rule<'_>, limits: &Limits, input: &[u8]) -> Step {
        let text = rule.max.unwrap_or(limits.max_frame);
        let declared = rule.max.unwrap_or(limits.max_length);
        match rule.ends {
            Ends::Bytes(_) | Ends::Any(_) => self.whole_text(rule, text, input),
            Ends::Len { len, end } => self.whole_len(0, len, end, declared, input),
            Ends::Prefix(prefix) => match prefix.read(input) {
                Ok(Some((start, len))) => self.whole_len(start, len, b"", declared, input),
                Ok(None) => Step::Need,
                Err(error) => Step::Bad { error, used: 0 },
            },
            Ends::Scan(scan) => self.whole_scan(scan, text, input),
            Ends::Eof | Ends::Nothing => self.hold_all(declared, input),
        }
    }

    fn whole_text(&mut self, rule: &Rule<'_>, max: usize, input: &[u8]) -> Step {
        match self.find(rule, input) {
            Some((at, end)) if at <= max => Step::frame(0, at, at.saturating_add(end)),
            found => {
                let found = found.map(|(at, end)| at.saturating_add(end));
                self.no_frame(found, longest(rule), max, input)
            }
        }
    }

    /// No frame within `max`: too long, whether or not its end is there already. With it `used` bytes
    /// are done with.
    #[cold]
    fn too_long(&mut self, has_ended: bool, used: usize, max: usize) -> Step {
        self.skipping = !has_ended;
        self.is_special = true;
        self.scanned = 0;
        if let Some(long) = &mut self.long {
            long.restart();
        }
        Step::Bad { error: Error::FrameTooLong { limit: max }, used }
    }

    fn no_frame(&mut self, found: Option<usize>, end: usize, max: usize, input: &[u8]) -> Step {
        if found.is_some() || input.len() >= max.saturating_add(end) {
            return self.too_long(found.is_some(), found.unwrap_or(0), max);
        }
        self.scanned = input.len();
        Step::Need
    }

    fn whole_len(&mut self, start: usize, len: u64, end: &[u8], max: usize, input: &[u8]) -> Step {
        let Some(size) = usize::try_from(len).ok().filter(|size| *size <= max) else {
            self.skipping = true;
            self.is_special = true;
            self.left = Some(len);
            return Step::Bad {
                error: Error::LengthTooLarge { length: len, limit: max },
                used: start,
            };
        };
        // What is longer than memory can hold is never whole.
        let used = start.checked_add(size).and_then(|payload| payload.checked_add(end.len()));
        let Some(used) = used.filter(|used| *used <= input.len()) else { return Step::Need };
        if !end.is_empty() && !input.get(..used).is_some_and(|frame| frame.ends_with(end)) {
            return Step::Bad { error: Error::BadEnd { expected: end.to_vec() }, used };
        }
        Step::frame(start, size, used)
    }

    fn whole_scan(&mut self, scan: fn(&[u8]) -> Result<Scan>, max: usize, input: &[u8]) -> Step {
        if input.len() < self.scanned || input.is_empty() {
            return Step::Need;
        }
        match scan(input) {
            Err(error) => Step::Bad { error, used: 0 },
            Ok(Scan::Frame(0)) => Step::Bad { error: Error::Stuck, used: 0 },
            Ok(Scan::Frame(len)) if len > max => self.scan_too_long(max),
            Ok(Scan::Frame(len)) if len <= input.len() => Step::frame(0, len, len),
            Ok(Scan::Need(bytes)) if bytes > max => self.scan_too_long(max),
            _ if input.len() >= max => self.scan_too_long(max),
            Ok(Scan::Frame(bytes) | Scan::Need(bytes)) => {
                self.scanned = bytes.max(input.len().saturating_add(1));
                Step::Need
            }
        }
    }

    /// Only the user's function knows where the next frame would begin, and it was not asked to
    /// know that: nothing can be skipped.
    fn scan_too_long(&mut self, max: usize) -> Step {
        Step::Bad { error: Error::Scan(Error::FrameTooLong { limit: max }.into()), used: 0 }
    }

    fn hold_all(&mut self, max: usize, input: &[u8]) -> Step {
        if input.len() > max {
            return self.too_long(false, 0, max);
        }
        Step::Need
    }

    /// A frame that is not held: what there is of it goes on.
    fn piece(&mut self, rule: &Rule<'_>, input: &[u8]) -> Step {
        let step = match rule.ends {
            Ends::Bytes(_) | Ends::Any(_) => self.piece_text(rule, input),
            Ends::Len { len, end } => self.piece_len(0, len, end, input),
            Ends::Prefix(prefix) => self.piece_prefix(prefix, input),
            Ends::Scan(_) | Ends::Eof | Ends::Nothing => Self::piece_all(input),
        };
        self.account(rule, step)
    }

    fn piece_all(input: &[u8]) -> Step {
        if input.is_empty() {
            return Step::Need;
        }
        Step::Take { start: 0, len: input.len(), used: input.len(), last: false }
    }

    fn piece_text(&mut self, rule: &Rule<'_>, input: &[u8]) -> Step {
        if let Some((at, end)) = self.find(rule, input) {
            return Step::frame(0, at, at.saturating_add(end));
        }
        let held = self.held(rule, input);
        // An automaton has seen what is held, and goes on behind it.
        self.scanned = if self.long.is_some() { held } else { 0 };
        match input.len().saturating_sub(held) {
            0 => Step::Need,
            len => Step::Take { start: 0, len, used: len, last: false },
        }
    }

    fn piece_prefix(&mut self, prefix: Prefix, input: &[u8]) -> Step {
        if self.left.is_some() {
            return self.piece_len(0, 0, b"", input);
        }
        match prefix.read(input) {
            Ok(Some((start, len))) => self.piece_len(start, len, b"", input),
            Ok(None) => Step::Need,
            Err(error) => Step::Bad { error, used: 0 },
        }
    }

    fn piece_len(&mut self, start: usize, len: u64, end: &[u8], input: &[u8]) -> Step {
        let left = self.left.unwrap_or(len);
        let there = input.get(start..).unwrap_or(&[]);
        let payload = usize::try_from(left).unwrap_or(usize::MAX).min(there.len());
        let still = left.saturating_sub(payload as u64);
        let taken = start.saturating_add(payload);
        let tail = there.get(payload..).and_then(|rest| rest.get(..end.len()));
        if let (0, Some(tail)) = (still, tail) {
            let used = taken.saturating_add(end.len());
            if !is_end(tail, end) && !self.skipping {
                return Step::Bad { error: Error::BadEnd { expected: end.to_vec() }, used };
            }
            return Step::frame(start, payload, used);
        }
        if taken == 0 {
            // A frame of which nothing came has not begun.
            return Step::Need;
        }
        self.left = Some(still);
        Step::Take { start, len: payload, used: taken, last: false }
    }

    /// A bad frame's bytes go nowhere; a good one's count towards its `max`.
    fn account(&mut self, rule: &Rule<'_>, step: Step) -> Step {
        match step {
            Step::Take { used, last, .. } if self.skipping => Step::Skip { used, last },
            Step::Take { len, used, last, .. } => {
                self.taken = self.taken.saturating_add(len);
                match rule.max.filter(|max| self.taken > *max) {
                    // What was counted is done with, or a length would be read as payload.
                    Some(max) => self.too_long(last, used, max),
                    None => step,
                }
            }
            step => step,
        }
    }

    /// The end in `input`: where it starts, and its length.
    fn find(&mut self, rule: &Rule<'_>, input: &[u8]) -> Option<(usize, usize)> {
        match rule.ends {
            Ends::Any(ends) => search::find_any(ends, input, self.scanned),
            Ends::Bytes(end) if end.len() <= SHORT => {
                search::find_short(end, input, self.scanned).map(|at| (at, end.len()))
            }
            Ends::Bytes(end) => self.find_long(end, input),
            _ => None,
        }
    }

    fn find_long(&mut self, end: &[u8], input: &[u8]) -> Option<(usize, usize)> {
        self.is_special = true;
        if !self.long.as_ref().is_some_and(|long| long.is_for(end)) {
            self.long = Some(Box::new(Automaton::new(end)));
            self.scanned = 0;
        }
        let found = self.long.as_mut()?.feed(input.get(self.scanned..)?)?;
        Some((self.scanned.saturating_add(found).saturating_sub(end.len()), end.len()))
    }

    fn held(&self, rule: &Rule<'_>, input: &[u8]) -> usize {
        match (rule.ends, &self.long) {
            (Ends::Bytes(end), Some(long)) if long.is_for(end) => long.matched(),
            (Ends::Bytes(end), _) => search::held_back(end, input),
            (Ends::Any(ends), _) => {
                ends.iter().map(|end| search::held_back(end, input)).max().unwrap_or(0)
            }
            _ => 0,
        }
    }
}

/// Whether what follows a payload is its end. Nothing is compared with nothing apart: there
/// `memcmp` gets an address that is none, and its vector load takes 80 ns to find out.
fn is_end(tail: &[u8], end: &[u8]) -> bool {
    end.is_empty() || tail == end
}

fn longest(rule: &Rule<'_>) -> usize {
    match rule.ends {
        Ends::Bytes(end) => end.len(),
        Ends::Any(ends) => ends.iter().map(|end| end.len()).max().unwrap_or(0),
        _ => 0,
    }
}
