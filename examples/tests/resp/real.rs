//! The same said to the real redis-server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::process::{client, Process, PATIENCE};
use crate::transcript::{text, Exchanges};
use crate::{bad_input, commands};

/// A redis-server of its own for one test, which holds nothing.
struct Redis {
    path: PathBuf,
    _process: Process,
}

impl Redis {
    /// Unless it is not installed.
    fn start(name: &str) -> Option<Self> {
        let mut command = client("redis-server")?;
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.{}", std::process::id()));
        command.args(["--port", "0", "--save", "", "--unixsocket"]).arg(&path);
        let mut process = Process::start(command.stdin(Stdio::null()));
        let mut said = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let is_up = said.any(|line| line.unwrap().contains("The server is now ready"));
        assert!(is_up, "redis-server ended");
        // Somebody must read on.
        std::thread::spawn(move || said.for_each(drop));
        Some(Self { path, _process: process })
    }

    /// What it answers before it closes.
    fn answer(&self, sent: &[u8]) -> Vec<u8> {
        let mut stream = UnixStream::connect(&self.path).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&[b"FLUSHALL\r\n", sent].concat()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answered = Vec::new();
        // It may close before it has read all.
        let _ = stream.read_to_end(&mut answered);
        assert!(answered.starts_with(b"+OK\r\n"));
        answered.split_off(5)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn compare(name: &str, transcripts: &[(&str, Exchanges)]) {
    let Some(redis) = Redis::start(name) else { return };
    for (name, exchanges) in transcripts {
        let sent = exchanges.iter().map(|(sent, _)| *sent).collect::<String>();
        let answered = exchanges.iter().map(|(_, answered)| *answered).collect::<String>();
        assert_eq!(text(&redis.answer(sent.as_bytes())), text(answered.as_bytes()), "{name}");
    }
}

#[test]
fn redis_answers_every_command_alike() {
    compare("commands", commands::ALL);
}

#[test]
fn redis_answers_bad_input_alike() {
    compare("bad_input", bad_input::ALL);
}
