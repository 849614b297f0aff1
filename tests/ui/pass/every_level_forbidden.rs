//! Nothing that is written lifts a lint by itself: it could not where these are forbidden.
#![forbid(warnings, unused, dead_code, deprecated, nonstandard_style)]

use asyncore_runtime::{channel, Io};

#[channel]
#[derive(Default)]
struct HTTPServer(#[on_read] Vec<u8>);

#[channel]
impl HTTPServer {
    #[terminator(b"\n")]
    fn line(&mut self, io: &mut Io<Self>) {
        io.set_terminator(HTTPServerTerminator::Body(4));
    }

    #[terminator(len, next = line)]
    fn body(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

fn main() {
    let _ = asyncore_runtime::testing::Session::new(HTTPServer::default());
}
