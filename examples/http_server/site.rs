//! What all connections share.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::pool::Pool;

pub struct Site {
    /// Where the files are; nothing outside of it is served.
    pub root: PathBuf,
    pub pool: Pool,
    /// The second that the date is of, and the date.
    second: Cell<u64>,
    date: RefCell<String>,
}

impl Site {
    pub fn new(root: &str) -> io::Result<Self> {
        let root = std::fs::canonicalize(root).map_err(asyncore_examples::about(root))?;
        Ok(Self { root, pool: Pool::new()?, second: Cell::new(0), date: RefCell::default() })
    }

    /// Now, as `Date` has it: written once a second.
    pub fn with_date<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        let now = SystemTime::now();
        let second = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if self.second.replace(second) != second {
            *self.date.borrow_mut() = httpdate::fmt_http_date(now);
        }
        f(self.date.borrow().as_bytes())
    }
}
