//! A mail server of one test, in memory, with a maildir of its own.

use asyncore_runtime::testing::Session;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::auth::Users;
use crate::maildir::Maildir;
use crate::protocol::Smtp;
use crate::site::Site;

/// A directory that is removed when dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("smtp.{}.{count}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn text(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }

    /// What is in a directory of the maildir: each file without what the server put in front.
    pub fn files(&self, directory: &str) -> Vec<String> {
        self.raw(directory).iter().map(|text| after_trace(text).to_owned()).collect()
    }

    pub fn raw(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.0.join(directory)).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        // Names have no order but that of their numbers.
        paths.sort_by_key(|path| number(path));
        let texts = paths.iter().map(|path| fs::read(path).unwrap());
        texts.map(|text| String::from_utf8_lossy(&text).into_owned()).collect()
    }
}

/// Of `1700000000.M1P2Q3.localhost`, 3.
fn number(path: &Path) -> u64 {
    let name = path.file_name().unwrap().to_string_lossy();
    let digits = name.split('Q').nth(1).unwrap().split('.').next().unwrap();
    digits.parse().unwrap()
}

fn after_trace(text: &str) -> &str {
    let received = text.find("\nReceived: ").expect(text) + 1;
    let end = text[received..].match_indices('\n').nth(1).unwrap().0;
    &text[received + end + 1..]
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Takes mail for `example.com` and `example`; stores it at once, so that each call has its answer.
pub fn site(folder: &Folder) -> Site {
    Site {
        domains: vec!["example.com".to_owned(), "example".to_owned()],
        maildir: Maildir::open(folder.path(), "example.com", false).unwrap(),
        tls: None,
        users: Users::default(),
    }
}

/// A client that waits for each answer, and the server.
pub struct Mail {
    pub session: Session<Smtp>,
    site: Rc<Site>,
    pub folder: Folder,
}

impl Mail {
    /// After the greeting.
    pub fn new() -> Self {
        let folder = Folder::new();
        Self::with(site(&folder), folder)
    }

    pub fn with(site: Site, folder: Folder) -> Self {
        let site = Rc::new(site);
        let mut mail = Self { session: Session::new(Smtp::new(Rc::clone(&site))), site, folder };
        assert_eq!(mail.heard(), "220 example.com ESMTP\r\n");
        mail
    }

    /// Leaves without a word, and comes again.
    pub fn reconnect(&mut self) {
        self.session = Session::new(Smtp::new(Rc::clone(&self.site)));
        self.heard();
    }

    /// After these commands, each of which is taken.
    pub fn after(commands: &[&str]) -> Self {
        let mut mail = Self::new();
        for command in commands {
            let answer = mail.say(command);
            assert!(answer.starts_with(['2', '3']), "{command}: {answer}");
        }
        mail
    }

    /// Where the text of a message is expected.
    pub fn at_text() -> Self {
        Self::after(&["EHLO client", "MAIL FROM:<a@b.test>", "RCPT TO:<c@example.com>", "DATA"])
    }

    pub fn heard(&mut self) -> String {
        String::from_utf8(self.session.output()).unwrap()
    }

    /// The answer to a line.
    pub fn say(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n"))
    }

    /// The answer to these bytes.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> String {
        self.session.feed(bytes);
        self.heard()
    }

    /// The messages that were delivered.
    pub fn messages(&self) -> Vec<String> {
        self.folder.files("new")
    }
}
