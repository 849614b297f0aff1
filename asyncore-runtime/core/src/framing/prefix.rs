//! Lengths in front of a payload.

use super::until::Prefix;
use crate::vocabulary::error::{Error, Result};

impl Prefix {
    /// The prefix's own length and the one it says, once it is all there.
    pub(super) fn read(self, input: &[u8]) -> Result<Option<(usize, u64)>> {
        let shift = |len: u64, byte: &u8| (len << 8) | u64::from(*byte);
        match self {
            Self::Big(width) => {
                Ok(input.get(..width).map(|bytes| (width, bytes.iter().fold(0, shift))))
            }
            Self::Little(width) => {
                Ok(input.get(..width).map(|bytes| (width, bytes.iter().rev().fold(0, shift))))
            }
            Self::Varint => read_varint(input),
        }
    }
}

/// LEB128, as protobuf has it: 10 bytes at most, the last of them 0 or 1.
fn read_varint(input: &[u8]) -> Result<Option<(usize, u64)>> {
    let (mut len, mut shift) = (0, 0);
    for (at, byte) in input.iter().take(10).enumerate() {
        if at == 9 && *byte > 1 {
            break;
        }
        len |= u64::from(byte & 0x7f).wrapping_shl(shift);
        shift = shift.saturating_add(7);
        if byte & 0x80 == 0 {
            return Ok(Some((at.saturating_add(1), len)));
        }
    }
    if input.len() < 10 {
        Ok(None)
    } else {
        Err(Error::BadPrefix)
    }
}
