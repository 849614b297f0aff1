//! Properties: whatever the cuts, the terminators and the windows, frames and order are the same.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{
    channel, Channel, Error, Frame, Io, Reply, Result, Settings, Terminator, Until,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// What ends a frame: chosen at random, which no attribute could.
#[derive(Debug, Clone)]
enum Kind {
    Bytes(Vec<u8>),
    Any(Vec<&'static [u8]>),
    Len(u64),
    LenEnd(u64, Vec<u8>),
    Big(usize),
    Little(usize),
    Varint,
    Scanned,
}

/// Frames begin with one letter that says how many more there are.
fn scan(input: &[u8]) -> Result<asyncore_runtime::Scan> {
    use asyncore_runtime::Scan;
    let len = input.first().map_or(1, |first| 1 + usize::from(first % 4));
    Ok(if input.len() < len { Scan::Need(len) } else { Scan::Frame(len) })
}

/// What a channel makes of its input.
#[derive(Debug, PartialEq, Clone)]
enum Event {
    Frame(Vec<u8>),
    Error(String),
}

/// A channel as the macro would write it, but for a terminator that is not known before.
struct Framed {
    kind: Kind,
    max: usize,
    events: Vec<Event>,
}

impl Settings for Framed {}

impl Channel for Framed {
    type Terminator = asyncore_runtime::FieldTerminator;

    fn until<'a>(&'a self, _: &'a Self::Terminator) -> Until<'a, Self::Terminator> {
        match &self.kind {
            Kind::Bytes(end) => Until::bytes(end),
            Kind::Any(ends) => Until::any(ends),
            Kind::Len(len) => Until::len(*len),
            Kind::LenEnd(len, end) => Until::len(*len).end(end),
            Kind::Big(width) => Until::prefix_be(*width),
            Kind::Little(width) => Until::prefix_le(*width),
            Kind::Varint => Until::varint(),
            Kind::Scanned => Until::with(scan),
        }
        .max(self.max)
    }

    fn found_terminator(&mut self, frame: Frame<'_>, _: &mut Io<Self>) -> Result {
        self.events.push(Event::Frame(frame.as_bytes().to_vec()));
        Ok(())
    }

    fn on_error(&mut self, error: &Error, _: &mut Io<Self>) -> Result {
        self.events.push(Event::Error(error.to_string()));
        Ok(())
    }
}

/// `input`, cut at these places.
fn pieces<'a>(input: &'a [u8], cuts: &[usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut cuts: Vec<_> = cuts.iter().map(|cut| cut % (input.len() + 1)).collect();
    cuts.push(input.len());
    cuts.sort_unstable();
    cuts.into_iter().scan(0, move |from, to| Some(&input[std::mem::replace(from, to)..to]))
}

/// What comes of `input`, cut at these places, and how much of it is in no frame.
fn played(kind: &Kind, max: usize, input: &[u8], cuts: &[usize]) -> (Vec<Event>, Option<usize>) {
    let mut session = Session::new(Framed { kind: kind.clone(), max, events: Vec::new() });
    pieces(input, cuts).for_each(|piece| session.feed(piece));
    let events = session.with(|framed, _| framed.events.clone()).unwrap_or_default();
    session.feed_eof();
    (events, session.closed().map(|why| why.unread))
}

/// Few letters, so that ends, and almost-ends, are many.
fn letters(len: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    vec(prop::sample::select(vec![b'a', b'b', b'\r', 0, 1, 3]), len)
}

const ALTERNATIVES: [&[u8]; 8] = [b"a", b"ab", b"ba", b"\r", b"\rb", b"aab", b"b\ra", b"\r\r\r"];

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        letters(1..5).prop_map(Kind::Bytes),
        prop::sample::subsequence(ALTERNATIVES.to_vec(), 1..5).prop_map(Kind::Any),
        (1_u64..9).prop_map(Kind::Len),
        (0_u64..5, letters(1..3)).prop_map(|(len, end)| Kind::LenEnd(len, end)),
        (1_usize..4).prop_map(Kind::Big),
        (1_usize..4).prop_map(Kind::Little),
        Just(Kind::Varint),
        Just(Kind::Scanned),
    ]
}

/// Frames up to `end`, by the plainest search there is.
fn split(input: &[u8], end: &[u8]) -> Vec<Event> {
    let (mut frames, mut rest) = (Vec::new(), input);
    while let Some(at) = rest.windows(end.len()).position(|window| window == end) {
        frames.push(Event::Frame(rest[..at].to_vec()));
        rest = &rest[at + end.len()..];
    }
    frames
}

