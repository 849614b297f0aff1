// cargo run --release --example restart      then: kill -USR2 PID
//! Lines, and who has echoed them: a server whose successor takes over at SIGUSR2, and nobody is cut off.
//!
//! Its socket comes from whoever has started it, if that is systemd (`LISTEN_FDS`) or its predecessor,
//! who does as systemd does. So nothing is refused while one goes and the next one comes: connections
//! wait in the one queue that both have. It serves on if no successor reports that it is there.
use asyncore_examples::{about, arguments, notify, DRAIN};
use asyncore_runtime::{channel, signals::SIGUSR2, Io, Map};
use listenfd::ListenFd;
use std::cell::Cell;
use std::net::TcpListener;
use std::os::{fd::OwnedFd, unix::net::UnixDatagram};
use std::path::PathBuf;
use std::process::{id, Child, Command};
use std::rc::Rc;
use std::time::Duration;
use std::{env, fs, io};

/// How long a successor may take to report.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(100);

#[channel]
struct Lines {
    echoed: Rc<Cell<u64>>,
}

#[channel]
impl Lines {
    #[terminator(b"\r\n")]
    fn line(&mut self, line: &str) -> String {
        self.echoed.set(self.echoed.get() + 1);
        format!("{} {line}\r\n", id())
    }
}

/// One that was started, and has not reported yet: what it reports is a datagram.
#[channel]
struct Successor {
    process: Child,
    reports: PathBuf,
    waited: Duration,
}

struct Look;

#[channel]
impl Successor {
    #[on_read]
    fn reported(&mut self, report: &[u8], io: &mut Io<Self>) -> io::Result<()> {
        if report.split(|byte| *byte == b'\n').any(|line| line == b"READY=1") {
            println!("{} takes over from {}", self.process.id(), id());
            io.close();
            io.drain(DRAIN);
            notify::supervisor(&format!("MAINPID={}", self.process.id()))?;
        }
        Ok(())
    }

    #[on_timer]
    fn look(&mut self, _: Look, io: &mut Io<Self>) -> io::Result<()> {
        self.waited += LOOK;
        if let Some(status) = self.process.try_wait()? {
            eprintln!("the successor has ended ({status}): {} serves on", id());
            io.close();
        } else if self.waited >= PATIENCE {
            eprintln!("the successor has not reported within {PATIENCE:?}: {} serves on", id());
            self.process.kill()?;
            self.process.wait()?;
            io.close();
        } else {
            io.set_timer(LOOK, Look);
        }
        Ok(())
    }

    #[on_close]
    fn done(&mut self) {
        // Its successor may have one of its own already, elsewhere.
        let _ = fs::remove_file(&self.reports);
    }
}

/// Starts a successor, which has the socket as its stdin, and hears what it reports.
fn start(map: &mut Map, listener: &TcpListener, command: &[String]) -> io::Result<()> {
    if !map.keys::<Successor>().is_empty() {
        return Err(io::Error::other("one is starting already"));
    }
    let (program, arguments) = command.split_first().ok_or(io::ErrorKind::NotFound)?;
    let reports = env::temp_dir().join(format!("restart-{}", id()));
    // Before it starts, so that nothing it reports is too early.
    let socket = UnixDatagram::bind(&reports)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(OwnedFd::from(listener.try_clone()?));
    command.env("LISTEN_FDS", "1").env("LISTEN_FDS_FIRST_FD", "0").env_remove("LISTEN_PID");
    notify::reports_to(&mut command, &reports);
    let process = command.spawn().inspect_err(|_| drop(fs::remove_file(&reports)))?;
    let successor = Successor { process, reports, waited: Duration::ZERO };
    let successor = map.datagram(socket, successor)?;
    map.tell(successor, |_, io| {
        io.set_timer(LOOK, Look);
    });
    Ok(())
}

fn main() -> asyncore_examples::Result {
    let mut arguments = arguments("[ADDRESS [SUCCESSOR [ARGUMENT...]]]", 0..=usize::MAX);
    if arguments.is_empty() {
        arguments.push("127.0.0.1:8080".to_owned());
    }
    let mut successor = arguments.split_off(1);
    let address = arguments.remove(0);
    if successor.is_empty() {
        successor = vec![env::current_exe()?.to_string_lossy().into_owned(), address.clone()];
    }
    let listener = match ListenFd::from_env().take_tcp_listener(0)? {
        Some(given) => given,
        None => TcpListener::bind(&address).map_err(about(&address))?,
    };

    let mut map = Map::new()?;
    let echoed = Rc::new(Cell::new(0));
    let count = Rc::clone(&echoed);
    let at = map.listen(listener.try_clone()?, move |_peer| Lines { echoed: Rc::clone(&count) })?;
    map.on_signal(SIGUSR2, move |map| {
        if let Err(error) = start(map, &listener, &successor) {
            eprintln!("no successor: {error}");
        }
    })?;
    println!("listening on {}", at.local_addr());
    notify::starter("READY=1")?;
    map.until_signal(DRAIN)?;
    println!("{} has echoed {} lines", id(), echoed.get());
    Ok(())
}
