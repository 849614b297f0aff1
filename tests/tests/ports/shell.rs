//! A shell for each connection, on a terminal of its own: two channels that carry bytes for each other, one
//! of them over the master of a pty.

use asyncore_runtime::{channel, Io, Key};
use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command};
use std::time::Duration;

/// What a terminal takes for the end of its input.
const END: [u8; 1] = [4];

/// How long a shell may go on for a user who types no more, and may have gone.
pub const GRACE: Duration = Duration::from_secs(30);

/// The grace is over.
struct HangUp;

/// Who is at the terminal.
#[channel(idle_timeout = "1h")]
#[derive(Default)]
pub struct User {
    shell: Option<Key<Shell>>,
}

#[channel]
impl User {
    #[on_connect]
    fn log_in(&mut self, io: &mut Io<Self>) -> io::Result<()> {
        let (terminal, child) = start()?;
        let shell = Shell { user: io.key(), child };
        self.shell = Some(io.add_file(terminal, shell)?);
        Ok(())
    }

    #[on_read]
    fn types(&mut self, data: &[u8], io: &mut Io<Self>) {
        self.shell.iter().for_each(|shell| io.push_to(*shell, data));
    }

    /// Who types no more may still read.
    #[on_eof]
    fn ends(&mut self, io: &mut Io<Self>) {
        self.shell.iter().for_each(|shell| io.push_to(*shell, END));
        io.set_timer(GRACE, HangUp);
    }

    #[on_timer]
    fn is_gone(&mut self, _: HangUp, io: &mut Io<Self>) {
        io.close();
    }

    #[on_close]
    fn hangs_up(&mut self, io: &mut Io<Self>) {
        self.shell.iter().for_each(|shell| io.tell(*shell, |_, io| io.close()));
    }
}

/// The terminal's side of it.
#[channel]
pub struct Shell {
    user: Key<User>,
    child: Child,
}

#[channel]
impl Shell {
    #[on_read]
    fn prints(&mut self, data: &[u8], io: &mut Io<Self>) {
        io.push_to(self.user, data);
    }

    #[on_close]
    fn is_over(&mut self, io: &mut Io<Self>) {
        io.tell(self.user, |_, io| io.close_when_done());
    }
}

/// Nothing of it is left behind, however its terminal went.
impl Drop for Shell {
    fn drop(&mut self) {
        // Either fails where it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A shell, and the other side of its terminal.
fn start() -> io::Result<(OwnedFd, Child)> {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&terminal)?;
    unlockpt(&terminal)?;
    let name = ptsname(&terminal, Vec::new())?;
    let side = File::options().read(true).write(true).open(OsStr::from_bytes(name.to_bytes()))?;
    // `setsid --ctty` makes the terminal its own, so that Ctrl-C gets where it is meant to; and whoever
    // has started us in the background has had it ignored.
    let mut shell = Command::new("setsid");
    shell
        .args(["--ctty", "env", "--default-signal", "sh", "-i"])
        .env("PS1", "ready\n")
        .env("TERM", "dumb")
        .env_remove("ENV");
    shell.stdin(side.try_clone()?).stdout(side.try_clone()?).stderr(side);
    Ok((terminal, shell.spawn()?))
}
