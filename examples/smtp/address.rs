//! Paths and mailboxes, as RFC 5321 writes them (section 4.1.2) and limits them (4.5.3.1).

use std::net::{Ipv4Addr, Ipv6Addr};

const LOCAL_PART: usize = 64;
const DOMAIN: usize = 255;
const LABEL: usize = 63;
/// With its `<` and `>`.
const PATH: usize = 256;

/// A reverse path or a forward path, without its brackets and its source route.
#[derive(Debug, PartialEq, Eq)]
pub struct Path<'a> {
    /// Empty for `<>`.
    pub text: &'a str,
    /// What is behind its `@`.
    pub domain: Option<&'a str>,
}

#[derive(Debug, PartialEq, Eq)]
enum BadPath {
    Syntax,
    TooLong,
}

/// The path behind `keyword`, and the parameters behind that; or what is replied to a bad one.
pub fn path<'a>(
    line: &'a str,
    keyword: &str,
    syntax: &'static str,
) -> Result<(Path<'a>, &'a str), &'static str> {
    let path = argument(line, keyword).ok_or(syntax)?;
    Path::parse(path).map_err(|bad| match bad {
        BadPath::Syntax => syntax,
        BadPath::TooLong => "501 Path too long\r\n",
    })
}

/// What follows `keyword`. Spaces between are wrong, and common.
fn argument<'a>(line: &'a str, keyword: &str) -> Option<&'a str> {
    let (found, argument) = line.split_at_checked(keyword.len())?;
    found.eq_ignore_ascii_case(keyword).then(|| argument.trim_start_matches(' '))
}

/// Decimal digits; a number too large for the type is the largest it has.
pub fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

impl<'a> Path<'a> {
    /// A path at the start of `text`, and what follows it. Its brackets may be missing, as they often
    /// are.
    fn parse(text: &'a str) -> Result<(Self, &'a str), BadPath> {
        let (path, rest) = match text.strip_prefix('<') {
            Some(inner) => split(inner, '>').ok_or(BadPath::Syntax)?,
            None => split(text, ' ').unwrap_or((text, "")),
        };
        let is_bare = !text.starts_with('<');
        let is_apart = is_bare || rest.is_empty() || rest.starts_with(' ');
        if !is_apart || is_bare && path.is_empty() {
            return Err(BadPath::Syntax);
        }
        if path.len() + 2 > PATH {
            return Err(BadPath::TooLong);
        }
        Ok((Self::of(without_route(path).ok_or(BadPath::Syntax)?)?, rest.trim_matches(' ')))
    }

    fn of(text: &'a str) -> Result<Self, BadPath> {
        let (local, domain) = match split(text, '@') {
            _ if text.is_empty() => return Ok(Self { text, domain: None }),
            Some((local, domain)) => (local, Some(domain)),
            None => (text, None),
        };
        if local.len() > LOCAL_PART || domain.is_some_and(|domain| domain.len() > DOMAIN) {
            return Err(BadPath::TooLong);
        }
        if !is_local_part(local) || !domain.is_none_or(is_domain) {
            return Err(BadPath::Syntax);
        }
        Ok(Self { text, domain })
    }

    /// Whether it names somebody and no domain.
    pub fn is_local(&self) -> bool {
        !self.text.is_empty() && self.domain.is_none()
    }
}

/// Around the first `end` that stands in no quotes.
fn split(text: &str, end: char) -> Option<(&str, &str)> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let at = text.find(|char: char| {
        let is_end = char == end && !is_quoted;
        let was_escaped = std::mem::take(&mut is_escaped);
        match char {
            '"' if !was_escaped => is_quoted = !is_quoted,
            '\\' if !was_escaped => is_escaped = is_quoted,
            _ => {}
        }
        is_end
    })?;
    let (head, tail) = text.split_at_checked(at)?;
    Some((head, tail.strip_prefix(end)?))
}

/// `@one,@two:` in front says over which hosts; it is understood, and passed over (appendix C).
fn without_route(path: &str) -> Option<&str> {
    if !path.starts_with('@') {
        return Some(path);
    }
    let (route, mailbox) = path.split_once(':')?;
    let mut hosts = route.split(',').map(|host| host.strip_prefix('@'));
    (hosts.all(|host| host.is_some_and(is_domain)) && !mailbox.is_empty()).then_some(mailbox)
}

fn is_local_part(local: &str) -> bool {
    match local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(quoted) => is_quoted(quoted),
        None => local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext)),
    }
}

/// Between its quotes there is none without a backslash, and the last backslash has its character.
fn is_quoted(text: &str) -> bool {
    let mut is_escaped = false;
    let is_text = text.chars().all(|char| {
        let was_escaped = std::mem::take(&mut is_escaped);
        is_escaped = char == '\\' && !was_escaped;
        (char != '"' || was_escaped) && !char.is_control()
    });
    is_text && !is_escaped
}

/// RFC 6531 adds what is not ASCII.
fn is_atext(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char) || is_international(char)
}

fn is_international(char: char) -> bool {
    !char.is_ascii() && !char.is_control() && !char.is_whitespace()
}

pub fn is_domain(domain: &str) -> bool {
    match domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(literal) => is_address(literal),
        None => domain.split('.').all(is_label),
    }
}

fn is_label(label: &str) -> bool {
    let is_inside = |char: char| char.is_ascii_alphanumeric() || char == '-';
    let is_framed = !label.starts_with('-') && !label.ends_with('-');
    let is_text = label.chars().all(|char| is_inside(char) || is_international(char));
    !label.is_empty() && label.len() <= LABEL && is_framed && is_text
}

fn is_address(literal: &str) -> bool {
    match argument(literal, "IPv6:") {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => literal.parse::<Ipv4Addr>().is_ok(),
    }
}
