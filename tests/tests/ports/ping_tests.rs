//! Ping, of this machine.

use super::peers::{skip, Theirs};
use super::ping::{Outcome, Ping};
use asyncore_runtime::Map;
use socket2::{Domain, Socket, Type};
use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;

/// Pings over the socket until all are settled.
fn pinged(socket: Socket, count: u16) -> Vec<Outcome> {
    let (outcomes, mut map) = (Rc::<RefCell<Vec<Outcome>>>::default(), Map::new().unwrap());
    let told = Rc::clone(&outcomes);
    let tell = move |outcome| told.borrow_mut().push(outcome);
    Ping::start(&mut map, socket, Ipv4Addr::LOCALHOST, count, tell).unwrap();
    map.run().unwrap();
    outcomes.take()
}

#[test]
fn this_machine_answers_as_under_asyncore() {
    let Ok(socket) = Ping::socket() else {
        return skip("neither raw sockets nor those of ICMP are allowed");
    };
    let line = |outcome| match outcome {
        Outcome::Answered { sequence, bytes, from, after } => {
            assert!(after < Duration::from_secs(1));
            format!("{bytes} bytes from {from}: {sequence}")
        }
        other => format!("{other:?}"),
    };
    let said: Vec<String> = pinged(socket, 3).into_iter().map(line).collect();
    assert_eq!(said, [0, 1, 2].map(|n| format!("56 bytes from 127.0.0.1: {n}")));
    if let Some(theirs) = Theirs::start("ping.py", &[]) {
        assert_eq!(said, [(); 3].map(|()| theirs.line()), "left: ours, right: asyncore's");
    }
}

#[test]
fn a_request_that_cannot_be_sent_is_told_and_lost() {
    // UDP goes nowhere without a port.
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    let outcomes = pinged(socket, 2);
    let [Outcome::Failed { why }, Outcome::Failed { .. }, lost @ ..] = &outcomes[..] else {
        panic!("{outcomes:?}");
    };
    assert!(why.starts_with("datagram to 127.0.0.1:0: "), "{why}");
    assert_eq!(lost, [0, 1].map(|sequence| Outcome::Lost { sequence }));
}
