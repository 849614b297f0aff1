//! Inputs meant to hurt, each in three sizes: twice the size must be no more than twice the time.

use asyncore_runtime::testing::Session;
use asyncore_runtime::{channel, Bytes, Channel, Io};
use divan::{black_box, Bencher};

fn main() {
    divan::main();
}

const MAX: usize = 8 << 20;

#[channel(max_frame = MAX)]
#[derive(Default)]
struct Lines;

#[channel]
impl Lines {
    #[terminator(b"\r\n")]
    fn line(line: &[u8]) {
        black_box(line);
    }
}

/// Up to a terminator known at run time.
#[channel(max_frame = MAX)]
struct Until(Bytes);

#[channel]
impl Until {
    #[terminator(b"\r\n")]
    fn start(&mut self, _line: &[u8], io: &mut Io<Self>) {
        io.set_terminator(UntilTerminator::Frame(self.0.clone()));
    }

    #[terminator(bytes)]
    fn frame(frame: &[u8]) {
        black_box(frame);
    }
}

fn feed<T: Channel>(session: &mut Session<T>, input: &[u8], piece: usize) {
    black_box(input).chunks(piece).for_each(|piece| session.feed(piece));
    assert!(session.is_open());
}

/// One line, in pieces of 64 bytes.
#[divan::bench(args = [256, 512, 1024, 2048])]
fn dripped_kibibytes(bencher: Bencher<'_, '_>, kibibytes: usize) {
    let line = [vec![b'x'; kibibytes * 1024], b"\r\n".to_vec()].concat();
    let mut session = Session::new(Lines);
    bencher.bench_local(|| feed(&mut session, &line, 64));
}

/// As above, with a terminator of 20 bytes.
#[divan::bench(args = [256, 512, 1024, 2048])]
fn dripped_kibibytes_to_a_long_terminator(bencher: Bencher<'_, '_>, kibibytes: usize) {
    let end = b"--boundary-of-a-part";
    let frame = [vec![b'x'; kibibytes * 1024], end.to_vec()].concat();
    let mut session = Session::new(Until(Bytes::from_static(end)));
    session.feed("start\r\n");
    bencher.bench_local(|| feed(&mut session, &frame, 64));
}

#[divan::bench(args = [32, 64, 128])]
fn empty_lines_kibibytes(bencher: Bencher<'_, '_>, kibibytes: usize) {
    let lines = b"\r\n".repeat(kibibytes * 512);
    let mut session = Session::new(Lines);
    bencher.bench_local(|| feed(&mut session, &lines, 64 * 1024));
}

/// A terminator of so many bytes, all alike but the last, after input that is nearly it again and
/// again.
#[divan::bench(args = [5, 10, 20, 40])]
fn near_misses_of_a_terminator_of_kilobytes(bencher: Bencher<'_, '_>, kilobytes: usize) {
    let mut end = vec![b'a'; kilobytes * 1000];
    end.push(b'b');
    // One byte short of the terminator, and then a byte that ends the hope.
    let miss = [&end[..end.len() - 2], b"cb"].concat();
    let input = [miss.repeat(4), end.clone()].concat();
    let mut session = Session::new(Until(end.into()));
    session.feed("start\r\n");
    bencher.bench_local(|| feed(&mut session, &input, 64 * 1024));
}
