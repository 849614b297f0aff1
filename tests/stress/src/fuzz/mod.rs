//! Fuzzing on stable Rust: inputs are changed at random, beginning with a corpus, and each target says
//! what must not come of them.
//!
//! There is no instrumentation, so nothing tells which input reached new code; but an input whose
//! outcome is new, by the target's own account, becomes one to begin with.

mod framing;
mod mutate;
pub mod targets;

use std::collections::HashSet;
use std::fs;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::dice::{Dice, Seeded};
use mutate::mutated;
use targets::{Target, TARGETS};

/// No input is longer.
const LONGEST: usize = 256;
/// So many inputs are kept to begin with.
const MOST_KEPT: usize = 4096;
/// So many are tried between two looks at the clock.
const BATCH: u32 = 64;

/// Fuzzes each target for its share of the time, two at a time; whether nothing was found.
pub fn fuzz(time: Duration, seed: u64, threads: usize, only: Option<&str>) -> bool {
    let chosen = |target: &&Target| only.is_none_or(|name| name == target.name);
    let targets: Vec<&Target> = TARGETS.iter().filter(chosen).collect();
    let threads = threads.max(1);
    let share = time / u32::try_from(targets.len().div_ceil(threads).max(1)).unwrap_or(1);
    let mut is_well = !targets.is_empty();
    let mut executions = 0;
    for together in targets.chunks(threads) {
        std::thread::scope(|scope| {
            let started: Vec<_> = together
                .iter()
                .map(|target| scope.spawn(move || fuzz_one(target, share, seed)))
                .collect();
            for result in started {
                let (count, found) = result.join().unwrap_or((0, true));
                executions += count;
                is_well &= !found;
            }
        });
    }
    println!("fuzz: {executions} executions in {} s", time.as_secs());
    is_well
}

/// How many executions there were, and whether one failed.
fn fuzz_one(target: &Target, time: Duration, seed: u64) -> (u64, bool) {
    let (began, mut dice) = (Instant::now(), Seeded(seed));
    let (mut kept, mut seen) = (corpus(target), HashSet::new());
    let words: Vec<Vec<u8>> = target.words.iter().map(|word| word.to_vec()).collect();
    if kept.is_empty() {
        kept.push(Vec::new());
    }
    let mut count = 0_u64;
    while began.elapsed() < time {
        for _ in 0..BATCH {
            let input = mutated(&kept, &words, LONGEST, &mut dice);
            count += 1;
            match tried(target, &input) {
                Ok(outcome) if kept.len() < MOST_KEPT && seen.insert(outcome) => kept.push(input),
                Ok(_) => {}
                Err(why) => {
                    report(target, input, &why);
                    return (count, true);
                }
            }
        }
    }
    let (secs, kept) = (began.elapsed().as_secs_f64(), kept.len());
    println!("  {:10} {count} executions, {:.0}/s, {kept} kept", target.name, count as f64 / secs);
    (count, false)
}

/// Runs a target on an input: what came of it, in short, or what its panic says.
///
/// # Errors
/// If it panics.
pub fn tried(target: &Target, input: &[u8]) -> Result<u64, String> {
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        text.unwrap_or_else(|| "a panic without a text".to_owned())
    })
}

fn report(target: &Target, input: Vec<u8>, why: &str) {
    let input = shrunk(target, input);
    let name = format!("found-{:08x}", checksum(&input));
    println!("  {} failed: {why}\n  input: b\"{}\"", target.name, input.escape_ascii());
    let path = folder(target).join(name);
    match fs::write(&path, &input) {
        Ok(()) => println!("  kept in {}, where the tests find it", path.display()),
        Err(error) => println!("  cannot write {}: {error}", path.display()),
    }
}

/// The shortest part of an input that still fails, by leaving out parts of it.
fn shrunk(target: &Target, mut input: Vec<u8>) -> Vec<u8> {
    let mut len = input.len() / 2;
    while len > 0 {
        let shorter = (0..input.len()).step_by(len).find_map(|at| {
            let end = (at + len).min(input.len());
            let without = [&input[..at], &input[end..]].concat();
            tried(target, &without).is_err().then_some(without)
        });
        match shorter {
            Some(shorter) => input = shorter,
            None => len /= 2,
        }
    }
    input
}

fn checksum(data: &[u8]) -> u64 {
    data.iter().fold(0, |sum, byte| Seeded(sum ^ u64::from(*byte)).roll()) & 0xffff_ffff
}

fn folder(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name)
}

/// What a target begins with: the files in its folder.
#[must_use]
pub fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder(target)).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    files.sort();
    files.iter().filter_map(|file| fs::read(file).ok()).collect()
}
