//! A handler that never returns is one like any other, and nothing is written behind it.
#![deny(warnings)]

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Closed, Error, Io};

#[channel]
struct Single;

#[channel]
impl Single {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) -> ! {
        panic!("{line}")
    }

    #[on_error]
    fn failed(&mut self, _error: &Error, _io: &mut Io<Self>) -> ! {
        std::process::exit(1)
    }

    #[on_close]
    fn closed(&mut self, _why: &Closed) -> ! {
        std::process::exit(1)
    }

    #[on_timer]
    fn late(_late: u8) -> ! {
        std::process::exit(1)
    }

    #[readable]
    fn wants(&self) -> ! {
        std::process::exit(1)
    }
}

#[channel]
struct Several;

#[channel]
impl Several {
    #[terminator(b"\n", next = text)]
    fn line(&mut self, _line: &str) -> ! {
        std::process::exit(1)
    }

    #[terminator(b"\0", next = rest)]
    fn text(&mut self, text: &str) -> String {
        text.to_uppercase()
    }

    #[terminator(b"\r", next = line)]
    fn rest(&mut self, _rest: &str) {}
}

#[channel]
struct All;

#[channel]
impl All {
    #[terminator(b"\n", next = text)]
    fn line(&mut self, _line: &str) -> ! {
        std::process::exit(1)
    }

    #[terminator(b"\0", next = line)]
    fn text(&mut self, _text: &str) -> ! {
        std::process::exit(1)
    }
}

fn main() {
    let _ = (|| Session::new(Single), || Session::new(Several), || Session::new(All));
}
