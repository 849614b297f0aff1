//! The one list of what is allowed to differ from CPython's asynchat, and how far.
//!
//! Each rule has the rows of the behaviours it comes from (`docs/asyncore.md` tells them all). It
//! changes what CPython is asked, or says what becomes of its answer; what is left must be equal
//! to ours, to the byte.

use serde_json::json;

use super::record::{close, error, hex, Event, Played};
use super::scenario::{Action, End, Item, Poller, Scenario, PIECE};
use super::Trace;

/// One thing we do otherwise.
#[derive(Debug)]
pub struct Difference {
    /// The rows of the behaviours.
    pub rows: &'static str,
    /// What CPython does, and what we do.
    pub why: &'static str,
    applies: fn(&Scenario) -> bool,
    ask: fn(&mut Scenario),
    expect: fn(&Scenario, &mut Played, &Played),
}

/// All of them, in the order in which they are applied.
pub const DIFFERENCES: [Difference; 8] = [
    Difference {
        rows: "N8, L15",
        why: "asyncore.poll2 calls handle_close twice, and loses what a peer sent before it hung \
              up; we have one poller, which does as select",
        applies: |scenario| scenario.poll == Poller::Poll,
        ask: |scenario| scenario.poll = Poller::Select,
        expect: |_, _, _| (),
    },
    Difference {
        rows: "T17",
        why: "data before the first set_terminator is an AttributeError; a `Terminator` always \
              has a value, at first `None`",
        applies: is_never_set,
        ask: |scenario| scenario.terminators = vec![Item::None],
        expect: |_, theirs, _| theirs.terminator = json!({ "unset": true }),
    },
    Difference {
        rows: "T31",
        why: "a read of 0 bytes is taken for the end; a read has at least one",
        applies: |scenario| scenario.in_buffer == 0,
        ask: |scenario| scenario.in_buffer = PIECE,
        expect: |_, _, _| (),
    },
    Difference {
        rows: "O3, O4, O16",
        why: "push sends slices of ac_out_buffer_size at once, even empty ones, and cannot do so \
              with a size of 0; what was pushed leaves together, in as many writes as it takes",
        applies: |scenario| scenario.raw || scenario.out_buffer == 0,
        ask: |scenario| {
            scenario.out_buffer = if scenario.out_buffer == 0 { PIECE } else { scenario.out_buffer }
        },
        expect: |_, theirs, ours| {
            let total = ours.sends.as_ref().map(|sends| sends.iter().sum());
            if total.is_none_or(|total: usize| total * 2 == ours.sent.len()) {
                theirs.sends.clone_from(&ours.sends);
            }
        },
    },
    Difference {
        rows: "O21",
        why: "a push to a peer that is gone closes the channel inside push, before the next frame \
              of the same read; a turn writes after its frames, and not for an empty push",
        applies: answers_the_gone,
        ask: |_| (),
        expect: |_, theirs, ours| close_comes_late(theirs, ours),
    },
    Difference {
        rows: "T19, T20, O6, O20, O27",
        why: "frames are handled after close and close_when_done, whose mark is an item of the \
              queue; no frame is, and what the same handler pushes after close_when_done goes out",
        applies: |scenario| {
            let mut lists = scenario.actions.values().chain([&scenario.output]);
            lists.any(|list| Ending::of(list).is_some())
        },
        ask: |_| (),
        expect: nothing_after_the_end,
    },
    Difference {
        rows: "N12, N13",
        why: "the peer's half-close throws away what is still queued; it is sent",
        applies: |scenario| scenario.burst && scenario.end == End::Shutdown && is_sliced(scenario),
        ask: |_| (),
        expect: |_, theirs, ours| send_if(theirs, ours, ours.sent.starts_with(&theirs.sent)),
    },
    Difference {
        rows: "O1, O8, O16",
        why: "each push, and push_with_producer, sends one slice at once; a turn's output leaves \
              when its frames are handled, and then what is ready of it, if they closed the \
              channel or discarded the queue: no producer is asked any more",
        applies: |scenario| is_sliced(scenario) && scenario.cuts_output(),
        ask: |_| (),
        expect: |scenario, theirs, ours| {
            let is_cut = ours.sent.starts_with(&theirs.sent) || theirs.sent.starts_with(&ours.sent);
            send_if(theirs, ours, is_cut || discards(scenario));
        },
    },
];

/// What CPython is asked for this scenario.
#[must_use]
pub fn question(scenario: &Scenario) -> Scenario {
    let mut question = scenario.clone();
    for difference in rules(scenario) {
        (difference.ask)(&mut question);
    }
    question
}

/// Whether CPython's answer to [`question`] is ours, but for the list.
///
/// # Errors
/// It is not; the text shows both.
pub fn compare(scenario: &Scenario, theirs: &Trace, ours: &Trace) -> Result<(), String> {
    let mut expected = theirs.clone();
    let mut rows = Vec::new();
    if let (Trace::Played(theirs), Trace::Played(ours)) = (&mut expected, ours) {
        for difference in rules(scenario) {
            (difference.expect)(scenario, theirs, ours);
            rows.push(difference.rows);
        }
    }
    if expected == *ours {
        return Ok(());
    }
    let [theirs, expected, ours] = [theirs, &expected, ours].map(Trace::to_line);
    let scenario = scenario.to_line();
    Err(format!(
        "scenario {scenario}\n CPython {theirs}\nexpected {expected}\n    ours {ours}\n   rules {rows:?}"
    ))
}

