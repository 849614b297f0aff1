//! RESP, the protocol of Redis: once with a state for each part of a command, once with a function
//! that finds whole commands.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Bytes, Channel, Error, Frame, FromFrame, Io, Reply, Scan};
use asyncore_tests::net::Server;
use std::collections::HashMap;

const MAX_ARGUMENTS: usize = 1024;
const MAX_BULK: usize = 64 * 1024;

/// An answer on its way to the wire.
enum Value {
    Simple(&'static str),
    Bulk(Option<Bytes>),
    Integer(usize),
    Error(String),
}

impl<T: Channel> Reply<T> for Value {
    fn send(self, io: &mut Io<T>) -> asyncore_runtime::Result {
        match self {
            Self::Simple(text) => io.push(format_args!("+{text}\r\n")),
            Self::Bulk(None) => io.push("$-1\r\n"),
            Self::Bulk(Some(bytes)) => {
                io.push(format_args!("${}\r\n", bytes.len()));
                io.push(bytes);
                io.push("\r\n");
            }
            Self::Integer(number) => io.push(format_args!(":{number}\r\n")),
            Self::Error(text) => io.push(format_args!("-ERR {text}\r\n")),
        }
        Ok(())
    }
}

#[derive(Default)]
struct Store(HashMap<Bytes, Bytes>);

impl Store {
    fn run(&mut self, command: &[Bytes]) -> Value {
        match command {
            [verb] if &verb[..] == b"PING" => Value::Simple("PONG"),
            [verb, key] if &verb[..] == b"GET" => Value::Bulk(self.0.get(key).cloned()),
            [verb, key] if &verb[..] == b"DEL" => Value::Integer(self.0.remove(key).iter().count()),
            [verb, key, value] if &verb[..] == b"SET" => {
                self.0.insert(key.clone(), value.clone());
                Value::Simple("OK")
            }
            _ => Value::Error("unknown command".to_owned()),
        }
    }
}

/// `digits` after a mark, and nothing else: no sign, no space.
fn number(line: &[u8], mark: u8) -> Result<u64, Error> {
    let digits = line.strip_prefix(&[mark]).filter(|digits| digits.iter().all(u8::is_ascii_digit));
    let text = digits.and_then(|digits| std::str::from_utf8(digits).ok());
    text.and_then(|text| text.parse().ok()).ok_or_else(|| Error::scan("not a number"))
}

/// `*3`: so many arguments follow.
struct Star(u64);
/// `$5`: so many bytes follow.
struct Dollar(u64);

impl<'a> FromFrame<'a> for Star {
    type Error = Error;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Error> {
        match number(frame.as_bytes(), b'*')? {
            count if (1..=MAX_ARGUMENTS as u64).contains(&count) => Ok(Self(count)),
            _ => Err(Error::scan("so many arguments")),
        }
    }
}

impl<'a> FromFrame<'a> for Dollar {
    type Error = Error;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Error> {
        number(frame.as_bytes(), b'$').map(Self)
    }
}

/// A state for each part of a command.
#[channel]
#[derive(Default)]
struct Resp {
    store: Store,
    command: Vec<Bytes>,
    left: u64,
}

#[channel]
impl Resp {
    #[terminator(b"\r\n", max = 32, next = size)]
    fn count(&mut self, Star(count): Star) {
        self.left = count;
        self.command.clear();
    }

    #[terminator(b"\r\n", max = 32)]
    fn size(&mut self, Dollar(len): Dollar, io: &mut Io<Self>) {
        io.set_terminator(RespTerminator::Bulk(len));
    }

    #[terminator(len, end = b"\r\n", max = MAX_BULK, next = size)]
    fn bulk(&mut self, bytes: Bytes, io: &mut Io<Self>) -> Option<Value> {
        self.command.push(bytes);
        self.left -= 1;
        if self.left > 0 {
            return None;
        }
        io.set_terminator(RespTerminator::Count);
        Some(self.store.run(&self.command))
    }

    #[on_error]
    fn bad(error: &Error, io: &mut Io<Self>) -> Value {
        io.close_when_done();
        Value::Error(error.to_string())
    }
}

/// The same, with whole commands for frames.
#[channel]
#[derive(Default)]
struct Scanned {
    store: Store,
}

#[channel]
impl Scanned {
    #[terminator(with = whole_command, max = 1 << 20)]
    fn command(&mut self, Command(command): Command) -> Value {
        self.store.run(&command)
    }

