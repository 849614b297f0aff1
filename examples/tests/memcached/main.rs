//! The memcached example: what it says to what it is told, for every cut of the bytes; the same
//! said to the real memcached; and real clients.
//!
//! `cargo test` builds the examples before it runs this; `cargo test --test memcached` alone does
//! not.

// What the tests of all examples share.
#[allow(dead_code)]
#[path = "../examples/process.rs"]
mod process;
#[path = "../examples/transcripts.rs"]
mod transcripts;

#[path = "../../memcached_client/client.rs"]
mod client;
#[path = "../../memcached/line.rs"]
mod line;
#[path = "../../memcached/protocol.rs"]
mod protocol;
#[path = "../../memcached/store.rs"]
mod store;

mod bad_input;
mod clients;
mod commands;
mod limits;
mod real;
mod time;
mod transcript;

/// What the programs under test are called, after the name of the example.
const SUFFIX: &str = "";
