//! Ten programs as people wrote them with asyncore, ported: each driven by the client that is used for
//! it, and where a Python with asyncore is there, compared with a server in Python beside it, byte for
//! byte.

mod ports {
    mod peers;

    mod discovery;
    mod discovery_tests;
    mod follower;
    mod follower_tests;
    mod ftp;
    mod ftp_tests;
    #[cfg(target_os = "linux")]
    mod notify;
    #[cfg(target_os = "linux")]
    mod notify_tests;
    mod ping;
    mod ping_tests;
    mod pool;
    mod pool_tests;
    mod records;
    mod records_tests;
    #[cfg(target_os = "linux")]
    mod shell;
    #[cfg(target_os = "linux")]
    mod shell_tests;
    mod smtp;
    mod smtp_tests;
    mod socks;
    mod socks_tests;
}

use std::path::Path;

const MOST_LINES: usize = 160;

/// What is in the folder beside the ports.
fn is_port(name: &str) -> bool {
    name.ends_with(".rs") && !name.ends_with("_tests.rs") && name != "peers.rs"
}

#[test]
fn no_port_is_longer_than_a_few_screens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ports");
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let lines = std::fs::read_to_string(&path).expect("text").lines().count();
        assert!(!is_port(name) || lines <= MOST_LINES, "{name}: {lines} lines");
    }
}
