//! Random scenarios: small alphabets, so that terminators overlap and are cut.

use std::collections::BTreeMap;

use super::scenario::{Action, End, Family, Item, Poller, Scenario};

/// A small generator of numbers (SplitMix64): the same everywhere, for ever, which the recorded
/// traces rely on.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The sequence of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn word(&mut self, alphabet: &[u8], len: usize) -> Vec<u8> {
        (0..len).map(|_| self.pick(alphabet)).collect()
    }
}

const ALPHABETS: [&[u8]; 5] = [b"ab", b"\r\n", b"\r\n.", b"ab\x00\xff", b"aaab"];

/// Input only: what a stream of bytes and a list of terminators come to.
#[must_use]
pub fn framing(random: &mut Random) -> Scenario {
    let alphabet = random.pick(&ALPHABETS);
    let terminators: Vec<Item> =
        (0..1 + random.below(5)).map(|_| terminator(random, alphabet)).collect();
    let stream = stream(random, alphabet, &terminators);
    let mut scenario = Scenario::new(terminators, cut(random, &stream));
    scenario.cycle = random.percent(40);
    if random.percent(30) {
        scenario.in_buffer = random.pick(&[1, 2, 3, 7]);
    }
    scenario
}

/// With everything a channel can do, and every end.
#[must_use]
pub fn acting(random: &mut Random) -> Scenario {
    let mut scenario = framing(random);
    for at in 0..6 {
        if random.percent(30) {
            let actions = (0..1 + random.below(3)).map(|_| action(random)).collect();
            scenario.actions.insert(at, actions);
        }
    }
    if random.percent(30) {
        scenario.output = (0..1 + random.below(3)).map(|_| action(random)).collect();
    }
    scenario.end = random.pick(&[End::Close, End::Shutdown, End::None]);
    scenario.burst = random.percent(20);
    scenario.raw = random.percent(20);
    if random.percent(20) {
        scenario.out_buffer = random.pick(&[1, 2, 3, 4]);
    }
    if random.percent(20) {
        scenario.poll = Poller::Poll;
    }
    scenario
}

/// As [`acting`], over TCP; a burst has no answers there, as nobody knows when the peer's reset
/// overtakes them.
#[must_use]
pub fn over_tcp(random: &mut Random) -> Scenario {
    let mut scenario = acting(random);
    scenario.family = Family::Inet;
    if random.percent(25) {
        scenario.end = End::Reset;
    }
    if scenario.burst {
        scenario.actions = BTreeMap::new();
        scenario.output = Vec::new();
    }
    scenario
}

fn terminator(random: &mut Random, alphabet: &[u8]) -> Item {
    match random.below(100) {
        0..70 => {
            // Those over 8 bytes are searched for in another way.
            let len = random.pick(&[1, 1, 2, 2, 3, 4, 5, 9, 12]);
            Item::Bytes(random.word(alphabet, len))
        }
        70..91 => Item::Len(random.pick(&[1, 2, 3, 5, 8, 13])),
        91 => Item::Negative(-1),
        92..95 => Item::None,
        95..98 => Item::Len(0),
        _ => Item::Bytes(Vec::new()),
    }
}

fn stream(random: &mut Random, alphabet: &[u8], terminators: &[Item]) -> Vec<u8> {
    let mut stream = Vec::new();
    for _ in 0..random.below(13) {
        let len = random.below(7);
        stream.extend(random.word(alphabet, len));
        let planted = &terminators[random.below(terminators.len())];
        if let (Item::Bytes(end), true) = (planted, random.percent(70)) {
            stream.extend(end);
        }
    }
    stream
}

fn cut(random: &mut Random, mut stream: &[u8]) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    while !stream.is_empty() {
        let size = random.pick(&[1, 1, 2, 3, 5, 8, 40]).min(stream.len());
        let (chunk, rest) = stream.split_at(size);
        chunks.push(chunk.to_vec());
        stream = rest;
    }
    chunks
}

fn action(random: &mut Random) -> Action {
    match random.below(100) {
        0..40 => {
            let len = random.below(7);
            Action::Push(random.word(b"xyz", len))
        }
        40..60 => Action::Producer((0..random.below(4)).map(|_| part(random)).collect()),
        60..70 => Action::CloseWhenDone,
        70..76 => Action::Close,
        76..84 => Action::Discard,
        84..95 => Action::Terminator(terminator(random, b"ab\r\n")),
        _ => Action::Raise,
    }
}

fn part(random: &mut Random) -> Vec<u8> {
    let len = random.pick(&[0, 1, 2, 3, 5]);
    random.word(b"pqr", len)
}