fn rules(scenario: &Scenario) -> impl Iterator<Item = &'static Difference> + '_ {
    DIFFERENCES.iter().filter(|difference| (difference.applies)(scenario))
}

fn is_never_set(scenario: &Scenario) -> bool {
    let sets = |action: &Action| matches!(action, Action::Terminator(_));
    scenario.terminators.is_empty() && !scenario.output.iter().any(sets)
}

/// Whether asynchat's queue is not empty as soon as something is pushed.
fn is_sliced(scenario: &Scenario) -> bool {
    let is_producer = |action: &Action| matches!(action, Action::Producer(_));
    scenario.out_buffer != PIECE || scenario.all_actions().any(is_producer)
}

fn answers_the_gone(scenario: &Scenario) -> bool {
    let answers = |action: &Action| matches!(action, Action::Push(_) | Action::Producer(_));
    scenario.is_peer_gone() && scenario.all_actions().any(answers)
}

fn discards(scenario: &Scenario) -> bool {
    scenario.all_actions().any(|action| *action == Action::Discard)
}

fn send_if(theirs: &mut Played, ours: &Played, allowed: bool) {
    if allowed {
        theirs.sent.clone_from(&ours.sent);
    }
}

/// The frames of one are the first frames of the other. An empty push finds out as well, there.
fn close_comes_late(theirs: &mut Played, ours: &Played) {
    let found = |played: &Played| {
        let events = played.events.iter().filter(|event| **event != close());
        events.cloned().collect::<Vec<_>>()
    };
    let (there, here) = (found(theirs), found(ours));
    if here.starts_with(&there) || there.starts_with(&here) {
        *theirs = ours.clone();
    }
}

/// How a handler ends its channel.
struct Ending {
    /// By `close`, which is not followed by `handle_close`.
    at_once: bool,
    /// What it raises after that.
    raises: Option<&'static str>,
    /// All it pushes after that, in order.
    late: Vec<u8>,
}

impl Ending {
    fn of(actions: &[Action]) -> Option<Self> {
        let ends = |action: &Action| matches!(action, Action::Close | Action::CloseWhenDone);
        let raised = actions.iter().position(Action::raises).unwrap_or(actions.len());
        let (done, raise) = actions.split_at(raised);
        let after = done.iter().position(ends)?;
        let late = done[after..].iter().flat_map(pushed).collect();
        Some(Self {
            at_once: done.contains(&Action::Close),
            raises: raise.first().map(|action| {
                if *action == Action::Raise {
                    "RuntimeError"
                } else {
                    "ValueError"
                }
            }),
            late,
        })
    }

    fn events(&self) -> Vec<Event> {
        match (self.at_once, self.raises) {
            (true, _) => Vec::new(),
            (false, None) => vec![close()],
            (false, Some(name)) => vec![error(name), close()],
        }
    }
}

/// What a push or a producer gives out; a producer ends at its first empty part.
fn pushed(action: &Action) -> Vec<u8> {
    match action {
        Action::Push(data) => data.clone(),
        Action::Producer(parts) => {
            parts.iter().take_while(|part| !part.is_empty()).flatten().copied().collect()
        }
        _ => Vec::new(),
    }
}

/// The first frame whose handler ended the channel, and how.
fn first_ending(scenario: &Scenario) -> Option<(usize, Ending)> {
    let next = |at: usize| match scenario.cycle {
        true => scenario.terminators.get(at % scenario.terminators.len().max(1)),
        false => scenario.terminators.get(at),
    };
    scenario.actions.iter().find_map(|(at, actions)| {
        // The next terminator is set before the actions are done, and may raise.
        let is_done = !matches!(next(at + 1), Some(Item::Negative(_)));
        Some((*at, Ending::of(actions).filter(|_| is_done)?))
    })
}

fn nothing_after_the_end(scenario: &Scenario, theirs: &mut Played, ours: &Played) {
    let (kept, ending) = match (Ending::of(&scenario.output), first_ending(scenario)) {
        (Some(ending), _) => (0, ending),
        (None, Some((number, ending))) => match events_to(number, &theirs.events) {
            Some(kept) => (kept, ending),
            None => return,
        },
        (None, None) => return,
    };
    theirs.events.truncate(kept);
    theirs.events.extend(ending.events());
    theirs.leftover.clear();
    // What follows the last frame is neither handled nor told of.
    theirs.held.clone_from(&ours.held);
    theirs.terminator.clone_from(&ours.terminator);
    if let (Some(theirs), Some(ours)) = (&mut theirs.collects, &ours.collects) {
        theirs.truncate(ours.len());
    }
    if discards(scenario) {
        // The mark was dropped with the queue, and nothing closed.
        (theirs.open, theirs.eof, theirs.unread) = (false, ours.eof, ours.unread);
        theirs.sent.clone_from(&ours.sent);
    }
    let late = hex(&ending.late);
    let is_cut = ending.at_once || ending.raises.is_some() || discards(scenario);
    let expected = format!("{}{late}", theirs.sent);
    if !late.is_empty() && (ours.sent == expected || is_cut && ours.sent.starts_with(&theirs.sent))
    {
        theirs.sent.clone_from(&ours.sent);
    }
}

/// How many events there are up to the frame of this number.
fn events_to(number: usize, events: &[Event]) -> Option<usize> {
    let is_found = |event: &Event| event.first().is_some_and(|name| name == "found");
    let mut founds = (0..events.len()).filter(|at| is_found(&events[*at]));
    founds.nth(number).map(|last| last + 1)
}
