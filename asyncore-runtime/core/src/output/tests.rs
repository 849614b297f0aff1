//! The queue by itself: what leaves, and in which order.

use core::fmt;
use std::net::SocketAddr;

use super::push::{bytes_of, Push, Sink};
use super::*;
use crate::vocabulary::addr::Addr;

/// An output with producers that are known by their names.
type Out = Output<&'static str>;

fn out() -> Out {
    let mut out = Out::default();
    out.borrow(&mut Vec::new());
    out
}

fn push(out: &mut Out, data: impl Push) {
    data.push_to(&mut Sink::new(&mut out.queue));
}

/// All that leaves without asking a producer.
fn written(out: &mut Out) -> Vec<u8> {
    let mut written = Vec::new();
    while let Some(front) = out.front() {
        let Front::Bytes(bytes) = front else { break };
        let len = bytes.len();
        written.extend_from_slice(bytes);
        out.advance(len);
    }
    written
}

fn large(byte: u8) -> Bytes {
    Bytes::from(vec![byte; 5000])
}

#[test]
fn what_is_pushed_leaves_in_its_order_small_and_large() {
    let mut out = out();
    push(&mut out, "one ");
    push(&mut out, large(b'x'));
    push(&mut out, "two");
    let shared = large(b'y');
    push(&mut out, &shared);
    assert_eq!(out.queued(), 10_007);
    let expected = [&b"one "[..], &large(b'x'), b"two", &shared].concat();
    assert_eq!(written(&mut out), expected);
    assert!(out.is_empty() && out.queued() == 0);
}

#[test]
fn what_was_written_in_part_goes_on_where_it_stopped() {
    let mut out = out();
    push(&mut out, "0123");
    push(&mut out, large(b'x'));
    out.advance(3);
    out.give_back(&mut Vec::new());
    out.borrow(&mut Vec::new());
    assert_eq!(out.queued(), 5001);
    assert_eq!(written(&mut out)[..2], *b"3x");
}

#[test]
fn large_bytes_are_shared_and_not_copied() {
    let mut out = out();
    let bytes = large(b'x');
    push(&mut out, &bytes);
    let Some(Front::Bytes(front)) = out.front() else { panic!("nothing queued") };
    assert_eq!(front.as_ptr(), bytes.as_ptr());
}

#[test]
fn a_producer_has_its_turn_where_it_was_pushed() {
    let mut out = out();
    push(&mut out, "before ");
    out.push_producer("p", true);
    push(&mut out, "behind");
    assert!(out.holds_input());
    assert_eq!(written(&mut out), b"before ");
    let producer = out.take_producer().expect("its turn");
    push(&mut out, "!");
    out.put_back(producer, Some(Bytes::from_static(b"made ")), None);
    assert_eq!(written(&mut out), b"made ");
    out.take_producer().expect("it may have more");
    out.ended(true);
    assert!(!out.holds_input());
    assert_eq!(written(&mut out), b"behind!");
}

#[test]
fn a_producer_that_sleeps_is_asked_when_it_is_woken() {
    let mut out = out();
    out.push_producer("p", false);
    let producer = out.take_producer().expect("its turn");
    out.put_back(producer, None, None);
    assert!(!out.is_waiting_for_room() && out.take_producer().is_none());
    assert!(out.wake());
    assert!(out.is_waiting_for_room() && out.take_producer().is_some());
}

#[test]
fn a_place_keeps_what_stands_behind_it_until_it_is_filled() {
    let mut out = out();
    push(&mut out, "a");
    out.hold_place(1);
    push(&mut out, "c");
    assert_eq!(written(&mut out), b"a");
    assert!(!out.is_waiting_for_room() && !out.is_empty());
    let mut answer = Out::open();
    push(&mut answer, "b");
    assert!(out.fill_place(Some(1), answer));
    assert_eq!(written(&mut out), b"bc");
    assert!(out.is_empty());
}

