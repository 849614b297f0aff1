//! WebSocket (RFC 6455): how it begins, its frames, and what may be in them.

use asyncore_runtime::{Push, Scan, Sink};
use base64::prelude::{Engine, BASE64_STANDARD};
use std::convert::Infallible;

use crate::request::Upgrade;
use crate::response::Refusal;

/// A message is echoed when it is whole, so it has to be held.
pub const MOST: usize = 1 << 20;

pub const NORMAL: u16 = 1000;
pub const PROTOCOL_ERROR: u16 = 1002;
pub const BAD_TEXT: u16 = 1007;
pub const TOO_LARGE: u16 = 1009;

/// The answer to the client's key, if what it asks for is this protocol (section 4.2).
pub fn accept(upgrade: &Upgrade) -> Result<String, Refusal> {
    let is_ours = upgrade.is_meant
        && upgrade.protocol.split(',').any(|name| name.trim().eq_ignore_ascii_case("websocket"));
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

/// Takes the mask off what stands at this place of a payload.
pub fn unmask(payload: &mut [u8], mask: [u8; 4], at: usize) {
    for (place, byte) in payload.iter_mut().enumerate() {
        *byte ^= mask[(at + place) % 4];
    }
}

/// Why the peer closes, if it may say so in this way (section 7.4): the answer says the same.
pub fn close_code(payload: &[u8]) -> Result<u16, u16> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(NORMAL) } else { Err(PROTOCOL_ERROR) };
    };
    let code = u16::from_be_bytes(*code);
    let is_one = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    match std::str::from_utf8(reason) {
        _ if !is_one => Err(PROTOCOL_ERROR),
        Err(_) => Err(BAD_TEXT),
        Ok(_) => Ok(code),
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
