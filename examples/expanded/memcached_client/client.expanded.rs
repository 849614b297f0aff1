//! The client's side of memcached's text protocol: `get`, `set` and `delete`, any number of them on
//! their way at a time.
use asyncore_runtime::{Bytes, Closed, Error, Io};
use std::collections::VecDeque;
use std::fmt;
/// One connection. Requests of more bytes than that must not be on their way.
#[derive(Default)]
pub struct Client {
    /// Who asked, in the order of the answers.
    waiting: VecDeque<Box<dyn Then>>,
    /// The value of a `get` whose `END` is to come.
    value: Option<Bytes>,
}
/// What `#[channel]` says of `Client`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Client {
    /// From `idle_timeout = "never"`, `max_output = 4 * 1024 * 1024`.
    const LIMITS: ::asyncore_runtime::Limits = ::asyncore_runtime::Limits::DEFAULT
        .idle_timeout(::asyncore_runtime::NEVER)
        .max_output(4 * 1024 * 1024)
        .checked();
}
const _: ::asyncore_runtime::Limits = <Client as ::asyncore_runtime::Settings>::LIMITS;
/// What memcached says to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Value(Bytes),
    Stored,
    Deleted,
    NotFound,
}
/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Not 1 to 250 bytes, or with a space or a control character: it could be a command.
    BadKey,
    /// What memcached said instead.
    Refused(String),
    /// Why the connection ended.
    Closed(String),
}
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadKey => f.write_str("not a key"),
            Self::Refused(line) => f.write_str(line),
            Self::Closed(why) => write!(f, "no answer: {why}"),
        }
    }
}
impl std::error::Error for Failure {}
/// Hears what becomes of a request.
pub trait Then: FnOnce(Result<Answer, Failure>) + 'static {}
impl<F: FnOnce(Result<Answer, Failure>) + 'static> Then for F {}
impl Client {
    pub fn get(&mut self, key: &str, io: &mut Io<Self>, then: impl Then) {
        if self.asks(key, then) {
            io.push(format_args!("get {key}\r\n"));
        }
    }
    pub fn set(
        &mut self,
        key: &str,
        value: impl Into<Bytes>,
        io: &mut Io<Self>,
        then: impl Then,
    ) {
        if self.asks(key, then) {
            let value = value.into();
            io.push(format_args!("set {key} 0 0 {}\r\n", value.len()));
            io.push(value);
            io.push("\r\n");
        }
    }
    pub fn delete(&mut self, key: &str, io: &mut Io<Self>, then: impl Then) {
        if self.asks(key, then) {
            io.push(format_args!("delete {key}\r\n"));
        }
    }
    /// Ends the connection when all is answered.
    pub fn quit(&mut self, io: &mut Io<Self>) {
        io.push("quit\r\n");
    }
    /// Whether there is anything to ask.
    fn asks(&mut self, key: &str, then: impl Then) -> bool {
        let is_key = matches!(key.len(), 1..= 250)
            && key.bytes().all(|it| it > b' ' && it != 127);
        if is_key {
            self.waiting.push_back(Box::new(then));
        } else {
            then(Err(Failure::BadKey));
        }
        is_key
    }
}
impl Client {
    /// The end of an answer, or `VALUE <key> <flags> <bytes>\r\n`.
    fn line(&mut self, line: &str, io: &mut Io<Self>) {
        let answer = match line {
            "STORED" => Ok(Answer::Stored),
            "DELETED" => Ok(Answer::Deleted),
            "NOT_FOUND" => Ok(Answer::NotFound),
            "END" => Ok(self.value.take().map_or(Answer::NotFound, Answer::Value)),
            _ => {
                match bytes(line) {
                    Some(bytes) => {
                        return io.set_terminator(ClientTerminator::Value(bytes));
                    }
                    None => Err(Failure::Refused(line.to_owned())),
                }
            }
        };
        match self.waiting.pop_front() {
            Some(then) => then(answer),
            None => io.close(),
        }
    }
    /// `<data block>\r\n`
    fn value(&mut self, value: Bytes) {
        self.value = Some(value);
    }
    /// Whatever it is, those who wait are told it in `closed`.
    fn failed(&mut self, _: &Error, io: &mut Io<Self>) {
        io.close();
    }
    fn closed(&mut self, why: &Closed, _: &mut Io<Self>) {
        for then in self.waiting.drain(..) {
            then(Err(Failure::Closed(why.to_string())));
        }
    }
}
mod client_terminator_ {
    /// What `Client` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum ClientTerminator {
        #[default]
        Line,
        Value(::core::primitive::u64),
    }
}
type ClientTerminator = client_terminator_::ClientTerminator;
const _: () = {
    use ::asyncore_runtime::{
        Channel, Closed, Error, Frame, Io, Result, Settings, Until, largest_frame,
    };
    type State = ClientTerminator;
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Line` | up to `b"\r\n"` | `max_frame` | `frame_timeout` | `line`: The end of an answer, or `VALUE <key> <flags> <bytes>\r\n`. | itself, `Value` |
    /// | `Value` | that many bytes, then `b"\r\n"` | `max_length` | `frame_timeout` | `value`: `<data block>\r\n` | `Line` |
    ///
    /// ```text
    ///       ● start
    /// ┌──▶ Line
    /// │     └╌╌╌╌╌╌┐
    /// │    Value ◀╌┘
    /// └─────┘
    ///
    /// ── next   ╌╌ set_terminator
    /// ```
    #[automatically_derived]
    impl Channel for Client {
        type Terminator = ClientTerminator;
        const MAX_FRAME: ::core::primitive::usize = largest_frame::<
            Self,
        >(&[<Self as Settings>::LIMITS.max_length]);
        fn until<'a>(&'a self, at_: &'a State) -> Until<'a, State> {
            match at_ {
                State::Line => Until::bytes(b"\r\n"),
                State::Value(len_) => {
                    Until::len(*len_).end(b"\r\n").of::<Bytes>().then(State::Line)
                }
            }
        }
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            match Io::terminator(io_) {
                State::Line => Self::line(self, frame_.parse()?, io_),
                State::Value(_) => Self::value(self, frame_.parse()?),
            }
            ::core::result::Result::Ok(())
        }
        fn on_error(&mut self, error_: &Error, io_: &mut Io<Self>) -> Result {
            Self::failed(self, error_, io_);
            ::core::result::Result::Ok(())
        }
        fn on_close(&mut self, why_: &Closed, io_: &mut Io<Self>) {
            Self::closed(self, why_, io_);
        }
    }
};
/// The last word of a `VALUE` line.
fn bytes(line: &str) -> Option<u64> {
    line.strip_prefix("VALUE ")?.rsplit(' ').next()?.parse().ok()
}
