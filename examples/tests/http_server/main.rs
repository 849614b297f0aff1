//! The http_server example: where requests end, and attacks on that; files; WebSocket; real clients.
//!
//! `cargo test` builds the examples before it runs this; `cargo test --test http_server` alone does not.

// What the tests of all examples share.
#[allow(dead_code)]
#[path = "../examples/certificate.rs"]
mod certificate;
#[allow(dead_code)]
#[path = "../examples/process.rs"]
mod process;

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
    "../../http_server/conditions.rs" conditions;
    "../../http_server/files.rs" files;
    "../../http_server/pool.rs" pool;
    "../../http_server/protocol.rs" protocol;
    "../../http_server/request.rs" request;
    "../../http_server/response.rs" response;
    "../../http_server/sending.rs" sending;
    "../../http_server/site.rs" site;
    "../../http_server/target.rs" target;
    "../../http_server/types.rs" types;
    "../../http_server/websocket.rs" websocket;
}

mod attacks;
mod clients;
mod downloads;
mod frames;
mod kit;
mod requests;

/// What the programs under test are called, after the name of the example.
const SUFFIX: &str = "";
