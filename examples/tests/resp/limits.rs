//! Long commands, long values, long replies: what they cost, and where it ends.

use asyncore_runtime::testing::Session;

use crate::protocol::Client;
use crate::transcript::{session, text};

/// What is answered to this.
fn answer(session: &mut Session<Client>, sent: impl AsRef<[u8]>) -> Vec<u8> {
    session.feed(sent);
    session.output()
}

fn command(args: &[&[u8]]) -> Vec<u8> {
    let mut command = format!("*{}\r\n", args.len()).into_bytes();
    for arg in args {
        command.extend(format!("${}\r\n", arg.len()).bytes());
        command.extend_from_slice(arg);
        command.extend_from_slice(b"\r\n");
    }
    command
}

/// Fed so many bytes at a time.
fn feed_in_parts(session: &mut Session<Client>, sent: &[u8], size: usize) {
    sent.chunks(size).for_each(|part| session.feed(part));
}

#[test]
fn a_long_value_comes_back_whatever_the_reads() {
    // Around the lengths at which a value is taken in another way.
    for len in [16_000, 16_384, 16_385, 65_536, 70_000, 1_000_000] {
        let value = (0..len).map(|at| (at % 251) as u8).collect::<Vec<_>>();
        let set = command(&[b"SET", b"k", &value]);
        for size in [1000, 4096, 65_536, set.len()] {
            let mut session = session();
            feed_in_parts(&mut session, &set, size);
            session.feed("GET k\r\n");
            let expected = [format!("+OK\r\n${len}\r\n").as_bytes(), &value, b"\r\n"].concat();
            assert!(session.output() == expected, "{len} bytes, {size} at a time");
        }
    }
}

#[test]
fn many_arguments_are_one_command_whatever_the_reads() {
    let keys = (0..20_000).map(|at| format!("key:{at}").into_bytes()).collect::<Vec<_>>();
    let mut args: Vec<&[u8]> = vec![b"MSET"];
    keys.iter().for_each(|key| args.extend([&key[..], &key[..]]));
    let mset = command(&args);
    for size in [777, 65_536, mset.len()] {
        let mut session = session();
        feed_in_parts(&mut session, &mset, size);
        session.feed("DBSIZE\r\nGET key:19999\r\n");
        let answered = text(&session.output());
        assert_eq!(answered, r"+OK\r\n:20000\r\n$9\r\nkey:19999\r\n", "{size} at a time");
    }
}

#[test]
fn long_arguments_stand_among_short_ones() {
    let long = vec![b'x'; 50_000];
    let mut session = session();
    let push = command(&[b"RPUSH", b"l", b"a", &long, b"b", &long, b""]);
    feed_in_parts(&mut session, &push, 3000);
    session.feed("LINDEX l 2\r\nLLEN l\r\n");
    assert_eq!(text(&session.output()), r":5\r\n$1\r\nb\r\n:5\r\n");
}

#[test]
fn what_was_announced_is_not_reserved() {
    let mut session = session();
    let allocated = allocation_counter::measure(|| {
        session.feed("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\nx");
    });
    assert!(allocated.bytes_max < 16 * 1024, "{} bytes", allocated.bytes_max);
    let allocated = allocation_counter::measure(|| session.feed("y"));
    assert!(allocated.bytes_max < 16 * 1024, "{} bytes", allocated.bytes_max);
}

#[test]
fn a_long_value_is_held_once_and_nothing_beyond_its_length() {
    const LEN: usize = 20_000_000;
    let set = command(&[b"SET", b"k", &vec![b'x'; LEN]]);
    let mut session = session();
    let allocated = allocation_counter::measure(|| feed_in_parts(&mut session, &set, 65_536));
    assert_eq!(text(&session.output()), r"+OK\r\n");
    // While it grows, the last buffer but one is there beside the last.
    assert!(allocated.bytes_max < 2 * LEN as u64, "{} bytes", allocated.bytes_max);
    assert!(allocated.bytes_current < (LEN + 100_000) as i64, "{}", allocated.bytes_current);
}

#[test]
fn a_bulk_string_may_be_as_long_as_is_configured() {
    let mut session = session();
    assert_eq!(answer(&mut session, "CONFIG SET proto-max-bulk-len 1048576\r\n"), b"+OK\r\n");
    assert_eq!(answer(&mut session, command(&[b"ECHO", &[b'x'; 1_048_576]])).len(), 1_048_588);
    session.feed("*2\r\n$4\r\nECHO\r\n$1048577\r\n");
    assert_eq!(text(&session.output()), r"-ERR Protocol error: invalid bulk length\r\n");
    assert!(!session.is_open());
}

#[test]
fn a_string_does_not_grow_beyond_that() {
    let mut session = session();
    session.feed("CONFIG SET proto-max-bulk-len 1048576\r\nSETRANGE k 1048575 x\r\n");
    session.output();
    let too_long = r"-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
    assert_eq!(text(&answer(&mut session, "APPEND k x\r\n")), too_long);
    assert_eq!(text(&answer(&mut session, "SETRANGE k 1048576 x\r\n")), too_long);
}

#[test]
fn a_client_that_asks_and_does_not_read_holds_no_more_than_the_mark() {
    let mut session = session();
    session.feed(command(&[b"SET", b"k", &vec![b'x'; 3000]]));
    session.output();
    session.window(0);
    for _ in 0..10 {
        session.feed("GET k\r\n".repeat(10_000));
    }
    let queued = session.with(|_, io| io.queued()).unwrap();
    assert!(queued < 9 * 1024 * 1024, "{queued} bytes of 300 MB");
}

#[test]
fn a_count_from_the_wire_reserves_nothing() {
    let mut session = session();
    session.feed("SADD s a\r\nHSET h f v\r\n");
    session.output();
    for command in ["SRANDMEMBER s -9223372036854775807", "HRANDFIELD h -9223372036854775807"] {
        let answered = text(&answer(&mut session, command.to_owned() + "\r\n"));
        assert_eq!(answered, r"-ERR value is out of range\r\n", "{command}");
    }
    let lpop = answer(&mut session, "SPOP s 9223372036854775807\r\n");
    assert_eq!(text(&lpop), r"*1\r\n$1\r\na\r\n");
}

#[test]
fn what_a_transaction_or_half_a_command_holds_is_counted_and_let_go() {
    let held = |session: &mut Session<Client>| {
        let info = String::from_utf8(answer(session, "INFO memory\r\n")).unwrap();
        let line = info.lines().find_map(|line| line.strip_prefix("mem_clients_normal:"));
        line.unwrap().parse::<usize>().unwrap()
    };
    let mut session = session();
    session.feed(command(&[b"SET", b"k", &[b'x'; 100_000]]));
    assert_eq!(held(&mut session), 0);
    session.feed("MULTI\r\nGET k\r\nDISCARD\r\n");
    assert_eq!(held(&mut session), 0);
    session.feed("MULTI\r\nECHO hello\r\nINFO memory\r\nEXEC\r\n");
    assert_eq!(held(&mut session), 0);
}
