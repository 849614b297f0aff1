//! A maildir: a message is written in `tmp/`, and stands in `new/` when it is complete and on the disk.

use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, SystemTime};

/// What is so old in `tmp/` belongs to nobody who is alive: as maildir(5) has it.
const ABANDONED: Duration = Duration::from_secs(36 * 3600);
/// So many messages are committed together, at most.
const GROUP: usize = 256;

pub struct Maildir {
    root: PathBuf,
    /// What ends the names of its files.
    host: String,
    /// Files made by this process.
    count: std::cell::Cell<u64>,
    commits: Option<Sender<Commit>>,
}

/// A message, and who waits for it to be safe.
struct Commit {
    draft: Draft,
    done: Box<dyn FnOnce(io::Result<()>) + Send>,
}

impl Maildir {
    /// Makes what is missing. Where `is_synced`, a message is delivered when it is on the disk;
    /// otherwise when it is with the system, which a crash of the machine may forget.
    pub fn open(root: &Path, host: &str, is_synced: bool) -> io::Result<Self> {
        for directory in ["tmp", "new", "cur"] {
            fs::create_dir_all(root.join(directory))?;
        }
        remove_abandoned(&root.join("tmp"))?;
        let commits = is_synced.then(|| committer(root.join("new"))).transpose()?;
        Ok(Self { root: root.to_owned(), host: host.to_owned(), count: 0.into(), commits })
    }

    /// A new message, which begins with these lines.
    pub fn draft(&self, lines: &impl Display) -> io::Result<Draft> {
        let name = self.name();
        let tmp = self.root.join("tmp").join(&name);
        let file = File::options().write(true).create_new(true).mode(0o600).open(&tmp)?;
        let place = self.root.join("new").join(name);
        let mut draft = Draft { file: BufWriter::new(file), tmp, place, is_placed: false, len: 0 };
        write!(draft.file, "{lines}")?;
        Ok(draft)
    }

    /// A name that nobody else gives: the moment, the process, a number of its own, the host.
    fn name(&self) -> String {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let count = self.count.replace(self.count.get() + 1);
        let (seconds, micros, host) = (now.as_secs(), now.subsec_micros(), &self.host);
        format!("{seconds}.M{micros}P{}Q{count}.{host}", std::process::id())
    }

    /// `done` is told when the message is in `new/`, or will never be. It may run in another thread.
    pub fn deliver(&self, mut draft: Draft, done: impl FnOnce(io::Result<()>) + Send + 'static) {
        match &self.commits {
            // If nobody takes it, `done` is dropped: then nothing was delivered.
            Some(commits) => drop(commits.send(Commit { draft, done: Box::new(done) })),
            None => done(draft.file.flush().and_then(|()| draft.place())),
        }
    }
}

fn remove_abandoned(tmp: &Path) -> io::Result<()> {
    for entry in fs::read_dir(tmp)? {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > ABANDONED {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// A thread that waits for the disk, so that the loop does not.
fn committer(new: PathBuf) -> io::Result<Sender<Commit>> {
    let (sender, receiver) = mpsc::channel();
    let new = File::open(new)?;
    thread::Builder::new().name("commit".to_owned()).spawn(move || commit(&new, &receiver))?;
    Ok(sender)
}

/// Those who come while a group is committed are the next one. Each message is on the disk before it
/// has a name in `new/`, and all their names are before anybody is told.
fn commit(new: &File, commits: &Receiver<Commit>) {
    while let Ok(first) = commits.recv() {
        let rest = commits.try_iter().take(GROUP - 1);
        let group: Vec<_> = std::iter::once(first).chain(rest).collect();
        let placed = group.into_iter().map(|Commit { mut draft, done }| (draft.sync(), done));
        let placed: Vec<_> = placed.collect();
        let named = new.sync_all().map_err(|error| error.kind());
        for (placed, done) in placed {
            done(placed.and(named.map_err(io::Error::from)));
        }
    }
}

/// A message on its way. One that is dropped was never there.
pub struct Draft {
    file: BufWriter<File>,
    tmp: PathBuf,
    place: PathBuf,
    is_placed: bool,
    len: u64,
}

impl Draft {
    /// The bytes of its text, as they were sent.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// In a file a line ends with LF.
    pub fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.len += line.len() as u64 + 2;
        self.file.write_all(line)?;
        self.file.write_all(b"\n")
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        self.place()
    }

    /// A rename is all or nothing, and leaves one of it.
    fn place(&mut self) -> io::Result<()> {
        fs::rename(&self.tmp, &self.place)?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.is_placed {
            // What cannot be removed is, 36 hours later.
            let _ = fs::remove_file(&self.tmp);
        }
    }
}
