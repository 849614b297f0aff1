//! What is written for a channel is heard of where the user wants to hear, and nowhere else.
#![deny(warnings)]

use asyncore_runtime::{channel, Io};

mod whole_module {
    #![allow(dead_code)]

    #[super::channel]
    pub struct Chat;

    #[super::channel]
    impl Chat {
        #[terminator(b"\n")]
        fn line(line: &[u8]) -> &[u8] {
            line
        }

        #[terminator(b"\0")]
        fn trailer(line: &[u8]) -> &[u8] {
            line
        }
    }
}

#[channel]
struct Block;

#[channel]
impl Block {
    #![allow(dead_code)]

    #[terminator(b"\n")]
    fn line(line: &[u8]) -> &[u8] {
        line
    }

    #[terminator(b"\0")]
    fn trailer(line: &[u8]) -> &[u8] {
        line
    }
}

#[channel]
struct Expected;

#[channel]
impl Expected {
    #[terminator(b"\n")]
    fn line(line: &[u8]) -> &[u8] {
        line
    }

    #[expect(dead_code, reason = "for the next version")]
    #[terminator(b"\0")]
    fn trailer(line: &[u8]) -> &[u8] {
        line
    }

    #[expect(dead_code, unused_variables)]
    #[terminator(b"\r")]
    fn rest(line: &[u8]) {
        let unused = 1;
    }
}

#[deprecated]
struct Old;

#[deprecated]
#[channel(max_frame = (1 << 10), idle_timeout = ("5s"))]
struct Deprecated;

#[allow(deprecated)]
#[channel]
impl Deprecated {
    #[terminator(prefix = u8, max = ({ 1 << 4 }), next = block)]
    fn head(&mut self, _head: &[u8]) {}

    #[terminator(len = { 4 }, within = (std::time::Duration::MAX))]
    #[deprecated]
    fn block(line: &[u8]) -> &[u8] {
        line
    }

    #[on_timer]
    fn old(&mut self, _: Old, _: &mut Io<Self>) {}
}

fn main() {
    use asyncore_runtime::testing::Session;

    let _ = (Session::new(whole_module::Chat), Session::new(Block), Session::new(Expected));
    #[allow(deprecated)]
    let _ = (Session::new(Deprecated), Old);
}
