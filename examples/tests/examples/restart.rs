//! A server whose successor takes over, under load; and successors that do not.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use crate::process::{example, expect, Process, Server, PATIENCE};

/// `kill`, which every Unix has.
fn signal(name: &str, process: u32) {
    let status = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    assert!(status.unwrap().success());
}

/// Whoever has been started by a server is of its group, and ends with its test.
struct Group(u32);

impl Group {
    fn of(command: &mut Command) -> (Server, Self) {
        let server = Server::of(command.process_group(0));
        let group = Self(server.process.0.id());
        (server, group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // It fails if all have ended.
        let group = format!("-{}", self.0);
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
    }
}

/// A client that asks one thing after the other, and again where it was not heard.
struct Client {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
    asked: usize,
}

impl Client {
    fn connect(address: SocketAddr) -> Self {
        Self { address, stream: connected(address), asked: 0 }
    }

    fn ask(&mut self) {
        self.asked += 1;
        // Where the server has gone the answer tells.
        let _ = write!(self.stream.get_mut(), "{}\r\n", self.asked);
    }

    /// Who answers. The end of a connection between two answers is none of an answer.
    fn answered_by(&mut self) -> u32 {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("no connection is reset");
            let Some(answer) = line.strip_suffix(&format!(" {}\r\n", self.asked)) else {
                assert_eq!(line, "", "an answer is whole, and the one to what was asked");
                self.stream = connected(self.address);
                write!(self.stream.get_mut(), "{}\r\n", self.asked).unwrap();
                continue;
            };
            return answer.parse().unwrap();
        }
    }
}

fn connected(address: SocketAddr) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).expect("no connection is refused");
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    BufReader::new(stream)
}

/// Clients that ask all the time, until the successor has answered each; how many answers there were.
fn busy(address: SocketAddr, clients: usize, server: u32) -> HashMap<u32, usize> {
    let mut answers = HashMap::new();
    let mut clients: Vec<_> = (0..clients).map(|_| Client::connect(address)).collect();
    let end = Instant::now() + PATIENCE;
    let mut is_over = false;
    while !is_over {
        assert!(Instant::now() < end, "nobody takes over: {answers:?}");
        clients.iter_mut().for_each(Client::ask);
        is_over = true;
        for client in &mut clients {
            let by = client.answered_by();
            *answers.entry(by).or_default() += 1;
            is_over &= by != server;
        }
    }
    answers
}

#[test]
fn a_successor_takes_over_from_500_busy_connections_and_none_is_lost() {
    let (server, _group) = Group::of(example("restart").arg("127.0.0.1:0"));
    let (address, pid) = (server.address, server.process.0.id());
    let threads: Vec<_> = (0..20).map(|_| thread::spawn(move || busy(address, 25, pid))).collect();
    signal("USR2", pid);
    let mut answers = HashMap::<u32, usize>::new();
    for thread in threads {
        for (by, count) in thread.join().unwrap() {
            *answers.entry(by).or_default() += count;
        }
    }
    // The first one has gone, and answered no more than was heard.
    let mut said: Vec<String> = (0..3).map(|_| server.line()).collect();
    let successor = *answers.keys().find(|by| **by != pid).unwrap();
    let mut expected = vec![
        format!("listening on {address}"),
        format!("{successor} takes over from {pid}"),
        format!("{pid} has echoed {} lines", answers.get(&pid).unwrap_or(&0)),
    ];
    said.sort();
    expected.sort();
    assert_eq!(said, expected);
    signal("TERM", successor);
    assert_eq!(server.line(), format!("{successor} has echoed {} lines", answers[&successor]));
}

/// A server whose successor is this; what it says of it, and that it serves on.
fn serves_on(successor: &[&str]) -> String {
    let arguments = [&["127.0.0.1:0"], successor].concat();
    let (mut server, group) = Group::of(example("restart").args(arguments));
    let mut client = Client::connect(server.address);
    signal("USR2", group.0);
    let said = server.stderr().recv_timeout(PATIENCE).expect("a line");
    client.ask();
    assert_eq!(client.answered_by(), group.0);
    said.replace(&group.0.to_string(), "PID")
}

#[test]
fn who_never_reports_takes_nothing_over() {
    let said = serves_on(&["sleep", "1000"]);
    assert_eq!(said, "the successor has not reported within 5s: PID serves on");
}

#[test]
fn who_ends_before_it_reports_takes_nothing_over() {
    let said = serves_on(&["false"]);
    assert_eq!(said, "the successor has ended (exit status: 1): PID serves on");
}

#[test]
fn who_cannot_be_started_takes_nothing_over() {
    let said = serves_on(&["/nowhere"]);
    assert_eq!(said, "no successor: No such file or directory (os error 2)");
}

#[test]
fn systemd_gives_the_socket_and_is_told_that_the_server_is_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let path = std::env::temp_dir().join(format!("asyncore-notify-{}", std::process::id()));
    let reports = UnixDatagram::bind(&path).unwrap();
    reports.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = example("restart");
    command.stdin(OwnedFd::from(listener)).env("NOTIFY_SOCKET", &path);
    let server = Process::start(command.env("LISTEN_FDS", "1").env("LISTEN_FDS_FIRST_FD", "0"));
    let mut report = [0; 64];
    let len = reports.recv(&mut report).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(&report[..len], b"READY=1");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"hello\r\n").unwrap();
    expect(&mut stream, format!("{} hello\r\n", server.0.id()));
}

#[test]
fn a_second_server_on_a_path_is_told_that_there_is_one() {
    let path = std::env::temp_dir().join(format!("asyncore-second-{}", std::process::id()));
    let first = Process::start(example("line_echo").arg(&path));
    let end = Instant::now() + PATIENCE;
    while UnixStream::connect(&path).is_err() {
        assert!(Instant::now() < end, "it does not listen");
        thread::yield_now();
    }
    let second = example("line_echo").arg(&path).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    let expected = format!("Error: cannot listen on {}: Address already in use", path.display());
    assert!(said.starts_with(&expected), "{said}");
    drop(first);
    std::fs::remove_file(&path).unwrap();
}
