//! Transcripts: what a client says, and what it is answered.

use asyncore_runtime::testing::Session;
use std::cell::RefCell;
use std::rc::Rc;

use crate::protocol::Client;
use crate::server::Server;
use crate::transcripts::every_cut;
pub use crate::transcripts::text;
pub(crate) use crate::transcripts::transcripts;

/// What is said, and what is answered to it.
pub type Exchanges = &'static [(&'static str, &'static str)];

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
    // Exchange by exchange first: its failure says most.
    let mut session = session();
    for (sent, answered) in exchanges {
        session.feed(sent);
        assert_eq!(text(&session.output()), text(answered.as_bytes()), "to {sent:?}");
    }
    every_cut(self::session, &sent, answered.as_bytes());
}
