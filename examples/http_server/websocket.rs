//! WebSocket (RFC 6455): how it begins, its frames, and what may be in them.

use asyncore_runtime::{Push, Scan, Sink};
use base64::prelude::{Engine, BASE64_STANDARD};
use std::convert::Infallible;

use crate::request::Upgrade;
use crate::response::Refusal;

/// A message is echoed when it is whole, so it has to be held.
const MOST: usize = 1 << 20;

const NORMAL: u16 = 1000;
pub const GOING_AWAY: u16 = 1001;
pub const PROTOCOL_ERROR: u16 = 1002;
const BAD_TEXT: u16 = 1007;
const TOO_LARGE: u16 = 1009;

/// The answer to the client's key, if what it asks for is this protocol (section 4.2).
pub fn accept(upgrade: &Upgrade) -> Result<String, Refusal> {
    let names = upgrade.protocol.as_deref().unwrap_or_default();
    let is_ours = upgrade.is_meant
        && names.split(',').any(|name| name.trim().eq_ignore_ascii_case("websocket"));
    if !is_ours || upgrade.version.as_deref() != Some("13") {
        return Err(Refusal::upgrade());
    }
    let key = upgrade.key.as_deref().unwrap_or_default();
    if BASE64_STANDARD.decode(key).map_or(true, |bytes| bytes.len() != 16) {
        return Err(Refusal::bad("a bad Sec-WebSocket-Key"));
    }
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    Ok(BASE64_STANDARD.encode(digest))
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    More,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Kind {
    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// What is in front of a payload (section 5.2).
#[derive(Clone, Copy, Debug)]
pub struct Header {
    pub is_last: bool,
    pub kind: Kind,
    pub len: u64,
    pub mask: [u8; 4],
}

/// How long a header is says its second byte; the `with` function of its state.
pub fn header_end(input: &[u8]) -> Result<Scan, Infallible> {
    let Some(second) = input.get(1) else { return Ok(Scan::Need(2)) };
    Ok(Scan::Frame(match second & 0x7f {
        126 => 2 + 2 + 4,
        127 => 2 + 8 + 4,
        _ => 2 + 4,
    }))
}

impl Header {
    /// What a client may send: masked, without extensions, control frames short and whole. None if it
    /// may not.
    pub fn parse(frame: &[u8]) -> Option<Self> {
        let (first, second) = (*frame.first()?, *frame.get(1)?);
        let kind = match first & 0x0f {
            0 => Kind::More,
            1 => Kind::Text,
            2 => Kind::Binary,
            8 => Kind::Close,
            9 => Kind::Ping,
            10 => Kind::Pong,
            _ => return None,
        };
        let (lens, mask) = frame.get(2..)?.split_last_chunk::<4>()?;
        let short = u64::from(second & 0x7f);
        let len = match lens.len() {
            0 => short,
            _ => lens.iter().fold(0, |len, byte| len << 8 | u64::from(*byte)),
        };
        // The shortest way to write a length is the only one.
        let is_shortest = match lens.len() {
            2 => len > 125,
            8 => len > 0xffff && len >> 63 == 0,
            _ => true,
        };
        let is_last = first & 0x80 != 0;
        let may_be = first & 0x70 == 0
            && second & 0x80 != 0
            && is_shortest
            && (!kind.is_control() || is_last && len <= 125);
        may_be.then_some(Self { is_last, kind, len, mask: *mask })
    }
}

/// What is being read: a frame, and the message it is a part of. A control frame may come between two
/// parts.
#[derive(Default)]
pub struct Incoming {
    frame: Option<Header>,
    /// So much of its payload has come.
    received: usize,
    control: Vec<u8>,
    message: Vec<u8>,
    kind: Option<Kind>,
}

impl Incoming {
    /// A header: how long its payload is, or the code to close with.
    pub fn begin(&mut self, bytes: &[u8]) -> Result<u64, u16> {
        let header = Header::parse(bytes).ok_or(PROTOCOL_ERROR)?;
        let begins = matches!(header.kind, Kind::Text | Kind::Binary);
        let is_misplaced = match self.kind {
            Some(_) => begins,
            None => header.kind == Kind::More,
        };
        if is_misplaced {
            return Err(PROTOCOL_ERROR);
        }
        let room = MOST.saturating_sub(self.message.len()) as u64;
        if !header.kind.is_control() && header.len > room {
            return Err(TOO_LARGE);
        }
        if begins {
            self.kind = Some(header.kind);
        }
        (self.frame, self.received) = (Some(header), 0);
        Ok(header.len)
    }

    /// A piece of the payload, whose mask is taken off.
    pub fn add(&mut self, data: &[u8]) {
        let Some(header) = self.frame else { return };
        let to = if header.kind.is_control() { &mut self.control } else { &mut self.message };
        let mask = header.mask.iter().cycle().skip(self.received % 4);
        to.extend(data.iter().zip(mask).map(|(byte, mask)| byte ^ mask));
        self.received = self.received.wrapping_add(data.len());
    }

    /// The payload is whole: what is said to it, if anything is, or the code to close with.
    pub fn end(&mut self) -> Result<Option<(Kind, Vec<u8>)>, u16> {
        let Some(header) = self.frame.take() else { return Ok(None) };
        let control = std::mem::take(&mut self.control);
        match header.kind {
            Kind::Ping => Ok(Some((Kind::Pong, control))),
            Kind::Pong => Ok(None),
            Kind::Close => Err(close_code(&control)),
            Kind::Text | Kind::Binary | Kind::More if !header.is_last => Ok(None),
            Kind::Text | Kind::Binary | Kind::More => {
                let message = std::mem::take(&mut self.message);
                match self.kind.take() {
                    Some(Kind::Text) if std::str::from_utf8(&message).is_err() => Err(BAD_TEXT),
                    kind => Ok(kind.map(|kind| (kind, message))),
                }
            }
        }
    }
}

/// Why the peer closes: the answer says the same, if it may be said in this way (section 7.4).
fn close_code(payload: &[u8]) -> u16 {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { NORMAL } else { PROTOCOL_ERROR };
    };
    let code = u16::from_be_bytes(*code);
    let is_one = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    match std::str::from_utf8(reason) {
        _ if !is_one => PROTOCOL_ERROR,
        Err(_) => BAD_TEXT,
        Ok(_) => code,
    }
}

/// A frame of ours, whole and without a mask.
pub struct Frame<'a>(pub Kind, pub &'a [u8]);

impl Push for Frame<'_> {
    fn push_to(self, out: &mut Sink<'_>) {
        let Self(kind, payload) = self;
        let kind = match kind {
            Kind::More => 0,
            Kind::Text => 1,
            Kind::Binary => 2,
            Kind::Close => 8,
            Kind::Ping => 9,
            Kind::Pong => 10,
        };
        out.put(&[0x80 | kind]);
        match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
            (Ok(len @ ..=125), _) => out.put(&[len]),
            (_, Ok(len)) => {
                out.put(&[126]);
                out.put(&len.to_be_bytes());
            }
            _ => {
                out.put(&[127]);
                out.put(&(payload.len() as u64).to_be_bytes());
            }
        }
        out.put(payload);
    }
}
