//! The shell, driven by `nc`.

use super::peers::{client, Running, Theirs, PATIENCE};
use super::shell::{User, GRACE};
use asyncore_runtime::testing::Session;
use asyncore_tests::net::{Client, Server};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

fn server() -> Server {
    Server::start(|map| map.listen("127.0.0.1:0", |_peer| User::default()))
}

fn nc(server: SocketAddr) -> Running {
    let mut nc = client("nc").expect("nc");
    Running::start(nc.args(["-N", "127.0.0.1"]).arg(server.port().to_string()))
}

/// What is typed, and the line after which it is the user's turn again.
const TYPED: [(&str, &str); 5] = [
    ("", "ready"),
    ("echo one; echo two >&2\n", "ready"),
    ("tty | tr -d 0-9; stty -a | grep -o ' icanon'\n", "ready"),
    ("sh -c 'echo asleep; exec sleep 1000'\n", "asleep"),
    // Ctrl-C.
    ("\x03", "ready"),
];

fn played(server: SocketAddr) -> Vec<String> {
    let mut nc = nc(server);
    let mut lines = Vec::new();
    for (typed, last) in TYPED {
        nc.say(typed);
        let first = lines.len();
        while lines.len() == first || lines.last().is_none_or(|line| line != last) {
            lines.push(nc.line().trim_end_matches('\r').to_owned());
        }
    }
    nc.say("exit\n");
    lines.push(nc.line().trim_end_matches('\r').to_owned());
    lines.extend(nc.finish());
    lines
}

fn has_clients() -> bool {
    ["nc", "setsid"].iter().all(|name| client(name).is_some())
}

#[test]
fn a_user_of_nc_has_a_terminal_as_under_asyncore() {
    if !has_clients() {
        return;
    }
    let ours = server();
    let said = played(ours.addr());
    assert_eq!(said[..5], ["ready", "echo one; echo two >&2", "one", "two", "ready"], "{said:?}");
    assert!(said.contains(&"/dev/pts/".to_owned()) && said.contains(&"^C".to_owned()), "{said:?}");
    if let Some(theirs) = Theirs::start("shell.py", &[]) {
        assert_eq!(said, played(theirs.addr()), "left: ours, right: asyncore's");
    }
}

#[test]
fn who_types_no_more_reads_what_the_shell_has_to_say() {
    if !has_clients() {
        return;
    }
    let ours = server();
    let mut nc = nc(ours.addr());
    nc.say("sleep 0; echo $((40 + 2))\n");
    assert!(nc.finish().iter().any(|line| line.trim_end() == "42"));
}

#[test]
fn a_shell_that_does_not_end_for_who_types_no_more_is_hung_up() {
    let Some(_) = client("setsid") else { return };
    let mut session = Session::new(User::default());
    session.feed_eof();
    session.advance(GRACE - Duration::from_secs(1));
    assert!(session.is_open());
    session.advance(Duration::from_secs(1));
    assert!(!session.is_open());
}

#[test]
fn the_shell_of_a_user_who_is_gone_ends() {
    let Some(_) = client("setsid") else { return };
    let ours = server();
    let mut user = ours.client();
    user.send("echo $$; exec sleep 1000\n");
    let number = |user: &mut Client| user.receive_line().trim_end().parse::<u32>().ok();
    let pid = std::iter::repeat_with(|| number(&mut user)).flatten().next().expect("its number");
    user.reset();
    let (proc, end) = (format!("/proc/{pid}"), Instant::now() + PATIENCE);
    while std::path::Path::new(&proc).exists() {
        assert!(Instant::now() < end, "{proc} is still there");
        std::thread::yield_now();
    }
}
