//! The channels and inputs that the benchmarks of framing share.

use std::hint::black_box;

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Channel, Piece};

pub(crate) const FRAMES: usize = 1000;
/// A read takes 64 KiB, and so many of the longest frames here are less.
pub(crate) const FRAMES_PER_READ: usize = 500;

/// What each channel does with its frames.
#[derive(Default)]
pub(crate) struct Total(usize);

impl Total {
    pub(crate) fn add(&mut self, frame: &[u8]) {
        self.0 += black_box(frame).len();
    }
}

macro_rules! counting_channel {
    ($name:ident, $($terminator:tt)*) => {
        #[channel]
        #[derive(Default)]
        pub(crate) struct $name(Total);

        #[channel]
        impl $name {
            #[terminator($($terminator)*)]
            fn frame(&mut self, frame: &[u8]) {
                self.0.add(frame);
            }
        }
    };
}

counting_channel!(Lines, b"\r\n");
counting_channel!(AnyOf, any(b"\n", b"\r\n"));
counting_channel!(Fixed, len = 64);
counting_channel!(Prefixed, prefix = u32);

#[channel]
#[derive(Default)]
pub(crate) struct Unframed(Total);

#[channel]
impl Unframed {
    #[on_read]
    fn read(&mut self, data: &[u8]) {
        self.0.add(data);
    }
}

#[channel]
#[derive(Default)]
pub(crate) struct Streaming(Total);

#[channel]
impl Streaming {
    #[terminator(prefix = u32)]
    fn piece(&mut self, piece: Piece<'_>) {
        self.0.add(piece.data);
    }
}

/// A read's worth of frames.
pub(crate) fn input(payload: usize, before: &[u8], after: &[u8]) -> Vec<u8> {
    let frame = [before, &vec![b'x'; payload], after].concat();
    frame.repeat(FRAMES_PER_READ)
}

/// 64 bytes behind their length.
pub(crate) fn prefixed_input() -> Vec<u8> {
    input(64, &64_u32.to_be_bytes(), b"")
}

/// Feeds 1,000 frames, a read at a time.
pub(crate) fn feed<T: Channel>(session: &mut Session<T>, read: &[u8]) {
    for _ in 0..FRAMES / FRAMES_PER_READ {
        session.feed(black_box(read));
    }
    assert!(session.is_open());
}

/// Feeds 1,000 lines of `payload` bytes, each as a read of its own.
pub(crate) fn feed_one_by_one<T: Channel>(session: &mut Session<T>, read: &[u8], payload: usize) {
    for line in black_box(read).chunks(payload + 2).cycle().take(FRAMES) {
        session.feed(line);
    }
    assert!(session.is_open());
}
