//! T: terminators.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, tcp, Bytes, Limit, Settings, Terminator};
use std::net::TcpStream;
use std::rc::Rc;

use super::common::{events_of, frames_of, Chat, Events};
use crate::has;

const CRLF: &[u8] = b"\r\n";

/// Every cut of `stream` in two.
fn every_cut(until: &'static [u8], stream: &'static [u8], frames: &[&str]) {
    for at in 1..stream.len() {
        let (head, tail) = stream.split_at(at);
        assert_eq!(frames_of(until, &[head, tail]), frames, "cut at {at}");
    }
}

#[test]
fn t1_a_terminator_may_be_cut_by_a_read() {
    let events = events_of(Chat::new(CRLF), &["abc\r", "\ndef\r\n"]);
    assert_eq!(events, ["collect abc", "found", "collect def", "found"]);
}

#[test]
fn t2_a_held_byte_that_is_no_terminator_comes_back_as_data() {
    let events = events_of(Chat::new(CRLF), &["abc\r", "x\r\n"]);
    assert_eq!(events, ["collect abc", r"collect \rx", "found"]);
}

#[test]
fn t3_a_terminator_alone_in_two_reads_is_found_with_no_data() {
    assert_eq!(events_of(Chat::new(CRLF), &["\r", "\n"]), ["found"]);
}

#[test]
fn t4_two_terminators_are_two_empty_frames() {
    assert_eq!(events_of(Chat::new(CRLF), &["\r\n\r\n"]), ["found", "found"]);
}

#[test]
fn t5_a_terminator_that_overlaps_itself_is_found_at_every_cut() {
    every_cut(b"aab", b"xaaab", &["xa", ""]);
}

#[test]
fn t6_a_longer_overlap_is_found_at_every_cut() {
    every_cut(b"abac", b"ababac..", &["ab", ".."]);
}

#[test]
fn t7_a_held_prefix_is_joined_with_the_next_read() {
    let events = events_of(Chat::new(b"\r\n.\r\n"), &["\r\n.\r", "\n.\r\n"]);
    assert_eq!(events, ["found", "collect ."]);
}

/// C: as in CPython the held byte is never handed over; here the close event counts it.
#[test]
fn t8_a_prefix_held_at_the_end_is_told_in_the_reason() {
    let chat = Chat::new(CRLF);
    let (events, unread) = (chat.events.clone(), Rc::clone(&chat.unread));
    let mut session = Session::new(chat);
    session.feed(b"abc\r");
    session.feed_eof();
    assert_eq!(events.list(), ["collect abc", "close"]);
    assert_eq!(*unread.borrow(), 1);
}

/// F: CPython went on with its buffer, and collected the held byte after `handle_close`.
#[test]
fn t9_a_terminator_changed_in_the_close_event_delivers_nothing() {
    let chat = Chat { on_close: Some(|chat| chat.until = Terminator::None), ..Chat::new(CRLF) };
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    session.feed(b"abc\r");
    session.feed_eof();
    assert_eq!(events.list(), ["collect abc", "close"]);
}

#[test]
fn t10_a_new_terminator_counts_for_the_bytes_already_read() {
    let mut next = [Terminator::Len(3), b"|".into(), Terminator::None].into_iter();
    let chat = Chat::new(CRLF).found_hook(move |chat, _| {
        chat.until = next.next().unwrap_or_default();
        Ok(())
    });
    let events = events_of(chat, &["head\r\nabcfoo|rest|of\r\nit"]);
    let expected = ["collect head", "found", "collect abc", "found", "collect foo", "found"];
    assert_eq!(events[..6], expected);
    assert_eq!(events[6..], [r"collect rest|of\r\nit"]);
}

/// K, and C for the trap that 0 collects for ever: the field does, a `#[terminator(len)]` method
/// repeats instead.
#[test]
fn t11_a_count_goes_down_with_its_bytes_and_ends_at_0() {
    let chat = Chat::new(5);
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    session.feed(b"ab");
    assert_eq!(session.with(|chat, _| chat.until.clone()), Some(Terminator::Len(3)));
    session.feed(b"cdefgh");
    assert_eq!(events.list(), ["collect ab", "collect cde", "found", "collect fgh"]);
    assert_eq!(session.with(|chat, _| chat.until.clone()), Some(Terminator::Len(0)));
}

#[test]
fn t12_a_count_reads_0_in_its_handler_and_can_be_set_again() {
    let chat = Chat::new(2).found_hook(|chat, _| {
        chat.events.note(format!("{:?}", chat.until));
        chat.until = Terminator::Len(2);
        Ok(())
    });
    let events = events_of(chat, &["abcde"]);
    let frame = |data: &str| [format!("collect {data}"), "found".into(), "Len(0)".into()];
    assert_eq!(events, [&frame("ab")[..], &frame("cd")[..], &["collect e".into()]].concat());
}

