//! Frames: the same ones however the bytes are cut.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Io, Map};
use asyncore_tests::net::{run_until, Client};

/// Puts each line in brackets.
#[channel]
struct Lines;

#[channel]
impl Lines {
    #[terminator(b"\r\n")]
    fn line(line: &[u8]) -> Vec<u8> {
        [b"[", line, b"]"].concat()
    }
}

/// `put n` is followed by n bytes.
#[channel]
struct Puts;

#[channel]
impl Puts {
    #[terminator(b"\r\n")]
    fn line(line: &str, io: &mut Io<Self>) -> String {
        if let Some(len) = line.strip_prefix("put ").and_then(|len| len.parse().ok()) {
            io.set_terminator(PutsTerminator::Block(len));
        }
        format!("line {line}\n")
    }

    #[terminator(len, next = line)]
    fn block(block: &str) -> String {
        format!("block {block}\n")
    }
}

const INPUT: &[u8] = b"one\r\n\r\n\r\r\ntwo\rthree\n\r\n";
const OUTPUT: &[u8] = b"[one][][\r][two\rthree\n]";

#[test]
fn a_terminator_split_at_every_byte_ends_the_same_frames() {
    for first in 0..=INPUT.len() {
        for second in first..=INPUT.len() {
            let mut session = Session::new(Lines);
            session.feed(&INPUT[..first]);
            session.feed(&INPUT[first..second]);
            session.feed(&INPUT[second..]);
            assert_eq!(session.output(), OUTPUT, "cut at {first} and {second}");
        }
    }
}

#[test]
fn a_terminator_in_segments_of_one_byte_ends_the_same_frames() {
    let mut map = Map::new().unwrap();
    let listener = map.listen("127.0.0.1:0", |_| Lines).unwrap();
    let mut client = Client::connect(listener.local_addr().inet().unwrap());
    run_until(&mut map, |map| map.counters().accepted() == 1);
    for byte in INPUT {
        client.send([*byte]);
        map.poll(Some(asyncore_tests::net::PATIENCE)).unwrap();
    }
    assert_eq!(client.receive(OUTPUT.len()), OUTPUT);
}

#[test]
fn three_lines_in_one_read_are_three_frames() {
    let mut session = Session::new(Lines);
    session.feed(b"one\r\ntwo\r\nthree\r\n");
    assert_eq!(session.output(), b"[one][two][three]");
}

#[test]
fn a_terminator_changed_in_the_middle_of_a_buffer_holds_for_the_rest_of_it() {
    let mut session = Session::new(Puts);
    session.feed(b"put 4\r\na\r\nbhello\r\nput 0\r\nput 1\r\nxbye\r\n");
    let expected = "line put 4\nblock a\r\nb\nline hello\nline put 0\nblock \n\
                    line put 1\nblock x\nline bye\n";
    assert_eq!(session.output(), expected.as_bytes());
}

#[test]
fn a_terminator_changed_in_the_middle_holds_wherever_the_input_is_cut() {
    let input = b"put 4\r\na\r\nbhello\r\nput 0\r\n";
    for cut in 0..=input.len() {
        let mut session = Session::new(Puts);
        session.feed(&input[..cut]);
        session.feed(&input[cut..]);
        let expected = b"line put 4\nblock a\r\nb\nline hello\nline put 0\nblock \n";
        assert_eq!(session.output(), expected, "cut at {cut}");
    }
}
