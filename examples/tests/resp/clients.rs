//! Real clients, and the server as a process.

use std::io::Write;
use std::process::Command;

use crate::certificate::Certificate;
use crate::process::{client, expect, rest, skip, stdout_of, Process, Server, PATIENCE};

fn port(server: &Server) -> String {
    server.address.port().to_string()
}

// redis-cli

/// What redis-cli prints for each of these commands.
fn cli(commands: &[&[&str]], expected: &[&str]) {
    let Some(_) = client("redis-cli") else { return };
    let server = Server::start("resp");
    for (command, expected) in commands.iter().zip(expected) {
        let mut cli = Command::new("redis-cli");
        cli.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
        cli.stderr(std::process::Stdio::piped()).args(["-p", &port(&server)]).args(*command);
        assert_eq!(stdout_of(&mut cli), format!("{expected}\n"), "{command:?}");
    }
}

#[test]
fn redis_cli_shows_what_it_has_set() {
    cli(&[&["SET", "k", "a b"], &["GET", "k"], &["GET", "x"]], &["OK", "a b", ""]);
}

#[test]
fn redis_cli_shows_errors() {
    cli(&[&["INCR"]], &["ERR wrong number of arguments for 'incr' command\n"]);
}

#[test]
fn redis_cli_pipes_a_file_of_commands() {
    let Some(mut cli) = client("redis-cli") else { return };
    let server = Server::start("resp");
    let mut cli = Process::start(cli.args(["-p", &port(&server), "--pipe"]));
    let commands = (0..100_000).map(|n| format!("SET key:{n} {n}\r\n")).collect::<String>();
    cli.0.stdin.take().unwrap().write_all(commands.as_bytes()).unwrap();
    let report = rest(&mut cli.0.stdout.take().unwrap());
    assert!(report.contains("errors: 0, replies: 100000"), "{report}");
    let mut stream = server.connect();
    stream.write_all(b"DBSIZE\r\n").unwrap();
    expect(&mut stream, ":100000\r\n");
}

#[test]
fn redis_cli_scans_every_key() {
    let Some(mut cli) = client("redis-cli") else { return };
    let server = Server::start("resp");
    let mut stream = server.connect();
    let keys = (0..1000).map(|n| format!("SET {n:04} x\r\n")).collect::<String>();
    stream.write_all(keys.as_bytes()).unwrap();
    expect(&mut stream, "+OK\r\n".repeat(1000));
    let listed = stdout_of(cli.args(["-p", &port(&server), "--scan"]));
    let mut listed = listed.lines().collect::<Vec<_>>();
    listed.sort_unstable();
    assert_eq!(listed, (0..1000).map(|n| format!("{n:04}")).collect::<Vec<_>>());
}

// redis-benchmark

#[test]
fn redis_benchmark_has_16_commands_on_their_way() {
    let Some(mut benchmark) = client("redis-benchmark") else { return };
    let server = Server::start("resp");
    let tests = "ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,lrange,mset";
    let options = ["-p", &port(&server), "-n", "2000", "-P", "16", "-t", tests, "--csv"];
    let report = stdout_of(benchmark.args(options));
    assert!(report.lines().count() >= 17 && !report.contains("rror"), "{report}");
}

// redis-py

/// Runs Python against the example, with a `client` of it.
fn python(script: &str) {
    let probe = Command::new("python3").args(["-c", "import redis"]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        return skip("redis-py");
    }
    let Some(mut python) = client("python3") else { return };
    let server = Server::start("resp");
    let connect = "import sys, redis; client = redis.Redis(port=int(sys.argv[1]))";
    stdout_of(python.args(["-c", &format!("{connect}\n{script}"), &port(&server)]));
}

#[test]
fn redis_py_reads_and_writes_every_type() {
    python(
        "
assert client.set('a', b'x\\r\\n', ex=100) and client.get('a') == b'x\\r\\n'
assert client.get('none') is None and 0 < client.ttl('a') <= 100
assert client.incr('n', 5) == 5 and client.incrbyfloat('n', 0.5) == 5.5
assert client.rpush('l', 1, 2, 3) == 3 and client.lrange('l', 0, -1) == [b'1', b'2', b'3']
assert client.hset('h', mapping={'a': 1, 'b': 2}) == 2 and client.hgetall('h') == {b'a': b'1', b'b': b'2'}
assert client.sadd('s', 1, 2) == 2 and client.smembers('s') == {b'1', b'2'}
assert sorted(client.scan_iter()) == [b'a', b'h', b'l', b'n', b's']
assert client.info()['redis_version'] and client.config_get('save') == {'save': ''}",
    );
}

