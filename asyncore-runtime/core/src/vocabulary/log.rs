//! One line for what nobody handles: asyncore's `log`. To `tracing` where somebody listens
//! there, else to stderr; never more than [`PER_SECOND`] lines a second, and with nothing in them that could
//! pass for another line.

use core::fmt::Display;
use std::cell::Cell;
use std::io::Write;
use std::time::{Duration, Instant};

use crate::vocabulary::error::Error;

const PER_SECOND: u32 = 10;

thread_local! {
    /// When this second began, how many lines it had, and how many it was spared.
    static SECOND: Cell<Option<(Instant, u32, u32)>> = const { Cell::new(None) };
}

/// An error of a channel without `#[on_error]`, and whether it ends it. A peer that hung up is none
/// worth a line: asyncore took these for a close.
pub(crate) fn error(name: &str, peer: Option<&dyn Display>, error: &Error, closes: bool) {
    if error.is_disconnect() {
        return;
    }
    let end = if closes { "; closing" } else { "" };
    match peer {
        Some(peer) => line(&format_args!("{name} {peer}: {error}{end}")),
        None => line(&format_args!("{name}: {error}{end}")),
    }
}

/// One line.
pub(crate) fn line(text: &dyn Display) {
    let Some(spared) = admit() else { return };
    let text: String = text.to_string().chars().flat_map(printable).collect();
    let more = if spared == 0 { String::new() } else { format!(" ({spared} lines suppressed)") };
    #[cfg(feature = "tracing")]
    if tracing::dispatcher::has_been_set() {
        return tracing::error!(target: "asyncore", "{text}{more}");
    }
    // Whoever has closed stderr reads no log, and `eprintln!` would panic.
    let _ = writeln!(std::io::stderr(), "asyncore: {text}{more}");
}

/// Whether a line may be written, and how many were not since the last.
fn admit() -> Option<u32> {
    let now = Instant::now();
    let (began, lines, spared) = match SECOND.get() {
        Some((began, lines, spared)) if now - began < Duration::from_secs(1) => {
            (began, lines, spared)
        }
        last => (now, 0, last.map_or(0, |(.., spared)| spared)),
    };
    let is_spared = lines >= PER_SECOND;
    let left = if is_spared { spared + 1 } else { 0 };
    SECOND.set(Some((began, lines + 1, left)));
    (!is_spared).then_some(spared)
}

/// What a peer sent can be in an error's text: it must not look like a line of its own.
fn printable(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control().then(|| c.escape_default());
    let plain = escaped.is_none().then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

/// The channel's type, as its author calls it.
pub(crate) fn name<T>() -> &'static str {
    let path = core::any::type_name::<T>();
    let (base, _) = path.split_once('<').unwrap_or((path, ""));
    base.rsplit("::").next().unwrap_or(path)
}

/// Every event of a channel, as PyMOTW's logs show them: `Shout Key(1#0): handle_read() -> 7
/// bytes`.
#[cfg(feature = "tracing")]
macro_rules! trace {
    ($io:expr, $event:literal) => {
        tracing::trace!(target: "asyncore", channel = $io.type_name(), key = ?$io.key(), event = $event)
    };
    ($io:expr, $event:literal, $($detail:tt)+) => {
        tracing::trace!(
            target: "asyncore", channel = $io.type_name(), key = ?$io.key(), event = $event,
            detail = %format_args!($($detail)+)
        )
    };
}
#[cfg(not(feature = "tracing"))]
macro_rules! trace {
    ($io:expr, $event:literal $(, $($detail:tt)+)?) => {
        if false {
            let _ = (&$io, $event $(, format_args!($($detail)+))?);
        }
    };
}
pub(crate) use trace;
