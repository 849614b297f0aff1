//! Handlers may be called what they are called for: the generated methods of the same names call
//! them, and not themselves.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Closed, Error, Io};

/// A dispatcher that borrows where it can.
#[channel]
#[derive(Default)]
struct Borrowing;

#[channel]
impl Borrowing {
    #[readable]
    fn readable(&self) -> bool {
        true
    }

    #[writable]
    fn writable(&self) -> bool {
        false
    }

    #[on_connect]
    fn on_connect(&self) -> &'static str {
        "connected;"
    }

    #[on_read]
    fn on_read(&self, data: &[u8]) -> Vec<u8> {
        data.to_vec()
    }

    #[on_eof]
    fn on_eof(&self, io: &mut Io<Self>) -> &'static str {
        io.close_when_done();
        ";eof"
    }

    #[on_close]
    fn on_close(&self, why: &Closed) {
        assert!(why.is_clean());
    }
}

#[test]
fn a_handler_with_a_shared_self_may_have_the_name_of_its_event() {
    let mut session = Session::new(Borrowing);
    session.feed(b"data");
    session.feed_eof();
    assert_eq!(session.output(), b"connected;data;eof");
}

#[channel]
#[derive(Default)]
struct Mutable {
    seen: usize,
}

#[channel]
impl Mutable {
    #[terminator(b"\n")]
    fn found_terminator(&mut self, _line: &str) {
        self.seen += 1;
    }

    #[on_error]
    fn on_error(&mut self, _error: &Error) -> String {
        format!("bad line after {}", self.seen)
    }
}

#[test]
fn a_handler_with_a_unique_self_may_have_the_name_of_its_event() {
    let mut session = Session::new(Mutable::default());
    session.feed(b"fine\n\xff\n");
    assert_eq!(session.output(), b"bad line after 1");
}
