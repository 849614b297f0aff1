//! Every server sends back what came, however it is cut and however slowly it is read: a server
//! that cheats, or loses bytes under pressure, would be measured for nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

const FRAMED: [&str; 6] = ["mio", "ours", "workers", "tokio", "lines", "any-delimiter"];
const PATIENCE: Duration = Duration::from_secs(10);

struct Server {
    child: Child,
    addr: String,
}

impl Server {
    fn start(name: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_asyncore-benches"))
            .args(["serve", name])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let addr = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, addr }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.addr).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn for_each(names: &[&str], test: impl Fn(&Server)) {
    for name in names {
        println!("{name}");
        test(&Server::start(name));
    }
}

fn expect(stream: &mut TcpStream, expected: &[u8]) {
    let mut reply = vec![0; expected.len()];
    stream.read_exact(&mut reply).unwrap();
    assert!(reply == expected, "a wrong reply");
}

/// Lines of all lengths, many more bytes than a read takes.
fn lines(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|number| format!("{number:0>width$}\r\n", width = number % 1500).into_bytes())
        .collect()
}

#[test]
fn a_line_cut_anywhere_is_one_line() {
    for_each(&FRAMED, |server| {
        let mut stream = server.connect();
        let text = b"first\r\nsecond\r\n";
        for cut in 1..text.len() {
            stream.write_all(&text[..cut]).unwrap();
            thread::sleep(Duration::from_millis(2));
            stream.write_all(&text[cut..]).unwrap();
            expect(&mut stream, text);
        }
    });
}

#[test]
fn a_line_without_its_end_is_not_answered() {
    for_each(&FRAMED, |server| {
        let mut stream = server.connect();
        stream.write_all(b"whole\r\nhalf").unwrap();
        expect(&mut stream, b"whole\r\n");
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        assert!(stream.read(&mut [0]).is_err());
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(b" and half\r\n").unwrap();
        expect(&mut stream, b"half and half\r\n");
    });
}

#[test]
fn a_slow_reader_gets_everything() {
    let text = lines(20_000);
    for_each(&[&FRAMED[..], &["floor", "message-io"]].concat(), |server| {
        let mut reader = server.connect();
        let mut writer = reader.try_clone().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| writer.write_all(&text).unwrap());
            // All buffers between the two fill meanwhile.
            thread::sleep(Duration::from_millis(300));
            expect(&mut reader, &text);
        });
    });
}

#[test]
fn the_end_of_the_input_is_the_end() {
    for_each(&FRAMED, |server| {
        let mut stream = server.connect();
        stream.write_all(b"last\r\n").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        assert_eq!(reply, b"last\r\n");
    });
}

#[test]
fn what_is_measured_is_the_example() {
    let channel = |source: &'static str| {
        let start = source.find("#[channel]").unwrap();
        let length = source[start..].find("\n}\n").unwrap();
        &source[start..start + length]
    };
    let example = channel(include_str!("../../examples/examples/line_echo.rs"));
    assert_eq!(channel(include_str!("../src/server/ours.rs")), example);
    assert_eq!(channel(include_str!("../build-cost/asyncore.rs")), example);
}
