//! CPython's side: a Python that still has asynchat, and the driver for it.

use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::{Scenario, Trace};

/// Plays scenarios through the real asynchat.
#[derive(Debug, Clone)]
pub struct Oracle {
    python: String,
    driver: PathBuf,
}

/// Interpreters to look for; 3.12 has no asynchat any more.
const PYTHONS: [&str; 5] = ["python3", "python3.11", "python3.10", "python3.9", "python3.8"];

impl Oracle {
    /// An oracle, if there is a Python with asynchat. `ASYNCORE_ORACLE` names another driver,
    /// which reads and writes the same lines.
    #[must_use]
    pub fn find() -> Option<Self> {
        let own = || concat!(env!("CARGO_MANIFEST_DIR"), "/data/asynchat_oracle.py").into();
        let driver = std::env::var_os("ASYNCORE_ORACLE").map_or_else(own, PathBuf::from);
        Some(Self { python: python()?.to_owned(), driver })
    }

    /// The traces of `scenarios`, in their order.
    ///
    /// # Errors
    /// Python cannot be run, or answers something else.
    pub fn play(&self, scenarios: &[Scenario]) -> io::Result<Vec<Trace>> {
        let mut python = Command::new(&self.python)
            .args(["-W", "ignore"])
            .arg(&self.driver)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = python.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let output = python.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let lines: Vec<String> = scenarios.iter().map(Scenario::to_line).collect();
        // Both pipes are bounded: whoever only wrote would wait for ever.
        let writer = std::thread::spawn(move || write_lines(input, &lines));
        let traces = BufReader::new(output).lines().map(|line| read_trace(&line?)).collect();
        python.wait()?;
        writer.join().map_err(|_| io::ErrorKind::Other)??;
        traces
    }
}

/// A Python that still has asynchat and asyncore, if there is one.
#[must_use]
pub fn python() -> Option<&'static str> {
    PYTHONS.into_iter().find(|python| has_asynchat(python))
}

fn has_asynchat(python: &str) -> bool {
    let mut command = Command::new(python);
    command.args(["-W", "ignore", "-c", "import asynchat, asyncore"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn write_lines(mut input: impl Write, lines: &[String]) -> io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(input, "{line}"))
}

fn read_trace(line: &str) -> io::Result<Trace> {
    let wrong = |error| io::Error::new(io::ErrorKind::InvalidData, format!("{error}: {line}"));
    serde_json::from_str(line).map_err(wrong)
}
