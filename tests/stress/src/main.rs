//! `cargo run --release -p asyncore-stress -- simulate --seeds 100000`, and `-- fuzz --seconds 300`.
#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::Duration;

use asyncore_stress::{fuzz, hush, simulate};

const USAGE: &str = "usage:
  asyncore-stress simulate [--seeds N] [--first SEED]
      worlds of channels in memory, 100,000 unless N says otherwise
  asyncore-stress fuzz [--seconds N] [--seed N] [--only TARGET]
      all targets, for 300 seconds together
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    hush();
    let is_well = match args.first().map(String::as_str) {
        Some("simulate") => {
            let (first, seeds) = (number(&args, "--first", 0), number(&args, "--seeds", 100_000));
            simulate::simulate(first, seeds, threads)
        }
        Some("fuzz") => {
            let time = Duration::from_secs(number(&args, "--seconds", 300));
            fuzz::fuzz(time, number(&args, "--seed", 0), threads, option(&args, "--only"))
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What stands behind an option.
fn option<'a>(args: &'a [String], name: &str) -> Option<&'a str> {
    let at = args.iter().position(|arg| arg == name)?;
    args.get(at + 1).map(String::as_str)
}

fn number(args: &[String], name: &str, default: u64) -> u64 {
    let value = option(args, name).map(|value| value.replace(['_', ','], ""));
    value.and_then(|value| value.parse().ok()).unwrap_or(default)
}
