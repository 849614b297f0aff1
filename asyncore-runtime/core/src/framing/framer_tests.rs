//! The framer by itself: bytes in, steps out, against a model that knows all input at once.

// Tests may index and add.
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]
#![allow(clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::frame::Frame;
use super::until::{Delivery, Prefix, Scan, Until};
use super::{Framer, Step};
use crate::vocabulary::error::{Error, Result};
use crate::vocabulary::limits::Limits;

const LIMITS: Limits = Limits::DEFAULT.max_frame(8).max_length(16);

/// What came of an input: frames, pieces of them, errors, and how much of it is left.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    frames: Vec<Vec<u8>>,
    errors: Vec<String>,
    /// Payload that was handed on of a frame that has not ended.
    open: Vec<u8>,
    left: usize,
    /// The last error was one that nothing can follow.
    is_over: bool,
}

/// Feeds `input` in these cuts, as a connection does, until the framer needs more.
fn run(until: &Until<'_>, cuts: &[&[u8]]) -> Outcome {
    let (mut framer, mut kept, mut outcome) = (Framer::default(), Vec::new(), Outcome::default());
    for cut in cuts {
        kept.extend_from_slice(cut);
        while !kept.is_empty() && !outcome.is_over {
            let Some(used) = step(&mut framer, until, &kept, &mut outcome) else { break };
            kept.drain(..used);
        }
    }
    outcome.left = kept.len();
    outcome
}

/// One step; how much is done with, or `None` where there is no going on.
fn step(
    framer: &mut Framer,
    until: &Until<'_>,
    kept: &[u8],
    outcome: &mut Outcome,
) -> Option<usize> {
    match framer.step(&until.rule, &LIMITS, kept) {
        Step::Need => None,
        Step::Take { start, len, used, last } => {
            outcome.open.extend_from_slice(&kept[start..start + len]);
            if last {
                outcome.frames.push(std::mem::take(&mut outcome.open));
                framer.restart();
            }
            Some(used)
        }
        Step::Skip { used, last } => {
            if last {
                framer.restart();
            }
            Some(used)
        }
        Step::Bad { error, used } => {
            outcome.open.clear();
            outcome.is_over = error.is_fatal();
            outcome.errors.push(error.to_string());
            if !framer.is_skipping() {
                framer.restart();
            }
            Some(used)
        }
    }
}

fn whole(until: &Until<'_>, input: &[u8]) -> Outcome {
    run(until, &[input])
}

fn frames(frames: &[&str]) -> Vec<Vec<u8>> {
    frames.iter().map(|frame| frame.as_bytes().to_vec()).collect()
}

const TOO_LONG: &str = "no end of frame within 8 bytes";

// -- ended by bytes

#[test]
fn a_frame_ends_with_its_bytes_and_they_are_removed() {
    let outcome = whole(&Until::bytes(b"\r\n"), b"one\r\n\r\ntw\ro\r\nres");
    assert_eq!(outcome.frames, frames(&["one", "", "tw\ro"]));
    assert_eq!(outcome.left, 3);
}

#[test]
fn a_frame_of_exactly_its_limit_is_one_and_a_byte_more_is_an_error() {
    let outcome = whole(&Until::bytes(b"\n"), b"12345678\n123456789\nok\n");
    assert_eq!(outcome.frames, frames(&["12345678", "ok"]));
    assert_eq!(outcome.errors, [TOO_LONG]);
}

#[test]
fn a_frame_without_end_is_one_error_however_long_it_is() {
    let long = [b'x'; 100];
    let outcome = run(&Until::bytes(b"\n"), &[&long, &long, b"\n", b"ok\n"]);
    assert_eq!((outcome.errors, outcome.frames), (vec![TOO_LONG.into()], frames(&["ok"])));
}

#[test]
fn an_end_that_is_cut_counts_not_towards_the_limit() {
    let outcome = run(&Until::bytes(b"\r\n"), &[b"12345678\r", b"\n"]);
    assert_eq!(outcome.frames, frames(&["12345678"]));
}

#[test]
fn a_limit_of_the_state_goes_before_that_of_the_channel() {
    assert_eq!(whole(&Until::bytes(b"\n").max(2), b"123\n").errors.len(), 1);
    assert_eq!(whole(&Until::bytes(b"\n").max(9), b"123456789\n").frames.len(), 1);
}

#[test]
fn a_long_end_is_found_where_it_overlaps_itself() {
    let outcome = whole(&Until::bytes(b"aabaaabaaac"), b"aabaaabaaabaaac");
    assert_eq!(outcome.frames, frames(&["aaba"]));
}

#[test]
fn the_alternative_that_ends_first_ends_the_frame() {
    let outcome = whole(&Until::any(&[b"\n", b"\r\n"]), b"a\r\nb\nc\r\n");
    assert_eq!(outcome.frames, frames(&["a", "b", "c"]));
}

// -- declared lengths

#[test]
fn a_length_is_that_many_bytes() {
    assert_eq!(whole(&Until::len(3), b"abcdefgh").frames, frames(&["abc", "def"]));
}

