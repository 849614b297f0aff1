//! What is wrong with workers.

use core::fmt;

/// What is wrong with [`Workers`](crate::Workers): inside the `io::Error` of
/// [`listen`](crate::Workers::listen) and [`run`](crate::Workers::run).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WorkersError {
    /// There are to be none.
    None,
    /// Some have ended before their time, and their connections with them.
    Lost {
        /// Which, counted from 0, and why, in the order of their ends.
        lost: Vec<(usize, String)>,
        /// How many there were.
        of: usize,
    },
}

impl fmt::Display for WorkersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("0 workers serve nobody: there has to be 1 at least"),
            Self::Lost { lost, of } => {
                write!(f, "{} of {of} workers ended before their time", lost.len())?;
                lost.iter().try_for_each(|(index, why)| write!(f, "; worker {index}: {why}"))
            }
        }
    }
}

impl std::error::Error for WorkersError {}
