//! Instructions for 1,000 frames, which are the same in every run and on a busy machine too.
//!
//! Valgrind counts them: `cargo install gungraun-runner --version 0.20.0`, then
//! `cargo bench -p asyncore-benches --features instructions --bench instructions`.
// What gungraun's macros write is public, and without documentation.
#![allow(missing_docs, unreachable_pub)]

mod channels;

use asyncore_runtime::testing::Session;
use asyncore_runtime::Channel;
use gungraun::{library_benchmark, library_benchmark_group, main};

use channels::{
    feed, feed_one_by_one, input, prefixed_input, AnyOf, Fixed, Lines, Prefixed, Streaming,
    Unframed,
};

/// A session that has met its input before, and the input.
fn warm<T: Channel + Default>(read: Vec<u8>) -> (Session<T>, Vec<u8>) {
    let mut session = Session::new(T::default());
    feed(&mut session, &read);
    (session, read)
}

fn text(end: &[u8]) -> Vec<u8> {
    input(64, b"", end)
}

macro_rules! count {
    ($($name:ident: $channel:ty, $input:expr;)*) => {
        $(#[library_benchmark]
        #[bench::of_64_bytes(warm::<$channel>($input))]
        fn $name((mut session, read): (Session<$channel>, Vec<u8>)) -> Session<$channel> {
            feed(&mut session, &read);
            session
        })*

        library_benchmark_group!(
            name = framing;
            benchmarks = $($name,)* a_line_a_read, a_line_a_read_unframed
        );
    };
}

#[library_benchmark]
#[bench::of_64_bytes(warm::<Lines>(text(b"\r\n")))]
fn a_line_a_read((mut session, read): (Session<Lines>, Vec<u8>)) -> Session<Lines> {
    feed_one_by_one(&mut session, &read, 64);
    session
}

#[library_benchmark]
#[bench::of_64_bytes(warm::<Unframed>(text(b"\r\n")))]
fn a_line_a_read_unframed((mut session, read): (Session<Unframed>, Vec<u8>)) -> Session<Unframed> {
    feed_one_by_one(&mut session, &read, 64);
    session
}

count! {
    unframed: Unframed, text(b"\r\n");
    lines: Lines, text(b"\r\n");
    any_of: AnyOf, text(b"\n");
    fixed: Fixed, text(b"");
    prefixed: Prefixed, prefixed_input();
    streaming: Streaming, prefixed_input();
}

main!(library_benchmark_groups = framing);
