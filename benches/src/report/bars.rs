//! What the project holds itself to.

use crate::build_cost::{self, Cost};
use crate::echo::{self, Metric};
use crate::growth;
use crate::macro_cost::MacroCost;
use crate::memcached::{Case, Operation};
use crate::memory::Bytes;
use crate::redis;
use crate::server::Server;
use crate::shape::Shape;
use crate::smtp;
use crate::stats::median;
use crate::table::{figure, Table};

/// A bar, and the figure held against it.
pub(crate) struct Bar {
    what: String,
    limit: Limit,
    /// NaN if it was not measured.
    value: f64,
}

enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

const X16: Shape = Shape::new(50, 16, 64);
const X128: Shape = Shape::new(50, 128, 64);
const MANY: Shape = Shape::new(1000, 1, 64);

impl Bar {
    fn at_most(limit: f64, what: impl Into<String>, value: f64) -> Self {
        Self { what: what.into(), limit: Limit::AtMost(limit), value }
    }

    fn at_least(limit: f64, what: impl Into<String>, value: f64) -> Self {
        Self { what: what.into(), limit: Limit::AtLeast(limit), value }
    }

    /// The limit is compared with the figure as it is shown.
    fn is_met(&self) -> bool {
        let shown = (self.value * 100.0).round() / 100.0;
        match self.limit {
            Limit::AtMost(limit) => shown <= limit,
            Limit::AtLeast(limit) => shown >= limit,
        }
    }

    fn cells(&self) -> [String; 4] {
        let limit = match self.limit {
            Limit::AtMost(limit) => format!("≤ {}", figure(limit)),
            Limit::AtLeast(limit) => format!("≥ {}", figure(limit)),
        };
        let verdict = match self.is_met() {
            _ if self.value.is_nan() => "not measured",
            true => "met",
            false => "**missed**",
        };
        [self.what.clone(), limit, figure(self.value), verdict.into()]
    }
}

pub(crate) fn table(bars: &[Bar]) -> String {
    let mut table = Table::new(&["", "bar", "measured", ""]);
    bars.iter().for_each(|bar| table.row(bar.cells()));
    table.to_string()
}

pub(crate) fn echo(results: &echo::Results) -> Vec<Bar> {
    let over = |of, to, shape, metric| results.ratio(of, to, shape, metric).median();
    let to_mio = |shape| over(Server::Ours, Server::Mio, shape, Metric::Cpu);
    let mut bars: Vec<Bar> = results
        .shapes
        .iter()
        .map(|&shape| Bar::at_most(1.03, format!("CPU ÷ mio, {shape}"), to_mio(shape)))
        .collect();
    let middle = median(results.shapes.iter().map(|&shape| to_mio(shape)));
    bars.push(Bar::at_most(1.0, "CPU ÷ mio, median of the shapes", middle));

    let cpu = |of, to, shape| over(of, to, shape, Metric::Cpu);
    let floor = cpu(Server::Ours, Server::Floor, X128);
    bars.push(Bar::at_most(1.15, format!("CPU ÷ floor, {X128}"), floor));
    for (server, shape, limit) in
        [(Server::Lines, X16, 1.3), (Server::Lines, X128, 3.0), (Server::Asynchat, X128, 40.0)]
    {
        let what = format!("CPU of {server} ÷ ours, {shape}");
        bars.push(Bar::at_least(limit, what, cpu(server, Server::Ours, shape)));
    }
    for shape in [X16, MANY] {
        let ratio = over(Server::Ours, Server::Mio, shape, Metric::P99);
        bars.push(Bar::at_most(1.1, format!("p99 ÷ mio, {shape}"), ratio));
    }
    bars
}

/// In two loops, where each has half of the connections.
pub(crate) fn workers(results: &echo::Results) -> Vec<Bar> {
    let ratio = |shape| results.ratio(Server::Workers, Server::Ours, shape, Metric::Cpu).median();
    let bar = |&shape| Bar::at_most(1.05, format!("CPU ÷ one loop, {shape}"), ratio(shape));
    results.shapes.iter().map(bar).collect()
}

