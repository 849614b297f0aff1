//! Random scenarios through CPython's asynchat and through generated channel code.
//!
//! `ASYNCORE_SCENARIOS` is how many of them (2,000 unless it is set; `.ci/run` asks for more), and
//! `ASYNCORE_SEED` where they begin. `ASYNCORE_ORACLE` names another driver than our own.

use asyncore_tests::trace::generate::{self, Random};
use asyncore_tests::trace::oracle::Oracle;
use asyncore_tests::trace::sockets::Sockets;
use asyncore_tests::trace::{differences, play_both, session, Scenario, Trace};
use serde_json::Value;
use std::io;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn asked_for() -> u64 {
    setting("ASYNCORE_SCENARIOS", 2_000)
}

/// So many over TCP, whatever is asked for: each waits a little at each step for what is on its
/// way.
const OVER_TCP: u64 = 40;

fn scenarios(count: u64, make: fn(&mut Random) -> Scenario) -> Vec<Scenario> {
    let mut random = Random::new(setting("ASYNCORE_SEED", 1));
    (0..count).map(|_| make(&mut random)).collect()
}

/// Compares both sides; all differences that are not listed, each with its number.
fn differing(
    scenarios: &[Scenario],
    mut play: impl FnMut(&Scenario) -> io::Result<Trace>,
) -> Vec<String> {
    let Some(oracle) = Oracle::find() else {
        eprintln!("no Python with asynchat here: only recorded traces are compared");
        return Vec::new();
    };
    let questions: Vec<Scenario> = scenarios.iter().map(differences::question).collect();
    let theirs = oracle.play(&questions).expect("the oracle answers");
    assert_eq!(theirs.len(), scenarios.len(), "an answer to each question");
    let pairs = scenarios.iter().zip(&theirs);
    let compared = pairs.map(|(scenario, theirs)| match play(scenario) {
        Ok(ours) => differences::compare(scenario, theirs, &ours),
        Err(error) => Err(format!("{}: {error}", scenario.to_line())),
    });
    compared.filter_map(Result::err).collect()
}

fn assert_none(differing: &[String]) {
    let shown: Vec<&str> = differing.iter().take(5).map(String::as_str).collect();
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), shown.join("\n"));
}

/// Over a socket and through a session, which must agree.
fn assert_as_in_cpython(scenarios: &[Scenario]) {
    let mut sockets = Sockets::new().expect("a map");
    assert_none(&differing(scenarios, |scenario| play_both(&mut sockets, scenario)));
}

#[test]
fn random_input_is_framed_as_by_cpython() {
    assert_as_in_cpython(&scenarios(asked_for(), generate::framing));
}

#[test]
fn random_actions_come_to_the_same_as_in_cpython() {
    assert_as_in_cpython(&scenarios(asked_for(), generate::acting));
}

#[test]
fn random_actions_over_tcp_come_to_the_same_as_in_cpython() {
    assert_as_in_cpython(&scenarios(OVER_TCP, generate::over_tcp));
}

// -- recorded traces, for machines whose Python has no asynchat any more

/// `[scenario, trace]`, a line each.
const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/recorded.jsonl");

/// A digest for each block of scenarios of `generate::framing`, from seed 0 on.
const DIGESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/digests.txt");
const BLOCK: usize = 100;
const BLOCKS: u64 = 500;

/// FNV-1a: short, and the same for ever.
fn digest(traces: &[Trace]) -> String {
    let lines = traces.iter().map(Trace::to_line).collect::<String>();
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", lines.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

fn block(seed: u64) -> Vec<Scenario> {
    let mut random = Random::new(seed);
    (0..BLOCK).map(|_| generate::framing(&mut random)).collect()
}

#[test]
fn recorded_traces_of_cpython_are_met() {
    let mut sockets = Sockets::new().expect("a map");
    let text = std::fs::read_to_string(RECORDED).expect("recorded traces");
    let differing: Vec<String> = text
        .lines()
        .filter_map(|line| {
            let (scenario, theirs): (Value, Trace) = serde_json::from_str(line).expect("a record");
            let scenario = Scenario::parse(&scenario.to_string()).expect("a scenario");
            let ours = play_both(&mut sockets, &scenario).expect("a trace");
            differences::compare(&scenario, &theirs, &ours).err()
        })
        .collect();
    assert!(text.lines().count() >= 1_000, "there are recorded traces");
    assert_none(&differing);
}

#[test]
fn recorded_digests_of_cpython_are_met() {
    let text = std::fs::read_to_string(DIGESTS).expect("recorded digests");
    let blocks = asked_for().div_ceil(BLOCK as u64).min(BLOCKS);
    for (seed, theirs) in (0..blocks).zip(text.lines()) {
        let ours: Vec<Trace> = block(seed).iter().map(session::play).collect();
        assert_eq!(
            digest(&ours),
            theirs,
            "block {seed}: see where with a Python that has asynchat"
        );
    }
    assert_eq!(text.lines().count() as u64, BLOCKS, "all are recorded");
}

#[test]
#[ignore = "writes tests/data; needs a Python that has asynchat"]
fn record() {
    let oracle = Oracle::find().expect("a Python with asynchat");
    let mut random = Random::new(42);
    let scenarios: Vec<Scenario> = (0..1_000).map(|_| generate::acting(&mut random)).collect();
    let questions: Vec<Scenario> = scenarios.iter().map(differences::question).collect();
    let traces = oracle.play(&questions).expect("answers");
    let line = |(scenario, trace): (&Scenario, &Trace)| {
        format!("[{}, {}]\n", scenario.to_line(), trace.to_line())
    };
    let lines: String = scenarios.iter().zip(&traces).map(line).collect();
    std::fs::write(RECORDED, lines).expect("a file");
    let digests =
        (0..BLOCKS).map(|seed| digest(&oracle.play(&block(seed)).expect("answers")) + "\n");
    std::fs::write(DIGESTS, digests.collect::<String>()).expect("a file");
}
