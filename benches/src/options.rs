//! The command line.

use std::path::Path;
use std::process::{Command as Program, Stdio};
use std::time::Duration;

use anyhow::{ensure, Context, Result};
use clap::{Parser, Subcommand, ValueEnum};

use crate::beside::Programs;
use crate::plan::Plan;
use crate::server::Server;
use crate::shape::Shape;
use crate::smtp::SOURCE;

/// Measures asyncore-runtime side by side with its peers.
///
/// Without a command everything is measured, and docs/performance.md and docs/performance.svg are
/// written anew.
#[derive(Parser)]
pub(crate) struct Options {
    /// One short round of everything, to see that it runs; no file is written.
    #[arg(long, global = true)]
    quick: bool,
    /// Only these servers, separated by commas; no file is written.
    #[arg(long, global = true, value_delimiter = ',')]
    servers: Vec<Server>,
    /// Only these shapes, such as 50x16,50x16x1024; no file is written.
    #[arg(long, global = true, value_delimiter = ',')]
    shapes: Vec<Shape>,
    /// How often each server has its turn: 5 times unless told otherwise.
    #[arg(long, global = true)]
    rounds: Option<usize>,
    /// How long each turn is: half a second unless told otherwise.
    #[arg(long, global = true)]
    seconds: Option<f64>,
    /// The real memcached.
    #[arg(long, global = true, value_name = "PATH", default_value = "memcached")]
    memcached: String,
    /// The example memcached; built beside this program unless told otherwise.
    #[arg(long, global = true, value_name = "PATH")]
    memcached_ours: Option<String>,
    /// The real redis-server.
    #[arg(long, global = true, value_name = "PATH", default_value = "redis-server")]
    redis: String,
    /// The example resp; built beside this program unless told otherwise.
    #[arg(long, global = true, value_name = "PATH")]
    redis_ours: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// CPU, throughput, latency and memory of every server.
    Echo,
    /// CPU for each message with more connections, busy and idle.
    Growth,
    /// Bytes for each connection: idle, with half a frame, with a peer that does not read.
    Memory,
    /// Build time and crates of a server in one file.
    Build,
    /// One expansion, and the build of the macro crate.
    Macro,
    /// The example memcached beside the real one.
    Memcached,
    /// The example resp beside redis-server.
    Redis,
    /// The example smtp beside aiosmtpd and smtp-sink.
    Smtp,
    /// Ours in two loops beside ours in one.
    Workers,
    /// The servers over TLS, ours beside tokio-rustls.
    #[cfg(feature = "tls")]
    Tls,
    #[command(hide = true)]
    Serve { server: Server },
    #[command(hide = true)]
    Exec { command: Vec<String> },
}

impl Options {
    pub(crate) fn plan(&self) -> Plan {
        let seconds = self.seconds.unwrap_or(if self.quick { 0.1 } else { 0.5 });
        Plan {
            servers: self.servers(),
            shapes: or_all(&self.shapes, &Shape::ALL),
            rounds: self.rounds.unwrap_or(if self.quick { 1 } else { 5 }).max(1),
            warm_up: Duration::from_secs_f64(seconds / 5.0),
            window: Duration::from_secs_f64(seconds),
            quick: self.quick,
        }
    }

    /// Whether this is the run the page is made of.
    pub(crate) fn is_whole(&self) -> bool {
        !self.quick && self.servers.is_empty() && self.shapes.is_empty()
    }

    /// Those asked for, without those this machine cannot run.
    fn servers(&self) -> Vec<Server> {
        let plain: Vec<_> =
            Server::value_variants().iter().filter(|server| !server.is_apart()).copied().collect();
        let asked = or_all(&self.servers, &plain);
        let can_run = |server: &Server| match server.missing() {
            Some(why) => {
                eprintln!("{server} is left out: {why}");
                false
            }
            None => true,
        };
        asked.into_iter().filter(can_run).collect()
    }

    /// None if the real memcached is not there.
    ///
    /// # Errors
    /// The example that is to stand beside it cannot be built.
    pub(crate) fn memcached(&self) -> Result<Option<Programs>> {
        programs("memcached", &self.memcached, self.memcached_ours.as_ref())
    }

    /// None if the real redis-server is not there.
    ///
    /// # Errors
    /// As of [`memcached`](Self::memcached).
    pub(crate) fn redis(&self) -> Result<Option<Programs>> {
        programs("resp", &self.redis, self.redis_ours.as_ref())
    }

    /// The example smtp. None if those it is to stand beside are not there.
    ///
    /// # Errors
    /// It cannot be built.
    pub(crate) fn smtp() -> Result<Option<String>> {
        let has_peer = Program::new("python3").args(["-c", "import aiosmtpd"]).status();
        if !Path::new(SOURCE).exists() || !has_peer.is_ok_and(|status| status.success()) {
            eprintln!("smtp is left out: it needs Postfix's smtp-source, and aiosmtpd for Python");
            return Ok(None);
        }
        build_example("smtp").map(Some)
    }
}

fn or_all<T: Clone>(asked: &[T], all: &[T]) -> Vec<T> {
    if asked.is_empty() { all } else { asked }.to_vec()
}

fn programs(example: &str, theirs: &str, ours: Option<&String>) -> Result<Option<Programs>> {
    if !runs(theirs) {
        eprintln!("{example} is left out: `{theirs} --version` does not run");
        return Ok(None);
    }
    let ours = ours.cloned().map_or_else(|| build_example(example), Ok)?;
    Ok(Some(Programs { theirs: theirs.to_owned(), ours }))
}

fn runs(program: &str) -> bool {
    let status = Program::new(program).arg("--version").stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Builds the example as this program was built, beside it; where it is then.
fn build_example(name: &str) -> Result<String> {
    let program = std::env::current_exe()?;
    let directory = program.parent().context("this program is in no directory")?;
    let target = directory.parent().context("this program is in no target directory")?;
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let status = Program::new("cargo")
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["build", "--quiet", "--package", "asyncore-examples", "--example", name])
        .args(["--profile", profile, "--target-dir"])
        .arg(target)
        .status()?;
    ensure!(status.success(), "the example {name} cannot be built: {status}");
    Ok(directory.join("examples").join(name).to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Options::command().debug_assert();
        let options = Options::parse_from(["", "echo", "--servers", "mio,ours", "--rounds", "7"]);
        let plan = options.plan();
        assert_eq!((plan.servers, plan.rounds), (vec![Server::Mio, Server::Ours], 7));
        assert!(!options.is_whole());
    }
}
