//! What a user waits for: a clean development build of a line server in one file, and how many
//! crates it brings.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};

use crate::cores;
use crate::plan::Plan;
use crate::stats::Rounds;

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// A server of one file.
struct Project {
    name: &'static str,
    dependencies: &'static str,
    source: &'static str,
}

/// With the features each needs for it, and no more.
const PROJECTS: [Project; 4] = [
    Project {
        name: OURS,
        dependencies: concat!(
            "asyncore-runtime = { path = \"",
            env!("CARGO_MANIFEST_DIR"),
            "/../asyncore-runtime\" }"
        ),
        source: include_str!("../build-cost/asyncore.rs"),
    },
    Project {
        name: TOKIO,
        dependencies: r#"
            tokio = { version = "1", features = ["io-util", "macros", "net", "rt"] }
            tokio-util = { version = "0.7", features = ["codec"] }
            futures-util = { version = "0.3", default-features = false, features = ["sink"] }
        "#,
        source: include_str!("../build-cost/tokio.rs"),
    },
    Project {
        name: "message-io",
        dependencies: r#"
            message-io = { version = "0.19", default-features = false, features = ["tcp"] }
        "#,
        source: include_str!("../build-cost/message-io.rs"),
    },
    Project {
        name: "bare mio",
        dependencies: r#"
            mio = { version = "1", default-features = false, features = ["net", "os-poll"] }
        "#,
        source: include_str!("../build-cost/mio.rs"),
    },
];

pub(crate) const OURS: &str = "asyncore-runtime";
pub(crate) const TOKIO: &str = "tokio + tokio-util";

pub(crate) struct Cost {
    pub(crate) name: &'static str,
    /// Of third parties, with those that only take part in the build.
    pub(crate) crates: usize,
    /// Seconds from start to end.
    pub(crate) wall: Rounds,
    /// Seconds of CPU, on all cores together.
    pub(crate) cpu: Rounds,
}

pub(crate) fn run(plan: &Plan) -> Result<Vec<Cost>> {
    let directories = PROJECTS.iter().map(Project::create).collect::<Result<Vec<PathBuf>>>()?;
    let mut costs = Vec::new();
    for (project, directory) in PROJECTS.iter().zip(&directories) {
        let crates = count_crates(directory)?;
        let (wall, cpu) = Default::default();
        costs.push(Cost { name: project.name, crates, wall, cpu });
    }
    for round in 0..plan.rounds.min(3) {
        for (cost, directory) in costs.iter_mut().zip(&directories) {
            plan.say(format_args!("build, round {}: {}", round + 1, cost.name));
            let (wall, cpu) = cores::for_all(|| clean_build(directory))?;
            cost.wall.0.push(wall);
            cost.cpu.0.push(cpu);
        }
    }
    Ok(costs)
}

impl Project {
    /// Writes the project beside this program, and has cargo fetch what it needs.
    fn create(&self) -> Result<PathBuf> {
        let program = std::env::current_exe()?;
        let parent = program.parent().context("this program has no directory")?;
        let directory = parent.join("build-cost").join(self.name.replace([' ', '+'], "-"));
        fs::create_dir_all(directory.join("src"))?;
        let manifest = format!(
            "[package]\nname = \"one-file\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
             [workspace]\n[dependencies]\n{}\n",
            self.dependencies
        );
        fs::write(directory.join("Cargo.toml"), manifest)?;
        fs::write(directory.join("src/main.rs"), self.source)?;
        // The versions the servers of the other sections have.
        fs::copy(Path::new(WORKSPACE).join("Cargo.lock"), directory.join("Cargo.lock"))?;
        run_cargo(&directory, &["fetch"])?;
        Ok(directory)
    }
}

/// The crates of third parties on this platform.
fn count_crates(directory: &Path) -> Result<usize> {
    let output = cargo(directory)
        .args(["tree", "--prefix", "none", "--format", "{p}", "--no-dedupe"])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "cargo tree failed");
    let text = String::from_utf8(output.stdout)?;
    // Crates of the workspace, and the project itself, are shown with their paths.
    let foreign = text.lines().filter(|line| !line.contains(" (/"));
    let names: BTreeSet<&str> =
        foreign.map(|line| line.trim_end_matches(" (proc-macro)")).collect();
    Ok(names.len())
}

/// Seconds from start to end, and seconds of CPU.
fn clean_build(directory: &Path) -> Result<(f64, f64)> {
    remove_target(directory)?;
    let (start, before) = (Instant::now(), children_cpu()?.all());
    run_cargo(directory, &["build", "--offline"])?;
    Ok((start.elapsed().as_secs_f64(), (children_cpu()?.all() - before).as_secs_f64()))
}

/// Seconds of user time of a clean build of the macro crate and what it needs, in each round.
pub(crate) fn macros(rounds: usize) -> Result<Rounds> {
    let ours = PROJECTS.iter().find(|project| project.name == OURS);
    let directory = ours.context("no project is ours")?.create()?;
    let build = |_| {
        remove_target(&directory)?;
        let before = children_cpu()?.user;
        cores::for_all(|| run_cargo(&directory, &["build", "--offline", "-p", "asyncore-macros"]))?;
        Ok((children_cpu()?.user - before).as_secs_f64())
    };
    Ok(Rounds((0..rounds).map(build).collect::<Result<_>>()?))
}

fn remove_target(directory: &Path) -> Result<()> {
    let target = directory.join("target");
    if target.exists() {
        fs::remove_dir_all(&target)?;
    }
    Ok(())
}

fn run_cargo(directory: &Path, arguments: &[&str]) -> Result<()> {
    let output = cargo(directory).args(arguments).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo {arguments:?} in {}:\n{errors}", directory.display());
    Ok(())
}

/// Cargo without what could make a build less than a whole one, or more.
fn cargo(directory: &Path) -> Command {
    let mut command = Command::new("cargo");
    command
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", directory.join("target"))
        .env("RUSTC_WRAPPER", "")
        // As crates from a registry are built: ours come from a path here, where cargo would keep
        // what it needs to build them again in parts, which costs a second.
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS")
        .stdin(Stdio::null());
    command
}

/// CPU time of children.
struct Cpu {
    user: Duration,
    system: Duration,
}

impl Cpu {
    fn all(&self) -> Duration {
        self.user + self.system
    }
}

/// Of the children that have ended.
fn children_cpu() -> Result<Cpu> {
    let text = fs::read_to_string("/proc/self/stat")?;
    // Fields are counted from behind the name, which may hold anything.
    let mut fields = text.rsplit(") ").next().context("stat is empty")?.split(' ').skip(13);
    let mut time = || {
        let ticks: u64 = fields.next().context("stat is short")?.parse()?;
        let second = rustix::param::clock_ticks_per_second();
        anyhow::Ok(Duration::from_secs_f64(ticks as f64 / second as f64))
    };
    Ok(Cpu { user: time()?, system: time()? })
}
