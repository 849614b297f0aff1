//! Records with a length, flags and a checksum that goes on from the one before: as many programs of
//! asynchat had it, a `struct` read by one numeric terminator, and the rest by another.
//!
//! A record is `!IBI`, length, flags and checksum, and then its payload. A message is one record or
//! several, all but the last with `MORE`; it is answered in capitals. The checksum is Adler-32, begun with
//! what the one of the record before came to, in each direction.

use asyncore_runtime::{channel, Error, FromFrame, Io};

const MORE: u8 = 1;
const BYE: u8 = 2;
const WRONG: u8 = 128;

/// The most that one record of ours has.
const MOST: usize = 1000;

/// `zlib.adler32(data, start)`.
pub fn adler32(start: u32, data: &[u8]) -> u32 {
    let sums = |(low, high): (u32, u32), byte: &u8| {
        let low = (low + u32::from(*byte)) % 65521;
        (low, (high + low) % 65521)
    };
    let (low, high) = data.iter().fold((start & 0xffff, start >> 16), sums);
    high << 16 | low
}

#[derive(Default)]
struct Head {
    len: u32,
    flags: u8,
    sum: u32,
}

impl<'a> FromFrame<'a> for Head {
    type Error = asyncore_runtime::WrongLength;

    fn from_frame(frame: asyncore_runtime::Frame<'a>) -> Result<Self, Self::Error> {
        let [a, b, c, d, flags, sum @ ..] = <[u8; 9]>::from_frame(frame)?;
        let len = u32::from_be_bytes([a, b, c, d]);
        Ok(Self { len, flags, sum: u32::from_be_bytes(sum) })
    }
}

#[channel(max_length = 65536)]
pub struct Records {
    head: Head,
    message: Vec<u8>,
    /// What the checksums have come to.
    theirs: u32,
    ours: u32,
}

#[channel]
impl Records {
    #[terminator(len = 9)]
    fn head(&mut self, head: Head, io: &mut Io<Self>) {
        io.set_terminator(RecordsTerminator::Payload(u64::from(head.len)));
        self.head = head;
    }

    #[terminator(len, next = head)]
    fn payload(&mut self, payload: &[u8], io: &mut Io<Self>) {
        self.theirs = adler32(self.theirs, payload);
        if self.theirs != self.head.sum {
            return self.end(WRONG, "checksum", io);
        }
        self.message.extend_from_slice(payload);
        if self.message.len() > io.limits().max_length {
            return self.end(WRONG, "too long", io);
        }
        if self.head.flags & MORE == 0 {
            let message = std::mem::take(&mut self.message).to_ascii_uppercase();
            self.answer(&message, io);
        }
        if self.head.flags & BYE != 0 {
            self.end(BYE, "", io);
        }
    }

    #[on_error]
    fn failed(&mut self, error: &Error, io: &mut Io<Self>) {
        if matches!(error, Error::LengthTooLarge { .. }) {
            self.end(WRONG, "too long", io);
        }
    }
}

impl Records {
    pub fn new() -> Self {
        Self { head: Head::default(), message: Vec::new(), theirs: 1, ours: 1 }
    }

    fn answer(&mut self, message: &[u8], io: &mut Io<Self>) {
        let mut rest = message;
        while rest.len() > MOST {
            let (part, more) = rest.split_at(MOST);
            self.record(MORE, part, io);
            rest = more;
        }
        self.record(0, rest, io);
    }

    fn record(&mut self, flags: u8, payload: &[u8], io: &mut Io<Self>) {
        self.ours = adler32(self.ours, payload);
        io.push((payload.len() as u32).to_be_bytes());
        io.push([flags]);
        io.push(self.ours.to_be_bytes());
        io.push(payload);
    }

    fn end(&mut self, flags: u8, why: &str, io: &mut Io<Self>) {
        self.record(flags, why.as_bytes(), io);
        io.close_when_done();
    }
}