#[test]
fn redis_py_watches_in_a_pipeline() {
    python(
        "
client.set('k', 1)
with client.pipeline() as pipe:
    pipe.watch('k')
    pipe.multi()
    pipe.incr('k').get('k')
    assert pipe.execute() == [2, b'2']
    pipe.watch('k')
    client.set('k', 9)
    pipe.multi()
    pipe.incr('k')
    try:
        pipe.execute()
        raise SystemExit('it was carried out')
    except redis.WatchError:
        pass",
    );
}

#[test]
fn redis_py_has_10_000_commands_on_their_way() {
    python(
        "
pipe = client.pipeline(transaction=False)
for n in range(10_000):
    pipe.set(f'key:{n}', n)
assert pipe.execute() == [True] * 10_000
assert client.mget([f'key:{n}' for n in range(10_000)]) == [str(n).encode() for n in range(10_000)]",
    );
}

#[test]
fn redis_py_hears_what_is_published() {
    python(
        "
heard = client.pubsub(ignore_subscribe_messages=True)
heard.subscribe('news')
heard.psubscribe('n*')
while client.pubsub_numsub('news') != [(b'news', 1)] or client.pubsub_numpat() != 1:
    heard.get_message(timeout=0.01)
assert client.publish('news', 'hi') == 2
messages = []
while len(messages) < 2:
    message = heard.get_message(timeout=20)
    messages += [message['data']] if message else []
assert messages == [b'hi', b'hi']",
    );
}

#[test]
fn redis_py_gets_64_megabytes() {
    python(
        "
value = bytes(range(256)) * 4096 * 64
assert client.set('k', value) and client.get('k') == value and client.strlen('k') == len(value)",
    );
}

// TLS

#[test]
fn redis_cli_speaks_tls() {
    let Some(mut cli) = client("redis-cli") else { return };
    let certificate = Certificate::new("resp");
    let (server, cert) = (certificate.server("resp", &[]), certificate.path("cert.pem"));
    let options = ["--tls", "--cacert", &cert, "--sni", "localhost", "-p", &port(&server)];
    assert_eq!(stdout_of(cli.args(options).args(["ECHO", "hi"])), "hi\n");
}

// The process

#[test]
fn sigint_ends_the_server_with_status_0() {
    let server = Server::start("resp");
    // It hears signals from when it serves.
    let mut stream = server.connect();
    stream.write_all(b"PING\r\n").unwrap();
    expect(&mut stream, "+PONG\r\n");
    server.signal("-INT");
    assert_eq!(server.status(), Some(0));
}

#[test]
fn replies_in_flight_are_finished_after_sigterm() {
    let server = Server::start("resp");
    let mut stream = server.connect();
    // Far more than the sockets hold.
    let value = "x".repeat(32 * 1024 * 1024);
    write!(stream, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${}\r\n{value}\r\n", value.len()).unwrap();
    expect(&mut stream, "+OK\r\n");
    stream.write_all(b"GET k\r\n").unwrap();
    expect(&mut stream, "$33554432\r\n");
    server.signal("-TERM");
    assert!(rest(&mut stream) == value + "\r\n");
    assert_eq!(server.status(), Some(0));
}

#[test]
fn a_client_that_sends_junk_disturbs_no_other() {
    let server = Server::start("resp");
    let (mut good, mut bad) = (server.connect(), server.connect());
    good.write_all(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10\r\nhello").unwrap();
    bad.write_all(b"*1\r\n!junk\r\n").unwrap();
    assert_eq!(rest(&mut bad), "-ERR Protocol error: expected '$', got '!'\r\n");
    good.write_all(b"world\r\nGET k\r\n").unwrap();
    expect(&mut good, "+OK\r\n$10\r\nhelloworld\r\n");
}

#[test]
fn keys_expire_although_nobody_asks_for_them() {
    let server = Server::start("resp");
    let mut stream = server.connect();
    stream.write_all(b"SET k v PX 1\r\n").unwrap();
    expect(&mut stream, "+OK\r\n");
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        stream.write_all(b"DBSIZE\r\n").unwrap();
        let mut reply = [0; 4];
        std::io::Read::read_exact(&mut stream, &mut reply).unwrap();
        if &reply == b":0\r\n" {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "it is still there");
    }
}
