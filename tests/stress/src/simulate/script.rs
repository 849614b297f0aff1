//! What happens in a simulation: a list of steps, made by dice, of which any can be left out.

use crate::dice::Dice;

/// What a channel does in a handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Push(usize),
    /// A `Display` that fails.
    PushBad,
    PushTo(usize, usize),
    TryPushTo(usize, usize),
    Broadcast(Slow, usize),
    Tell(usize, Vec<Act>),
    TellAll(Vec<Act>),
    Timer(u64, Vec<Act>),
    CancelTimer,
    Pause,
    Resume,
    Owe,
    OweUnordered,
    /// So many pieces.
    Produce(usize),
    /// The same, with one "not yet" before the last.
    ProduceSlowly(usize),
    /// By a method, whose place is in the channel.
    ProduceByMethod(usize),
    ProduceAndPanic,
    /// A piece, and a panic when it is dropped.
    ProduceArmed,
    Discard,
    EndOutput,
    CloseWhenDone,
    Close,
    Panic,
    Fail,
    /// Panics when it is dropped.
    Arm,
    AwaitBlock(u64),
    AwaitStream(u64),
    Connect(usize, Box<Life>),
    Listen(usize),
    Drain(u64),
}

/// What is done with those who do not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slow {
    Skip,
    Wait,
    Close,
}

/// What a channel does at its events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Life {
    pub on_connect: Vec<Act>,
    pub on_eof: Option<Vec<Act>>,
    pub on_error: Option<Vec<Act>>,
    pub on_idle: Vec<Act>,
    pub on_close: Vec<Act>,
    /// So often, after so many milliseconds.
    pub reconnects: (u8, u64),
}

/// One step from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Open(Life),
    Listen(usize, Life),
    Dial(usize),
    Connect(usize, Life),
    Refuse(usize),
    /// Lines that make the channel do something, cut into reads of so many bytes.
    Lines { to: usize, lines: Vec<Vec<Act>>, cut: usize },
    /// Bytes that are no lines, or too long ones.
    Noise { to: usize, len: usize, ends: bool },
    /// An event without a cause.
    Spurious(usize),
    Eof(usize),
    Reset(usize),
    Window(usize, usize),
    Advance(u64),
    With(usize, Vec<Act>),
    Post(usize, Vec<Act>),
    Answer(usize, Vec<Act>),
    Forfeit(usize),
    Wake(usize),
    /// All of these in the same pass.
    Together(Vec<Step>),
    MaxHeld(usize),
    Drain(u64),
    CloseAll,
}

/// So many addresses are listened on, or not.
pub const ADDRS: usize = 4;
const STEPS: usize = 40;

/// A conversation among channels, as the dice fall.
pub fn script(dice: &mut dyn Dice) -> Vec<Step> {
    let mut steps = Vec::new();
    let len = 4 + dice.below(STEPS);
    while steps.len() < len && !dice.is_empty() {
        // Who is alone has little to say.
        let step = if steps.len() < 2 { opening(dice) } else { step(dice, true) };
        steps.push(step);
    }
    steps
}

fn opening(dice: &mut dyn Dice) -> Step {
    match dice.below(5) {
        0 => Step::Listen(dice.below(ADDRS), life(dice)),
        1 => Step::Connect(dice.below(ADDRS), life(dice)),
        _ => Step::Open(life(dice)),
    }
}

fn step(dice: &mut dyn Dice, may_nest: bool) -> Step {
    let who = dice.below(8);
    match dice.below(64) {
        0..=3 => opening(dice),
        4..=5 => Step::Dial(dice.below(ADDRS)),
        6..=7 => Step::Noise { to: who, len: dice.below(300), ends: dice.once_in(2) },
        8..=9 => Step::Spurious(who),
        10..=11 => Step::Eof(who),
        12..=13 => Step::Reset(who),
        14..=18 => Step::Window(who, window(dice)),
        19..=22 => Step::Advance(time(dice)),
        23..=26 => Step::With(who, acts(dice, 2)),
        27..=29 => Step::Post(who, acts(dice, 2)),
        30..=33 => Step::Answer(who, acts(dice, 1)),
        34 => Step::Forfeit(who),
        35..=37 => Step::Wake(who),
        38 => Step::Refuse(dice.below(ADDRS)),
        39 if dice.once_in(8) => Step::Drain(time(dice)),
        40 if dice.once_in(8) => Step::CloseAll,
        41 if dice.once_in(4) => Step::MaxHeld(dice.below(4000)),
        42..=48 if may_nest => {
            let len = 2 + dice.below(4);
            Step::Together((0..len).map(|_| step(dice, false)).collect())
        }
        _ => {
            let len = 1 + dice.below(5);
            let lines = (0..len).map(|_| acts(dice, 2)).collect();
            Step::Lines { to: who, lines, cut: 1 + dice.below(24) }
        }
    }
}

fn window(dice: &mut dyn Dice) -> usize {
    match dice.below(4) {
        0 => usize::MAX,
        1 => 0,
        _ => dice.below(600),
    }
}

/// Milliseconds; now and then a day, as of a machine that slept.
fn time(dice: &mut dyn Dice) -> u64 {
    let times = [0, 1, 10, 500, 1_000, 5_000, 31_000, 61_000, 86_400_000];
    times[dice.below(times.len())]
}

