#![allow(unused)]

use asyncore_runtime::{channel, Io};

#[channel]
struct Chat<T> {
    value: T,
}

#[channel]
impl<T> Chat<T> {
    #[terminator(b"\n")]
    fn line(&mut self, line: &str) {}

    // Another channel's context asks nothing of this one.
    fn leave(io: &mut Io<Other>) {
        io.close();
    }
}

#[channel]
struct Other;

#[channel]
impl Other {
    #[on_connect]
    fn up(&mut self, io: &mut Io<Self>) {
        Chat::<u8>::leave(io);
    }
}

fn main() {
    asyncore_runtime::testing::Session::new(Chat { value: 1 }).feed(b"line\n");
}
