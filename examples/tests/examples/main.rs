//! Every example as a user meets it: a process, with real peers on real sockets, compared by bytes.
//!
//! `cargo test` builds the examples before it runs this; `cargo test --test examples` alone does
//! not.

mod bad_input;
mod certificate;
mod clients;
mod files;
mod http;
#[allow(dead_code)] // what the tests of single examples use
mod process;
mod restart;
mod servers;
mod tls;

/// What the programs under test are called, after the name of the example.
const SUFFIX: &str = "";
