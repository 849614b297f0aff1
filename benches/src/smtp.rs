//! The example smtp beside aiosmtpd and Postfix's smtp-sink, under Postfix's smtp-source.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{ensure, Result};

use crate::beside::free_address;
use crate::plan::Plan;
use crate::process::Process;
use crate::stats::Rounds;

/// Debian has them where no path of a user leads.
pub(crate) const SOURCE: &str = "/usr/sbin/smtp-source";
const SINK: &str = "/usr/sbin/smtp-sink";
const AIOSMTPD: &str = include_str!("server/aiosmtpd.py");

const SESSIONS: &str = "20";
const LENGTH: &str = "1024";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    Ours,
    /// The only one that acknowledges a message when it is on the disk.
    OursSynced,
    Aiosmtpd,
    Sink,
}

/// One line of the table.
pub(crate) struct Case {
    pub(crate) server: Server,
    /// Messages for each second of CPU.
    pub(crate) messages: Rounds,
    /// The same, where a session brings one message after the other.
    pub(crate) in_sessions: Rounds,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "ours",
            Self::OursSynced => "ours, with fsync",
            Self::Aiosmtpd => "aiosmtpd",
            Self::Sink => "smtp-sink",
        })
    }
}

pub(crate) fn run(plan: &Plan, ours: &str) -> Result<Vec<Case>> {
    let servers = [Server::Ours, Server::OursSynced, Server::Aiosmtpd, Server::Sink];
    let new = |server| Case { server, messages: Rounds::default(), in_sessions: Rounds::default() };
    let mut cases: Vec<_> = servers.into_iter().map(new).collect();
    for round in 0..plan.rounds {
        plan.say(format_args!("smtp, round {} of {}", round + 1, plan.rounds));
        for case in &mut cases {
            let folder = Folder::new(case.server)?;
            let process = case.server.start(&folder.0, ours)?;
            case.messages.0.push(measure(plan, &process, &[])?);
            case.in_sessions.0.push(measure(plan, &process, &["-d"])?);
        }
    }
    Ok(cases)
}

/// Where messages are stored: in memory, so that what is measured is the server and not a disk, but
/// for the one that waits for the disk.
struct Folder(PathBuf);

impl Folder {
    fn new(server: Server) -> Result<Self> {
        let memory = Path::new("/dev/shm");
        let base = match server {
            Server::OursSynced => std::env::current_exe()?.with_file_name("stored"),
            _ if memory.is_dir() => memory.to_owned(),
            _ => std::env::temp_dir(),
        };
        let folder = base.join(format!("asyncore-benches-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Server {
    fn start(self, folder: &Path, ours: &str) -> Result<Process> {
        let path = folder.to_string_lossy();
        match self {
            Self::Ours => Process::run(&[ours, "--no-fsync", "--maildir", &path, "127.0.0.1:0"]),
            Self::OursSynced => Process::run(&[ours, "--maildir", &path, "127.0.0.1:0"]),
            Self::Aiosmtpd => Process::run(&["python3", "-W", "ignore", "-c", AIOSMTPD, &path]),
            Self::Sink => sink(&path),
        }
    }
}

/// It writes a file for each message, of a name that it makes unique.
fn sink(path: &str) -> Result<Process> {
    let addr = free_address()?;
    let (template, place) = (format!("{path}/%M."), addr.to_string());
    let mut command = vec![SINK, "-d", &template];
    if rustix::process::getuid().is_root() {
        // It refuses to run as root unless told to.
        command.extend(["-u", "root"]);
    }
    Process::run_at(addr, &[&command[..], &[&place, "1000"]].concat())
}

/// Messages for each second of the server's CPU.
fn measure(plan: &Plan, process: &Process, more: &[&str]) -> Result<f64> {
    load(process, 200, more)?;
    process.settle()?;
    let messages = if plan.quick { 500 } else { 4_000 };
    let before = process.cpu()?;
    load(process, messages, more)?;
    process.settle()?;
    Ok(f64::from(messages) / (process.cpu()? - before).as_secs_f64())
}

fn load(process: &Process, messages: u32, more: &[&str]) -> Result<()> {
    let mut source = Command::new(SOURCE);
    source.args(["-s", SESSIONS, "-l", LENGTH, "-m", &messages.to_string()]).args(more);
    source.args(["-f", "a@b.test", "-t", "c@localhost", &format!("inet:{}", process.addr())]);
    let status = source.stdout(Stdio::null()).status()?;
    ensure!(status.success(), "{SOURCE}: {status}");
    Ok(())
}
