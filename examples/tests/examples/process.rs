//! Examples as processes, none of which outlives its test or runs for ever.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::iter;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::SUFFIX;

/// Far above what anything here takes: who waits so long waits for ever.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A command that runs an example.
pub fn example(name: &str) -> Command {
    let me = env::current_exe().unwrap();
    let target = me.ancestors().nth(2).unwrap();
    let path = target.join("examples").join(format!("{name}{SUFFIX}"));
    assert!(path.exists(), "{path:?} is not built: `cargo build --examples`");
    let mut command = Command::new(path);
    command.arg0(name).env("RUST_BACKTRACE", "1").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A real client, unless it is not there: then the test says so, and has nothing to do.
pub fn client(name: &str) -> Option<Command> {
    let there = Command::new(name).arg("--version").output();
    if there.is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        skip(name);
        return None;
    }
    let mut command = Command::new(name);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(command)
}

/// Says that a client is missing; in CI none may be.
pub fn skip(name: &str) {
    assert!(env::var_os("ASYNCORE_REQUIRE_CLIENTS").is_none(), "{name} is not installed");
    // Past the harness, which shows what `println!` says only of tests that fail.
    let word = format!("skipped: {name} is not installed\n");
    io::stderr().write_all(word.as_bytes()).unwrap();
}

/// Runs a program that ends by itself.
pub fn run(command: &mut Command) -> Output {
    let mut process = Process::start(command);
    let (stdout, stderr) = (process.0.stdout.take().unwrap(), process.0.stderr.take().unwrap());
    let stderr = collect(stderr);
    let stdout = collect(stdout).recv_timeout(PATIENCE).expect("it ends");
    let stderr = stderr.recv_timeout(PATIENCE).expect("it ends");
    Output { status: process.0.wait().unwrap(), stdout, stderr }
}

/// What a program that went well has printed.
pub fn stdout_of(command: &mut Command) -> String {
    let output = run(command);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn collect(mut from: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut all = Vec::new();
        from.read_to_end(&mut all).unwrap();
        // Whoever gave up waiting has failed already.
        let _ = sender.send(all);
    });
    receiver
}

/// Killed when dropped.
pub struct Process(pub Child);

impl Process {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It fails if it has ended already.
        let _ = self.0.kill();
        self.0.wait().unwrap();
    }
}

/// An example that listens.
pub struct Server {
    pub process: Process,
    /// What it prints.
    pub lines: Receiver<String>,
    pub address: SocketAddr,
}

impl Server {
    pub fn start(name: &str) -> Self {
        Self::with(name, &[])
    }

    pub fn with(name: &str, options: &[&str]) -> Self {
        Self::of(example(name).args(options).arg("127.0.0.1:0"))
    }

    /// One that says where it listens.
    pub fn of(command: &mut Command) -> Self {
        let mut process = Process::start(command);
        let lines = lines(process.0.stdout.take().unwrap());
        let first = lines.recv_timeout(PATIENCE).expect("a line");
        let address = first.strip_prefix("listening on ").expect(&first).parse().unwrap();
        Self { process, lines, address }
    }

    /// `kill` with a signal: `-TERM`.
    pub fn signal(&self, signal: &str) {
        let id = self.process.0.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// The status with which it ends.
    pub fn status(mut self) -> Option<i32> {
        let end = iter::repeat_with(|| self.lines.recv_timeout(PATIENCE)).find_map(Result::err);
        assert_eq!(end, Some(RecvTimeoutError::Disconnected), "it does not end");
        self.process.0.wait().unwrap().code()
    }

    /// The next line it prints.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line")
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// The lines it writes to stderr, from now on.
    pub fn stderr(&mut self) -> Receiver<String> {
        let stderr: ChildStderr = self.process.0.stderr.take().unwrap();
        lines(stderr)
    }
}

/// Lines as they come.
fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Reads exactly as much as is expected, and compares.
#[track_caller]
pub fn expect(stream: &mut impl Read, expected: impl AsRef<[u8]>) {
    let mut found = vec![0; expected.as_ref().len()];
    stream.read_exact(&mut found).unwrap();
    assert_eq!(found.escape_ascii().to_string(), expected.as_ref().escape_ascii().to_string());
}

/// What is left until the peer closes.
pub fn rest(stream: &mut impl Read) -> String {
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    rest
}

/// It was closed; where something was still on its way, with a reset.
#[track_caller]
pub fn closed(stream: &mut TcpStream) {
    match stream.read(&mut [0]) {
        Ok(len) => assert_eq!(len, 0),
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
    }
}
