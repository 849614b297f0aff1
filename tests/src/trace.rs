//! Scenarios of the asynchat oracle, played through a channel as `#[channel]` writes it.
//!
//! A scenario is what a peer sends and what the channel does; a trace is all that can be seen of
//! it. The same scenarios go through CPython's asynchat (`tests/data/asynchat_oracle.py`), and the
//! traces must be equal, but for what [`differences`] lists.

pub mod differences;
pub mod generate;
pub mod oracle;
pub mod record;
pub mod scenario;
pub mod script;
pub mod session;
pub mod sockets;

pub use record::Trace;
pub use scenario::Scenario;

use std::io;

/// Plays a scenario over a socket and through a [`Session`](asyncore_runtime::testing::Session).
///
/// # Errors
/// The system refuses, or the two differ.
pub fn play_both(sockets: &mut sockets::Sockets, scenario: &Scenario) -> io::Result<Trace> {
    let over_socket = sockets.play(scenario)?;
    if !has_session(scenario) {
        return Ok(over_socket);
    }
    let in_memory = session::play(scenario);
    if without_sends(&over_socket) == without_sends(&in_memory) {
        return Ok(in_memory);
    }
    let (socket, session) = (over_socket.to_line(), in_memory.to_line());
    Err(io::Error::other(format!(
        "socket and session differ\nsocket:  {socket}\nsession: {session}"
    )))
}

/// A session's peer cannot be gone while answers are still written.
fn has_session(scenario: &Scenario) -> bool {
    let answers = |action: &scenario::Action| {
        matches!(action, scenario::Action::Push(_) | scenario::Action::Producer(_))
    };
    !(scenario.is_peer_gone() && scenario.all_actions().any(answers))
}

/// On a socket nobody sees how much was sent at a time.
fn without_sends(trace: &Trace) -> Trace {
    let mut trace = trace.clone();
    if let Trace::Played(played) = &mut trace {
        played.sends = None;
    }
    trace
}
