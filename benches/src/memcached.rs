//! memcached beside the example that speaks its protocol, under the same client.

use std::fmt;

use anyhow::Result;

use crate::beside::{free_address, Pair, Programs};
use crate::plan::Plan;
use crate::process::Process;
use crate::script::{Batch, Script};

const KEYS: usize = 1000;
const IN_FLIGHT: [usize; 3] = [1, 16, 128];
const LENGTHS: [usize; 2] = [5, 1024];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Get,
    Set,
    /// Nine gets to each set.
    Mixed,
}

/// One line of the table.
pub(crate) struct Case {
    pub(crate) operation: Operation,
    pub(crate) in_flight: usize,
    /// Bytes of a value.
    pub(crate) length: usize,
    pub(crate) costs: Pair,
}

pub(crate) fn run(plan: &Plan, programs: &Programs) -> Result<Vec<Case>> {
    let mut cases = cases();
    for round in 0..plan.rounds {
        plan.say(format_args!("memcached, round {} of {}", round + 1, plan.rounds));
        for case in &mut cases {
            let (script, fill) = (case.script(), fill(case.length));
            case.costs.measure(plan, round, programs, theirs, &script, &fill)?;
        }
    }
    Ok(cases)
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for operation in [Operation::Get, Operation::Set, Operation::Mixed] {
        for length in LENGTHS {
            for in_flight in IN_FLIGHT {
                let costs = Pair::default();
                cases.push(Case { operation, in_flight, length, costs });
            }
        }
    }
    cases
}

/// One worker thread, as the other has one thread. Its memory limit, 64 MiB, is never reached.
fn theirs(program: &str) -> Result<Process> {
    let addr = free_address()?;
    let port = addr.port().to_string();
    let mut command = vec![program, "-t", "1", "-l", "127.0.0.1", "-p", &port];
    if rustix::process::getuid().is_root() {
        // It refuses to run as root unless told to.
        command.extend(["-u", "root"]);
    }
    Process::run_at(addr, &command)
}

/// Sets every key.
fn fill(length: usize) -> Batch {
    let mut batch = Batch::default();
    (0..KEYS).for_each(|number| set(number, length, &mut batch));
    batch
}

impl Case {
    fn script(&self) -> Script {
        let count = (KEYS / self.in_flight).clamp(8, 100);
        Script::numbered(count, self.in_flight, |number, batch| self.operate(number, batch))
    }

    fn operate(&self, number: usize, batch: &mut Batch) {
        match self.operation {
            Operation::Set => set(number, self.length, batch),
            Operation::Mixed if number % 10 == 9 => set(number, self.length, batch),
            Operation::Get | Operation::Mixed => get(number, self.length, batch),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = match self.operation {
            Operation::Get => "get",
            Operation::Set => "set",
            Operation::Mixed => "mixed",
        };
        let length = if self.length < 1024 { "5 B" } else { "1 KiB" };
        write!(f, "{operation} {length}, {} in flight", self.in_flight)
    }
}

fn set(number: usize, length: usize, batch: &mut Batch) {
    batch.request.extend(format!("set {} 0 0 {length}\r\n", key(number)).into_bytes());
    batch.request.extend(value(number, length));
    batch.reply.extend(b"STORED\r\n");
}

fn get(number: usize, length: usize, batch: &mut Batch) {
    let key = key(number);
    batch.request.extend(format!("get {key}\r\n").into_bytes());
    batch.reply.extend(format!("VALUE {key} 0 {length}\r\n").into_bytes());
    batch.reply.extend(value(number, length));
    batch.reply.extend(b"END\r\n");
}

fn key(number: usize) -> String {
    format!("key:{:04}", number % KEYS)
}

/// With its CRLF; of each key another.
fn value(number: usize, length: usize) -> Vec<u8> {
    let mut value = format!("{:04}", number % KEYS).repeat(length / 4 + 1).into_bytes();
    value.truncate(length);
    value.extend_from_slice(b"\r\n");
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_and_a_get_of_the_same_key_agree() {
        let mut batch = Batch::default();
        set(1007, 5, &mut batch);
        get(7, 5, &mut batch);
        assert_eq!(batch.request, b"set key:0007 0 0 5\r\n00070\r\nget key:0007\r\n");
        assert_eq!(batch.reply, b"STORED\r\nVALUE key:0007 0 5\r\n00070\r\nEND\r\n");
    }

    #[test]
    fn a_tenth_of_the_mixed_case_are_sets() {
        let case = cases().into_iter().find(|case| {
            case.operation == Operation::Mixed && case.in_flight == 1 && case.length == 5
        });
        let script = case.unwrap().script();
        let sets = script.batches.iter().filter(|batch| batch.request.starts_with(b"set"));
        assert_eq!((sets.count(), script.batches.len()), (10, 100));
    }
}
