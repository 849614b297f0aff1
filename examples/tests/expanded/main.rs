//! The tests of `examples` once more, of the same programs as the macro writes them: plain code in
//! the place of `#[channel]` does the same.

#[path = "../examples/bad_input.rs"]
mod bad_input;
#[path = "../examples/clients.rs"]
mod clients;
#[path = "../examples/files.rs"]
mod files;
#[path = "../examples/http.rs"]
mod http;
#[allow(dead_code)]
#[path = "../examples/process.rs"]
mod process;
#[path = "../examples/servers.rs"]
mod servers;

const SUFFIX: &str = "_expanded";