#[test]
fn t13_none_0_and_an_empty_string_collect_everything() {
    for until in [Terminator::None, Terminator::Len(0), Terminator::Bytes(Bytes::new())] {
        assert_eq!(events_of(Chat::new(until), &["a\r\n"]), [r"collect a\r\n"]);
    }
}

/// By type: in CPython `True` counts as 1.
#[test]
fn t14_true_is_no_terminator() {
    assert!(has!(Terminator: From<u64>));
    assert!(!has!(Terminator: From<bool>));
}

/// By type: CPython raises a `ValueError`.
#[test]
fn t15_a_count_cannot_be_negative() {
    assert!(!has!(Terminator: From<i64>));
    assert!(!has!(Terminator: From<i32>));
}

/// F, by type: CPython takes both, and fails when the first data comes. A `str` is its bytes.
#[test]
fn t16_a_float_is_no_terminator_and_a_str_is_its_bytes() {
    assert!(!has!(Terminator: From<f64>));
    assert_eq!(events_of(Chat::new("\r\n"), &["a\r\n"]), ["collect a", "found"]);
}

/// F: in CPython the first data is an `AttributeError`, which closes the channel.
#[test]
fn t17_a_terminator_never_set_is_none() {
    assert_eq!(events_of(Chat::default(), &["abc"]), ["collect abc"]);
}

#[test]
fn t18_without_data_a_terminator_never_set_does_no_harm() {
    let chat = Chat::default();
    let events = chat.events.clone();
    Session::new(chat).feed_eof();
    assert_eq!(events.list(), ["close"]);
}

/// F: CPython parses the rest of the read, and calls handlers after the close.
#[test]
fn t19_no_frame_is_found_after_close() {
    let chat = Chat::new(CRLF).found_hook(|_, io| {
        io.close();
        Ok(())
    });
    let events = events_of(chat, &["QUIT\r\nMAIL\r\nmore"]);
    assert_eq!(events, ["collect QUIT", "found", "close"]);
}

/// F: in CPython MAIL is found too, and its push pops the close mark and closes inside `push`.
#[test]
fn t20_no_frame_is_found_after_close_when_done() {
    let chat = Chat::new(CRLF).found_hook(|_, io| {
        io.push("bye");
        io.close_when_done();
        Ok(())
    });
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    session.feed(b"QUIT\r\nMAIL\r\n");
    assert_eq!(events.list(), ["collect QUIT", "found", "close"]);
    assert_eq!(session.output(), b"bye");
}

#[test]
fn t21_discard_buffers_drops_the_rest_of_the_read() {
    let chat = Chat::new(CRLF).found_hook(|_, io| {
        io.push("sent at once");
        io.discard_buffers();
        Ok(())
    });
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    session.feed(b"a\r\nb\r\nc");
    session.feed(b"d\r\n");
    assert_eq!(events.list(), ["collect a", "found", "collect d", "found"]);
    assert_eq!(session.output(), b"sent at oncesent at once");
}

#[test]
fn t22_an_error_in_the_handler_ends_the_channel_and_the_rest_is_not_parsed() {
    let chat = Chat::new(CRLF).found_hook(|_, _| Err("scripted".into()));
    let unread = Rc::clone(&chat.unread);
    let events = events_of(chat, &["a\r\nb\r\n"]);
    assert_eq!(events, ["collect a", "found", "error scripted", "close"]);
    assert_eq!(*unread.borrow(), 3);
}

/// F: in CPython `b` sleeps in the buffer until another byte comes.
#[test]
fn t23_after_an_error_that_is_survived_the_next_frame_follows_at_once() {
    let mut errors = [Err("scripted".into())].into_iter();
    let mut chat = Chat::new(CRLF).found_hook(move |_, _| errors.next().unwrap_or(Ok(())));
    chat.survives = true;
    let events = events_of(chat, &["a\r\nb\r\n"]);
    assert_eq!(events, ["collect a", "found", "error scripted", "collect b", "found"]);
}

/// F: CPython had not cut its buffer yet, and collects the same bytes again.
#[test]
fn t24_after_an_error_in_collect_the_same_bytes_do_not_come_again() {
    let mut errors = [Err("scripted".into())].into_iter();
    let mut chat = Chat::new(CRLF).collect_hook(move |_, _| errors.next().unwrap_or(Ok(())));
    chat.survives = true;
    let events = events_of(chat, &["ab", "cd"]);
    assert_eq!(events, ["collect ab", "error scripted", "collect cd"]);
}

/// C: CPython waits for the next byte. Here the held byte is looked at again at once.
#[test]
fn t25_a_terminator_changed_from_outside_counts_at_once() {
    let chat = Chat::new(CRLF);
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    session.feed(b"abc\r");
    session.with(|chat, _| chat.until = Terminator::None);
    assert_eq!(events.list(), ["collect abc", r"collect \r"]);
}

