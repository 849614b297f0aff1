//! What finds faults by itself: simulations and fuzzing. Not published, and not part of `cargo test`.
#![forbid(unsafe_code)]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub)] // nobody depends on it

pub mod dice;
pub mod fuzz;
pub mod simulate;

// The memcached example.
#[allow(dead_code)]
#[path = "../../../examples/memcached/line.rs"]
mod line;
#[path = "../../../examples/memcached/protocol.rs"]
mod protocol;
#[allow(dead_code)]
#[path = "../../../examples/memcached/store.rs"]
mod store;

/// Panics that a script raises are caught, and say nothing.
pub fn hush() {
    std::panic::set_hook(Box::new(|_| {}));
}
