//! The tables of each section.

use std::fmt::Write;

use crate::beside::Pair;
use crate::build_cost::Cost;
use crate::echo::{Metric, Results};
use crate::growth;
use crate::macro_cost::MacroCost;
use crate::memcached::Case;
use crate::memory::Bytes;
use crate::redis;
use crate::server::Server;
use crate::shape::Shape;
use crate::smtp;
use crate::table::{figure, rate, thousands, Table};

/// All shapes side by side: the CPU, and what it is to the `mio` server's.
pub(crate) fn summary(results: &Results) -> String {
    summary_over(results, Server::Mio)
}

/// As [`summary`], beside another server.
pub(crate) fn summary_over(results: &Results, other: Server) -> String {
    let cpu = by_shape(results, |server, shape| results.median(server, shape, Metric::Cpu));
    let ratio = by_shape(results, |server, shape| {
        results.ratio(server, other, shape, Metric::Cpu).median()
    });
    format!("Nanoseconds:\n\n{cpu}\nDivided by the `{other}` server's, round by round:\n\n{ratio}")
}

fn by_shape(results: &Results, value: impl Fn(Server, Shape) -> f64) -> Table {
    let shapes = results.shapes.iter().map(ToString::to_string);
    let heads: Vec<String> = ["server".into()].into_iter().chain(shapes).collect();
    let mut table = Table::new(&heads);
    for &server in &results.servers {
        let values = results.shapes.iter().map(|&shape| figure(value(server, shape)));
        table.row([server.to_string()].into_iter().chain(values));
    }
    table
}

/// Everything that was measured, shape by shape.
pub(crate) fn details(results: &Results) -> String {
    let mut text = String::new();
    for &shape in &results.shapes {
        let _ = write!(text, "### {shape}\n\n{}\n", of_shape(results, shape));
    }
    text
}

fn of_shape(results: &Results, shape: Shape) -> Table {
    let mut table = Table::new(&[
        "server",
        "CPU, ns",
        "÷ mio",
        "lowest",
        "highest",
        "messages/s",
        "p50, µs",
        "p99, µs",
        "RSS, MiB",
    ]);
    for &server in &results.servers {
        let median = |metric| results.median(server, shape, metric);
        let ratio = results.ratio(server, Server::Mio, shape, Metric::Cpu);
        table.row([
            server.to_string(),
            figure(median(Metric::Cpu)),
            figure(ratio.median()),
            figure(ratio.min()),
            figure(ratio.max()),
            rate(median(Metric::Rate)),
            figure(median(Metric::P50)),
            figure(median(Metric::P99)),
            figure(median(Metric::Rss) / f64::from(1 << 20)),
        ]);
    }
    table
}

pub(crate) fn growth(results: &growth::Results) -> Table {
    let base = format!("{} connections, ns", growth::SHAPE.connections);
    let spread = format!("{} connections, ns", growth::SPREAD);
    let idle = format!("and {} idle, ns", thousands(results.idle as i64));
    let mut table = Table::new(&["server", &base, &spread, "ratio", &idle, "ratio"]);
    for (server, costs) in &results.servers {
        table.row([
            server.to_string(),
            figure(costs.base.median()),
            figure(costs.spread.median()),
            figure(costs.spread.over(&costs.base).median()),
            figure(costs.beside_idle.median()),
            figure(costs.beside_idle.over(&costs.base).median()),
        ]);
    }
    table
}

pub(crate) fn memory(results: &[(Server, Bytes)]) -> Table {
    let mut table = Table::new(&["server", "idle", "half a frame more", "slow reader"]);
    for (server, bytes) in results {
        table.row([
            server.to_string(),
            figure(bytes.idle),
            figure(bytes.half_frame),
            figure(bytes.slow_reader),
        ]);
    }
    table
}

pub(crate) fn macro_cost(cost: &MacroCost) -> Table {
    let mut table = Table::new(&["expansion, µs", "build, s"]);
    table.row([figure(cost.expansion.median()), figure(cost.build.median())]);
    table
}

pub(crate) fn build(costs: &[Cost]) -> Table {
    let mut table = Table::new(&["on", "crates", "seconds", "CPU seconds"]);
    for cost in costs {
        table.row([
            cost.name.to_owned(),
            cost.crates.to_string(),
            figure(cost.wall.median()),
            figure(cost.cpu.median()),
        ]);
    }
    table
}

pub(crate) fn memcached(cases: &[Case]) -> Table {
    beside("memcached", cases.iter().map(|case| (case.to_string(), &case.costs)))
}

pub(crate) fn redis(cases: &[redis::Case]) -> Table {
    beside("redis-server", cases.iter().map(|case| (case.to_string(), &case.costs)))
}

/// Another program's costs and ours, a case a line.
fn beside<'a>(name: &str, cases: impl Iterator<Item = (String, &'a Pair)>) -> Table {
    let heads = ["operation", "{}, ns", "ours, ns", "ratio", "lowest", "highest", "{}, 1/s"];
    let more = ["ours, 1/s", "{} p99, µs", "ours p99, µs"];
    let heads = heads.iter().chain(&more).map(|head| head.replace("{}", name));
    let mut table = Table::new(&heads.collect::<Vec<_>>());
    for (case, costs) in cases {
        let (ratio, Pair { theirs, ours }) = (costs.ratio(), costs);
        table.row([
            case,
            figure(theirs.cpu.median()),
            figure(ours.cpu.median()),
            figure(ratio.median()),
            figure(ratio.min()),
            figure(ratio.max()),
            rate(theirs.rate.median()),
            rate(ours.rate.median()),
            figure(theirs.p99.median()),
            figure(ours.p99.median()),
        ]);
    }
    table
}

pub(crate) fn smtp(cases: &[smtp::Case]) -> Table {
    let mut table = Table::new(&["server", "one message a session", "many"]);
    for case in cases {
        let (one, many) = (case.messages.median(), case.in_sessions.median());
        table.row([case.server.to_string(), rate(one), rate(many)]);
    }
    table
}
