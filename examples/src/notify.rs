//! sd_notify, both ways: what a service reports to whoever has started it, systemd or its predecessor.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;

/// Where whoever has started this program hears it.
const STARTER: &str = "NOTIFY_SOCKET";

/// Where systemd does, if it has started the first of several who came one after the other.
const SUPERVISOR: &str = "SUPERVISOR_SOCKET";

/// Reports to whoever has started this program, if that wants to hear: `READY=1`.
pub fn starter(report: &str) -> io::Result<()> {
    env::var_os(STARTER).map_or(Ok(()), |socket| send(&socket, report))
}

/// Reports to systemd, if that has started this program or the first of its predecessors.
pub fn supervisor(report: &str) -> io::Result<()> {
    supervisors().map_or(Ok(()), |socket| send(&socket, report))
}

/// The command is to report here.
pub fn reports_to(command: &mut Command, socket: &Path) {
    command.env(STARTER, socket);
    if let Some(socket) = supervisors() {
        command.env(SUPERVISOR, socket);
    }
}

fn supervisors() -> Option<OsString> {
    env::var_os(SUPERVISOR).or_else(|| env::var_os(STARTER))
}

fn send(socket: &OsStr, report: &str) -> io::Result<()> {
    let sender = UnixDatagram::unbound()?;
    #[cfg(target_os = "linux")]
    if let Some(name) = socket.as_encoded_bytes().strip_prefix(b"@") {
        use std::os::linux::net::SocketAddrExt;
        let socket = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
        return sender.send_to_addr(report.as_bytes(), &socket).map(drop);
    }
    sender.send_to(report.as_bytes(), socket).map(drop)
}
