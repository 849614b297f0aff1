//! Every kind of terminator, and what can be said of each.
use std::time::Duration;
use asyncore_runtime::{Bytes, Io, Piece, Scan};
const HEADER: u16 = 3;
fn scan(input: &[u8]) -> Result<Scan, std::io::Error> {
    Ok(
        match input.iter().position(|byte| *byte == 0) {
            Some(at) => Scan::Frame(at + 1),
            None => Scan::Need(input.len() + 1),
        },
    )
}
pub struct Kinds;
/// What `#[channel]` says of `Kinds`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Kinds {}
impl Kinds {
    const LIMIT: usize = 80;
    /// Names the state that comes next.
    fn name(name: &str, io: &mut Io<Self>) {
        use KindsTerminator as To;
        io.set_terminator(
            match name {
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
            },
        );
    }
    fn string(&mut self, line: Vec<u8>) -> Vec<u8> {
        line
    }
    fn boundary(part: &[u8]) -> &[u8] {
        part
    }
    fn fixed(&self, record: [u8; 4]) -> Vec<u8> {
        record.to_vec()
    }
    fn header(&mut self, header: &[u8]) -> Vec<u8> {
        header.to_vec()
    }
    fn block(&mut self, block: Bytes) -> Bytes {
        block
    }
    fn small(&mut self, frame: &str) -> String {
        frame.to_owned()
    }
    fn big(&mut self, io: &mut Io<Self>, frame: String) {
        io.push(frame);
    }
    fn varint(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        Some(frame.to_vec())
    }
    fn scanned(&mut self, frame: &[u8]) -> Result<Vec<u8>, std::io::Error> {
        Ok(frame.to_vec())
    }
    fn swallowed(&mut self) -> &'static str {
        "gone"
    }
    fn stream(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        io.push(piece.data);
    }
    fn tunnel(&mut self, piece: Piece<'_>, io: &mut Io<Self>) {
        io.push(piece.data);
    }
    fn rest(&mut self, rest: Vec<u8>) -> Vec<u8> {
        rest
    }
}
mod kinds_terminator {
    /// What `Kinds` can wait for: a variant for each `#[terminator]` method.
    #[derive(Debug, Default)]
    pub enum KindsTerminator {
        /// `fn name`: up to `b"\n"` or `b"\r\n"`.
        #[default]
        Name,
        /// `fn string`: up to `b"\r\n"`.
        String,
        /// `fn boundary`: up to the bytes it carries.
        Boundary(::asyncore_runtime::Bytes),
        /// `fn fixed`: 4 bytes.
        Fixed,
        /// `fn header`: `HEADER + 1` bytes.
        Header,
        /// `fn block`: that many bytes, then `b"\r\n"`.
        Block(u64),
        /// `fn small`: as many bytes as a `u8` in front says.
        Small,
        /// `fn big`: as many bytes as a `u32` in front says, little-endian.
        Big,
        /// `fn varint`: as many bytes as a varint in front says.
        Varint,
        /// `fn scanned`: where `scan` says.
        Scanned,
        /// `fn swallowed`: that many bytes.
        Swallowed(u64),
        /// `fn stream`: that many bytes.
        Stream(u64),
        /// `fn tunnel`: not framed.
        Tunnel,
        /// `fn rest`: all until the peer closes its side.
        Rest,
    }
}
use kinds_terminator::KindsTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Reply, Result, Scan, Settings, Until};
    use KindsTerminator as State;
    /// The protocol of `Kinds`.
    ///
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Name` | up to `b"\n"` or `b"\r\n"` | `Self::LIMIT` | 250ms | `name`: Names the state that comes next. | itself, `String`, `Boundary`, `Fixed`, `Header`, `Block`, `Small`, `Big`, `Varint`, `Scanned`, `Swallowed`, `Stream`, `Tunnel`, `Rest` |
    /// | `String` | up to `b"\r\n"` | `max_frame` | Duration::from_secs(5) | `string` | `Name` |
    /// | `Boundary` | up to the bytes it carries | 100 | `frame_timeout` | `boundary` | `Name` |
    /// | `Fixed` | 4 bytes | 4 | `frame_timeout` | `fixed` | `Name` |
    /// | `Header` | `HEADER + 1` bytes | `HEADER + 1` | `frame_timeout` | `header` | `Name` |
    /// | `Block` | that many bytes, then `b"\r\n"` | `max_length` | `frame_timeout` | `block` | `Name` |
    /// | `Small` | as many bytes as a `u8` in front says | `max_length` | `frame_timeout` | `small` | `Name` |
    /// | `Big` | as many bytes as a `u32` in front says, little-endian | `1 << 20` | never | `big` | `Name` |
    /// | `Varint` | as many bytes as a varint in front says | 4096 | `frame_timeout` | `varint` | `Name` |
    /// | `Scanned` | where `scan` says | 512 | `frame_timeout` | `scanned` | `Name` |
    /// | `Swallowed` | that many bytes | none, dropped | `frame_timeout` | `swallowed` | `Name` |
    /// | `Stream` | that many bytes | none, streamed | `frame_timeout` | `stream` | `Name` |
    /// | `Tunnel` | not framed | none, streamed | `frame_timeout` | `tunnel` | itself |
    /// | `Rest` | all until the peer closes its side | `max_length` | `frame_timeout` | `rest` | itself |
    ///
    /// ```text
    ///       ● start
    /// ┌──▶ Name
    /// │     └╌╌╌╌╌╌╌╌╌╌┐
    /// │    String ◀╌╌╌╌┤
    /// ├─────┘          ╎
    /// │    Boundary ◀╌╌┤
    /// ├─────┘          ╎
    /// │    Fixed ◀╌╌╌╌╌┤
    /// ├─────┘          ╎
    /// │    Header ◀╌╌╌╌┤
    /// ├─────┘          ╎
    /// │    Block ◀╌╌╌╌╌┤
    /// ├─────┘          ╎
    /// │    Small ◀╌╌╌╌╌┤
    /// ├─────┘          ╎
    /// │    Big ◀╌╌╌╌╌╌╌┤
    /// ├─────┘          ╎
    /// │    Varint ◀╌╌╌╌┤
    /// ├─────┘          ╎
    /// │    Scanned ◀╌╌╌┤
    /// ├─────┘          ╎
    /// │    Swallowed ◀╌┤
    /// ├─────┘          ╎
    /// │    Stream ◀╌╌╌╌┤
    /// └─────┘          ╎
    ///      Tunnel ◀╌╌╌╌┤
    ///                  ╎
    ///      Rest ◀╌╌╌╌╌╌┘
    ///
    /// ── next   ╌╌ set_terminator
    /// ```
    #[automatically_derived]
    impl Channel for Kinds {
        type Terminator = KindsTerminator;
        /// The largest frame of any state.
        const MAX_FRAME: usize = Self::LIMITS
            .largest(
                &[Self::LIMIT, (HEADER + 1) as usize, Self::LIMITS.max_length, 1 << 20],
            );
        /// What ends the frame of each state.
        fn until<'a>(&'a self, at: &'a State) -> Until<'a> {
            match at {
                State::Name => {
                    Until::any(&[b"\n", b"\r\n"])
                        .max(Self::LIMIT)
                        .within(::core::time::Duration::from_millis(250))
                }
                State::String => Until::bytes(b"\r\n").within(Duration::from_secs(5)),
                State::Boundary(bytes) => Until::bytes(bytes).max(100),
                State::Fixed => Until::len(4),
                State::Header => Until::len((HEADER + 1) as u64),
                State::Block(len) => Until::len(*len).end(b"\r\n"),
                State::Small => Until::prefix_be(1),
                State::Big => {
                    Until::prefix_le(4).max(1 << 20).within(::core::time::Duration::MAX)
                }
                State::Varint => Until::varint().max(4096),
                State::Scanned => {
                    Until::with(|input| Scan::checked(scan(input))).max(512)
                }
                State::Swallowed(len) => Until::len(*len).discarded(),
                State::Stream(len) => Until::len(*len).streamed(),
                State::Tunnel => Until::none().streamed(),
                State::Rest => Until::eof(),
            }
        }
        /// Where a state goes by itself: `next = ..`.
        fn next(at: &State) -> Option<State> {
            match at {
                State::String
                | State::Boundary(_)
                | State::Fixed
                | State::Header
                | State::Block(_)
                | State::Small
                | State::Big
                | State::Varint
                | State::Scanned
                | State::Swallowed(_)
                | State::Stream(_) => Some(State::Name),
                _ => None,
            }
        }
        /// Calls the handler of the state whose frame is complete.
        fn found_terminator(&mut self, frame: Frame<'_>, io: &mut Io<Self>) -> Result {
            match io.terminator() {
                State::Name => Self::name(frame.parse()?, io),
                State::String => Reply::send(self.string(frame.parse()?), io)?,
                State::Boundary(_) => Reply::send(Self::boundary(frame.parse()?), io)?,
                State::Fixed => Reply::send(self.fixed(frame.parse()?), io)?,
                State::Header => Reply::send(self.header(frame.parse()?), io)?,
                State::Block(_) => Reply::send(self.block(frame.parse()?), io)?,
                State::Small => Reply::send(self.small(frame.parse()?), io)?,
                State::Big => self.big(io, frame.parse()?),
                State::Varint => Reply::send(self.varint(frame.parse()?), io)?,
                State::Scanned => Reply::send(self.scanned(frame.parse()?), io)?,
                State::Swallowed(_) => Reply::send(self.swallowed(), io)?,
                State::Stream(_) => self.stream(frame.parse()?, io),
                State::Tunnel => self.tunnel(frame.parse()?, io),
                State::Rest => Reply::send(self.rest(frame.parse()?), io)?,
            }
            Ok(())
        }
    }
};
/// Its only state waits for a length from the start.
pub struct Records {
    pub size: u64,
}
/// What `#[channel]` says of `Records`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Records {}
impl Records {
    fn connected(&mut self, io: &mut Io<Self>) {
        io.set_terminator(RecordsTerminator::Record(self.size));
    }
    fn record(&mut self, record: &[u8]) -> String {
        format!("{}\n", record.escape_ascii())
    }
}
mod records_terminator {
    /// What `Records` can wait for: a variant for each `#[terminator]` method.
    #[derive(Debug)]
    pub enum RecordsTerminator {
        /// `fn record`: that many bytes.
        Record(u64),
    }
    /// Until `#[on_connect]` sets the length.
    impl ::core::default::Default for RecordsTerminator {
        fn default() -> Self {
            Self::Record(0)
        }
    }
}
use records_terminator::RecordsTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Reply, Result, Settings, Until};
    /// The protocol of `Records`.
    ///
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Record` | that many bytes | `max_length` | `frame_timeout` | `record` | itself |
    ///
    /// ```text
    ///  ● start
    /// Record
    ///
    /// fn connected ╌▶ Record
    /// ```
    #[automatically_derived]
    impl Channel for Records {
        type Terminator = RecordsTerminator;
        /// The largest frame of any state.
        const MAX_FRAME: usize = Self::LIMITS.largest(&[Self::LIMITS.max_length]);
        /// What ends the frame of each state.
        fn until<'a>(&'a self, at: &'a RecordsTerminator) -> Until<'a> {
            match at {
                RecordsTerminator::Record(len) => Until::len(*len),
            }
        }
        /// Calls the handler of the state whose frame is complete.
        #[inline]
        fn found_terminator(&mut self, frame: Frame<'_>, io: &mut Io<Self>) -> Result {
            Reply::send(self.record(frame.parse()?), io)
        }
        /// From `#[on_connect]`.
        fn on_connect(&mut self, io: &mut Io<Self>) -> Result {
            self.connected(io);
            Ok(())
        }
    }
};
