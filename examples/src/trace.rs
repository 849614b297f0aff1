//! `-v`: every event of every channel, a line each, as PyMOTW's logs show them.

use std::fmt::{self, Debug};
use std::io::Write;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Prints what the runtime says to stderr: what it logs and, if `verbose`, every event.
pub fn start(verbose: bool) {
    let level = if verbose { LevelFilter::TRACE } else { LevelFilter::ERROR };
    // It fails only where a subscriber was set before, and then that one prints.
    let _ = tracing::subscriber::set_global_default(Stderr { level });
}

struct Stderr {
    level: LevelFilter,
}

impl Subscriber for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "asyncore" && *metadata.level() <= self.level
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        // A trace that nobody reads is no reason to stop.
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    // The runtime has events only.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The fields of one event.
#[derive(Default)]
struct Line {
    message: Option<String>,
    channel: String,
    key: String,
    event: String,
    detail: Option<String>,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "message" => self.message = Some(text),
            "key" => self.key = text,
            "detail" => self.detail = Some(text),
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "channel" => value.clone_into(&mut self.channel),
            "event" => value.clone_into(&mut self.event),
            _ => {}
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(message) = &self.message {
            return write!(f, "asyncore: {message}");
        }
        write!(f, "{} {}: {}()", self.channel, self.key, self.event)?;
        match &self.detail {
            Some(detail) => write!(f, " -> {detail}"),
            None => Ok(()),
        }
    }
}
