//! Seeded worlds of channels in memory: what must be true whatever happens, is.
//!
//! A seed makes a script (`script`); it is played (`run`), and after each step the world (`world`) is
//! looked at. What fails is made as short as leaving out steps makes it.

mod puppet;
mod run;
pub mod script;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::dice::Seeded;
pub use run::run;
use script::{script, Step};

/// Plays so many seeds from `first` on, on as many threads; whether all went well. The first that
/// did not is printed, and shrunk.
pub fn simulate(first: u64, seeds: u64, threads: usize) -> bool {
    let began = Instant::now();
    let (next, failed) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(first, seeds, &next, &failed));
        }
    });
    let took = began.elapsed().as_secs_f64();
    match failed.into_inner() {
        u64::MAX => {
            println!("simulate: {seeds} seeds in {took:.1} s, 0 faults");
            true
        }
        seed => {
            report(seed);
            false
        }
    }
}

fn work(first: u64, seeds: u64, next: &AtomicU64, failed: &AtomicU64) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= seeds || failed.load(Ordering::Relaxed) != u64::MAX {
            return;
        }
        let seed = first.wrapping_add(number);
        if run(&script(&mut Seeded(seed))).is_err() {
            failed.fetch_min(seed, Ordering::Relaxed);
        }
    }
}

fn report(seed: u64) {
    let steps = script(&mut Seeded(seed));
    let why = run(&steps).err().unwrap_or_default();
    println!("simulate: seed {seed} failed: {why}");
    let (steps, why) = shrunk(steps, why);
    println!("shrunk to {} steps: {why}", steps.len());
    steps.iter().enumerate().for_each(|(at, step)| println!("  {at}: {step:?}"));
    println!("again: cargo run --release -p asyncore-stress -- simulate --first {seed} --seeds 1");
}

/// The fewest steps that still fail, by leaving out one, or a part of one, after the other.
#[must_use]
pub fn shrunk(mut steps: Vec<Step>, mut why: String) -> (Vec<Step>, String) {
    loop {
        let shorter = smaller(&steps).into_iter().find_map(|steps| {
            let why = run(&steps).err()?;
            Some((steps, why))
        });
        let Some(shorter) = shorter else { return (steps, why) };
        (steps, why) = shorter;
    }
}

/// All that is one thing less.
fn smaller(steps: &[Step]) -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    for at in (0..steps.len()).rev() {
        let mut without = steps.to_vec();
        let step = without.remove(at);
        all.push(without);
        for less in script::less(&step) {
            let mut changed = steps.to_vec();
            changed[at] = less;
            all.push(changed);
        }
    }
    all
}
