//! A state of so many bytes is left by whatever may run meanwhile, and by an error.

use asyncore_runtime::{channel, Error, Io};
use asyncore_runtime::testing::Session;
use std::time::Duration;

#[channel]
struct ByTimer;

#[channel]
impl ByTimer {
    #[terminator(b"\n")]
    fn head(&mut self, _head: &[u8], io: &mut Io<Self>) {
        io.set_terminator(ByTimerTerminator::Body(3));
    }

    #[terminator(len)]
    fn body(&mut self, _body: &[u8]) {}

    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        io.set_timer(Duration::from_secs(1), ());
    }

    #[on_timer]
    fn late(&mut self, io: &mut Io<Self>) {
        io.set_terminator(ByTimerTerminator::Head);
    }
}

#[channel]
struct ByError;

#[channel]
impl ByError {
    #[terminator(b"\n")]
    fn head(&mut self, _head: &[u8], io: &mut Io<Self>) {
        io.set_terminator(ByErrorTerminator::Body(3));
    }

    #[terminator(len)]
    fn body(&mut self, _body: &[u8]) -> Option<String> {
        None
    }

    #[on_error]
    fn wrong(&mut self, _error: &Error, io: &mut Io<Self>) {
        self.again(io);
    }

    fn again(&mut self, io: &mut Io<Self>) {
        io.set_terminator(ByErrorTerminator::Head);
    }
}

#[channel]
struct ByResult;

#[channel]
impl ByResult {
    #[terminator(b"\n")]
    fn head(&mut self, head: &str, io: &mut Io<Self>) {
        io.set_terminator(ByResultTerminator::Body(head.parse().unwrap_or(1)));
    }

    #[terminator(len)]
    fn body(&mut self, body: &[u8]) -> std::io::Result<()> {
        if body == b"end" {
            return Err(std::io::Error::other("the end"));
        }
        Ok(())
    }
}

fn main() {
    let _ = (Session::new(ByTimer), Session::new(ByError));
    let mut session = Session::new(ByResult);
    session.feed(b"3\nabcend");
    assert!(session.closed().is_some());
}
