//! The chart: CPU for each message, a panel for each of three shapes.

use std::fmt::Write;

use crate::echo::{Metric, Results};
use crate::server::Server;
use crate::shape::Shape;
use crate::table::figure;

const SHAPES: [Shape; 3] =
    [Shape::new(50, 16, 64), Shape::new(50, 128, 64), Shape::new(50, 16, 1024)];

const WIDTH: f64 = 720.0;
const LEFT: f64 = 150.0;
/// The longest bar; what is longer is cut here.
const BAR: f64 = 450.0;
/// The longest bar stands for so many times the `mio` server's cost.
const SCALE: f64 = 5.0;
const ROW: f64 = 20.0;
const HEAD: f64 = 34.0;

/// Greys and one blue that are read on white and on black alike.
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#768390}\
    .head{font-weight:600}.name{text-anchor:end}\
    rect{fill:#8c959f}.ours{fill:#2f81f7}text.ours{font-weight:600}\
    path{stroke:#768390;stroke-width:2}";

pub(crate) fn svg(results: &Results) -> String {
    let shapes: Vec<Shape> =
        SHAPES.into_iter().filter(|shape| results.shapes.contains(shape)).collect();
    let panel = HEAD + ROW * results.servers.len() as f64;
    let height = panel * shapes.len() as f64 + 10.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"CPU time of each server for each message\">\n<style>{STYLE}</style>\n"
    );
    for (index, &shape) in shapes.iter().enumerate() {
        draw_panel(&mut svg, results, shape, panel * index as f64);
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_panel(svg: &mut String, results: &Results, shape: Shape, top: f64) {
    let _ = writeln!(
        svg,
        "<text class=\"head\" x=\"{LEFT}\" y=\"{}\">{shape}: server CPU for each message</text>",
        top + 22.0
    );
    let mio = results.median(Server::Mio, shape, Metric::Cpu);
    for (row, &server) in results.servers.iter().enumerate() {
        let cpu = results.median(server, shape, Metric::Cpu);
        draw_bar(svg, server, cpu, cpu / mio, top + HEAD + ROW * row as f64);
    }
}

fn draw_bar(svg: &mut String, server: Server, cpu: f64, ratio: f64, top: f64) {
    let class = if server == Server::Ours { "ours" } else { "peer" };
    let length = (ratio / SCALE).min(1.0) * BAR;
    let (base, end) = (top + 13.0, LEFT + length);
    let _ = writeln!(
        svg,
        "<text class=\"name {class}\" x=\"{}\" y=\"{base}\">{server}</text>\
         <rect class=\"{class}\" x=\"{LEFT}\" y=\"{}\" width=\"{length:.1}\" height=\"14\"/>\
         <text x=\"{:.1}\" y=\"{base}\">{} ns</text>",
        LEFT - 8.0,
        top + 2.0,
        end + 8.0,
        figure(cpu),
    );
    if ratio > SCALE {
        // Two strokes across the bar: it goes on.
        let _ = writeln!(svg, "<path d=\"M{:.1} {:.1}l6 -18m6 0l-6 18\"/>", end - 30.0, top + 18.0);
    }
}
