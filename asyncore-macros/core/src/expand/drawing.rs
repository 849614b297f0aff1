//! In: the graph. Out: its drawing, in lines of text.
//!
//! States stand in one column, in the order of their methods. Moves down run on the right, moves up
//! on the left; a state has one line for what comes in and one below it for what goes out, so that
//! lines meet only where they belong together. All moves down from one state share a lane, and all
//! moves up to one state do, so that a hub stays readable.

use crate::graph::{index_of, Graph};
use crate::model::{Protocol, State};
use crate::sorted::by_key;

/// A move from one state to another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Edge {
    from: usize,
    to: usize,
    /// By `next = ..`; otherwise by `set_terminator`.
    declared: bool,
}

/// The moves that share a lane: down from one state, or up to one state.
struct Bus {
    /// The state they share.
    hub: usize,
    /// The states at their other ends, from the top.
    ends: Vec<usize>,
    declared: bool,
    /// 0 is next to the states.
    lane: usize,
}

impl Bus {
    fn dash(&self) -> char {
        if self.declared {
            '─'
        } else {
            '╌'
        }
    }

    fn bar(&self) -> char {
        if self.declared {
            '│'
        } else {
            '╎'
        }
    }

    fn last(&self) -> usize {
        self.ends.last().copied().unwrap_or(self.hub)
    }
}

/// The line of the state's name: what comes in ends here.
fn in_line(state: usize) -> usize {
    2 * state + 1
}

/// The line below: what goes out begins here.
fn out_line(state: usize) -> usize {
    2 * state + 2
}

/// The most states and moves that a reader can follow. A drawing is made in each build of a user's,
/// and grows with their product.
const MOST: (usize, usize) = (32, 96);

/// The lines of the drawing, with a legend; `None` where nothing moves.
pub(super) fn states(protocol: &Protocol, graph: &Graph) -> Option<Vec<String>> {
    let (edges, notes) = (edges(protocol, graph), notes(protocol, graph));
    if edges.is_empty() && notes.is_empty() {
        return None;
    }
    let names = names(protocol);
    if names.len() > MOST.0 || edges.len() > MOST.1 {
        let (states, moves) = (names.len(), edges.len());
        return Some(vec![format!("{states} states and {moves} moves are too many to draw.")]);
    }
    let (down, up): (Vec<Edge>, Vec<Edge>) = edges.iter().partition(|edge| edge.to > edge.from);
    let right = lanes(down.iter().map(|edge| (edge.from, edge.to, edge.declared)), in_line);
    let left = lanes(up.iter().map(|edge| (edge.to, edge.from, edge.declared)), out_line);
    let width = |state: usize| names.get(state).map_or(0, |name| name.chars().count());
    let outermost = left.iter().map(|bus| bus.lane).max();
    let column = outermost.map_or(0, |lane| 2 * lane + 5);
    let widest = (0..names.len()).map(width).max().unwrap_or_default();

    let mut canvas = Canvas::default();
    canvas.write(0, column + 1, "● start");
    for (state, name) in names.iter().enumerate() {
        canvas.write(in_line(state), column, name);
    }
    // From the outermost lane inwards: an inner lane turns a passing line into a branch.
    for bus in right.iter().rev() {
        canvas.down(bus, column, column + widest + 3 + 2 * bus.lane, width);
    }
    for bus in left.iter().rev() {
        canvas.up(bus, column, 2 * (outermost.unwrap_or_default() - bus.lane));
    }
    let mut lines = canvas.lines();
    lines.push(String::new());
    lines.extend(notes);
    lines.extend(legend(&edges));
    Some(lines)
}

/// The states that are drawn: of those under `#[cfg]` that share a name, one.
fn drawn(protocol: &Protocol) -> impl Iterator<Item = (usize, &State)> {
    let states = protocol.states.iter().enumerate();
    states.filter(|(at, _)| protocol.first_of(*at) == *at)
}

fn names(protocol: &Protocol) -> Vec<String> {
    drawn(protocol).map(|(_, state)| state.variant.to_string()).collect()
}

/// The moves between the states, these counted as they are drawn.
fn edges(protocol: &Protocol, graph: &Graph) -> Vec<Edge> {
    let mut edges = all_edges(protocol, graph);
    let places: Vec<usize> = drawn(protocol).map(|(at, _)| at).collect();
    let place = |state: usize| places.binary_search(&protocol.first_of(state)).unwrap_or_default();
    for edge in &mut edges {
        (edge.from, edge.to) = (place(edge.from), place(edge.to));
    }
    edges.retain(|edge| edge.from != edge.to);
    edges
}

fn all_edges(protocol: &Protocol, graph: &Graph) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (from, state) in protocol.states.iter().enumerate() {
        let declared = state.next().and_then(|next| index_of(protocol, next));
        let set = graph.exits(protocol, &state.handler.name).to;
        edges.extend(declared.map(|to| Edge { from, to, declared: true }));
        edges.extend(set.into_iter().filter(|to| Some(*to) != declared).map(|to| Edge {
            from,
            to,
            declared: false,
        }));
    }
    edges
}

