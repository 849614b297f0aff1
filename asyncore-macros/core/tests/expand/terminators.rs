//! Every kind of terminator, and what can be said of each.

use std::time::Duration;

use asyncore_runtime::{channel, Bytes, Io, Piece, Scan};

const HEADER: u16 = 3;

fn scan(input: &[u8]) -> Result<Scan, std::io::Error> {
    Ok(match input.iter().position(|byte| *byte == 0) {
        Some(at) => Scan::Frame(at + 1),
        None => Scan::Need(input.len() + 1),
    })
}

#[channel]
pub struct Kinds;

#[channel]
impl Kinds {
    const LIMIT: usize = 80;

    /// Names the state that comes next.
    #[terminator(any(b"\n", b"\r\n"), max = Self::LIMIT, within = "250ms")]
    fn name(name: &str, io: &mut Io<Self>) {
        use KindsTerminator as To;
        io.set_terminator(match name {
            "string" => To::String,
            "boundary" => To::Boundary(Bytes::from_static(b"--")),
            "fixed" => To::Fixed,
            "header" => To::Header,
            "block" => To::Block(3),
            "small" => To::Small,
            "big" => To::Big,
            "varint" => To::Varint,
            "scanned" => To::Scanned,
            "swallowed" => To::Swallowed(4),
            "stream" => To::Stream(4),
            "tunnel" => To::Tunnel,
            _ => To::Rest,
        });
    }

    #[terminator("\r\n", within = Duration::from_secs(5), next = name)]
    fn string(&mut self, line: Vec<u8>) -> Vec<u8> {
        line
    }

    #[terminator(bytes, max = 100, next = name)]
    fn boundary(part: &[u8]) -> &[u8] {
        part
    }

    #[terminator(len = 4, next = name)]
    fn fixed(&self, record: [u8; 4]) -> Vec<u8> {
        record.to_vec()
    }

    #[terminator(len = HEADER + 1, next = name)]
    fn header(&mut self, header: &[u8]) -> Vec<u8> {
        header.to_vec()
    }

    #[terminator(len, end = b"\r\n", next = name)]
    fn block(&mut self, block: Bytes) -> Bytes {
        block
    }

    #[terminator(prefix = u8, next = name)]
    fn small(&mut self, frame: &str) -> String {
        frame.to_owned()
    }

    #[terminator(prefix = u32, le, max = 1 << 20, within = "never", next = name)]
    fn big(&mut self, io: &mut Io<Self>, frame: String) {
        io.push(frame);
    }

    #[terminator(prefix = varint, max = 4096, next = name)]
    fn varint(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        Some(frame.to_vec())
    }

    #[terminator(with = scan, max = 512, next = name)]
    fn scanned(&mut self, frame: &[u8]) -> Result<Vec<u8>, std::io::Error> {
        Ok(frame.to_vec())
    }

    #[terminator(len, discard, next = name)]
    fn swallowed(&mut self) -> &'static str {
        "gone"
    }

    #[terminator(len, next = name)]
    fn stream(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        io.push(piece.data);
    }

    #[terminator(none)]
    fn tunnel(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        io.push(piece.data);
    }

    #[terminator(eof)]
    fn rest(&mut self, rest: Vec<u8>) -> Vec<u8> {
        rest
    }
}

/// Its only state waits for a length from the start.
#[channel]
pub struct Records {
    pub size: u64,
}

#[channel]
impl Records {
    #[on_connect]
    fn connected(&mut self, io: &mut Io<Self>) {
        io.set_terminator(RecordsTerminator::Record(self.size));
    }

    #[terminator(len)]
    fn record(&mut self, record: &[u8]) -> String {
        format!("{}\n", record.escape_ascii())
    }
}
