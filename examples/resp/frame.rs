//! Requests as they come in: where a command ends, and the arguments it is made of.
//!
//! A command is an array of bulk strings (`*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`), or a line of words. One
//! that is all there is one frame. Of a long one that is not, what is there is a frame, so that nothing
//! is looked at twice and nothing is held twice; each argument that follows is a frame of its own.

use asyncore_runtime::Scan;
use memchr::memchr;
use std::convert::Infallible;

use crate::args::Args;
use crate::number;

/// Arguments of a command.
const MAX_ARGUMENTS: i64 = 1024 * 1024;
/// A line of words, or the line of a count or a length.
const MAX_LINE: usize = 64 * 1024;
/// Of a command longer than this not all has to be there. A bulk string longer than this is taken as
/// it comes.
const PART: usize = 16 * 1024;
/// What a frame can have at most: a line, or a part and what one read brings.
pub const MAX_FRAME: usize = 256 * 1024;

/// What is no command. The connection ends with it, as nobody knows where the next one begins.
#[derive(Debug, PartialEq, Eq)]
pub enum Violation {
    LineTooLong(&'static str),
    Count,
    Length,
    NoLength(u8),
    Quotes,
}

/// What is in a frame of a command besides its arguments.
#[derive(Default)]
pub struct Request {
    /// So many are still to come.
    pub missing: usize,
    /// The next one has so many bytes, none of which are in this frame.
    pub large: Option<usize>,
}

/// A command; the `with` function of its state.
pub fn command(input: &[u8]) -> Result<Scan, Infallible> {
    Ok(match input.first() {
        None => Scan::Need(1),
        Some(b'*') => match Walk::begin(input) {
            Ok(Some(walk)) => walk.scan(),
            Ok(None) => Scan::Need(input.len() + 1),
            Err(_) => Scan::Frame(input.len()),
        },
        Some(_) => match memchr(b'\n', &input[..input.len().min(MAX_LINE + 1)]) {
            Some(end) => Scan::Frame(end + 1),
            None if input.len() > MAX_LINE => Scan::Frame(input.len()),
            None => Scan::Need(input.len() + 1),
        },
    })
}

/// One of the arguments that were still to come; the `with` function of their state.
pub fn argument(input: &[u8]) -> Result<Scan, Infallible> {
    Ok(Walk { input, at: 0, missing: 1 }.scan())
}

/// The arguments of an array; of a long one as many as are there.
pub fn parse<'a>(frame: &'a [u8], args: &mut Args<'a>) -> Result<Request, Violation> {
    match Walk::begin(frame)? {
        Some(walk) => walk.request(args),
        None => Ok(Request::default()),
    }
}

/// As [`parse`], of an [`argument`].
pub fn parse_argument<'a>(frame: &'a [u8], args: &mut Args<'a>) -> Result<Request, Violation> {
    Walk { input: frame, at: 0, missing: 1 }.request(args)
}

/// Whether a frame is a line of words.
pub fn is_inline(frame: &[u8]) -> bool {
    frame.first() != Some(&b'*')
}

/// Goes from argument to argument of an array.
struct Walk<'a> {
    input: &'a [u8],
    at: usize,
    missing: usize,
}

enum Step<'a> {
    Argument(&'a [u8]),
    /// A long one that is not all there begins here.
    Large(usize),
    Need(usize),
    End,
}

impl<'a> Walk<'a> {
    /// Behind the `*<count>\r\n`.
    fn begin(input: &'a [u8]) -> Result<Option<Self>, Violation> {
        let Some((count, at)) = header(input, 0, "mbulk count string")? else { return Ok(None) };
        let count = count.filter(|count| *count <= MAX_ARGUMENTS).ok_or(Violation::Count)?;
        Ok(Some(Self { input, at, missing: count.max(0) as usize }))
    }

    fn scan(mut self) -> Scan {
        loop {
            match self.step() {
                Ok(Step::Argument(_)) => {}
                Ok(Step::Need(bytes)) if self.at <= PART => return Scan::Need(bytes),
                Ok(Step::End | Step::Large(_) | Step::Need(_)) => return Scan::Frame(self.at),
                // Whoever parses it sees what is wrong.
                Err(_) => return Scan::Frame(self.input.len()),
            }
        }
    }

    fn request(mut self, args: &mut Args<'a>) -> Result<Request, Violation> {
        loop {
            let large = match self.step()? {
                Step::Argument(arg) => {
                    args.push(arg.into());
                    continue;
                }
                Step::Large(len) => Some(len),
                Step::End | Step::Need(_) => None,
            };
            return Ok(Request { missing: self.missing, large });
        }
    }

    #[inline]
    fn step(&mut self) -> Result<Step<'a>, Violation> {
        if self.missing == 0 {
            return Ok(Step::End);
        }
        match self.input.get(self.at) {
            Some(b'$') => {}
            Some(other) => return Err(Violation::NoLength(*other)),
            None => return Ok(Step::Need(self.at + 1)),
        }
        let Some((len, start)) = header(self.input, self.at, "bulk count string")? else {
            return Ok(Step::Need(self.input.len() + 1));
        };
        let len = len.and_then(|len| usize::try_from(len).ok()).ok_or(Violation::Length)?;
        // What follows it is taken for its end, whatever it is, as Redis does.
        match self.input.get(start..start.saturating_add(len).saturating_add(2)) {
            Some(argument) => {
                self.at = start + len + 2;
                self.missing -= 1;
                Ok(Step::Argument(&argument[..len]))
            }
            None if len > PART => {
                self.at = start;
                Ok(Step::Large(len))
            }
            None => Ok(Step::Need(start + len + 2)),
        }
    }
}

/// The number between the byte at `at` and a `\r\n`, if it is one, and where the line ends; `None`
/// if it does not.
#[inline]
fn header(
    input: &[u8],
    at: usize,
    what: &'static str,
) -> Result<Option<(Option<i64>, usize)>, Violation> {
    let rest = input.get(at + 1..).unwrap_or(&[]);
    // Most are of one or two digits.
    let end = match rest {
        [_, b'\r', ..] => 1,
        [_, _, b'\r', ..] => 2,
        _ => match memchr(b'\r', &rest[..rest.len().min(MAX_LINE + 1)]) {
            Some(end) => end,
            None if rest.len() > MAX_LINE => return Err(Violation::LineTooLong(what)),
            None => return Ok(None),
        },
    };
    if rest.len() < end + 2 {
        return Ok(None);
    }
    Ok(Some((number::integer(&rest[..end]), at + end + 3)))
}
