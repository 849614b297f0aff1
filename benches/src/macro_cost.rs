//! What the macro itself costs: one expansion, and the build of its crates.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::build_cost;
use crate::plan::Plan;
use crate::stats::Rounds;

/// A channel of five handlers, from the macro's own tests.
const CHANNEL: &str = include_str!("../../asyncore-macros/core/tests/expand/smtp.rs");

pub(crate) struct MacroCost {
    /// Microseconds for one expansion, without the compiler around it.
    pub(crate) expansion: Rounds,
    /// Seconds of user time of a clean development build of the macro crate, with syn.
    pub(crate) build: Rounds,
}

pub(crate) fn run(plan: &Plan) -> Result<MacroCost> {
    let (item, rounds) = (impl_block(CHANNEL)?, plan.rounds.min(3));
    let times = if plan.quick { 10 } else { 2_000 };
    plan.say(format_args!("the macro"));
    let expansion = Rounds((0..rounds).map(|_| expand(&item, times)).collect());
    Ok(MacroCost { expansion, build: build_cost::macros(rounds)? })
}

fn expand(item: &TokenStream, times: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        black_box(asyncore_macros_core::channel(TokenStream::new(), item.clone()));
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(times)
}

/// The tokens from the last `impl` to its closing brace.
fn impl_block(source: &str) -> Result<TokenStream> {
    let tokens: TokenStream =
        source.parse().map_err(|_| anyhow::anyhow!("the channel is no Rust"))?;
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_impl = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "impl");
    let from = tokens.iter().rposition(is_impl).context("the channel has no impl")?;
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let body = tokens.iter().skip(from).position(is_body).context("the impl has no body")?;
    Ok(tokens[from..=from + body].iter().cloned().collect())
}
