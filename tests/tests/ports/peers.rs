//! Servers in Python, and what a server said to a client. Nothing here waits for ever.

use asyncore_tests::trace::oracle;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;

pub use asyncore_tests::process::{
    client, python, run, skip, stdout_of, Folder, Running, PATIENCE,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ports")
}

/// The server in Python beside a port.
pub struct Theirs {
    process: Running,
    port: u16,
}

impl Theirs {
    /// Starts one of the programs beside the ports, unless no Python here has asyncore any more.
    pub fn start(program: &str, options: &[&str]) -> Option<Self> {
        let Some(python) = oracle::python() else {
            skip("no Python here has asyncore: nothing to compare with");
            return None;
        };
        let mut command = Command::new(python);
        command.args(["-B", "-u", "-W", "ignore"]).arg(folder().join(program)).args(options);
        let process = Running::start(&mut command);
        let port = process.line().parse().expect("a port");
        Some(Self { process, port })
    }

    /// The next line it prints.
    #[track_caller]
    pub fn line(&self) -> String {
        self.process.line()
    }

    /// Where it listens; of one that listens elsewhere it has said nothing that counts.
    pub fn addr(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }
}

/// Stands between a client and a server, and notes what the server says on each connection.
pub struct Tap {
    addr: SocketAddr,
    said: Arc<Mutex<Vec<Receiver<Vec<u8>>>>>,
}

impl Tap {
    pub fn on(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("its address");
        let said = Arc::<Mutex<Vec<Receiver<Vec<u8>>>>>::default();
        let noted = Arc::clone(&said);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(server).expect("the server");
                let answers = (server.try_clone(), client.try_clone());
                thread::spawn(move || carry(client, server));
                let (sender, receiver) = mpsc::channel();
                noted.lock().expect("no panic").push(receiver);
                let (from, to) = (answers.0.expect("a clone"), answers.1.expect("a clone"));
                thread::spawn(move || sender.send(carry(from, to)));
            }
        });
        Self { addr, said }
    }

    pub fn port(&self) -> String {
        self.addr.port().to_string()
    }

    /// All that the server has said, a connection after the other, each to its end; escaped, so that
    /// it can be compared, and read where it differs.
    #[track_caller]
    pub fn heard(&self) -> String {
        let said = self.said.lock().expect("no panic").split_off(0);
        let all = said.iter().map(|said| said.recv_timeout(PATIENCE).expect("it ends"));
        all.map(|said| said.escape_ascii().to_string()).collect()
    }
}

/// One direction, to its end; all that went through.
fn carry(mut from: TcpStream, mut to: TcpStream) -> Vec<u8> {
    let (mut all, mut part) = (Vec::new(), [0; 4096]);
    while let Some(len) = from.read(&mut part).ok().filter(|len| *len > 0) {
        all.extend_from_slice(&part[..len]);
        if to.write_all(&part[..len]).is_err() {
            break;
        }
    }
    // Either may have gone already.
    let _ = to.shutdown(Shutdown::Write);
    all
}
