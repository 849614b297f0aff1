//! The resp example: what it says to what it is told, for every cut of the bytes; the same said to
//! the real redis-server; and real clients.
//!
//! `cargo test` builds the examples before it runs this; `cargo test --test resp` alone does not.

// What the tests of all examples share.
#[path = "../examples/certificate.rs"]
mod certificate;
#[allow(dead_code)]
#[path = "../examples/process.rs"]
mod process;
#[path = "../examples/transcripts.rs"]
mod transcripts;

/// The modules of the example, with their own tests.
macro_rules! example {
    ($($path:literal $name:ident;)*) => {$(
        // What only `main` uses.
        #[allow(dead_code)]
        #[path = $path]
        mod $name;
    )*};
}

example! {
    "../../resp/args.rs" args;
    "../../resp/command.rs" command;
    "../../resp/config.rs" config;
    "../../resp/connection.rs" connection;
    "../../resp/counters.rs" counters;
    "../../resp/database.rs" database;
    "../../resp/debug.rs" debug;
    "../../resp/describe.rs" describe;
    "../../resp/expiry.rs" expiry;
    "../../resp/frame.rs" frame;
    "../../resp/glob.rs" glob;
    "../../resp/hashes.rs" hashes;
    "../../resp/info.rs" info;
    "../../resp/inline.rs" inline;
    "../../resp/keys.rs" keys;
    "../../resp/lists.rs" lists;
    "../../resp/number.rs" number;
    "../../resp/protocol.rs" protocol;
    "../../resp/pubsub.rs" pubsub;
    "../../resp/reply.rs" reply;
    "../../resp/scan.rs" scan;
    "../../resp/server.rs" server;
    "../../resp/sets.rs" sets;
    "../../resp/strings.rs" strings;
    "../../resp/text.rs" text;
    "../../resp/transaction.rs" transaction;
    "../../resp/value.rs" value;
}

mod bad_input;
mod clients;
mod commands;
mod limits;
mod publishing;
mod real;
mod time;
mod transcript;

/// What the programs under test are called, after the name of the example.
const SUFFIX: &str = "";
