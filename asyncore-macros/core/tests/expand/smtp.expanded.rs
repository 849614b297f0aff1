//! Moves between states: from handlers, through a helper, from a timer.
use std::time::Duration;
use asyncore_runtime::{Io, Piece};
pub struct Late;
#[derive(Default)]
pub struct Smtp {
    lines: u32,
}
impl ::asyncore_runtime::Settings for Smtp {}
impl Smtp {
    fn greet(&mut self, io: &mut Io<Self>) -> &'static str {
        io.set_timer(Duration::from_secs(60), Late);
        "220 ready\r\n"
    }
    /// One command of the envelope.
    fn command(&mut self, line: &str, io: &mut Io<Self>) -> &'static str {
        match line.split_once(' ') {
            None if line == "DATA" => io.set_terminator(SmtpTerminator::Text),
            Some(("BDAT", size)) => self.chunk_follows(size, io),
            _ => return "500 what?\r\n",
        }
        "354 go on\r\n"
    }
    /// One line of a message, up to a lone dot.
    fn text(&mut self, line: &[u8], io: &mut Io<Self>) -> Option<String> {
        if line != b"." {
            self.lines += 1;
            return None;
        }
        io.set_terminator(SmtpTerminator::Command);
        Some(format!("250 {} lines\r\n", self.lines))
    }
    /// A part of a message, of known size.
    fn chunk(&mut self, piece: Piece<'_>) -> Option<&'static str> {
        piece.last.then_some("250 ok\r\n")
    }
    fn chunk_follows(&mut self, size: &str, io: &mut Io<Self>) {
        io.set_terminator(SmtpTerminator::Chunk(size.parse().unwrap_or(0)));
    }
    fn late(&mut self, _late: Late, io: &mut Io<Self>) -> &'static str {
        io.set_terminator(SmtpTerminator::Command);
        "421 too late\r\n"
    }
}
mod smtp_terminator_ {
    /// What `Smtp` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum SmtpTerminator {
        #[default]
        Command,
        Text,
        Chunk(::core::primitive::u64),
    }
}
type SmtpTerminator = smtp_terminator_::SmtpTerminator;
const _: () = {
    use ::asyncore_runtime::{
        Channel, Frame, Io, OnTimer, Result, Settings, Until, largest_frame, reply,
    };
    type State = SmtpTerminator;
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Command` | up to `b"\r\n"` | 512 | `frame_timeout` | `command`: One command of the envelope. | itself, `Text`, `Chunk` |
    /// | `Text` | up to `b"\r\n"` | 1000 | `frame_timeout` | `text`: One line of a message, up to a lone dot. | itself, `Command` |
    /// | `Chunk` | that many bytes | `max_length`; in pieces none | `frame_timeout` | `chunk`: A part of a message, of known size. | `Command` |
    ///
    /// ```text
    ///         ● start
    /// ┌─┬──▶ Command
    /// │ ╎     └╌╌╌╌╌╌╌╌┐
    /// │ ╎    Text ◀╌╌╌╌┤
    /// │ └╌╌╌╌╌┘        ╎
    /// │      Chunk ◀╌╌╌┘
    /// └───────┘
    ///
    /// fn late ╌▶ Command
    /// ── next   ╌╌ set_terminator
    /// ```
    #[automatically_derived]
    impl Channel for Smtp {
        type Terminator = SmtpTerminator;
        const MAX_FRAME: ::core::primitive::usize = largest_frame::<
            Self,
        >(&[1000, Frame::held::<Piece<'_>>(<Self as Settings>::LIMITS.max_length)]);
        fn until<'a>(&'a self, at_: &'a State) -> Until<'a, State> {
            match at_ {
                State::Command => Until::bytes(b"\r\n").max(512),
                State::Text => Until::bytes(b"\r\n").max(1000),
                State::Chunk(len_) => {
                    Until::len(*len_).of::<Piece<'static>>().then(State::Command)
                }
            }
        }
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            match Io::terminator(io_) {
                State::Command => reply(Self::command(self, frame_.parse()?, io_), io_),
                State::Text => reply(Self::text(self, frame_.parse()?, io_), io_),
                State::Chunk(_) => reply(Self::chunk(self, frame_.parse()?), io_),
            }
        }
        fn on_connect(&mut self, io_: &mut Io<Self>) -> Result {
            reply(Self::greet(self, io_), io_)
        }
    }
    /// From `#[on_timer] fn late`.
    #[automatically_derived]
    impl OnTimer<Late> for Smtp {
        fn on_timer(&mut self, value_: Late, io_: &mut Io<Self>) -> Result {
            reply(Self::late(self, value_, io_), io_)
        }
    }
};
