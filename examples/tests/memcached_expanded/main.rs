//! The tests of the memcached example once more, of the same server and client as the macro writes
//! them: plain code in the place of `#[channel]` does the same.

#[allow(dead_code)]
#[path = "../examples/process.rs"]
mod process;
#[path = "../examples/transcripts.rs"]
mod transcripts;

#[path = "../../expanded/memcached_client/client.expanded.rs"]
#[rustfmt::skip]
mod client;
#[path = "../../memcached/line.rs"]
mod line;
#[path = "../../expanded/memcached/protocol.expanded.rs"]
#[rustfmt::skip]
mod protocol;
#[path = "../../memcached/store.rs"]
mod store;

#[path = "../memcached/bad_input.rs"]
mod bad_input;
#[path = "../memcached/clients.rs"]
mod clients;
#[path = "../memcached/commands.rs"]
mod commands;
#[path = "../memcached/limits.rs"]
mod limits;
#[path = "../memcached/real.rs"]
mod real;
#[path = "../memcached/time.rs"]
mod time;
#[path = "../memcached/transcript.rs"]
mod transcript;

const SUFFIX: &str = "_expanded";
