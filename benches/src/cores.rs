//! The server has one core, the load client another, and neither disturbs the other.

use anyhow::{Context, Result};
use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
use rustix::thread::{sched_getaffinity, sched_setaffinity, CpuSet};

/// Moves this thread, the load client, to the second of the cores it may use, and lets it have as
/// many descriptors as the system allows. On a machine with one core nothing is moved.
pub(crate) fn prepare() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })?;
    move_to(1)
}

/// Runs `spawn` on the server's core, which the child inherits before it runs a single instruction.
pub(crate) fn for_server<T>(spawn: impl FnOnce() -> Result<T>) -> Result<T> {
    move_to(0)?;
    let result = spawn();
    move_to(1)?;
    result
}

/// Runs `work` on all cores.
pub(crate) fn for_all<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let mut all = CpuSet::new();
    allowed().iter().for_each(|core| all.set(*core));
    sched_setaffinity(None, &all)?;
    let result = work();
    move_to(1)?;
    result
}

/// How many cores the benchmark may use.
pub(crate) fn count() -> usize {
    allowed().len()
}

fn move_to(index: usize) -> Result<()> {
    let cores = allowed();
    if cores.len() < 2 {
        return Ok(());
    }
    let mut set = CpuSet::new();
    set.set(cores[index]);
    sched_setaffinity(None, &set).context("the core could not be chosen")
}

/// The cores the benchmark was started with.
fn allowed() -> &'static [usize] {
    static ALLOWED: std::sync::OnceLock<Vec<usize>> = std::sync::OnceLock::new();
    ALLOWED.get_or_init(|| match sched_getaffinity(None) {
        Ok(set) => (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect(),
        Err(_) => Vec::new(),
    })
}
