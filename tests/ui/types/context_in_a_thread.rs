use std::thread;

use asyncore_runtime::{channel, Io};

#[channel]
struct Chat;

#[channel]
impl Chat {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &str, io: &mut Io<Self>) {
        let mine = io;
        thread::spawn(move || {
            mine.push("x");
        });
    }

    #[on_eof]
    fn end(&mut self, io: &mut Io<Self>) {
        thread::scope(|scope| {
            scope.spawn(|| io.push("x"));
        });
    }
}

fn main() {
    let _ = asyncore_runtime::testing::Session::new(Chat);
}
