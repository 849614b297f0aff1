//! States that are entered where the macro sees only a name, or is told that it cannot see.

#![deny(deprecated, dead_code)]

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Io};

#[channel]
struct Chat;

#[channel(states = pub Waiting)]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str) {}

    #[terminator(b"\0")]
    fn text(&mut self, _line: &str) {}
}

#[channel]
struct Silent;

#[channel]
impl Silent {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str, io: &mut Io<Self>) {
        let next = Self::choose();
        io.set_terminator(next);
    }

    #[terminator(b"\0")]
    fn text(&mut self, _line: &str) {}

    #[terminator(b"\r")]
    #[allow(dead_code)]
    fn known(&mut self, _line: &str) {}

    fn choose() -> SilentTerminator {
        use SilentTerminator as To;
        To::Text
    }
}

#[channel]
struct Helped;

#[channel]
impl Helped {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str, io: &mut Io<Self>) {
        self.goes_on(io);
    }

    #[terminator(b"\0")]
    fn text(&mut self, _line: &str) {}
}

impl Helped {
    fn goes_on(&self, io: &mut Io<Self>) {
        io.set_terminator(HelpedTerminator::Text);
    }
}

#[channel]
struct Posted;

#[channel]
impl Posted {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str) {}

    #[terminator(b"\0", next = line)]
    fn text(&mut self, _line: &str) {}
}

fn outside(io: &mut Io<Posted>) {
    io.set_terminator(PostedTerminator::Text);
}

fn main() {
    Session::new(Posted).with(|_, io| outside(io));
    Session::new(Helped).feed(b"line\n");
    let mut session = Session::new(Chat);
    session.with(|_, io| io.set_terminator(Waiting::Text));
    Session::new(Silent).feed(b"line\n");
}
