//! A channel with a terminator of any kind: what no attribute could choose at random.

use asyncore_runtime::{
    Channel, Error, FieldTerminator, Frame, FromFrame, Io, Piece, Result, Scan, Settings, Until,
};

use super::targets::pick;
use crate::dice::{Bytes, Dice};

#[derive(Debug, Clone)]
enum Kind {
    Bytes(Vec<u8>),
    Any,
    Len(u64),
    LenEnd(u64),
    Big(usize),
    Little(usize),
    Varint,
    Eof,
    Nothing,
    Scanned,
}

/// How a frame is handed over.
#[derive(Debug, Clone, Copy)]
enum Delivery {
    Whole,
    Pieces,
    Collected,
    Dropped,
}

/// Says what it was given, so that the cuts cannot be seen in it.
#[derive(Debug, Clone)]
pub struct Framed {
    kind: Kind,
    delivery: Delivery,
    max: usize,
    /// Of the frame under way: what was given out of one that proves too long says where it was cut.
    begun: Vec<u8>,
}

impl Framed {
    pub fn new(dice: &mut Bytes<'_>) -> Self {
        let ends: [&[u8]; 5] = [b"\n", b"\r\n", b"aa", b"aba", b"abab\r\n"];
        let kind = match dice.below(10) {
            0 => Kind::Bytes(pick(dice, &ends).to_vec()),
            1 => Kind::Any,
            2 => Kind::Len(1 + dice.below(9) as u64),
            3 => Kind::LenEnd(dice.below(9) as u64),
            4 => Kind::Big(pick(dice, &[1, 2, 4, 8])),
            5 => Kind::Little(pick(dice, &[1, 2, 4, 8])),
            6 => Kind::Varint,
            7 => Kind::Eof,
            8 => Kind::Nothing,
            _ => Kind::Scanned,
        };
        let all = [Delivery::Whole, Delivery::Pieces, Delivery::Collected, Delivery::Dropped];
        let delivery = pick(dice, &all);
        Self { kind, delivery, max: 1 + dice.below(64), begun: Vec::new() }
    }
}

/// Frames begin with one letter that says how many more there are; of some it says nothing good.
fn scan(input: &[u8]) -> Result<Scan> {
    let len = input.first().map_or(1, |first| 1 + usize::from(first % 5));
    match input.first() {
        Some(b'!') => Err(Error::BadPrefix),
        _ if input.len() < len => Ok(Scan::Need(len)),
        _ => Ok(Scan::Frame(len)),
    }
}

impl Settings for Framed {}

impl Channel for Framed {
    type Terminator = FieldTerminator;

    fn until<'a>(&'a self, _: &'a Self::Terminator) -> Until<'a, Self::Terminator> {
        let until = match &self.kind {
            Kind::Bytes(end) => Until::bytes(end),
            Kind::Any => Until::any(&[b"\n", b"\r\n", b"ab", b"abc"]),
            Kind::Len(len) => Until::len(*len),
            Kind::LenEnd(len) => Until::len(*len).end(b"\r\n"),
            Kind::Big(width) => Until::prefix_be(*width),
            Kind::Little(width) => Until::prefix_le(*width),
            Kind::Varint => Until::varint(),
            Kind::Eof => Until::eof(),
            Kind::Nothing => return Until::none().streamed(),
            Kind::Scanned => return Until::with(scan).max(self.max),
        };
        let until = until.max(self.max);
        match self.delivery {
            Delivery::Whole => until,
            Delivery::Pieces => until.streamed(),
            Delivery::Collected => until.collected(),
            Delivery::Dropped => until.discarded(),
        }
    }

    fn found_terminator(&mut self, frame: Frame<'_>, io: &mut Io<Self>) -> Result {
        if matches!(self.kind, Kind::Nothing) {
            io.push(frame.as_bytes());
            return Ok(());
        }
        let is_piece = matches!(self.delivery, Delivery::Pieces);
        let Ok(piece) = Piece::from_frame(frame);
        self.begun.extend_from_slice(piece.data);
        if piece.last || !is_piece {
            io.push(std::mem::take(&mut self.begun));
            io.push("|");
        }
        Ok(())
    }

    fn on_read(&mut self, data: Frame<'_>, _: &mut Io<Self>) -> Result {
        self.begun.extend_from_slice(data.as_bytes());
        Ok(())
    }

    fn on_error(&mut self, error: &Error, io: &mut Io<Self>) -> Result {
        self.begun.clear();
        io.push(format_args!("[{error}]"));
        Ok(())
    }
}
