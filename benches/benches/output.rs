//! Output: 1,000 times each, so many microseconds are so many nanoseconds.

use asyncore_runtime::testing::{Net, Session};
use asyncore_runtime::{channel, Bytes, Io, Key};
use divan::{black_box, Bencher};

const TIMES: usize = 1000;
const LINE: &[u8] = &[b'x'; 64];

fn main() {
    divan::main();
}

#[channel]
struct Quiet;

#[channel]
impl Quiet {
    #[terminator(b"\n")]
    fn line(&mut self, _line: &[u8]) {}
}

#[divan::bench]
fn push(bencher: Bencher<'_, '_>) {
    let mut session = Session::new(Quiet);
    bencher.bench_local(|| {
        session.with(|_, io| (0..TIMES).for_each(|_| io.push(black_box(LINE))));
        session.output()
    });
}

#[divan::bench]
fn push_by_hand(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| {
        let mut output = Vec::with_capacity(64 * 1024);
        (0..TIMES).for_each(|_| output.extend_from_slice(black_box(LINE)));
        output
    });
}

#[divan::bench]
fn push_formatted(bencher: Bencher<'_, '_>) {
    let mut session = Session::new(Quiet);
    bencher.bench_local(|| {
        session
            .with(|_, io| (0..TIMES).for_each(|n| io.push(format_args!("{}\r\n", black_box(n)))));
        session.output()
    });
}

/// One producer that is asked 1,000 times.
#[divan::bench]
fn producer(bencher: Bencher<'_, '_>) {
    let mut session = Session::new(Quiet);
    bencher.bench_local(|| {
        session.with(|_, io| {
            let mut rest = TIMES;
            io.push_with_producer(move |_: &mut Quiet| {
                rest = rest.checked_sub(1)?;
                Some(Bytes::from_static(LINE))
            });
        });
        session.output()
    });
}

#[channel]
struct Room(Vec<Key<Room>>);

#[channel]
impl Room {
    #[terminator(b"\n")]
    fn line(&mut self, line: &[u8], io: &mut Io<Self>) {
        self.0.iter().for_each(|key| io.push_to(*key, line));
    }
}

/// One line to 1,000 channels.
#[divan::bench]
fn broadcast(bencher: Bencher<'_, '_>) {
    let mut net = Net::new();
    let keys: Vec<Key<Room>> = (0..TIMES).map(|_| net.open(Room(Vec::new()))).collect();
    let speaker = net.open(Room(keys.clone()));
    bencher.bench_local(|| {
        net.feed(speaker, b"hello\n");
        keys.iter().for_each(|key| {
            black_box(net.output(*key));
        });
    });
}