#[test]
fn a_length_with_an_end_wants_it_and_goes_on_behind_a_wrong_one() {
    let outcome = whole(&Until::len(2).end(b"\r\n"), b"ab\r\ncd!!ef\r\n");
    assert_eq!(outcome.frames, frames(&["ab", "ef"]));
    assert_eq!(outcome.errors, ["the frame is not followed by b\"\\r\\n\""]);
}

#[test]
fn a_length_in_front_is_read_in_either_order() {
    assert_eq!(whole(&Until::prefix_be(2), b"\0\x03abc\0\0").frames, frames(&["abc", ""]));
    assert_eq!(whole(&Until::prefix_le(3), b"\x02\0\0ab").frames, frames(&["ab"]));
    assert_eq!(whole(&Until::varint(), b"\x02ab\x00").frames, frames(&["ab", ""]));
}

#[test]
fn a_length_over_the_limit_is_one_error_and_is_skipped() {
    let outcome = whole(&Until::prefix_be(1), b"\x1112345678901234567\x02ok");
    assert_eq!(outcome.frames, frames(&["ok"]));
    assert_eq!(outcome.errors, ["a frame of 17 bytes was announced, the limit is 16"]);
}

#[test]
fn a_varint_of_more_than_64_bits_is_no_length() {
    let outcome = whole(&Until::varint(), b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
    assert_eq!(outcome.errors, [Error::BadPrefix.to_string()]);
    let outcome =
        whole(&Until::varint().max(usize::MAX), b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    assert_eq!((outcome.errors.len(), outcome.frames.len()), (0, 0));
}

/// Every kind of declared length, for a length near the end of its range.
fn declared(len: u64) -> Vec<(Until<'static>, Vec<u8>)> {
    let mut varint = Vec::new();
    let mut rest = len;
    while rest > 0x7f {
        varint.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    varint.push(rest as u8);
    vec![
        (Until::prefix_be(8), len.to_be_bytes().to_vec()),
        (Until::prefix_le(8), len.to_le_bytes().to_vec()),
        (Until::varint(), varint),
        (Until::len(len), Vec::new()),
        (Until::len(len).end(b"\r\n"), Vec::new()),
    ]
}

#[test]
fn a_length_at_the_end_of_its_range_is_never_whole() {
    for below in 0..12 {
        for (until, mut input) in declared(u64::MAX - below) {
            input.extend_from_slice(b"abcdefgh");
            for until in [until, until.streamed(), until.collected(), until.discarded()] {
                let outcome = whole(&until.max(usize::MAX), &input);
                assert!(outcome.frames.is_empty(), "2^64 - {below}: {until:?}");
                assert!(outcome.errors.is_empty(), "2^64 - {below}: {until:?}");
            }
        }
    }
}

// -- pieces

#[test]
fn a_piece_is_what_there_is_but_for_a_possible_start_of_the_end() {
    let until: Until<'_> = Until::bytes(b"\r\n").streamed();
    let mut framer = Framer::default();
    let Step::Take { len, last, .. } = framer.step(&until.rule, &LIMITS, b"abc\r") else {
        panic!()
    };
    assert_eq!((len, last), (3, false));
}

#[test]
fn pieces_are_not_bounded_by_the_limits_of_the_channel_but_by_their_own() {
    let until = Until::bytes(b"\n").streamed();
    assert_eq!(whole(&until, b"1234567890\n").frames, frames(&["1234567890"]));
    assert_eq!(whole(&until.max(4), b"1234567890\nok\n").frames, frames(&["ok"]));
}

#[test]
fn collected_frames_over_their_limit_are_one_error_at_every_cut() {
    let until = Until::bytes(b"\r\n").collected().max(4);
    for (one, two) in cuts(b"123456789\r\nok\r\n") {
        let outcome = run(&until, &[one, two]);
        assert_eq!((outcome.errors.len(), &outcome.frames), (1, &frames(&["ok"])), "{one:?}");
    }
}

#[test]
fn all_is_one_frame_until_the_end_of_the_stream() {
    assert_eq!(whole(&Until::eof(), b"1234567890123456").left, 16);
    assert_eq!(whole(&Until::eof(), b"12345678901234567").errors.len(), 1);
    assert_eq!(whole(&Until::none(), b"abc").open, b"abc");
}

// -- functions

fn letters(input: &[u8]) -> Result<Scan> {
    let len = input.first().map_or(1, |first| 1 + usize::from(first % 4));
    Ok(if input.len() < len { Scan::Need(len) } else { Scan::Frame(len) })
}

#[test]
fn a_function_says_where_its_frame_ends() {
    assert_eq!(whole(&Until::with(letters), b"abb0").frames, frames(&["ab", "b0"][..1]));
}

#[test]
fn whatever_a_function_asks_for_is_bounded() {
    for answer in [Scan::Need(usize::MAX), Scan::Frame(usize::MAX), Scan::Need(9), Scan::Frame(9)] {
        let scan: fn(&[u8]) -> Result<Scan> = match answer {
            Scan::Need(usize::MAX) => |_| Ok(Scan::Need(usize::MAX)),
            Scan::Frame(usize::MAX) => |_| Ok(Scan::Frame(usize::MAX)),
            Scan::Need(_) => |_| Ok(Scan::Need(9)),
            Scan::Frame(_) => |_| Ok(Scan::Frame(9)),
        };
        assert_eq!(whole(&Until::with(scan), b"x").errors.len(), 1, "{answer:?}");
    }
}

#[test]
fn a_function_that_takes_nothing_is_stuck() {
    let outcome = whole(&Until::with(|_| Ok(Scan::Frame(0))), b"x");
    assert_eq!(outcome.errors, [Error::Stuck.to_string()]);
}

// -- what can end no frame

#[test]
fn what_can_end_no_frame_is_an_error_and_not_another_mode() {
    for until in [
        Until::bytes(b""),
        Until::any(&[]),
        Until::any(&[b"", b""]),
        Until::prefix_be(0),
        Until::prefix_le(9),
    ] {
        for until in [until, until.streamed(), until.collected()] {
            let outcome = whole(&until, b"abc");
            assert_eq!(outcome.errors.len(), 1, "{until:?}");
            assert!(outcome.errors[0].starts_with("the terminator can end no frame"));
        }
    }
}

// -- properties

fn cuts(input: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    (0..=input.len()).map(|at| input.split_at(at))
}

fn untils() -> impl Strategy<Value = Until<'static>> {
    let ends = prop_oneof![
        Just(Until::bytes(b"\n")),
        Just(Until::bytes(b"\r\n")),
        Just(Until::bytes(b"aabaaabaaac")),
        Just(Until::any(&[b"\n", b"\r\n"])),
        Just(Until::any(&[b"ab", b"b", b"cab"])),
        (0..6_u64).prop_map(Until::len),
        (0..6_u64).prop_map(|len| Until::len(len).end(b"\r\n")),
        (1..=4_usize).prop_map(Until::prefix_be),
        (1..=8_usize).prop_map(Until::prefix_le),
        Just(Until::varint()),
        Just(Until::with(letters)),
    ];
    (ends, prop_oneof![Just(None), (0..20_usize).prop_map(Some)])
        .prop_map(|(until, max)| max.map_or(until, |max| until.max(max)))
}

/// Bytes of which ends and small lengths are made.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'a'), Just(b'b'), Just(b'c'), 0..4_u8];
    prop::collection::vec(byte, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_comes_out_depends_on_the_bytes_and_not_on_the_cuts(
        until in untils(), input in bytes(), at in 0..60_usize, then in 0..60_usize,
    ) {
        let (one, rest) = input.split_at(at.min(input.len()));
        let (two, three) = rest.split_at(then.min(rest.len()));
        for until in [until, until.streamed(), until.collected()] {
            // A frame of no bytes does not need any: the connection asks for it by itself.
            if until.rule.may_take_nothing() { continue; }
            let whole = whole(&until, &input);
            let cut = run(&until, &[one, two, three]);
            prop_assert_eq!(&whole.frames, &cut.frames);
            prop_assert_eq!(&whole.errors, &cut.errors);
        }
    }

    #[test]
    fn the_short_path_says_what_the_long_one_says(until in untils(), input in bytes()) {
        let short = until.rule.whole_frame(LIMITS.max_frame, LIMITS.max_length, &input);
        let long = Framer::default().step(&until.rule, &LIMITS, &input);
        match (short, &long) {
            (Some((frame, rest)), Step::Take { start, len, used, last: true }) => {
                prop_assert_eq!(frame, &input[*start..start + len]);
                prop_assert_eq!(rest, &input[*used..]);
            }
            (Some(_), other) => prop_assert!(false, "short path alone: {:?}", other),
            (None, Step::Take { .. }) => prop_assert!(!is_short(&until), "long path alone"),
            (None, _) => {}
        }
    }
}

/// Whether the short path is meant to find every whole frame of this kind.
fn is_short(until: &Until<'_>) -> bool {
    use super::until::Ends;
    until.rule.delivery == Delivery::Whole
        && match until.rule.ends {
            Ends::Bytes(end) => end.len() <= 8,
            Ends::Any(_) | Ends::Len { .. } | Ends::Scan(_) => true,
            Ends::Prefix(prefix) => matches!(prefix, Prefix::Big(4)),
            _ => false,
        }
}

#[test]
fn a_frame_is_the_type_that_is_asked_for_or_an_error_that_says_what_it_is() {
    assert_eq!(Frame::slice(b"abc").parse::<&str>().unwrap(), "abc");
    assert_eq!(Frame::slice(b"abc").parse::<[u8; 3]>().unwrap(), *b"abc");
    let error = Frame::slice(b"abc").parse::<[u8; 2]>().unwrap_err();
    assert_eq!(error.to_string(), "bad frame: 3 bytes where 2 were expected");
    assert!(Frame::slice(b"\xff").parse::<&str>().is_err());
}
