//! redis-server beside the example that speaks its protocol, under the same client.

use std::fmt;

use anyhow::Result;

use crate::beside::{free_address, Pair, Programs};
use crate::plan::Plan;
use crate::process::Process;
use crate::script::{Batch, Script, DIGIT};

const KEYS: usize = 1000;
const LENGTH: usize = 16;
/// Of seven digits at the start, counters and lengths have as many at the end.
const START: usize = 1_000_000;
/// Pairs of one MSET.
const PAIRS: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Get,
    Set,
    Incr,
    Lpush,
    Mset,
}

/// One line of the table.
pub(crate) struct Case {
    pub(crate) operation: Operation,
    pub(crate) in_flight: usize,
    pub(crate) costs: Pair,
}

pub(crate) fn run(plan: &Plan, programs: &Programs) -> Result<Vec<Case>> {
    let mut cases = cases();
    for round in 0..plan.rounds {
        plan.say(format_args!("redis, round {} of {}", round + 1, plan.rounds));
        for case in &mut cases {
            let (script, fill) = (case.script(), case.fill());
            case.costs.measure(plan, round, programs, theirs, &script, &fill)?;
        }
    }
    Ok(cases)
}

fn cases() -> Vec<Case> {
    let case = |operation, in_flight| Case { operation, in_flight, costs: Pair::default() };
    let operations = [Operation::Get, Operation::Set, Operation::Incr, Operation::Lpush];
    let all = operations.into_iter().flat_map(|it| [1, 16, 128].map(|depth| case(it, depth)));
    all.chain([case(Operation::Mset, 16)]).collect()
}

/// One thread carries out the commands, as the other has one; nothing is written to disk.
fn theirs(program: &str) -> Result<Process> {
    let addr = free_address()?;
    let port = addr.port().to_string();
    let options = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    Process::run_at(addr, &[&[program][..], &options].concat())
}

impl Case {
    /// What is there at the start.
    fn fill(&self) -> Batch {
        let mut batch = Batch::default();
        for number in 0..KEYS {
            match self.operation {
                Operation::Incr => {
                    let (key, start) = (key(number), START.to_string().into_bytes());
                    batch.ask(&[b"SET", &key, &start], b"+OK\r\n");
                }
                Operation::Lpush => {
                    let items = vec![&b"item"[..]; START / KEYS];
                    let reply = format!(":{}\r\n", (number + 1) * START / KEYS);
                    batch.ask(&[&[b"LPUSH", &b"list"[..]], &items[..]].concat(), reply.as_bytes());
                }
                _ => batch.ask(&[b"SET", &key(number), &value(number)], b"+OK\r\n"),
            }
        }
        batch
    }

    fn script(&self) -> Script {
        let count = (KEYS / self.in_flight).clamp(8, 100);
        Script::numbered(count, self.in_flight, |number, batch| self.operate(number, batch))
    }

    fn operate(&self, number: usize, batch: &mut Batch) {
        let (key, value) = (key(number), value(number));
        let count = [&b":"[..], &[DIGIT; 7], b"\r\n"].concat();
        match self.operation {
            Operation::Get => {
                let reply = [format!("${LENGTH}\r\n").as_bytes(), &value, b"\r\n"].concat();
                batch.ask(&[b"GET", &key], &reply);
            }
            Operation::Set => batch.ask(&[b"SET", &key, &value], b"+OK\r\n"),
            Operation::Incr => batch.ask(&[b"INCR", &key], &count),
            Operation::Lpush => batch.ask(&[b"LPUSH", b"list", &value], &count),
            Operation::Mset => {
                let pairs = (number * PAIRS..(number + 1) * PAIRS)
                    .map(|it| [self::key(it), self::value(it)]);
                let pairs = pairs.collect::<Vec<_>>().concat();
                let args = [b"MSET".to_vec()].into_iter().chain(pairs).collect::<Vec<_>>();
                batch.ask(&args.iter().map(|arg| &arg[..]).collect::<Vec<_>>(), b"+OK\r\n");
            }
        }
    }
}

impl Batch {
    /// A command as an array of bulk strings, and its reply.
    fn ask(&mut self, args: &[&[u8]], reply: &[u8]) {
        self.request.extend(format!("*{}\r\n", args.len()).into_bytes());
        for arg in args {
            self.request.extend(format!("${}\r\n", arg.len()).into_bytes());
            self.request.extend_from_slice(arg);
            self.request.extend_from_slice(b"\r\n");
        }
        self.reply.extend_from_slice(reply);
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = match self.operation {
            Operation::Get => "GET",
            Operation::Set => "SET",
            Operation::Incr => "INCR",
            Operation::Lpush => "LPUSH",
            Operation::Mset => "MSET of 10",
        };
        write!(f, "{operation}, {} in flight", self.in_flight)
    }
}

fn key(number: usize) -> Vec<u8> {
    format!("key:{:04}", number % KEYS).into_bytes()
}

/// Of each key another.
fn value(number: usize) -> Vec<u8> {
    format!("{:04}", number % KEYS).repeat(LENGTH / 4).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_and_a_get_of_the_same_key_agree() {
        let case =
            |operation| cases().into_iter().find(|case| case.operation == operation).unwrap();
        let mut batch = Batch::default();
        case(Operation::Set).operate(1007, &mut batch);
        case(Operation::Get).operate(7, &mut batch);
        let value = "0007000700070007";
        let request = format!(
            "*3\r\n$3\r\nSET\r\n$8\r\nkey:0007\r\n$16\r\n{value}\r\n*2\r\n$3\r\nGET\r\n$8\r\nkey:0007\r\n"
        );
        assert_eq!(batch.request, request.as_bytes());
        assert_eq!(batch.reply, format!("+OK\r\n$16\r\n{value}\r\n").as_bytes());
    }
}
