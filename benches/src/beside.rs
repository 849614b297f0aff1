//! A real server beside the example that speaks its protocol, under the same client.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use anyhow::{Context, Result};

use crate::echo::under_load;
use crate::load::{exchange, Load};
use crate::plan::Plan;
use crate::process::Process;
use crate::script::{Batch, Script};
use crate::stats::Rounds;

const CONNECTIONS: usize = 50;

/// The programs to compare.
pub(crate) struct Programs {
    /// The real one.
    pub(crate) theirs: String,
    /// The example.
    pub(crate) ours: String,
}

#[derive(Default)]
pub(crate) struct Costs {
    /// Nanoseconds of CPU for each operation.
    pub(crate) cpu: Rounds,
    /// Operations in a second.
    pub(crate) rate: Rounds,
    /// Microseconds.
    pub(crate) p99: Rounds,
}

/// What both cost.
#[derive(Default)]
pub(crate) struct Pair {
    pub(crate) theirs: Costs,
    pub(crate) ours: Costs,
}

impl Pair {
    /// CPU, ours to theirs, round by round.
    pub(crate) fn ratio(&self) -> Rounds {
        self.ours.cpu.over(&self.theirs.cpu)
    }

    /// One round: each is started, filled and loaded. Neither is always first.
    pub(crate) fn measure(
        &mut self,
        plan: &Plan,
        round: usize,
        programs: &Programs,
        theirs: fn(&str) -> Result<Process>,
        script: &Script,
        fill: &Batch,
    ) -> Result<()> {
        for turn in 0..2 {
            if (turn + round).is_multiple_of(2) {
                measure(plan, script, fill, &theirs(&programs.theirs)?, &mut self.theirs)?;
            } else {
                let process = Process::run(&[&programs.ours, "127.0.0.1:0"])?;
                measure(plan, script, fill, &process, &mut self.ours)?;
            }
        }
        Ok(())
    }
}

/// Under load, after what is to be there was put.
fn measure(
    plan: &Plan,
    script: &Script,
    fill: &Batch,
    process: &Process,
    costs: &mut Costs,
) -> Result<()> {
    let mut stream = TcpStream::connect(process.addr())?;
    exchange(&mut stream, fill).context("the keys could not be set")?;
    let mut load = Load::connect(process.addr(), script, CONNECTIONS, false)?;
    load.run(CONNECTIONS, plan.warm_up)?;
    let (tally, cpu) = under_load(process, &mut load, CONNECTIONS, plan)?;
    costs.cpu.0.push(cpu);
    costs.rate.0.push(tally.rate());
    costs.p99.0.push(tally.round_trips.value_at_quantile(0.99) as f64 / 1e3);
    Ok(())
}

/// An address that nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