#[test]
fn places_are_filled_in_any_order() {
    let mut out = out();
    for id in 0..3 {
        out.hold_place(id);
    }
    for (id, answer) in [(2, "c"), (0, "a"), (1, "b")] {
        let mut filled = Out::open();
        push(&mut filled, answer);
        push(&mut filled, large(b'x'));
        assert!(out.fill_place(Some(id), filled));
    }
    let written = written(&mut out);
    assert_eq!([written[0], written[5001], written[10_002]], *b"abc");
    assert_eq!(written.len(), 15_003);
}

#[test]
fn producers_of_an_answer_stand_among_those_of_the_places_before_and_behind_it() {
    let mut out = out();
    out.push_producer("first", false);
    out.hold_place(7);
    out.push_producer("third", false);
    let mut answer = Out::open();
    answer.push_producer("second", false);
    assert!(out.fill_place(Some(7), answer));
    for name in ["first", "second", "third"] {
        assert_eq!(out.take_producer(), Some(name));
        out.ended(false);
    }
    assert!(out.is_empty());
}

#[test]
fn an_answer_without_a_place_goes_behind_everything() {
    let mut out = out();
    push(&mut out, "a");
    let mut answer = Out::open();
    push(&mut answer, "b");
    assert!(out.fill_place(None, answer));
    assert_eq!(written(&mut out), b"ab");
}

#[test]
fn an_answer_whose_place_was_discarded_goes_nowhere() {
    let mut out = out();
    out.hold_place(1);
    assert_eq!(out.clear(), 0);
    let mut answer = Out::open();
    push(&mut answer, "b");
    assert!(!out.fill_place(Some(1), answer));
    assert!(out.is_empty());
}

/// Writes half, and fails.
struct Half;
impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half")?;
        Err(fmt::Error)
    }
}

#[test]
fn a_display_that_fails_takes_back_all_it_wrote_and_nothing_else() {
    for before in ["", "flat"] {
        let mut out = out();
        push(&mut out, "kept");
        if !before.is_empty() {
            out.hold_place(1);
            push(&mut out, before);
        }
        push(&mut out, format_args!("[{Half}]"));
        assert!(out.queue.take_failure() && !out.queue.take_failure());
        assert_eq!(out.queued(), 4 + before.len());
        push(&mut out, "!");
        assert!(out.fill_place(Some(1), Out::open()) || before.is_empty());
        assert_eq!(written(&mut out), format!("kept{before}!").as_bytes());
    }
}

#[test]
fn what_is_too_late_is_not_queued_here() {
    let mut out = out();
    out.queue.set_aside();
    assert!(!out.queue.is_open() && out.queue.is_aside());
    assert_eq!(out.clear(), 0);
    assert!(out.queue.is_aside(), "clearing does not open it again");
}

#[test]
fn datagrams_leave_one_by_one_the_empty_ones_too() {
    let mut out = out();
    let to: Addr = SocketAddr::from(([127, 0, 0, 1], 7)).into();
    out.queue.put_datagram(to.clone(), Bytes::new());
    out.queue.put_datagram(to.clone(), Bytes::from_static(b"x"));
    assert!(!out.is_empty());
    for len in [0, 1] {
        let Some(Front::Datagram(addr, bytes)) = out.front() else { panic!("a datagram") };
        assert_eq!((addr, bytes.len()), (&to, len));
        out.datagram_done();
    }
    assert!(out.is_empty());
}

#[test]
fn what_others_push_is_appended_whole() {
    let mut other = Queue::open_in(Vec::with_capacity(100));
    "small ".push_to(&mut Sink::new(&mut other));
    large(b'x').push_to(&mut Sink::new(&mut other));
    let mut out = out();
    push(&mut out, "mine ");
    out.queue.append(&mut other);
    assert!(other.into_spare().capacity() >= 100, "the buffer that was lent comes back");
    assert_eq!(written(&mut out)[..12], *b"mine small x");
}

#[test]
fn whatever_is_pushed_is_its_bytes() {
    assert_eq!(bytes_of("text").unwrap(), "text");
    assert_eq!(bytes_of(format_args!("{}-{}", 1, 2)).unwrap(), "1-2");
    assert_eq!(bytes_of([1, 2, 3]).unwrap(), [1, 2, 3][..]);
    assert_eq!(bytes_of(large(b'x')).unwrap().len(), 5000);
}
