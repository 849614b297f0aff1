//! The programs are in `examples/`; what they share is here: their arguments, `-v`, how they fail,
//! and as much of HTTP as they need.

pub mod http;
mod listening;
pub mod notify;
pub mod python;
pub mod trace;

pub use listening::{listen_or, listen_with, tls_client, tls_server, workers_or, Extra};

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::{ExitCode, Termination};
use std::rc::Rc;
use std::time::Duration;

/// How long replies in flight may take when a server ends.
pub const DRAIN: Duration = Duration::from_secs(5);

/// What `main` returns: an error is one line on stderr, and status 1.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// Any error, which `main` prints as its author wrote it.
pub struct Failure(Box<dyn Error>);

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

/// `main` prints errors with `Debug`.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string().replace('\n', "\\n"))
    }
}

/// What became of several clients, each of which has a clone: status 1 if one has failed.
#[derive(Clone, Default)]
pub struct Outcome(Rc<Cell<bool>>);

impl Outcome {
    /// Says why, in a line.
    pub fn failed(&self, why: impl fmt::Display) {
        eprintln!("{why}");
        self.0.set(true);
    }
}

impl Termination for Outcome {
    fn report(self) -> ExitCode {
        ExitCode::from(u8::from(self.0.get()))
    }
}

/// The arguments but for options. `-v` starts the event trace; any other option, or a number of
/// arguments that is not `allowed`, ends the program with its usage and status 2.
pub fn arguments(usage: &str, allowed: RangeInclusive<usize>) -> Vec<String> {
    let mut given = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let program = given.next().unwrap_or_default();
    let (options, arguments): (Vec<_>, Vec<_>) = given.partition(|it| it.starts_with('-'));
    if options.iter().any(|option| option != "-v") || !allowed.contains(&arguments.len()) {
        let name = Path::new(&program).file_name().unwrap_or_default();
        eprintln!("usage: {} [-v] {usage}", name.to_string_lossy());
        std::process::exit(2);
    }
    trace::start(!options.is_empty());
    arguments
}

/// The only argument: an address, or this one.
pub fn address_or(default: &str) -> String {
    arguments("[ADDRESS]", 0..=1).pop().unwrap_or_else(|| default.to_owned())
}

/// The only argument: a file's path, or that of the text PyMOTW's examples copy.
pub fn path_or_lorem() -> String {
    let lorem = || concat!(env!("CARGO_MANIFEST_DIR"), "/lorem.txt").to_owned();
    arguments("[FILE]", 0..=1).pop().unwrap_or_else(lorem)
}

/// Names the file in an error about it.
pub fn about(path: &str) -> impl Fn(io::Error) -> io::Error + '_ {
    move |error| io::Error::new(error.kind(), format!("{path}: {error}"))
}
