//! What the macro writes is quiet under every lint a careful user denies.

#![deny(warnings, rust_2018_idioms, unused_qualifications, missing_docs, unreachable_pub)]
#![deny(missing_debug_implementations, single_use_lifetimes, unused_lifetimes, let_underscore_drop)]

use asyncore_runtime::{channel, Bytes, Closed, Error, Io, Piece};

/// A public channel of the crate.
#[channel(max_frame = 1024, idle_timeout = "10s")]
#[derive(Debug, Default)]
pub struct Chat {
    lines: u32,
}

#[channel]
impl Chat {
    #[terminator(any(b"\n", b"\r\n"), within = "5s")]
    fn line(&mut self, line: &str, io: &mut Io<Self>) -> String {
        self.lines += 1;
        match line {
            "body" => io.set_terminator(ChatTerminator::Body(3)),
            "rest" => io.set_terminator(ChatTerminator::Rest),
            _ => io.push_with_producer(Self::rows),
        }
        format!("{}\n", self.lines)
    }

    #[terminator(len, end = b"\n", max = 1 << 16, next = line)]
    fn body(body: Bytes) -> Option<Bytes> {
        Some(body)
    }

    #[terminator(none)]
    fn rest(&self, piece: Piece<'_>, io: &mut Io<Self>) {
        io.push(piece.data);
    }

    #[producer]
    fn rows(&mut self) -> Option<Bytes> {
        None
    }

    #[on_timer]
    fn tick(&mut self) {}

    #[on_error]
    fn failed(&mut self, _error: &Error) {}

    #[on_close]
    fn gone(&mut self, _why: &Closed) {}

    #[writable]
    fn wants_write(&self) -> bool {
        false
    }
}

fn main() {
    let mut session = asyncore_runtime::testing::Session::new(Chat::default());
    session.feed(b"a\nbody\nabc\nrest\nxyz");
    assert_eq!(session.output(), b"1\n2\nabc3\nxyz");
}
