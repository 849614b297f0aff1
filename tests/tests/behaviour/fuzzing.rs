//! `testing::fuzz` and `testing::explore` find what they are for.

use asyncore_runtime::{channel, testing, Io};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Breaks in the way it is told.
#[channel(idle_timeout = "never", first_frame_timeout = "never")]
#[derive(Default)]
struct Broken {
    reads: usize,
    stays: bool,
}

#[channel]
impl Broken {
    #[terminator(b"\n")]
    #[example(b"a\n" => b"A\n")]
    #[example(b"b\nc\n" => b"B\nC\n")]
    fn line(&mut self, line: &[u8], io: &mut Io<Self>) -> Vec<u8> {
        match line {
            b"panic" => panic!("a word"),
            b"endless" => io.push_with_producer(std::iter::repeat([b'x'; 8192])),
            b"stay" => self.stays = true,
            b"raw" => io.set_terminator(BrokenTerminator::Raw),
            _ => {}
        }
        [line.to_ascii_uppercase().as_slice(), b"\n"].concat()
    }

    /// Answers to reads, where it should answer to bytes.
    #[terminator(none)]
    fn raw(&mut self, _data: &[u8]) -> &'static str {
        self.reads += 1;
        "."
    }

    #[on_eof]
    fn ended(&mut self, io: &mut Io<Self>) {
        if !self.stays {
            io.close_when_done();
        }
    }
}

/// What `fuzz` says of this input.
fn fault(data: &[u8]) -> String {
    let said = catch_unwind(AssertUnwindSafe(|| testing::fuzz(Broken::default, data)));
    let payload = said.expect_err("a fault");
    payload.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn fuzz_is_content_with_a_channel_that_takes_what_comes() {
    testing::fuzz(Broken::default, b"a\n\xff\0\r\n\nunfinished");
}

#[test]
fn fuzz_finds_a_handler_that_panics() {
    assert!(fault(b"a\npanic\n").ends_with("handler panicked: a word"), "{}", fault(b"panic\n"));
}

#[test]
fn fuzz_finds_replies_that_differ_with_the_cuts() {
    let said = fault(b"raw\nabc");
    assert!(said.contains("cut into reads of 1") && said.contains("in one read"), "{said}");
}

#[test]
fn fuzz_finds_output_without_an_end() {
    assert!(fault(b"endless\n").ends_with("output without an end"));
}

#[test]
fn fuzz_finds_a_state_that_is_not_left_when_the_peer_has_gone() {
    assert!(fault(b"stay\n").ends_with("open a day after its peer has gone"));
}

#[test]
fn explore_plays_the_examples_and_their_lines_in_every_order() {
    // "a", "b", "c" and "b c"
    assert_eq!(testing::explore(Broken::default, 3), 4 + 16 + 64);
}
