//! Files: which one a path is, and reading parts of it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::rc::Rc;

use crate::conditions::Version;
use crate::response::Refusal;
use crate::target::Target;
use crate::types;

pub struct Found {
    pub file: Rc<File>,
    pub len: u64,
    pub version: Version,
    pub kind: &'static str,
}

pub enum Lookup {
    File(Found),
    /// A directory's name ends with a slash: names in its page are relative to it.
    Directory,
}

/// The file of this path, or the `index.html` of a directory.
pub fn find(root: &Path, target: &Target) -> Result<Lookup, Refusal> {
    let mut path = root.to_owned();
    path.extend(target.segments()?);
    // Where it really is: a link may lead out of the root.
    let mut path = std::fs::canonicalize(path).map_err(refusal)?;
    if !path.starts_with(root) {
        return Err(Refusal::not_found());
    }
    if path.is_dir() {
        if !target.path.ends_with('/') {
            return Ok(Lookup::Directory);
        }
        path = std::fs::canonicalize(path.join("index.html")).map_err(refusal)?;
    } else if target.path.ends_with('/') {
        return Err(Refusal::not_found());
    }
    if !path.starts_with(root) {
        return Err(Refusal::not_found());
    }
    // Looked at before it is opened: to open a pipe would wait for its writer.
    let about = std::fs::metadata(&path).map_err(refusal)?;
    if !about.is_file() {
        return Err(Refusal::not_found());
    }
    let modified = about.modified().map_err(refusal)?;
    Ok(Lookup::File(Found {
        file: Rc::new(File::open(&path).map_err(refusal)?),
        len: about.len(),
        version: Version::new(about.len(), modified),
        kind: types::of(&path.to_string_lossy()),
    }))
}

/// Who may not read it need not know that it is there.
fn refusal(error: io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput => Refusal::not_found(),
        _ => Refusal::failed(),
    }
}

/// What is read one behind the other: bytes, and parts of a file.
#[derive(Default)]
pub struct Parts(VecDeque<Part>);

enum Part {
    Bytes(io::Cursor<Vec<u8>>),
    File { file: Rc<File>, at: u64, end: u64 },
}

impl Parts {
    pub fn bytes(&mut self, bytes: impl Into<Vec<u8>>) {
        self.0.push_back(Part::Bytes(io::Cursor::new(bytes.into())));
    }

    pub fn file(&mut self, file: &Rc<File>, (at, end): (u64, u64)) {
        self.0.push_back(Part::File { file: Rc::clone(file), at, end });
    }

    pub fn len(&self) -> u64 {
        let len = |part: &Part| match part {
            Part::Bytes(bytes) => bytes.get_ref().len() as u64,
            Part::File { at, end, .. } => end - at,
        };
        self.0.iter().map(len).sum()
    }
}

impl Read for Parts {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = self.0.front_mut() {
            let read = match part {
                Part::Bytes(bytes) => bytes.read(buf)?,
                Part::File { file, at, end } => read_at(file, at, *end, buf)?,
            };
            if read > 0 || buf.is_empty() {
                return Ok(read);
            }
            self.0.pop_front();
        }
        Ok(0)
    }
}

fn read_at(file: &File, at: &mut u64, end: u64, buf: &mut [u8]) -> io::Result<usize> {
    let most = usize::try_from(end - *at).unwrap_or(usize::MAX).min(buf.len());
    if most == 0 {
        return Ok(0);
    }
    let read = file.read_at(&mut buf[..most], *at)?;
    if read == 0 {
        // Its length was said, and there is no way to take that back.
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file has become shorter"));
    }
    *at += read as u64;
    Ok(read)
}
