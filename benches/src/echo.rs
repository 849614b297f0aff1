//! The servers side by side: CPU for each message, throughput, latency, memory.

use std::collections::HashMap;

use anyhow::{Context, Result};

use crate::load::{Load, Tally};
use crate::plan::Plan;
use crate::process::Process;
use crate::server::Server;
use crate::shape::Shape;
use crate::stats::Rounds;

/// What is measured of a server under one shape of load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Metric {
    /// Nanoseconds of the server's CPU for each message.
    Cpu,
    /// Messages in a second.
    Rate,
    /// Microseconds.
    P50,
    P99,
    /// Bytes.
    Rss,
}

pub(crate) struct Results {
    pub(crate) servers: Vec<Server>,
    pub(crate) shapes: Vec<Shape>,
    figures: HashMap<(Server, Shape, Metric), Rounds>,
}

/// Runs every server under every shape, once in each round.
pub(crate) fn run(plan: &Plan) -> Result<Results> {
    let mut results = Results {
        servers: plan.servers.clone(),
        shapes: plan.shapes.clone(),
        figures: HashMap::new(),
    };
    for round in 0..plan.rounds {
        for &shape in &plan.shapes {
            plan.say(format_args!("round {} of {}: {shape}", round + 1, plan.rounds));
            for index in 0..plan.servers.len() {
                // None is always first, when the machine may be cooler or warmer.
                let server = plan.servers[(index + round) % plan.servers.len()];
                let figures = measure(plan, server, shape)
                    .with_context(|| format!("{server} under {shape}"))?;
                results.add(server, shape, figures);
            }
        }
    }
    Ok(results)
}

fn measure(plan: &Plan, server: Server, shape: Shape) -> Result<Vec<(Metric, f64)>> {
    let script = shape.script();
    let process = Process::serve(server)?;
    let mut load = Load::connect(process.addr(), &script, shape.connections, server.is_tls())?;
    load.run(shape.connections, plan.warm_up)?;
    let (tally, cpu) = under_load(&process, &mut load, shape.connections, plan)?;
    Ok(vec![
        (Metric::Cpu, cpu),
        (Metric::Rate, tally.rate()),
        (Metric::P50, tally.round_trips.value_at_quantile(0.5) as f64 / 1e3),
        (Metric::P99, tally.round_trips.value_at_quantile(0.99) as f64 / 1e3),
        (Metric::Rss, process.rss()? as f64),
    ])
}

/// Loads a server for the plan's time. What was done, and the nanoseconds of its CPU for each
/// message.
pub(crate) fn under_load(
    process: &Process,
    load: &mut Load<'_>,
    active: usize,
    plan: &Plan,
) -> Result<(Tally, f64)> {
    let before = process.cpu()?;
    let tally = load.run(active, plan.window)?;
    let cpu = process.cpu()? - before;
    let each = cpu.as_nanos() as f64 / tally.messages as f64;
    Ok((tally, each))
}

impl Results {
    fn add(&mut self, server: Server, shape: Shape, figures: Vec<(Metric, f64)>) {
        for (metric, value) in figures {
            self.figures.entry((server, shape, metric)).or_default().0.push(value);
        }
    }

    /// None where the server was not in the run.
    pub(crate) fn rounds(&self, server: Server, shape: Shape, metric: Metric) -> Rounds {
        self.figures.get(&(server, shape, metric)).cloned().unwrap_or_default()
    }

    pub(crate) fn median(&self, server: Server, shape: Shape, metric: Metric) -> f64 {
        self.rounds(server, shape, metric).median()
    }

    /// Round by round.
    pub(crate) fn ratio(&self, of: Server, to: Server, shape: Shape, metric: Metric) -> Rounds {
        self.rounds(of, shape, metric).over(&self.rounds(to, shape, metric))
    }
}
