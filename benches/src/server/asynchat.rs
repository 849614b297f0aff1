//! CPython's asynchat, removed from Python in 3.12.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};

const SCRIPT: &str = include_str!("asynchat.py");

/// Becomes the interpreter. It writes once for each line: without `nodelay` all but the first wait
/// for the peer's acknowledgement and then go out together, at less CPU and after some 40 ms.
pub(super) fn serve(nodelay: bool) -> Result<()> {
    let python = python().context("no Python with asynchat")?;
    let mut command = Command::new(python);
    command.args(["-W", "ignore", "-c", SCRIPT]).args(nodelay.then_some("nodelay"));
    Err(command.exec()).context(python)
}

/// The path of an interpreter that can still import asynchat.
pub(super) fn python() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let names = ["python3.11", "python3.10", "python3.9", "python3.8", "python3"];
    FOUND.get_or_init(|| names.into_iter().find_map(interpreter)).as_deref()
}

/// Asked for its own path: the name may stand for a script that starts the interpreter.
fn interpreter(name: &str) -> Option<String> {
    let ask = "import asynchat, sys; print(sys.executable)";
    let output = Command::new(name).args(["-W", "ignore", "-c", ask]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !path.trim().is_empty()).then(|| path.trim().to_owned())
}