fn life(dice: &mut dyn Dice) -> Life {
    if dice.once_in(2) {
        return Life::default();
    }
    Life {
        on_connect: acts(dice, 1),
        on_eof: dice.once_in(2).then(|| acts(dice, 1)),
        on_error: dice.once_in(2).then(|| acts(dice, 1)),
        on_idle: if dice.once_in(2) { acts(dice, 1) } else { Vec::new() },
        on_close: if dice.once_in(2) { acts(dice, 1) } else { Vec::new() },
        reconnects: (u8::try_from(dice.below(3)).unwrap_or(0), time(dice).min(1000)),
    }
}

fn acts(dice: &mut dyn Dice, depth: usize) -> Vec<Act> {
    let len = dice.below(4);
    (0..len).map(|_| act(dice, depth)).collect()
}

fn act(dice: &mut dyn Dice, depth: usize) -> Act {
    let len = size(dice);
    let who = dice.below(8);
    match dice.below(48) {
        0..=2 => Act::PushTo(who, len),
        3 => Act::TryPushTo(who, len),
        4 => Act::Broadcast([Slow::Skip, Slow::Wait, Slow::Close][dice.below(3)], len),
        5..=6 if depth > 0 => Act::Tell(who, acts(dice, depth - 1)),
        7 if depth > 0 => Act::TellAll(acts(dice, depth - 1)),
        8..=9 if depth > 0 => Act::Timer(time(dice), acts(dice, depth - 1)),
        10 => Act::CancelTimer,
        11..=12 => Act::Pause,
        13..=14 => Act::Resume,
        15..=17 => Act::Owe,
        18 => Act::OweUnordered,
        19..=20 => Act::Produce(dice.below(5)),
        21..=22 => Act::ProduceSlowly(1 + dice.below(3)),
        23..=24 => Act::ProduceByMethod(dice.below(5)),
        25 => Act::ProduceAndPanic,
        41 => Act::ProduceArmed,
        26 if dice.once_in(2) => Act::Discard,
        27 if dice.once_in(2) => Act::EndOutput,
        28 if dice.once_in(2) => Act::CloseWhenDone,
        29 if dice.once_in(2) => Act::Close,
        30 if dice.once_in(2) => Act::Panic,
        31 if dice.once_in(2) => Act::Fail,
        32 if dice.once_in(2) => Act::PushBad,
        33 if dice.once_in(2) => Act::Arm,
        34..=35 => Act::AwaitBlock(who as u64 * 3),
        36..=37 => Act::AwaitStream(who as u64 * 9),
        38 if depth > 0 => Act::Connect(dice.below(ADDRS), Box::new(life(dice))),
        39 if depth > 0 => Act::Listen(dice.below(ADDRS)),
        40 if dice.once_in(24) => Act::Drain(time(dice)),
        _ => Act::Push(len),
    }
}

fn size(dice: &mut dyn Dice) -> usize {
    let sizes = [0, 1, 20, 100, 300, 700];
    sizes[dice.below(sizes.len())]
}

/// A step with one thing less in it.
pub fn less(step: &Step) -> Vec<Step> {
    match step {
        Step::Together(steps) => {
            let shorter = without_one(steps).into_iter().map(Step::Together);
            shorter.chain(steps.iter().cloned()).collect()
        }
        Step::Lines { to, lines, cut } => {
            let (to, cut) = (*to, *cut);
            let fewer = without_one(lines).into_iter();
            let shorter = (0..lines.len()).flat_map(|at| {
                without_one(&lines[at]).into_iter().map(move |acts| {
                    let mut lines = lines.clone();
                    lines[at] = acts;
                    lines
                })
            });
            let lines = fewer.chain(shorter);
            let mut all: Vec<_> = lines.map(|lines| Step::Lines { to, lines, cut }).collect();
            if cut < 1000 {
                all.push(Step::Lines { to, lines: lines_of(step), cut: 1000 });
            }
            all
        }
        Step::With(who, acts) => {
            without_one(acts).into_iter().map(|acts| Step::With(*who, acts)).collect()
        }
        Step::Post(who, acts) => {
            without_one(acts).into_iter().map(|acts| Step::Post(*who, acts)).collect()
        }
        Step::Answer(who, acts) => {
            without_one(acts).into_iter().map(|acts| Step::Answer(*who, acts)).collect()
        }
        Step::Open(life) => less_of_life(life).into_iter().map(Step::Open).collect(),
        Step::Connect(to, life) => {
            less_of_life(life).into_iter().map(|life| Step::Connect(*to, life)).collect()
        }
        Step::Listen(at, life) => {
            less_of_life(life).into_iter().map(|life| Step::Listen(*at, life)).collect()
        }
        _ => Vec::new(),
    }
}

fn lines_of(step: &Step) -> Vec<Vec<Act>> {
    match step {
        Step::Lines { lines, .. } => lines.clone(),
        _ => Vec::new(),
    }
}

fn less_of_life(life: &Life) -> Vec<Life> {
    let empty = Life::default();
    let all = [
        Life { on_connect: Vec::new(), ..life.clone() },
        Life { on_eof: None, ..life.clone() },
        Life { on_error: None, ..life.clone() },
        Life { on_idle: Vec::new(), ..life.clone() },
        Life { on_close: Vec::new(), ..life.clone() },
        Life { reconnects: (0, 0), ..life.clone() },
    ];
    std::iter::once(empty).chain(all).filter(|less| less != life).collect()
}

fn without_one<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let without = |at| {
        let mut shorter = list.to_vec();
        shorter.remove(at);
        shorter
    };
    (0..list.len()).map(without).collect()
}
