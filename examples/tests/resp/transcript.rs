//! Transcripts: what a client says, and what it is answered.

use asyncore_runtime::testing::Session;
use std::cell::RefCell;
use std::rc::Rc;

use crate::protocol::Client;
use crate::server::Server;

/// What is said, and what is answered to it.
pub type Exchanges = &'static [(&'static str, &'static str)];

/// A test for each transcript, and a list of them all.
macro_rules! transcripts {
    ($($name:ident: $($sent:literal => $answered:literal),+;)+) => {
        $(#[test]
        fn $name() {
            $crate::transcript::check(&[$(($sent, $answered)),+]);
        })+

        /// All of them, with their names.
        pub const ALL: &[(&str, $crate::transcript::Exchanges)] =
            &[$((stringify!($name), &[$(($sent, $answered)),+])),+];
    };
}
pub(crate) use transcripts;

/// A connection to a server that holds nothing.
pub fn session() -> Session<Client> {
    let server = Rc::new(RefCell::new(Server::new()));
    let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 50_000)).into();
    Session::new(Client::new(&server, &peer, None))
}

/// What is answered, however the bytes were cut into reads.
#[track_caller]
pub fn check(exchanges: &[(&str, &str)]) {
    let sent = exchanges.iter().map(|(sent, _)| *sent).collect::<String>().into_bytes();
    let answered = exchanges.iter().map(|(_, answered)| *answered).collect::<String>();
    let answered = text(answered.as_bytes());
    // Exchange by exchange first: its failure says most.
    let mut session = session();
    for (sent, answered) in exchanges {
        session.feed(sent);
        assert_eq!(text(&session.output()), text(answered.as_bytes()), "to {sent:?}");
    }
    for cut in 0..=sent.len() {
        let (first, second) = sent.split_at(cut);
        assert_eq!(play(&[first, second]), answered, "cut at byte {cut}");
    }
    assert_eq!(play(&sent.chunks(1).collect::<Vec<_>>()), answered, "a byte at a time");
}

/// What is answered to these reads.
fn play(reads: &[&[u8]]) -> String {
    let mut session = session();
    reads.iter().for_each(|read| session.feed(read));
    text(&session.output())
}

/// Bytes, to be compared by people.
pub fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
