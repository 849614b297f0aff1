//! Whether the cost grows with the work alone: the same load spread over ten times the connections,
//! and the same load beside 10,000 connections that say nothing.

use std::collections::HashMap;
use std::net::TcpStream;

use anyhow::{Context, Result};

use crate::echo::under_load;
use crate::load::{exchange, Load};
use crate::plan::Plan;
use crate::process::Process;
use crate::script::Script;
use crate::server::Server;
use crate::shape::Shape;
use crate::stats::Rounds;

/// The load all three cases share: this many connections have a batch in flight at any time.
pub(crate) const SHAPE: Shape = Shape::new(50, 16, 64);
pub(crate) const SPREAD: usize = 10 * SHAPE.connections;

pub(crate) struct Results {
    /// How many connections were idle.
    pub(crate) idle: usize,
    pub(crate) servers: Vec<(Server, Costs)>,
}

/// Nanoseconds of CPU for each message.
#[derive(Default)]
pub(crate) struct Costs {
    pub(crate) base: Rounds,
    pub(crate) spread: Rounds,
    pub(crate) beside_idle: Rounds,
}

pub(crate) fn run(plan: &Plan) -> Result<Results> {
    let idle = if plan.quick { 500 } else { 10_000 };
    let mut costs: HashMap<Server, Costs> = HashMap::new();
    let servers = plan.among(&[Server::Mio, Server::Ours, Server::Tokio]);
    for round in 0..plan.rounds {
        plan.say(format_args!("growth, round {} of {}", round + 1, plan.rounds));
        for &server in &servers {
            let costs = costs.entry(server).or_default();
            measure(plan, server, idle, costs).with_context(|| format!("growth of {server}"))?;
        }
    }
    let of = |server| (server, costs.remove(&server).unwrap_or_default());
    Ok(Results { idle, servers: servers.into_iter().map(of).collect() })
}

/// All three in one process, so that nothing else differs.
fn measure(plan: &Plan, server: Server, idle: usize, costs: &mut Costs) -> Result<()> {
    let script = SHAPE.script();
    let process = Process::serve(server)?;
    let mut load = Load::connect(process.addr(), &script, SHAPE.connections, false)?;
    let cost = |load: &mut Load<'_>| -> Result<f64> {
        load.run(SHAPE.connections, plan.warm_up)?;
        let (_, cpu) = under_load(&process, load, SHAPE.connections, plan)?;
        load.finish()?;
        Ok(cpu)
    };
    costs.base.0.push(cost(&mut load)?);

    let mut spread = Load::connect(process.addr(), &script, SPREAD, false)?;
    costs.spread.0.push(cost(&mut spread)?);
    drop(spread);

    let _idle = connect_idle(&process, &script, idle)?;
    costs.beside_idle.0.push(cost(&mut load)?);
    Ok(())
}

/// Connections that are answered once and then say nothing.
pub(crate) fn connect_idle(
    process: &Process,
    script: &Script,
    count: usize,
) -> Result<Vec<TcpStream>> {
    (0..count)
        .map(|index| {
            let mut stream = TcpStream::connect(process.addr())?;
            exchange(&mut stream, &script.batches[index % script.batches.len()])?;
            Ok(stream)
        })
        .collect()
}
