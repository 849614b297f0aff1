//! Where and with what it was measured.

use std::fs;
use std::process::Command;

use crate::cores;

/// The lock file of the workspace, for the versions of the peers.
const LOCK: &str = include_str!("../../Cargo.lock");

/// A line for each fact.
pub(crate) fn describe() -> Vec<(&'static str, String)> {
    let cores = cores::count();
    vec![
        ("Date", output("date", &["-u", "+%Y-%m-%d"])),
        ("Processor", format!("{}, {cores} cores", processor())),
        ("System", format!("{}, Linux {}", system(), file("/proc/sys/kernel/osrelease"))),
        ("Compiler", output("rustc", &["--version"])),
        ("Peers", peers()),
    ]
}

/// The last of the versions the lock file has of a crate.
fn version(name: &str) -> &'static str {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let rest = LOCK.rsplit(&entry).next().unwrap_or_default();
    rest.split('"').next().unwrap_or_default()
}

fn peers() -> String {
    let names = ["mio", "memchr", "tokio", "tokio-util", "message-io"];
    let mut peers: Vec<String> =
        names.iter().map(|name| format!("{name} {}", version(name))).collect();
    peers.extend(crate::server::python_version());
    peers.join(", ")
}

fn processor() -> String {
    let text = file("/proc/cpuinfo");
    let model = text.lines().find_map(|line| line.strip_prefix("model name"));
    model.map_or("unknown".into(), |text| text.trim_start_matches(['\t', ':', ' ']).into())
}

fn system() -> String {
    let text = file("/etc/os-release");
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.unwrap_or("unknown").trim_matches('"').into()
}

fn file(path: &str) -> String {
    fs::read_to_string(path).map_or("unknown".into(), |text| text.trim().into())
}

/// What a program says, on either of its outputs.
pub(crate) fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or("unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        assert!(version("tokio").starts_with("1."));
        // Two are locked: message-io's own, and ours.
        assert!(version("mio").starts_with("1."));
    }
}
