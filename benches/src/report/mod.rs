//! The page and the chart.

pub(crate) mod bars;
mod chart;
pub(crate) mod tables;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::build_cost::Cost;
use crate::echo::Results;
use crate::macro_cost::MacroCost;
use crate::memcached::Case;
use crate::memory::Bytes;
use crate::plan::Plan;
use crate::redis;
use crate::server::Server;
use crate::{growth, machine, smtp};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");

/// All that one run measured.
pub(crate) struct Measured {
    pub(crate) echo: Results,
    pub(crate) growth: growth::Results,
    pub(crate) memory: Vec<(Server, Bytes)>,
    pub(crate) build: Vec<Cost>,
    pub(crate) macro_cost: MacroCost,
    /// Empty where memcached is not installed.
    pub(crate) memcached: Vec<Case>,
    /// Empty where redis-server is not installed.
    pub(crate) redis: Vec<redis::Case>,
    /// Empty where those that are compared are not installed.
    pub(crate) smtp: Vec<smtp::Case>,
}

impl Measured {
    pub(crate) fn write(&self, plan: &Plan) -> Result<()> {
        fs::write(Path::new(DOCS).join("performance.md"), self.page(plan))?;
        fs::write(Path::new(DOCS).join("performance.svg"), chart::svg(&self.echo))?;
        Ok(())
    }

    pub(crate) fn page(&self, plan: &Plan) -> String {
        let mut page = String::from(include_str!("page/head.md"));
        for (name, value) in machine::describe() {
            let _ = writeln!(page, "| {name} | {value} |");
        }
        let _ = writeln!(
            page,
            "| Rounds | {}, each server under each shape for {} s |",
            plan.rounds,
            plan.window.as_secs_f64()
        );
        if !plan.quick {
            let text = include_str!("page/bars.md");
            let _ = write!(page, "\n{text}\n{}", bars::table(&self.bars()));
        }
        self.sections().iter().for_each(|(text, table)| {
            let _ = write!(page, "\n{text}\n{table}");
        });
        page
    }

    /// What is said before each table, and the table.
    fn sections(&self) -> Vec<(&'static str, String)> {
        let mut sections = vec![
            (include_str!("page/echo.md"), tables::summary(&self.echo)),
            (include_str!("page/details.md"), tables::details(&self.echo)),
            (include_str!("page/growth.md"), tables::growth(&self.growth).to_string()),
            (include_str!("page/memory.md"), tables::memory(&self.memory).to_string()),
            (include_str!("page/build.md"), tables::build(&self.build).to_string()),
            (include_str!("page/macro.md"), tables::macro_cost(&self.macro_cost).to_string()),
        ];
        if !self.memcached.is_empty() {
            let table = tables::memcached(&self.memcached).to_string();
            sections.push((include_str!("page/memcached.md"), table));
        }
        if !self.redis.is_empty() {
            sections.push((include_str!("page/redis.md"), tables::redis(&self.redis).to_string()));
        }
        if !self.smtp.is_empty() {
            let table = tables::smtp(&self.smtp).to_string();
            sections.push((include_str!("page/smtp.md"), table));
        }
        sections
    }

    fn bars(&self) -> Vec<bars::Bar> {
        let mut all = bars::echo(&self.echo);
        all.extend(bars::growth(&self.growth));
        all.extend(bars::memory(&self.memory));
        all.extend(bars::build(&self.build));
        all.extend(bars::macro_cost(&self.macro_cost));
        all.extend(bars::memcached(&self.memcached));
        all.extend(bars::redis(&self.redis));
        all.extend(bars::smtp(&self.smtp));
        all
    }
}
