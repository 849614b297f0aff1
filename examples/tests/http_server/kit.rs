//! A site, and conversations with it in memory.

use asyncore_runtime::testing::Session;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::protocol::Http;
use crate::site::Site;

/// A folder of files, gone with it.
pub struct Www(pub PathBuf);

impl Www {
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("asyncore-www-{name}-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(folder.join("www/folder")).unwrap();
        let www = Self(folder);
        www.write("www/index.html", "<p>hello</p>\n");
        www.write("www/digits.txt", "0123456789");
        www.write("www/a b.txt", "spaced");
        www.write("www/folder/index.html", "in the folder");
        www.write("secret.txt", "secret");
        std::os::unix::fs::symlink("../secret.txt", www.0.join("www/out.txt")).unwrap();
        std::os::unix::fs::symlink("..", www.0.join("www/above")).unwrap();
        std::os::unix::fs::symlink("digits.txt", www.0.join("www/in.txt")).unwrap();
        www
    }

    pub fn write(&self, name: &str, data: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), data).unwrap();
    }

    pub fn root(&self) -> String {
        self.0.join("www").to_string_lossy().into_owned()
    }

    pub fn session(&self) -> Session<Http> {
        Session::new(Http::new(Rc::new(Site::new(&self.root()).unwrap())))
    }
}

impl Drop for Www {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What is answered to all this, in one read, and whether the connection stays.
pub fn answer(www: &Www, sent: impl AsRef<[u8]>) -> (String, bool) {
    let mut session = www.session();
    session.feed(sent.as_ref());
    let answer = String::from_utf8_lossy(&session.output()).into_owned();
    (without_dates(&answer), session.is_open())
}

/// The same for every place at which the input can be cut in two, and cut into single bytes.
#[track_caller]
pub fn every_cut(www: &Www, sent: impl AsRef<[u8]>) -> (String, bool) {
    let sent = sent.as_ref();
    let whole = answer(www, sent);
    for cut in 1..sent.len() {
        let mut session = www.session();
        let (one, two) = sent.split_at(cut);
        session.feed(one);
        if session.is_open() {
            session.feed(two);
        }
        let cut_answer = without_dates(&String::from_utf8_lossy(&session.output()));
        assert_eq!((cut_answer, session.is_open()), whole, "cut at {cut}");
    }
    let mut session = www.session();
    for byte in sent.chunks(1) {
        if session.is_open() {
            session.feed(byte);
        }
    }
    let bytewise = without_dates(&String::from_utf8_lossy(&session.output()));
    // What comes back in chunks comes back as it came.
    if !bytewise.contains("chunked") {
        assert_eq!((bytewise, session.is_open()), whole, "byte by byte");
    }
    whole
}

/// Dates are of each moment.
fn without_dates(answer: &str) -> String {
    let lines = answer.split_inclusive("\r\n").filter(|line| !line.starts_with("Date: "));
    lines.collect()
}

/// The statuses of the answers in a text.
pub fn statuses(answer: &str) -> Vec<&str> {
    let found = answer.split("HTTP/1.1 ").skip(1);
    found.map(|rest| rest.get(..3).unwrap_or_default()).collect()
}
