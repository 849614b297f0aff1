//! A folder that is watched, and those in it, as pyinotify's notifier over asyncore did: the descriptor is
//! read by a library of its own, the loop only says when.

use asyncore_runtime::{channel, Key, Map};
use rustix::fs::inotify::{add_watch, init, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

const WANTED: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::MOVE)
    .union(WatchFlags::DELETE);

const NAMES: [(ReadFlags, &str); 5] = [
    (ReadFlags::CREATE, "created"),
    (ReadFlags::CLOSE_WRITE, "written"),
    (ReadFlags::MOVED_FROM, "moved from"),
    (ReadFlags::MOVED_TO, "moved to"),
    (ReadFlags::DELETE, "deleted"),
];

/// Who is told of each change: what it was, and where.
pub type Hear = Box<dyn FnMut(&str, &Path)>;

#[channel]
pub struct Watcher {
    inotify: OwnedFd,
    folders: HashMap<i32, PathBuf>,
    hear: Hear,
}

#[channel]
impl Watcher {
    /// Reads all that is there, by the other descriptor of the same open file.
    #[on_read]
    fn ready(&mut self) -> io::Result<()> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let inotify = self.inotify.try_clone()?;
        let mut reader = Reader::new(inotify, &mut buffer);
        loop {
            let event = match reader.next() {
                Ok(event) => event,
                Err(Errno::WOULDBLOCK) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let flags = event.events();
            if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
                return Err(io::Error::other("changes were lost"));
            }
            if flags.contains(ReadFlags::IGNORED) {
                self.folders.remove(&event.wd());
            }
            let Some(folder) = self.folders.get(&event.wd()) else { continue };
            let name = event.file_name().map(|name| name.to_string_lossy().into_owned());
            let path = folder.join(name.unwrap_or_default());
            self.changed(flags, &path)?;
        }
    }
}

impl Watcher {
    pub fn watch(map: &mut Map, folder: &Path, hear: Hear) -> io::Result<Key<Self>> {
        let inotify = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        let watched = inotify.try_clone()?;
        let mut watcher = Self { inotify, folders: HashMap::new(), hear };
        watcher.add(folder)?;
        map.add_file(watched, watcher)
    }

    /// A folder with all below it.
    fn add(&mut self, folder: &Path) -> io::Result<()> {
        let number = add_watch(&self.inotify, folder, WANTED)?;
        self.folders.insert(number, folder.to_owned());
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                self.add(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Whoever hears of a new folder can count on what is done in it.
    fn changed(&mut self, flags: ReadFlags, path: &Path) -> io::Result<()> {
        let has_come = flags.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO);
        if has_come && flags.contains(ReadFlags::ISDIR) {
            // Gone again, perhaps, before it was looked at.
            match self.add(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                result => result?,
            }
        }
        let names = NAMES.iter().filter(|(flag, _)| flags.contains(*flag));
        names.for_each(|(_, name)| (self.hear)(name, path));
        Ok(())
    }
}
