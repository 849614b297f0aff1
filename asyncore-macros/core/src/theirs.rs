//! In: an attribute that is none of ours. Out: the one of ours that was meant.

use syn::ext::IdentExt;

use crate::events;
use crate::words::{self, distance};

/// What asyncore, asynchat, asyncio and others call our attributes.
const THEIRS: &[(&str, &str)] = &[
    ("found_terminator", "terminator"),
    ("set_terminator", "terminator"),
    ("get_terminator", "terminator"),
    ("line_received", "terminator"),
    ("lineReceived", "terminator"),
    ("on_line", "terminator"),
    ("on_frame", "terminator"),
    ("on_message", "terminator"),
    ("collect_incoming_data", "on_read"),
    ("handle_read", "on_read"),
    ("handle_read_event", "on_read"),
    ("data_received", "on_read"),
    ("dataReceived", "on_read"),
    ("datagram_received", "on_read"),
    ("datagramReceived", "on_read"),
    ("on_data", "on_read"),
    ("on_receive", "on_read"),
    ("on_recv", "on_read"),
    ("on_readable", "on_read"),
    ("handle_connect", "on_connect"),
    ("handle_connect_event", "on_connect"),
    ("connection_made", "on_connect"),
    ("connectionMade", "on_connect"),
    ("on_open", "on_connect"),
    ("on_connected", "on_connect"),
    ("on_connection", "on_connect"),
    ("on_handshake", "on_tls"),
    ("on_secure", "on_tls"),
    ("handle_accept", "on_accepted"),
    ("handle_accepted", "on_accepted"),
    ("on_accept", "on_accepted"),
    ("handle_write", "on_write"),
    ("handle_write_event", "on_write"),
    ("on_writable", "on_write"),
    ("on_drain", "on_write"),
    ("resume_writing", "on_write"),
    ("handle_expt", "on_expt"),
    ("handle_expt_event", "on_expt"),
    ("on_urgent", "on_expt"),
    ("on_oob", "on_expt"),
    ("eof_received", "on_eof"),
    ("on_end", "on_eof"),
    ("on_shutdown", "on_eof"),
    ("on_ping", "on_idle"),
    ("on_keepalive", "on_idle"),
    ("handle_error", "on_error"),
    ("on_failure", "on_error"),
    ("handle_close", "on_close"),
    ("connection_lost", "on_close"),
    ("connectionLost", "on_close"),
    ("on_closed", "on_close"),
    ("on_disconnect", "on_close"),
    ("on_disconnected", "on_close"),
    ("handle_timer", "on_timer"),
    ("on_timeout", "on_timer"),
    ("on_tick", "on_timer"),
    ("on_interval", "on_timer"),
    ("wants_read", "readable"),
    ("wants_write", "writable"),
    ("refill_buffer", "producer"),
];

/// The attribute of ours that others call so.
pub(crate) fn theirs(name: &str) -> Option<&'static str> {
    THEIRS.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours)
}

/// The attribute that was meant by one of this name, which is none of ours.
pub(crate) fn misnamed(name: &str) -> Option<&'static str> {
    let is_known = name == "channel" || words::LANGUAGE.contains(&name);
    if is_known || events::HELPERS.contains(&name) {
        return None;
    }
    theirs(name).or_else(|| events::HELPERS.iter().copied().find(|helper| is_slip(name, helper)))
}

/// The same for a path that may be of ours: one word, or behind the runtime's name.
pub(crate) fn misnamed_helper(path: &syn::Path) -> Option<&'static str> {
    let is_ours = path.segments.len() == 1
        || path.segments.first().is_some_and(|first| first.ident == "asyncore_runtime");
    let last = path.segments.last().filter(|_| is_ours)?;
    misnamed(&last.ident.unraw().to_string())
}

/// One letter too many, too few or another, two exchanged, or another way to join the words: what
/// is further off may be an attribute of somebody else.
fn is_slip(name: &str, helper: &str) -> bool {
    if name.len().abs_diff(helper.len()) > 3 {
        return false;
    }
    let plain = |text: &str| text.to_lowercase().replace('_', "");
    let count = |text: &str, char| text.matches(char).count();
    let same_letters = || name.chars().all(|char| count(name, char) == count(helper, char));
    match distance(name, helper) {
        0 | 1 => true,
        2 => plain(name) == plain(helper) || name.len() == helper.len() && same_letters(),
        _ => plain(name) == plain(helper),
    }
}
