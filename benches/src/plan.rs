//! What is to be measured, how often and for how long.

use std::fmt;
use std::time::Duration;

use crate::server::Server;
use crate::shape::Shape;

#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) servers: Vec<Server>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) rounds: usize,
    /// Under load before the measurement begins.
    pub(crate) warm_up: Duration,
    /// Under load and measured.
    pub(crate) window: Duration,
    /// Whether it only has to run: fewer connections, figures nobody judges.
    pub(crate) quick: bool,
}

impl Plan {
    /// Those of `servers` that take part.
    pub(crate) fn among(&self, servers: &[Server]) -> Vec<Server> {
        servers.iter().copied().filter(|server| self.servers.contains(server)).collect()
    }

    /// Progress, apart from the results on standard output.
    pub(crate) fn say(&self, what: fmt::Arguments<'_>) {
        eprintln!("{what}");
    }
}
