//! The lines that a message gets on its way in (RFC 5321, section 4.4), as they stand in a file.

use std::fmt;
use std::net::SocketAddr;
use std::time::SystemTime;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Where a message comes from, where it goes, and how it came.
pub struct Trace<'a> {
    pub from: &'a str,
    pub to: &'a [String],
    /// What the client calls itself.
    pub client: &'a str,
    pub peer: Option<SocketAddr>,
    pub server: &'a str,
    pub is_extended: bool,
    pub is_utf8: bool,
    pub is_tls: bool,
    pub is_authenticated: bool,
}

impl fmt::Display for Trace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Return-Path: <{}>", self.from)?;
        for to in self.to {
            writeln!(f, "Delivered-To: {to}")?;
        }
        let peer = self.peer.map_or("unknown".to_owned(), |peer| format!("[{}]", peer.ip()));
        writeln!(f, "Received: from {} ({peer})", self.client)?;
        let tls = if self.is_tls { "S" } else { "" };
        let auth = if self.is_authenticated { "A" } else { "" };
        writeln!(f, "\tby {} with {}{tls}{auth}; {}", self.server, self.protocol(), now())
    }
}

impl Trace<'_> {
    /// The beginning of its name, in RFC 3848 and RFC 6531.
    fn protocol(&self) -> &'static str {
        match self {
            Self { is_extended: false, .. } => "SMTP",
            Self { is_utf8: true, .. } => "UTF8SMTP",
            _ => "ESMTP",
        }
    }
}

/// The date as a header has it (RFC 5322, section 3.3).
fn now() -> String {
    at(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs())
}

/// So many seconds after 1970 began.
fn at(seconds: u64) -> String {
    let (days, second) = (seconds / 86400, seconds % 86400);
    let (year, month, day) = civil(days);
    let weekday = DAYS[(days % 7) as usize];
    let month = MONTHS[month as usize];
    let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
    format!("{weekday}, {day} {month} {year} {hours:02}:{minutes:02}:{seconds:02} +0000")
}

/// Year, month from 0, and day. Years that begin with March have the odd day at their end, and repeat
/// every 400.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // since the first of March of the year 0
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // from March
    let day = day - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year + u64::from(month >= 10);
    (year, (month + 2) % 12, day)
}
