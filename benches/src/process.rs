//! Servers in processes of their own, and what the operating system has counted for them.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{bail, Context, Result};
use rustix::process::{set_parent_process_death_signal, Signal};

use crate::cores;
use crate::server::Server;

const START: Duration = Duration::from_secs(10);

/// A server process, killed when dropped.
pub(crate) struct Process {
    child: Child,
    addr: SocketAddr,
}

impl Process {
    /// Starts one of our servers: this program, once more.
    pub(crate) fn serve(server: Server) -> Result<Self> {
        let name = server.to_string();
        Self::start(&["serve", &name]).with_context(|| format!("the server {name}"))
    }

    /// Starts a program that says `listening on ADDR` on its first line.
    pub(crate) fn run(command: &[&str]) -> Result<Self> {
        Self::start(&[&["exec", "--"], command].concat()).with_context(|| command.join(" "))
    }

    /// Starts a program that is told where to listen.
    pub(crate) fn run_at(addr: SocketAddr, command: &[&str]) -> Result<Self> {
        let mut process =
            Self { child: spawn(&[&["exec", "--"], command].concat(), Stdio::null())?, addr };
        let deadline = std::time::Instant::now() + START;
        while std::net::TcpStream::connect(addr).is_err() {
            if process.child.try_wait()?.is_some() || std::time::Instant::now() > deadline {
                bail!("{}: it does not listen", command.join(" "));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(process)
    }

    fn start(arguments: &[&str]) -> Result<Self> {
        let mut child = spawn(arguments, Stdio::piped())?;
        let stdout = child.stdout.take().context("no output")?;
        // Made before the line is read, so that every way out of here ends the child.
        let mut process = Self { child, addr: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = sender.send(line);
        });
        let line = receiver.recv_timeout(START).context("it said nothing")?;
        let addr = line.trim().strip_prefix("listening on ").context("it did not start")?;
        process.addr = addr.parse()?;
        Ok(process)
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The CPU time of all its threads so far, to the nanosecond.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let mut total = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            let nanos = text.split_whitespace().next().context("schedstat is empty")?;
            total += nanos.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(total))
    }

    /// The bytes of its memory that are resident. `smaps_rollup` counts pages; the figure in
    /// `status` may lag behind by some hundred kilobytes.
    pub(crate) fn rss(&self) -> Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("Rss:")).context("no Rss")?;
        let kilobytes = line.trim().trim_end_matches(" kB").parse::<u64>()?;
        Ok(kilobytes * 1024)
    }

    /// Waits until it has done what was asked of it, seen by its CPU time standing still.
    pub(crate) fn settle(&self) -> Result<()> {
        let mut before = self.cpu()?;
        loop {
            thread::sleep(Duration::from_millis(50));
            let now = self.cpu()?;
            if now - before < Duration::from_micros(500) {
                return Ok(());
            }
            before = now;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Becomes another program, which ends with the benchmark as our own servers do.
pub(crate) fn exec(command: &[String]) -> Result<()> {
    die_with_parent()?;
    let (program, arguments) = command.split_first().context("no command")?;
    Err(Command::new(program).args(arguments).exec()).context(program.clone())
}

/// The kernel kills this process when the benchmark ends, however it ends.
pub(crate) fn die_with_parent() -> Result<()> {
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

fn spawn(arguments: &[&str], stdout: Stdio) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).stdin(Stdio::null()).stdout(stdout);
    cores::for_server(|| Ok(command.spawn()?))
}
