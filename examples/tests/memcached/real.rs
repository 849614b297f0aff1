//! The same said to the real memcached.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{skip, Process, PATIENCE};
use crate::transcript::{text, Exchanges};
use crate::{bad_input, commands};

/// A memcached of its own for one test, which holds nothing.
pub struct Memcached {
    pub path: PathBuf,
    _process: Process,
}

impl Memcached {
    /// Unless it is not installed.
    pub fn start(name: &str) -> Option<Self> {
        if Command::new("memcached").arg("-V").output().is_err() {
            skip("memcached");
            return None;
        }
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.{}", std::process::id()));
        let mut command = Command::new("memcached");
        // `-u` counts only for root, who must name somebody; `-vv` says when it listens.
        command.args(["-u", "root", "-t", "1", "-vv", "-s"]).arg(&path).stderr(Stdio::piped());
        let mut process = Process::start(&mut command);
        let mut said = BufReader::new(process.0.stderr.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap().contains("listening")), "memcached ended");
        // Somebody must read on.
        std::thread::spawn(move || said.for_each(drop));
        Some(Self { path, _process: process })
    }

    /// What it answers before it closes.
    fn answer(&self, sent: &[u8]) -> Vec<u8> {
        let mut stream = UnixStream::connect(&self.path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(sent).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answered = Vec::new();
        stream.read_to_end(&mut answered).unwrap();
        answered
    }
}

impl Drop for Memcached {
    fn drop(&mut self) {
        fs::remove_file(&self.path).unwrap();
    }
}

fn compare(transcripts: &[(&str, Exchanges)]) {
    for (name, exchanges) in transcripts {
        let Some(memcached) = Memcached::start(name) else { return };
        let sent = exchanges.iter().flat_map(|(sent, _)| *sent).copied().collect::<Vec<_>>();
        let answered = exchanges.iter().flat_map(|(_, it)| *it).copied().collect::<Vec<_>>();
        assert_eq!(text(&memcached.answer(&sent)), text(&answered), "{name}");
    }
}

#[test]
fn memcached_answers_every_command_alike() {
    compare(commands::ALL);
}

#[test]
fn memcached_answers_bad_input_alike() {
    compare(bad_input::ALL);
}