/// Over TLS, where what is computed is the same for both.
#[cfg(feature = "tls")]
pub(crate) fn tls(results: &echo::Results) -> Vec<Bar> {
    let ratio =
        |shape| results.ratio(Server::OursTls, Server::TokioTls, shape, Metric::Cpu).median();
    let bar = |&shape| Bar::at_most(1.0, format!("CPU ÷ tokio-rustls, {shape}"), ratio(shape));
    results.shapes.iter().map(bar).collect()
}

pub(crate) fn growth(results: &growth::Results) -> Vec<Bar> {
    let ours = results.servers.iter().find(|(server, _)| *server == Server::Ours);
    let Some((_, costs)) = ours else {
        return Vec::new();
    };
    let (spread, idle) = (costs.spread.over(&costs.base), costs.beside_idle.over(&costs.base));
    let idle_connections = format!("CPU beside {} idle channels ÷ without", results.idle);
    vec![
        Bar::at_most(1.3, "CPU with 10 × the connections ÷ with one", spread.median()),
        Bar::at_most(1.03, idle_connections, idle.median()),
    ]
}

pub(crate) fn memory(results: &[(Server, Bytes)]) -> Vec<Bar> {
    let ours = results.iter().find(|(server, _)| *server == Server::Ours);
    let bar = |bytes: &Bytes| Bar::at_most(493.0, "bytes of an idle channel", bytes.idle);
    ours.map(|(_, bytes)| bar(bytes)).into_iter().collect()
}

pub(crate) fn build(costs: &[Cost]) -> Vec<Bar> {
    let of = |name| costs.iter().find(|cost| cost.name == name);
    let (Some(ours), Some(tokio)) = (of(build_cost::OURS), of(build_cost::TOKIO)) else {
        return Vec::new();
    };
    vec![
        Bar::at_most(0.65, "clean build ÷ tokio's", ours.wall.over(&tokio.wall).median()),
        Bar::at_most(12.0, "third-party crates", ours.crates as f64),
    ]
}

pub(crate) fn macro_cost(cost: &MacroCost) -> Vec<Bar> {
    vec![
        Bar::at_most(200.0, "microseconds of an expansion", cost.expansion.median()),
        Bar::at_most(3.0, "user seconds to build the macro", cost.build.median()),
    ]
}

pub(crate) fn memcached(cases: &[Case]) -> Vec<Bar> {
    let judged = cases.iter().filter_map(|case| {
        let limit = match (case.operation, case.in_flight) {
            (Operation::Get | Operation::Set, 1) => 1.0,
            (Operation::Get, 16) => 0.25,
            (Operation::Set, 16) => 0.75,
            _ => return None,
        };
        Some(Bar::at_most(limit, format!("CPU ÷ memcached, {case}"), case.costs.ratio().median()))
    });
    judged.collect()
}

pub(crate) fn redis(cases: &[redis::Case]) -> Vec<Bar> {
    let bar = |case: &redis::Case| {
        let limit = match (case.operation, case.in_flight) {
            (redis::Operation::Mset, _) => 0.5,
            (_, 1) => 1.0,
            (_, 16) => 0.6,
            _ => 0.4,
        };
        Bar::at_most(limit, format!("CPU ÷ redis-server, {case}"), case.costs.ratio().median())
    };
    cases.iter().map(bar).collect()
}

pub(crate) fn smtp(cases: &[smtp::Case]) -> Vec<Bar> {
    let of = |server| cases.iter().find(|case| case.server == server);
    let (Some(ours), Some(theirs)) = (of(smtp::Server::Ours), of(smtp::Server::Aiosmtpd)) else {
        return Vec::new();
    };
    let ratio = ours.messages.over(&theirs.messages).median();
    vec![Bar::at_least(10.0, "messages for each CPU second ÷ aiosmtpd's", ratio)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_met_by_the_figure_that_is_shown() {
        assert!(Bar::at_most(1.03, "", 1.034).is_met());
        assert!(!Bar::at_most(1.03, "", 1.036).is_met());
        assert!(Bar::at_least(3.0, "", 2.996).is_met());
        assert_eq!(Bar::at_most(1.0, "", f64::NAN).cells()[3], "not measured");
    }
}
