//! Plays scenario lines from stdin through a channel as `#[channel]` writes it, and prints a trace
//! line for each, as the asynchat oracle does.
//!
//! Without an option each scenario goes over a real socket and through `testing::Session`, and the
//! two must agree; `--session` and `--socket` play one of them alone.

use asyncore_tests::trace::{play_both, session, sockets::Sockets, Scenario, Trace};
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

const USAGE: &str = "usage: trace [--session | --socket] < scenarios.jsonl";

/// Lines that are no scenarios, or no usage.
const INVALID: u8 = 2;

/// Lines that went wrong.
#[derive(Debug, Default)]
struct Wrong {
    invalid: usize,
    failed: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let played = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => over_both(),
        ["--session"] => play_lines(|scenario| Ok(session::play(scenario))),
        ["--socket"] => over_sockets(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(INVALID);
        }
    };
    match played {
        Ok(Wrong { invalid: 0, failed: 0 }) => ExitCode::SUCCESS,
        Ok(Wrong { invalid: 0, .. }) => ExitCode::FAILURE,
        Ok(_) => ExitCode::from(INVALID),
        Err(error) => {
            eprintln!("trace: {error}");
            ExitCode::FAILURE
        }
    }
}

fn over_both() -> io::Result<Wrong> {
    let mut sockets = Sockets::new()?;
    play_lines(|scenario| play_both(&mut sockets, scenario))
}

fn over_sockets() -> io::Result<Wrong> {
    let mut sockets = Sockets::new()?;
    play_lines(|scenario| sockets.play(scenario))
}

/// Plays every line. One that goes wrong is told of, and the others go on.
fn play_lines(mut play: impl FnMut(&Scenario) -> io::Result<Trace>) -> io::Result<Wrong> {
    let mut output = io::stdout().lock();
    let mut wrong = Wrong::default();
    for (number, line) in (1..).zip(io::stdin().lock().split(b'\n')) {
        let line = line?;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match Scenario::parse(text).map(|scenario| play(&scenario)) {
            Ok(Ok(trace)) => writeln!(output, "{}", trace.to_line())?,
            Ok(Err(error)) => {
                eprintln!("trace: line {number}: {error}");
                wrong.failed += 1;
            }
            Err(error) => {
                eprintln!("trace: line {number}: {error}");
                wrong.invalid += 1;
            }
        }
    }
    Ok(wrong)
}
