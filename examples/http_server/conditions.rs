//! Conditions and ranges: what the client has already, and which part it wants (RFC 9110, sections 13 and
//! 14).

use std::time::{Duration, SystemTime};

use crate::request::{Conditions, Method};

/// More parts than this, or parts that overlap, are no way to read a file: then it is sent whole.
const PARTS: usize = 16;

/// What a file is known by.
pub struct Version {
    pub etag: String,
    /// To the second, as dates in heads are.
    pub modified: SystemTime,
}

impl Version {
    pub fn new(len: u64, modified: SystemTime) -> Self {
        let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let etag = format!("\"{:x}-{len:x}\"", since.as_nanos());
        // Nothing says that it was changed later than now (RFC 9110, section 8.8.2.1).
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let seconds = since.min(now).as_secs();
        Self { etag, modified: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) }
    }
}

/// What is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Whole,
    /// From and up to, which is not part of it.
    Parts(Vec<(u64, u64)>),
    NotModified,
    /// 412: somebody has changed it.
    Changed,
    /// 416: there is no such part.
    OutOfRange,
}

/// The order of section 13.2.2.
pub fn judge(conditions: &Conditions, version: &Version, len: u64, method: Method) -> Verdict {
    let is_later =
        |date: &String| httpdate::parse_http_date(date).is_ok_and(|date| version.modified > date);
    let has_changed = match (&conditions.if_match, &conditions.if_unmodified_since) {
        (Some(tags), _) => !lists(tags, &version.etag, false),
        (None, Some(date)) => is_later(date),
        (None, None) => false,
    };
    if has_changed {
        return Verdict::Changed;
    }
    let is_known = match (&conditions.if_none_match, &conditions.if_modified_since) {
        (Some(tags), _) => lists(tags, &version.etag, true),
        (None, Some(date)) => httpdate::parse_http_date(date).is_ok() && !is_later(date),
        (None, None) => false,
    };
    if is_known {
        return Verdict::NotModified;
    }
    match &conditions.range {
        Some(range) if method == Method::Get && is_for(conditions.if_range.as_ref(), version) => {
            parts(range, len)
        }
        _ => Verdict::Whole,
    }
}

/// Whether a list of tags has this one. A weak tag is as good as a strong one where nothing but the
/// sense of it counts.
fn lists(tags: &str, etag: &str, weakly: bool) -> bool {
    let mut rest = tags;
    while let Some((is_weak, tag, behind)) = first_tag(rest) {
        if tag == etag && (weakly || !is_weak) {
            return true;
        }
        rest = behind;
    }
    tags == "*"
}

/// Whether it is weak, the tag with its quotes, in which a comma is no end, and what is behind it.
fn first_tag(list: &str) -> Option<(bool, &str, &str)> {
    let list = list.trim_start_matches([' ', '\t', ',']);
    let (is_weak, list) = list.strip_prefix("W/").map_or((false, list), |list| (true, list));
    let len = list.strip_prefix('"')?.find('"')? + 2;
    list.split_at_checked(len).map(|(tag, behind)| (is_weak, tag, behind))
}

/// `If-Range`: the part is of use only together with the others of the same version.
fn is_for(if_range: Option<&String>, version: &Version) -> bool {
    if_range.is_none_or(|expected| {
        *expected == version.etag
            || httpdate::parse_http_date(expected).is_ok_and(|date| date == version.modified)
    })
}

/// `bytes=0-499,-500`. What is no range is as if it was not there.
fn parts(range: &str, len: u64) -> Verdict {
    let list = match range.split_once('=') {
        Some((unit, list)) if unit.eq_ignore_ascii_case("bytes") => list,
        _ => return Verdict::Whole,
    };
    let mut parts = Vec::new();
    for part in list.split(',').map(|part| part.trim_matches([' ', '\t'])) {
        let Some(bounds) = bounds(part, len) else { return Verdict::Whole };
        parts.extend(bounds);
        if parts.len() > PARTS {
            return Verdict::Whole;
        }
    }
    let overlap = parts.iter().enumerate().any(|(at, part)| {
        parts.iter().skip(at + 1).any(|other| part.0 < other.1 && other.0 < part.1)
    });
    match parts.len() {
        0 => Verdict::OutOfRange,
        _ if overlap => Verdict::Whole,
        _ => Verdict::Parts(parts),
    }
}

/// None if it is no range; none within if nothing is there.
fn bounds(part: &str, len: u64) -> Option<Option<(u64, u64)>> {
    let (first, last) = part.split_once('-')?;
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    if first.is_empty() {
        let last = number(last)?;
        return Some((last > 0 && len > 0).then(|| (len.saturating_sub(last), len)));
    }
    let first = number(first)?;
    let end = if last.is_empty() { len } else { number(last)?.saturating_add(1).min(len) };
    if !last.is_empty() && number(last)? < first {
        return None;
    }
    Some((first < len).then_some((first, end)))
}