    #[on_error]
    fn bad(error: &Error, io: &mut Io<Self>) -> Value {
        io.close_when_done();
        Value::Error(error.to_string())
    }
}

struct Command(Vec<Bytes>);

impl<'a> FromFrame<'a> for Command {
    type Error = Error;
    fn from_frame(frame: Frame<'a>) -> Result<Self, Error> {
        let bytes = frame.into_bytes();
        let parts = parts(&bytes)?.ok_or_else(|| Error::scan("cut off"))?;
        Ok(Self(parts.into_iter().map(|part| bytes.slice(part)).collect()))
    }
}

fn whole_command(input: &[u8]) -> Result<Scan, Error> {
    Ok(match parts(input)? {
        Some(parts) => Scan::Frame(parts.last().map_or(0, |last| last.end + 2)),
        None => Scan::Need(input.len() + 1),
    })
}

/// Where the arguments of the command are, if all of it is there.
fn parts(input: &[u8]) -> Result<Option<Vec<std::ops::Range<usize>>>, Error> {
    let line = |from: usize| {
        let end = input[from..].windows(2).position(|two| two == b"\r\n")?;
        Some((&input[from..from + end], from + end + 2))
    };
    let Some((count, mut at)) = line(0) else { return Ok(None) };
    let mut parts = Vec::new();
    for _ in 0..number(count, b'*')? {
        let Some((len, start)) = line(at) else { return Ok(None) };
        let len = usize::try_from(number(len, b'$')?).map_err(Error::scan)?;
        let behind = len.checked_add(2).and_then(|len| start.checked_add(len));
        at = behind.ok_or_else(|| Error::scan("so long"))?;
        if input.len() < at {
            return Ok(None);
        }
        parts.push(start..start + len);
    }
    Ok(Some(parts))
}

fn command(arguments: &[&str]) -> String {
    let bulk = |argument: &&str| format!("${}\r\n{argument}\r\n", argument.len());
    format!("*{}\r\n{}", arguments.len(), arguments.iter().map(bulk).collect::<String>())
}

/// Commands whose arguments look like the protocol.
fn conversation() -> (String, &'static str) {
    let commands = [
        &["PING"][..],
        &["SET", "k", "a\r\n$3\r\nb"],
        &["GET", "k"],
        &["GET", ""],
        &["DEL", "k"],
        &["DEL", "k"],
        &["WHAT"],
    ];
    let answers =
        "+PONG\r\n+OK\r\n$8\r\na\r\n$3\r\nb\r\n$-1\r\n:1\r\n:0\r\n-ERR unknown command\r\n";
    (commands.iter().map(|arguments| command(arguments)).collect(), answers)
}

/// What is answered to `input`, cut once.
fn answers<T: Channel + Default>(input: &[u8], cut: usize) -> String {
    let mut session = Session::new(T::default());
    session.feed(&input[..cut]);
    session.feed(&input[cut..]);
    String::from_utf8(session.output()).unwrap()
}

#[test]
fn commands_are_answered_wherever_they_are_cut() {
    let (commands, expected) = conversation();
    for cut in 0..=commands.len() {
        assert_eq!(answers::<Resp>(commands.as_bytes(), cut), expected, "cut at {cut}");
    }
}

#[test]
fn a_function_that_finds_commands_answers_the_same_wherever_they_are_cut() {
    let (commands, expected) = conversation();
    for cut in 0..=commands.len() {
        assert_eq!(answers::<Scanned>(commands.as_bytes(), cut), expected, "cut at {cut}");
    }
}

#[test]
fn numbers_that_are_none_end_the_session() {
    for bad in
        ["*+1\r\n", "*-1\r\n", "*0x1\r\n", "* 1\r\n", "*1\r\n$-1\r\n", "*1\r\n$+4\r\nPING\r\n"]
    {
        let answer = answers::<Resp>(bad.as_bytes(), 0);
        assert!(answer.starts_with("-ERR"), "{bad:?}: {answer}");
    }
}

#[test]
fn a_length_that_nobody_can_mean_is_refused_before_its_bytes_come() {
    let answer = answers::<Resp>(b"*1\r\n$9999999999\r\n", 0);
    let expected = "-ERR a frame of 9999999999 bytes was announced, the limit is 65536\r\n";
    assert_eq!(answer, expected);
}

#[test]
fn a_bulk_that_does_not_end_where_it_says_is_refused() {
    assert!(answers::<Resp>(b"*1\r\n$4\r\nPINGxx", 0).starts_with("-ERR the frame is not followed"));
}

#[test]
fn commands_are_answered_over_a_socket() {
    let server = Server::start(|map| map.listen("127.0.0.1:0", |_| Resp::default()));
    let (commands, expected) = conversation();
    server.client().converse(&commands, expected);
}
