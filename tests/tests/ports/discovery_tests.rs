//! Nodes, looked for by a client in Python.

use super::discovery::Node;
use super::peers::{python, stdout_of, Theirs, PATIENCE};
use asyncore_tests::net::Server;
use std::time::{Duration, Instant};

/// Asks the group, or all, until there are answers from so many; prints them in order.
const CLIENT: &str = r#"
import socket, sys
port, count, where, question = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4].encode("latin-1")
peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
peer.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
peer.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
peer.bind(("127.0.0.1", 0))
peer.settimeout(10)
try:
    peer.sendto(question, (where, port))
except OSError as error:
    sys.exit(print("cannot be sent:", error))
answers = [peer.recvfrom(2048) for _ in range(count)]
for data, (address, theirs) in sorted(answers):
    print(data.decode(), address, theirs == port)
"#;

const GROUP: &str = "239.255.77.7";
const ALL: &str = "127.255.255.255";
const EVERY: Duration = Duration::from_millis(100);

fn ask(port: u16, count: usize, whom: &str, question: &str) -> String {
    let mut client = python(CLIENT).expect("Python");
    let printed = stdout_of(client.args([&port.to_string(), &count.to_string(), whom, question]));
    String::from_utf8(printed).expect("text")
}

fn ours(port: u16, name: &'static str) -> Server {
    Server::start_at(move |map| {
        let key = Node::start(map, port, name, "printer", EVERY)?;
        Ok(([127, 0, 0, 1], map.local_addr(key).map_or(0, |addr| addr.port())).into())
    })
}

fn theirs(port: u16, name: &str) -> Option<Theirs> {
    let every = EVERY.as_secs_f64().to_string();
    let theirs = Theirs::start("discovery.py", &[&port.to_string(), name, "printer", &every])?;
    Some(theirs)
}

/// Asks until an answer is there that says so.
#[track_caller]
fn ask_until(port: u16, count: usize, is_so: impl Fn(&str) -> bool) {
    let end = Instant::now() + PATIENCE;
    loop {
        let said = ask(port, count, GROUP, "LIST");
        if is_so(&said) {
            return;
        }
        assert!(Instant::now() < end, "{said}");
    }
}

#[test]
fn a_node_is_found_by_group_and_by_broadcast_as_asyncores() {
    let Some(_) = python("") else { return };
    let played = |port: u16| {
        let asked =
            [(GROUP, "FIND printer"), (GROUP, "FIND *"), (ALL, "FIND printer"), (GROUP, "LIST")];
        let said = asked.map(|(whom, question)| ask(port, 1, whom, question));
        // What nobody answers does no harm.
        let noise = ["FIND lamp", "\u{ff}\u{fe}", "", "BYE nobody", "WHAT"];
        noise.into_iter().for_each(|noise| drop(ask(port, 0, GROUP, noise)));
        said.concat() + &ask(port, 1, GROUP, "FIND printer")
    };
    let node = ours(0, "one");
    let said = played(node.addr().port());
    let here = "HERE one printer 127.0.0.1 True\n";
    assert_eq!(said, [here, here, here, "KNOWN one:  127.0.0.1 True\n", here].concat());
    if let Some(node) = theirs(0, "one") {
        assert_eq!(said, played(node.addr().port()), "left: ours, right: asyncore's");
    }
}

#[test]
fn nodes_on_one_port_all_answer_and_know_each_other() {
    let Some(_) = python("") else { return };
    let first = ours(0, "one");
    let port = first.addr().port();
    let _second = ours(port, "two");
    let here = "HERE one printer 127.0.0.1 True\nHERE two printer 127.0.0.1 True\n";
    assert_eq!(ask(port, 2, GROUP, "FIND printer"), here);
    ask_until(port, 2, |said| said.contains("one: two") && said.contains("two: one"));
    let Some(third) = theirs(port, "three") else { return };
    let here = "HERE one printer 127.0.0.1 True\nHERE three printer 127.0.0.1 True\nHERE two printer 127.0.0.1 True\n";
    assert_eq!(ask(port, 3, GROUP, "FIND printer"), here);
    ask_until(port, 3, |said| said.contains("one: three, two") && said.contains("three: one, two"));
    drop(third);
    ask_until(port, 2, |said| said.contains("one: two ") && said.contains("two: one "));
}

#[test]
fn who_leaves_says_so() {
    let Some(_) = python("") else { return };
    let first = ours(0, "one");
    let port = first.addr().port();
    let second = ours(port, "two");
    ask_until(port, 2, |said| said.contains("one: two"));
    second.ask(|map| {
        let keys = map.keys::<Node>();
        keys.into_iter().for_each(|key| map.tell(key, |node, io| node.leave(io)));
    });
    second.join();
    assert_eq!(ask(port, 1, GROUP, "LIST"), "KNOWN one:  127.0.0.1 True\n");
}
