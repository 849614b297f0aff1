//! Programs that are run by a test: real clients, and what they print. Nothing here waits for ever.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Far above what anything here takes: who waits so long waits for ever.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A real client, unless it is not there: then the test says so, and has nothing to do.
pub fn client(name: &str) -> Option<Command> {
    let there = Command::new(name).arg("--version").output();
    if there.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        assert!(std::env::var_os("ASYNCORE_REQUIRE_CLIENTS").is_none(), "{name} is not installed");
        skip(&format!("{name} is not installed"));
        return None;
    }
    Some(Command::new(name))
}

/// A client in Python: what it is given is its program.
pub fn python(program: &str) -> Option<Command> {
    let mut command = client("python3")?;
    command.args(["-W", "ignore", "-c", program]);
    Some(command)
}

/// Says that there is nothing to be done, past the harness, which shows only what fails.
pub fn skip(why: &str) {
    let _ = io::stderr().write_all(format!("skipped: {why}\n").as_bytes());
}

/// What a program that went well has printed.
#[track_caller]
pub fn stdout_of(command: &mut Command) -> Vec<u8> {
    let output = run(command);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    output.stdout
}

/// Runs a program that ends by itself.
#[track_caller]
pub fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = Process(command.spawn().expect("it starts"));
    let stderr = collect(process.0.stderr.take().expect("a pipe"));
    let stdout = collect(process.0.stdout.take().expect("a pipe"));
    let stdout = stdout.recv_timeout(PATIENCE).expect("it ends");
    let stderr = stderr.recv_timeout(PATIENCE).expect("it ends");
    Output { status: process.0.wait().expect("its status"), stdout, stderr }
}

fn collect(mut from: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut all = Vec::new();
        // Who gave up waiting has failed already.
        let _ = from.read_to_end(&mut all).map(|_| sender.send(all));
    });
    receiver
}

/// Killed when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It fails where it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program that runs until it is dropped, and what it prints.
pub struct Running {
    process: Process,
    lines: Receiver<String>,
}

impl Running {
    #[track_caller]
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process(command.spawn().expect("it starts"));
        let output = BufReader::new(process.0.stdout.take().expect("a pipe"));
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|l| sender.send(l))
        });
        Self { process, lines }
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.process.0.id()
    }

    /// Says something to it.
    #[track_caller]
    pub fn say(&mut self, text: &str) {
        let input = self.process.0.stdin.as_mut().expect("a pipe");
        input.write_all(text.as_bytes()).expect("it listens");
    }

    /// Says no more to it; the lines it prints until it ends.
    #[track_caller]
    pub fn finish(mut self) -> Vec<String> {
        drop(self.process.0.stdin.take());
        let next = || match self.lines.recv_timeout(PATIENCE) {
            Err(RecvTimeoutError::Timeout) => panic!("it does not end"),
            line => line.ok(),
        };
        std::iter::from_fn(next).collect()
    }

    /// The next line it prints.
    #[track_caller]
    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line")
    }
}

/// A folder of a test's own, gone with it.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let name = format!("asyncore-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
