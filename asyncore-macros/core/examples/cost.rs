//! cargo run --release -p asyncore-macros-core --example cost
//!
//! What one expansion costs: a channel of five handlers, without the compiler around it.

use std::hint::black_box;
use std::time::Instant;

use proc_macro2::TokenStream;
use quote::ToTokens;

const ROUNDS: u32 = 2_000;

fn main() {
    let source = include_str!("../tests/expand/smtp.rs");
    let file = syn::parse_file(source).expect("the snapshot's input is Rust");
    let impls = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Impl(mut item) => {
            item.attrs.clear();
            Some(item.into_token_stream())
        }
        _ => None,
    });
    let channel: TokenStream = impls.last().expect("the file has a channel");

    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            black_box(asyncore_macros_core::channel(
                TokenStream::new(),
                black_box(channel.clone()),
            ));
        }
        best = best.min(start.elapsed().as_secs_f64() / f64::from(ROUNDS));
    }
    println!(
        "expand: {:.1} us for a channel of five handlers (best of 5 rounds of {ROUNDS})",
        best * 1e6
    );
}
