//! The trace: what can be seen of a scenario that was played.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io;

/// What can be seen of a scenario that was played; as the oracle writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Trace {
    /// The channel refused to be built, or its output to be queued.
    Rejected { events: Vec<Event>, rejected: bool },
    /// The scenario went to its end.
    Played(Played),
}

/// A scenario that went to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Played {
    pub events: Vec<Event>,
    /// Hex of what was collected after the last frame.
    pub leftover: String,
    /// Hex of what was read and never handed over.
    pub held: String,
    pub terminator: Value,
    /// Hex of all the peer received.
    pub sent: String,
    /// Whether the peer saw the end.
    pub eof: bool,
    /// Whether the channel lives.
    pub open: bool,
    /// Bytes that were not even written, as the channel had closed.
    pub unread: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collects: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sends: Option<Vec<usize>>,
}

/// `["found", hex]`, `["close"]`, or `["error", type]`.
pub type Event = Vec<String>;

/// The frame that was found.
#[must_use]
pub fn found(payload: &[u8]) -> Event {
    vec!["found".into(), hex(payload)]
}

/// asyncore's `handle_close`.
#[must_use]
pub fn close() -> Event {
    vec!["close".into()]
}

/// asyncore's `handle_error`, with the name of the exception.
#[must_use]
pub fn error(name: &str) -> Event {
    vec!["error".into(), name.into()]
}

/// Two digits a byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Trace {
    /// The trace of what did not even begin.
    #[must_use]
    pub fn rejected(name: &str) -> Self {
        Self::Rejected { events: vec![error(name)], rejected: true }
    }

    /// The line Python's `json.dumps` writes, to the byte.
    #[must_use]
    pub fn to_line(&self) -> String {
        let mut line = Vec::new();
        let mut json = serde_json::Serializer::with_formatter(&mut line, AsPython);
        // Nothing in a trace has no JSON, and a vector takes everything.
        let _ = self.serialize(&mut json);
        String::from_utf8_lossy(&line).into_owned()
    }
}

/// A space after each comma and colon.
struct AsPython;

impl serde_json::ser::Formatter for AsPython {
    fn begin_array_value<W: io::Write + ?Sized>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: io::Write + ?Sized>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }
}
