//! What an expansion costs a user's build: its size, and that it grows with the channel, not with its
//! square.

use std::fmt::Write;
use std::time::{Duration, Instant};

use proc_macro2::TokenStream;

/// A channel of so many states, each of which leads to so many others.
fn channel(states: usize, moves: usize) -> TokenStream {
    let mut block = String::from("impl Chat {\n");
    for state in 0..states {
        let (next, bytes) = ((state + 1) % states, r#"b"\r\n""#);
        writeln!(block, "#[terminator({bytes}, max = 512, next = state{next})]").unwrap();
        writeln!(block, "fn state{state}(&mut self, line: &str, io: &mut Io<Self>) -> String {{")
            .unwrap();
        for to in 1..=moves {
            let to = (state + to * 7) % states;
            writeln!(
                block,
                "if line.is_empty() {{ io.set_terminator(ChatTerminator::State{to}) }}"
            )
            .unwrap();
        }
        writeln!(block, "line.to_owned() }}").unwrap();
    }
    (block + "}").parse().unwrap()
}

/// What the macro adds to what the user wrote.
fn written(item: &TokenStream) -> String {
    let all = asyncore_macros_core::channel(TokenStream::new(), item.clone());
    let mut file: syn::File = syn::parse2(all).unwrap();
    file.items.remove(0);
    prettyplease::unparse(&file)
}

#[test]
fn two_hundred_states_are_a_hundred_kilobytes() {
    let written = written(&channel(200, 2));
    println!("{} bytes", written.len());
    assert!(written.len() <= 100_000, "{} bytes", written.len());
}

#[test]
fn a_thousand_states_that_lead_anywhere_grow_in_proportion() {
    let (few, many) = (written(&channel(200, 9)).len(), written(&channel(1000, 9)).len());
    assert!(many <= 6 * few, "{few} bytes, then {many}");
}

/// A bound that a slow machine in a bad hour keeps; the figures are in `benches`.
#[test]
fn two_hundred_states_take_no_time() {
    let item = channel(200, 2);
    let fastest = (0..5).map(|_| {
        let begin = Instant::now();
        drop(asyncore_macros_core::channel(TokenStream::new(), item.clone()));
        begin.elapsed()
    });
    let fastest = fastest.min().unwrap_or_default();
    println!("{fastest:?}");
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
}
