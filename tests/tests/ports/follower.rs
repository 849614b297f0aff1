//! Logs over HTTP on a Unix socket, as supervisor has them: `/log/NAME` is what is there, `/tail/NAME` goes
//! on with what is written later. The producer that has nothing yet says so, and is asked again.

use asyncore_runtime::{channel, Io};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::task::Poll;
use std::time::Duration;

const OK: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
const BAD: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

/// How often a log is looked at that had nothing new.
const AGAIN: Duration = Duration::from_millis(50);

/// The most that is read at a time.
const PART: u64 = 16 * 1024;

/// It is time to look again.
struct Look;

#[channel(stopped_timeout = "never")]
pub struct Logs {
    folder: PathBuf,
}

#[channel]
impl Logs {
    #[terminator(b"\r\n\r\n", max = 4096)]
    fn request(&mut self, head: &str, io: &mut Io<Self>) -> &'static str {
        let path = head.strip_prefix("GET /").and_then(|rest| rest.split(' ').next());
        let Some((kind @ ("log" | "tail"), name)) = path.and_then(|path| path.split_once('/'))
        else {
            return BAD;
        };
        if name.contains('/') || name.starts_with('.') {
            return BAD;
        }
        let Ok(mut log) = Log::open(self.folder.join(name)) else { return NOT_FOUND };
        let is_followed = kind == "tail";
        io.push(OK);
        io.push_with_producer(move |_: &mut Self, io: &mut Io<Self>| log.more(is_followed, io));
        ""
    }

    #[on_timer]
    fn look(_: Look, io: &mut Io<Self>) {
        io.wake_producer();
    }
}

impl Logs {
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }
}

/// A log that is read, under whatever name its writer goes on.
struct Log {
    path: PathBuf,
    file: File,
    at: u64,
    is_over: bool,
}

impl Log {
    fn open(path: PathBuf) -> io::Result<Self> {
        let file = File::open(&path)?;
        Ok(Self { path, file, at: 0, is_over: false })
    }

    /// The next chunk; what has no end ends with the client.
    fn more(&mut self, is_followed: bool, io: &mut Io<Logs>) -> io::Result<Poll<Option<Vec<u8>>>> {
        let part = self.read()?;
        if !part.is_empty() {
            return Ok(Poll::Ready(Some(chunk(&part))));
        }
        if is_followed {
            self.turn_over()?;
            io.set_timer(AGAIN, Look);
            return Ok(Poll::Pending);
        }
        let is_told = std::mem::replace(&mut self.is_over, true);
        Ok(Poll::Ready((!is_told).then(|| chunk(b""))))
    }

    fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut part = Vec::new();
        self.file.seek(SeekFrom::Start(self.at))?;
        self.file.by_ref().take(PART).read_to_end(&mut part)?;
        self.at += part.len() as u64;
        Ok(part)
    }

    /// A log that is shorter than it was, or another, begins anew.
    fn turn_over(&mut self) -> io::Result<()> {
        let (ours, there) = (self.file.metadata()?, fs::metadata(&self.path));
        if ours.len() < self.at {
            self.at = 0;
        } else if there.is_ok_and(|there| (there.dev(), there.ino()) != (ours.dev(), ours.ino())) {
            *self = Self::open(std::mem::take(&mut self.path))?;
        }
        Ok(())
    }
}

fn chunk(data: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat()
}