fn change_once(chat: Chat, to: Terminator) -> Chat {
    let mut to = Some(to);
    chat.collect_hook(move |chat, _| {
        chat.until = to.take().unwrap_or_else(|| chat.until.clone());
        Ok(())
    })
}

/// F: CPython takes the 4 bytes off the new value, and has 96 left.
#[test]
fn t26_a_count_changed_in_collect_counts_from_the_next_byte() {
    let chat = change_once(Chat::new(10), Terminator::Len(100));
    let mut session = Session::new(chat);
    session.feed(b"abcd");
    assert_eq!(session.with(|chat, _| chat.until.clone()), Some(Terminator::Len(100)));
}

/// F: in CPython a short read is a `TypeError`, and after a full one the new value is lost.
#[test]
fn t27_a_count_changed_to_bytes_in_collect_stays_changed() {
    for read in ["ab", "abcd"] {
        let events = events_of(change_once(Chat::new(4), CRLF.into()), &[read, "ef\r\n"]);
        assert_eq!(events, [&format!("collect {read}"), "collect ef", "found"]);
    }
}

/// C: in CPython this frame still ends where the old terminator was found. Here the change counts
/// from the next byte, which is the old terminator's first.
#[test]
fn t28_bytes_changed_to_a_count_in_collect_count_from_the_next_byte() {
    let events = events_of(change_once(Chat::new(CRLF), Terminator::Len(3)), &["abc\r\ndef"]);
    assert_eq!(events, ["collect abc", r"collect \r\nd", "found", "collect ef"]);
}

/// F: CPython still finds the frame, and collects what is behind it.
#[test]
fn t29_nothing_comes_after_close_in_collect() {
    let chat = Chat::new(CRLF).collect_hook(|_, io| {
        io.close();
        Ok(())
    });
    assert_eq!(events_of(chat, &["ab\r\ncd"]), ["collect ab", "close"]);
}

/// `ac_in_buffer_size` is `bytes_per_turn`.
#[channel(bytes_per_turn = 1)]
#[derive(Default)]
struct Sip {
    events: Events,
}

#[channel]
impl Sip {
    #[terminator(b"\r\n")]
    fn line(&mut self, line: &str) {
        self.events.note(line);
    }
}

#[test]
fn t30_a_byte_at_a_time_comes_to_the_same() {
    let sip = Sip::default();
    let events = sip.events.clone();
    let mut session = Session::new(sip);
    session.feed(b"ab\r\ncd\r\n");
    assert_eq!(events.list(), ["ab", "cd"]);
    assert!(session.net().counters().hits(Limit::Turn) >= 7, "a turn for each byte");
}

/// F: CPython's `recv(0)` is taken for the end of the stream. Here a read has at least one byte.
#[test]
fn t31_a_read_of_no_bytes_does_not_exist() {
    let mut net = Net::new();
    let sip = Sip::default();
    let events = sip.events.clone();
    let limits = Sip::LIMITS.bytes_per_turn(0);
    let mut arriving = Some(sip);
    net.listen(tcp("127.0.0.1:80").limits(limits), move |_| arriving.take()).expect("a listener");
    assert!(net.dial("127.0.0.1:80"));
    let key = net.keys::<Sip>()[0];
    net.feed(key, b"ab\r\n");
    assert_eq!(events.list(), ["ab"]);
    assert!(net.is_open(key));
}

/// Refused at compile time (`tests/ui.rs` compiles it): CPython raises `NotImplementedError` when
/// the first data comes.
#[test]
fn t32_a_channel_that_collects_nothing_does_not_compile() {
    let refused = include_str!("../../ui/items/frameless_state_without_on_read.stderr");
    assert!(refused.starts_with("error"), "{refused}");
}

/// K for the first, which is no error. A reset is one close, without an error in between: CPython
/// reported it twice.
#[test]
fn t33_a_read_that_would_block_is_ignored_and_a_reset_closes() {
    let chat = Chat::new(CRLF);
    let events = chat.events.clone();
    let mut session = Session::new(chat);
    session.feed(b"");
    assert_eq!(events.list(), Vec::<String>::new());

    let (chat, mut map) = (Chat::new(CRLF), asyncore_runtime::Map::new().expect("a map"));
    let events = chat.events.clone();
    let mut arriving = Some(chat);
    let listener = map.listen("127.0.0.1:0", move |_| arriving.take()).expect("a listener");
    let peer =
        TcpStream::connect(listener.local_addr().inet().expect("an address")).expect("a peer");
    super::common::run_until(&mut map, |map| map.len() == 2);
    socket2::SockRef::from(&peer).set_linger(Some(std::time::Duration::ZERO)).expect("an option");
    drop(peer);
    super::common::run_until(&mut map, |map| map.len() == 1);
    assert_eq!(events.count("close"), 1);
    assert_eq!(events.list().len(), 2, "one error and one close: {:?}", events.list());
}