/// Joins moves that share their hub and style, and gives each group the innermost lane that is
/// free along its way; short ones first.
fn lanes(
    moves: impl Iterator<Item = (usize, usize, bool)>,
    end_line: fn(usize) -> usize,
) -> Vec<Bus> {
    let mut groups: Vec<Bus> = Vec::new();
    for (hub, end, declared) in moves {
        match groups.iter_mut().find(|bus| bus.hub == hub && bus.declared == declared) {
            Some(bus) => bus.ends.push(end),
            None => groups.push(Bus { hub, ends: vec![end], declared, lane: 0 }),
        }
    }
    for bus in &mut groups {
        bus.ends = by_key(core::mem::take(&mut bus.ends), |end| *end);
    }
    groups = by_key(groups, |bus| (bus.last() - bus.hub, bus.hub, bus.declared));
    // Both kinds begin at the hub, on either of its two lines.
    let lines = |bus: &Bus| (in_line(bus.hub), end_line(bus.last()));
    let mut placed: Vec<Bus> = Vec::new();
    for mut bus in groups {
        let (top, bottom) = lines(&bus);
        let is_free = |lane: &usize| {
            let others = placed.iter().filter(|other| other.lane == *lane);
            others.map(lines).all(|(first, last)| last < top || bottom < first)
        };
        bus.lane = (0..=placed.len()).find(is_free).unwrap_or_default();
        placed.push(bus);
    }
    by_key(placed, |bus| bus.lane)
}

/// What moves the channel without being a state's handler.
fn notes(protocol: &Protocol, graph: &Graph) -> Vec<String> {
    let variant =
        |state: &usize| protocol.states.get(*state).map(|state| state.variant.to_string());
    let mut notes = Vec::new();
    let mut note = |who: String, to: &[usize], unseen: bool| {
        let mut names: Vec<String> = to.iter().filter_map(variant).collect();
        if unseen {
            names.push("elsewhere".to_owned());
        }
        if !names.is_empty() {
            notes.push(format!("{who} ╌▶ {}", names.join(", ")));
        }
    };
    for state in &protocol.states {
        let exits = graph.exits(protocol, &state.handler.name);
        note(state.variant.to_string(), &[], exits.unseen);
    }
    for event in &protocol.events {
        let exits = graph.exits(protocol, &event.handler.name);
        note(format!("fn {}", event.handler.name), &exits.to, exits.unseen);
    }
    let elsewhere = graph.exits_from_elsewhere(protocol);
    note("from elsewhere".to_owned(), &elsewhere.to, elsewhere.unseen);
    notes
}

fn legend(edges: &[Edge]) -> Option<String> {
    let has = |declared: bool| edges.iter().any(|edge| edge.declared == declared);
    match (has(true), has(false)) {
        (true, true) => Some("── next   ╌╌ set_terminator".to_owned()),
        (true, false) => Some("── next".to_owned()),
        (false, true) => Some("╌╌ set_terminator".to_owned()),
        (false, false) => None,
    }
}

/// Characters by line and column.
#[derive(Default)]
struct Canvas {
    cells: Vec<Vec<char>>,
}

impl Canvas {
    fn get(&self, line: usize, column: usize) -> char {
        self.cells.get(line).and_then(|cells| cells.get(column)).copied().unwrap_or(' ')
    }

    fn put(&mut self, line: usize, column: usize, char: char) {
        if self.cells.len() <= line {
            self.cells.resize(line + 1, Vec::new());
        }
        let Some(cells) = self.cells.get_mut(line) else {
            return;
        };
        if cells.len() <= column {
            cells.resize(column + 1, ' ');
        }
        if let Some(cell) = cells.get_mut(column) {
            *cell = char;
        }
    }

    fn write(&mut self, line: usize, column: usize, text: &str) {
        for (at, char) in text.chars().enumerate() {
            self.put(line, column + at, char);
        }
    }

    /// Moves down from one state, on the right: `lane` is their column.
    fn down(&mut self, bus: &Bus, stem: usize, lane: usize, width: impl Fn(usize) -> usize) {
        let out = out_line(bus.hub);
        self.join(out, stem + 1, '└', "┘┴", '┴');
        self.across(out, stem + 2, lane, bus.dash());
        self.join(out, lane, '┐', "─╌", '┬');
        self.along(out + 1, in_line(bus.last()), lane, bus.bar());
        for end in &bus.ends {
            let (into, arrow) = (in_line(*end), stem + width(*end) + 1);
            self.put(into, arrow, '◀');
            self.across(into, arrow + 1, lane, bus.dash());
            if *end == bus.last() {
                self.join(into, lane, '┘', "─╌", '┴');
            } else {
                self.join(into, lane, '┤', "─╌", '┼');
            }
        }
    }

    /// Moves up to one state, on the left.
    fn up(&mut self, bus: &Bus, stem: usize, lane: usize) {
        let into = in_line(bus.hub);
        let arrow = stem.saturating_sub(2);
        self.put(into, arrow, '▶');
        self.across(into, lane + 1, arrow, bus.dash());
        self.join(into, lane, '┌', "─╌", '┬');
        self.along(into + 1, out_line(bus.last()), lane, bus.bar());
        for end in &bus.ends {
            let out = out_line(*end);
            self.join(out, stem + 1, '┘', "└┴", '┴');
            self.across(out, lane + 1, stem + 1, bus.dash());
            if *end == bus.last() {
                self.join(out, lane, '└', "─╌", '┴');
            } else {
                self.join(out, lane, '├', "─╌", '┼');
            }
        }
    }

    /// A corner, or a branch where one of these lines is there already.
    fn join(&mut self, line: usize, column: usize, corner: char, there: &str, branch: char) {
        let meets = there.contains(self.get(line, column));
        self.put(line, column, if meets { branch } else { corner });
    }

    /// A horizontal line; it passes below vertical ones.
    fn across(&mut self, line: usize, from: usize, to: usize, char: char) {
        for column in from..to {
            if self.get(line, column) == ' ' {
                self.put(line, column, char);
            }
        }
    }

    fn along(&mut self, from: usize, to: usize, column: usize, char: char) {
        for line in from..to {
            self.put(line, column, char);
        }
    }

    fn lines(self) -> Vec<String> {
        self.cells
            .into_iter()
            .map(|cells| cells.into_iter().collect::<String>().trim_end().to_owned())
            .collect()
    }
}