/// A channel whose terminator is a field, which changes with each frame as planned.
#[channel]
struct ByField {
    #[on_read]
    inbox: Vec<u8>,
    #[terminator]
    until: Terminator,
    plan: Vec<Terminator>,
    frames: Vec<Vec<u8>>,
}

#[channel]
impl ByField {
    #[terminator]
    fn found(&mut self) {
        self.frames.push(std::mem::take(&mut self.inbox));
        self.until = self.plan[self.frames.len() % self.plan.len()].clone();
    }
}

fn field() -> impl Strategy<Value = Terminator> {
    prop_oneof![
        letters(1..4).prop_map(|end| Terminator::Bytes(end.into())),
        (1_u64..9).prop_map(Terminator::Len),
    ]
}

/// The frames of a channel with its terminator in a field, and what is in none.
fn played_by_field(plan: &[Terminator], input: &[u8], cuts: &[usize]) -> (Vec<Vec<u8>>, Vec<u8>) {
    let (until, plan) = (plan[0].clone(), plan.to_vec());
    let mut session = Session::new(ByField { inbox: Vec::new(), until, plan, frames: Vec::new() });
    pieces(input, cuts).for_each(|piece| session.feed(piece));
    // What may be the start of the end is not collected before it is clear that it is not.
    session.with(|channel, _| (channel.frames.clone(), channel.inbox.clone())).unwrap()
}

/// Output: what is pushed, one thing after another.
#[derive(Debug, Clone)]
enum Push {
    Bytes(Vec<u8>),
    Iterator(Vec<Vec<u8>>),
    Reader(Vec<u8>),
}

fn push() -> impl Strategy<Value = Push> {
    let bytes = |most: usize| vec(any::<u8>(), 0..most);
    prop_oneof![
        bytes(40).prop_map(Push::Bytes),
        bytes(9_000).prop_map(Push::Bytes),
        vec(bytes(2_000), 0..5).prop_map(Push::Iterator),
        bytes(40_000).prop_map(Push::Reader),
    ]
}

#[channel]
struct Pushes;

#[channel]
impl Pushes {
    #[on_read]
    fn data(&mut self, _data: &[u8]) {}
}

impl Reply<Pushes> for Push {
    fn send(self, io: &mut Io<Pushes>) -> Result {
        match self {
            Self::Bytes(bytes) => io.push(bytes),
            Self::Iterator(chunks) => io.push_with_producer(chunks.into_iter()),
            Self::Reader(bytes) => io.push_with_producer(std::io::Cursor::new(bytes)),
        }
        Ok(())
    }
}

fn content(push: &Push) -> Vec<u8> {
    match push {
        Push::Bytes(bytes) | Push::Reader(bytes) => bytes.clone(),
        Push::Iterator(chunks) => chunks.concat(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn frames_are_the_same_for_every_cut(
        kind in kind(),
        max in prop_oneof![Just(1_000), 5_usize..12],
        input in letters(0..120),
        cuts in vec(any::<usize>(), 0..20),
    ) {
        let whole = played(&kind, max, &input, &[]);
        prop_assert_eq!(played(&kind, max, &input, &cuts), whole);
    }

    #[test]
    fn frames_of_a_field_are_the_same_for_every_cut(
        plan in vec(field(), 1..4),
        input in letters(0..120),
        cuts in vec(any::<usize>(), 0..20),
    ) {
        let whole = played_by_field(&plan, &input, &[]);
        prop_assert_eq!(played_by_field(&plan, &input, &cuts), whole);
    }

    #[test]
    fn frames_up_to_bytes_are_what_a_plain_search_finds(
        end in letters(1..5),
        input in letters(0..120),
        cuts in vec(any::<usize>(), 0..20),
    ) {
        let (events, _) = played(&Kind::Bytes(end.clone()), 1_000, &input, &cuts);
        prop_assert_eq!(events, split(&input, &end));
    }

    #[test]
    fn output_is_the_same_for_every_window(
        pushes in vec(push(), 0..8),
        window in 1_usize..20_000,
    ) {
        let mut session = Session::new(Pushes);
        session.window(0);
        let expected: Vec<u8> = pushes.iter().flat_map(content).collect();
        session.with(|_, io| -> Result<(), Error> {
            pushes.into_iter().try_for_each(|push| push.send(io))?;
            io.close_when_done();
            Ok(())
        });
        let mut output = Vec::new();
        while session.is_open() {
            session.window(window);
            output.extend(session.output());
        }
        prop_assert!(output == expected, "{} bytes where {} were pushed", output.len(), expected.len());
    }
}
