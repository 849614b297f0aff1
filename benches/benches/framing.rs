//! 1,000 frames through the sans-I/O core: so many microseconds are so many nanoseconds a frame.
//!
//! A session copies what it is fed twice, once to hold it and once to "read" it, as a socket would:
//! `unframed` is what that costs, and to be taken off the others before they are compared with the
//! loops written by hand, which find their input in memory.

mod channels;

use asyncore_runtime::testing::Session;
use asyncore_runtime::Channel;
use divan::{black_box, Bencher};
use memchr::{memchr2_iter, memchr_iter};

use channels::{
    feed, feed_one_by_one, input, prefixed_input, AnyOf, Fixed, Lines, Prefixed, Streaming, Total,
    Unframed, FRAMES, FRAMES_PER_READ,
};

fn main() {
    divan::main();
}

fn bench<T: Channel>(bencher: Bencher<'_, '_>, channel: T, read: &[u8]) {
    let mut session = Session::new(channel);
    bencher.bench_local(|| feed(&mut session, read));
}

fn bench_one_by_one<T: Channel>(bencher: Bencher<'_, '_>, channel: T, payload: usize) {
    let read = input(payload, b"", b"\r\n");
    let mut session = Session::new(channel);
    bencher.bench_local(|| feed_one_by_one(&mut session, &read, payload));
}

#[divan::bench(args = [32, 64])]
fn unframed(bencher: Bencher<'_, '_>, payload: usize) {
    bench(bencher, Unframed::default(), &input(payload, b"", b"\r\n"));
}

#[divan::bench(args = [8, 32, 64])]
fn lines(bencher: Bencher<'_, '_>, payload: usize) {
    bench(bencher, Lines::default(), &input(payload, b"", b"\r\n"));
}

#[divan::bench(args = [8, 32, 64])]
fn lines_by_hand(bencher: Bencher<'_, '_>, payload: usize) {
    let read = input(payload, b"", b"\r\n");
    let mut total = Total::default();
    bencher.bench_local(|| {
        for _ in 0..FRAMES / FRAMES_PER_READ {
            let (read, mut start) = (black_box(&read), 0);
            for end in memchr_iter(b'\n', read) {
                if end > start && read[end - 1] == b'\r' {
                    total.add(&read[start..end - 1]);
                    start = end + 1;
                }
            }
        }
    });
}

#[divan::bench(args = [32, 64])]
fn any_of(bencher: Bencher<'_, '_>, payload: usize) {
    bench(bencher, AnyOf::default(), &input(payload, b"", b"\n"));
}

#[divan::bench(args = [32, 64])]
fn any_of_by_hand(bencher: Bencher<'_, '_>, payload: usize) {
    let read = input(payload, b"", b"\n");
    let mut total = Total::default();
    bencher.bench_local(|| {
        for _ in 0..FRAMES / FRAMES_PER_READ {
            let (read, mut start) = (black_box(&read), 0);
            for at in memchr2_iter(b'\n', b'\r', read) {
                if read[at] == b'\n' {
                    let end = if at > start && read[at - 1] == b'\r' { at - 1 } else { at };
                    total.add(&read[start..end]);
                    start = at + 1;
                }
            }
        }
    });
}

#[divan::bench]
fn fixed(bencher: Bencher<'_, '_>) {
    bench(bencher, Fixed::default(), &input(64, b"", b""));
}

#[divan::bench]
fn prefixed(bencher: Bencher<'_, '_>) {
    bench(bencher, Prefixed::default(), &prefixed_input());
}

#[divan::bench]
fn prefixed_by_hand(bencher: Bencher<'_, '_>) {
    let read = prefixed_input();
    let mut total = Total::default();
    bencher.bench_local(|| {
        for _ in 0..FRAMES / FRAMES_PER_READ {
            let mut rest = black_box(&read[..]);
            while let Some((length, tail)) = rest.split_first_chunk() {
                let (frame, tail) = tail.split_at(u32::from_be_bytes(*length) as usize);
                total.add(frame);
                rest = tail;
            }
        }
    });
}

#[divan::bench]
fn streaming(bencher: Bencher<'_, '_>) {
    bench(bencher, Streaming::default(), &prefixed_input());
}

/// Each line in a read of its own: the cost of a turn is in it 1,000 times.
#[divan::bench(args = [32, 64])]
fn a_line_a_read(bencher: Bencher<'_, '_>, payload: usize) {
    bench_one_by_one(bencher, Lines::default(), payload);
}

/// What of it is the session's.
#[divan::bench(args = [32, 64])]
fn a_line_a_read_unframed(bencher: Bencher<'_, '_>, payload: usize) {
    bench_one_by_one(bencher, Unframed::default(), payload);
}
