//! asyncore-runtime side by side with its peers.
//!
//! Each server runs in a process of its own, on a core of its own, and is loaded over loopback by a
//! client that compares every byte. `cargo run --release -p asyncore-benches -- --help` says the rest.
#![forbid(unsafe_code)]

mod beside;
mod build_cost;
mod cores;
mod echo;
mod growth;
mod load;
mod machine;
mod macro_cost;
mod memcached;
mod memory;
mod options;
mod plan;
mod process;
mod redis;
mod report;
mod script;
mod server;
mod shape;
mod smtp;
mod stats;
mod table;
mod wire;

use anyhow::Result;
use clap::Parser;

use crate::options::{Command, Options};
use crate::plan::Plan;
use crate::report::{bars, tables, Measured};
use crate::server::Server;

fn main() -> Result<()> {
    let options = Options::parse();
    match &options.command {
        Some(Command::Serve { server }) => {
            process::die_with_parent()?;
            server.serve()
        }
        Some(Command::Exec { command }) => process::exec(command),
        _ => {
            cores::prepare()?;
            measure(&options, &options.plan())
        }
    }
}

fn measure(options: &Options, plan: &Plan) -> Result<()> {
    let (table, bars) = match &options.command {
        None => return everything(options, plan),
        Some(Command::Growth) => {
            let results = growth::run(plan)?;
            (tables::growth(&results).to_string(), bars::growth(&results))
        }
        Some(Command::Memory) => {
            let results = memory::run(plan)?;
            (tables::memory(&results).to_string(), bars::memory(&results))
        }
        Some(Command::Build) => {
            let costs = build_cost::run(plan)?;
            (tables::build(&costs).to_string(), bars::build(&costs))
        }
        Some(Command::Macro) => {
            let cost = macro_cost::run(plan)?;
            (tables::macro_cost(&cost).to_string(), bars::macro_cost(&cost))
        }
        Some(Command::Memcached) => {
            let cases = beside_memcached(options, plan)?;
            (tables::memcached(&cases).to_string(), bars::memcached(&cases))
        }
        Some(Command::Redis) => {
            let cases = beside_redis(options, plan)?;
            (tables::redis(&cases).to_string(), bars::redis(&cases))
        }
        Some(Command::Smtp) => {
            let cases = beside_smtp(plan)?;
            (tables::smtp(&cases).to_string(), bars::smtp(&cases))
        }
        Some(Command::Workers) => {
            let results = beside(plan, [Server::Workers, Server::Ours])?;
            (tables::summary_over(&results, Server::Ours), bars::workers(&results))
        }
        #[cfg(feature = "tls")]
        Some(Command::Tls) => {
            let results = beside(plan, [Server::OursTls, Server::TokioTls])?;
            (tables::summary_over(&results, Server::TokioTls), bars::tls(&results))
        }
        Some(_) => {
            let results = echo::run(plan)?;
            let tables = tables::details(&results) + &tables::summary(&results);
            (tables, bars::echo(&results))
        }
    };
    println!("{table}\n{}", bars::table(&bars));
    Ok(())
}

fn beside(plan: &Plan, servers: [Server; 2]) -> Result<echo::Results> {
    echo::run(&Plan { servers: servers.to_vec(), ..plan.clone() })
}

fn everything(options: &Options, plan: &Plan) -> Result<()> {
    let measured = Measured {
        echo: echo::run(plan)?,
        growth: growth::run(plan)?,
        memory: memory::run(plan)?,
        build: build_cost::run(plan)?,
        macro_cost: macro_cost::run(plan)?,
        memcached: beside_memcached(options, plan)?,
        redis: beside_redis(options, plan)?,
        smtp: beside_smtp(plan)?,
    };
    if options.is_whole() {
        measured.write(plan)?;
    }
    print!("{}", measured.page(plan));
    Ok(())
}

fn beside_memcached(options: &Options, plan: &Plan) -> Result<Vec<memcached::Case>> {
    let cases = options.memcached()?.map(|programs| memcached::run(plan, &programs));
    Ok(cases.transpose()?.unwrap_or_default())
}

fn beside_redis(options: &Options, plan: &Plan) -> Result<Vec<redis::Case>> {
    let cases = options.redis()?.map(|programs| redis::run(plan, &programs));
    Ok(cases.transpose()?.unwrap_or_default())
}

fn beside_smtp(plan: &Plan) -> Result<Vec<smtp::Case>> {
    let cases = Options::smtp()?.map(|ours| smtp::run(plan, &ours));
    Ok(cases.transpose()?.unwrap_or_default())
}
