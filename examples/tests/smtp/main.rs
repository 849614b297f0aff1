//! The smtp example: what it says to what it is told, where a message ends, what of it is in the
//! maildir; and real clients.
//!
//! `cargo test` builds the examples before it runs this; `cargo test --test smtp` alone does not.

// What the tests of all examples share.
#[path = "../examples/certificate.rs"]
mod certificate;
#[allow(dead_code)]
#[path = "../examples/process.rs"]
mod process;

#[path = "../../smtp/address.rs"]
mod address;
#[path = "../../smtp/auth.rs"]
mod auth;
#[path = "../../smtp/maildir.rs"]
mod maildir;
#[path = "../../smtp/protocol.rs"]
mod protocol;
#[path = "../../smtp/site.rs"]
mod site;
#[path = "../../smtp/trace.rs"]
mod trace;

mod clients;
mod commands;
mod ends;
mod kill;
mod limits;
mod mail;
mod test_smtpd;
mod tls;

/// What the programs under test are called, after the name of the example.
const SUFFIX: &str = "";
