//! Moves between states: from handlers, through a helper, from a timer.

use std::time::Duration;

use asyncore_runtime::{channel, Io, Piece};

pub struct Late;

#[channel]
#[derive(Default)]
pub struct Smtp {
    lines: u32,
}

#[channel]
impl Smtp {
    #[on_connect]
    fn greet(&mut self, io: &mut Io<Self>) -> &'static str {
        io.set_timer(Duration::from_secs(60), Late);
        "220 ready\r\n"
    }

    /// One command of the envelope.
    #[terminator(b"\r\n", max = 512)]
    fn command(&mut self, line: &str, io: &mut Io<Self>) -> &'static str {
        match line.split_once(' ') {
            None if line == "DATA" => io.set_terminator(SmtpTerminator::Text),
            Some(("BDAT", size)) => self.chunk_follows(size, io),
            _ => return "500 what?\r\n",
        }
        "354 go on\r\n"
    }

    /// One line of a message, up to a lone dot.
    #[terminator(b"\r\n", max = 1000)]
    fn text(&mut self, line: &[u8], io: &mut Io<Self>) -> Option<String> {
        if line != b"." {
            self.lines += 1;
            return None;
        }
        io.set_terminator(SmtpTerminator::Command);
        Some(format!("250 {} lines\r\n", self.lines))
    }

    /// A part of a message, of known size.
    #[terminator(len, next = command)]
    fn chunk(&mut self, piece: Piece<'_>) -> Option<&'static str> {
        piece.last.then_some("250 ok\r\n")
    }

    fn chunk_follows(&mut self, size: &str, io: &mut Io<Self>) {
        io.set_terminator(SmtpTerminator::Chunk(size.parse().unwrap_or(0)));
    }

    #[on_timer]
    fn late(&mut self, _late: Late, io: &mut Io<Self>) -> &'static str {
        io.set_terminator(SmtpTerminator::Command);
        "421 too late\r\n"
    }
}
