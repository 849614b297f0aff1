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
impl ::asyncore_runtime::Settings for Kinds {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
}
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
mod kinds_terminator_ {
    /// What `Kinds` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum KindsTerminator {
        #[default]
        Name,
        String,
        Boundary(::asyncore_runtime::Bytes),
        Fixed,
        Header,
        Block(::core::primitive::u64),
        Small,
        Big,
        Varint,
        Scanned,
        Swallowed(::core::primitive::u64),
        Stream(::core::primitive::u64),
        Tunnel,
        Rest,
    }
}
type KindsTerminator = kinds_terminator_::KindsTerminator;
const _: () = {
    use ::asyncore_runtime::{
        Channel, Frame, Io, Result, Scan, Settings, Size, Until, largest_frame, reply,
    };
    type State = KindsTerminator;
    const NAME_MAX_: ::core::primitive::usize = Size(<Kinds>::LIMIT).get();
    const HEADER_: ::core::primitive::usize = Size(HEADER + 1).behind(NAME_MAX_).get();
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
    /// | `Stream` | that many bytes | `max_length`; in pieces none | `frame_timeout` | `stream` | `Name` |
    /// | `Tunnel` | not framed | none, streamed | `idle_timeout` | `tunnel` | itself |
    /// | `Rest` | all until the peer closes its side | `max_length` | `idle_timeout` | `rest` | itself |
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
        const MAX_FRAME: ::core::primitive::usize = largest_frame::<
            Self,
        >(&[NAME_MAX_, HEADER_, <Self as Settings>::LIMITS.max_length, 1 << 20]);
        fn until<'a>(&'a self, at_: &'a State) -> Until<'a, State> {
            match at_ {
                State::Name => {
                    Until::any(&[b"\n", b"\r\n"]).max(NAME_MAX_).within_millis(250)
                }
                State::String => {
                    Until::bytes(b"\r\n")
                        .within(Duration::from_secs(5))
                        .of::<Vec<u8>>()
                        .then(State::Name)
                }
                State::Boundary(bytes_) => {
                    Until::bytes(bytes_).max(100).then(State::Name)
                }
                State::Fixed => Until::len(4).then(State::Name),
                State::Header => Until::fixed(HEADER_).then(State::Name),
                State::Block(len_) => {
                    Until::len(*len_).end(b"\r\n").of::<Bytes>().then(State::Name)
                }
                State::Small => Until::prefix_be(1).then(State::Name),
                State::Big => {
                    Until::prefix_le(4)
                        .max(1 << 20)
                        .untimed()
                        .of::<String>()
                        .then(State::Name)
                }
                State::Varint => Until::varint().max(4096).then(State::Name),
                State::Scanned => {
                    Until::with(|data_| Scan::checked(scan(data_)))
                        .max(512)
                        .then(State::Name)
                }
                State::Swallowed(len_) => Until::len(*len_).discarded().then(State::Name),
                State::Stream(len_) => {
                    Until::len(*len_).of::<Piece<'static>>().then(State::Name)
                }
                State::Tunnel => Until::none(),
                State::Rest => Until::eof().of::<Vec<u8>>(),
            }
        }
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            match Io::terminator(io_) {
                State::Name => Self::name(frame_.parse()?, io_),
                State::String => reply(Self::string(self, frame_.parse()?), io_)?,
                State::Boundary(_) => reply(Self::boundary(frame_.parse()?), io_)?,
                State::Fixed => reply(Self::fixed(self, frame_.parse()?), io_)?,
                State::Header => reply(Self::header(self, frame_.parse()?), io_)?,
                State::Block(_) => reply(Self::block(self, frame_.parse()?), io_)?,
                State::Small => reply(Self::small(self, frame_.parse()?), io_)?,
                State::Big => Self::big(self, io_, frame_.parse()?),
                State::Varint => reply(Self::varint(self, frame_.parse()?), io_)?,
                State::Scanned => reply(Self::scanned(self, frame_.parse()?), io_)?,
                State::Swallowed(_) => reply(Self::swallowed(self), io_)?,
                State::Stream(_) => Self::stream(self, frame_.parse()?, io_),
                State::Tunnel => Self::tunnel(self, frame_.parse()?, io_),
                State::Rest => reply(Self::rest(self, frame_.parse()?), io_)?,
            }
            ::core::result::Result::Ok(())
        }
    }
};
/// Its only state waits for a length from the start.
pub struct Records {
    pub size: u64,
}
impl ::asyncore_runtime::Settings for Records {}
impl Records {
    fn connected(&mut self, io: &mut Io<Self>) {
        io.set_terminator(RecordsTerminator::Record(self.size));
    }
    fn record(&mut self, record: &[u8]) -> String {
        format!("{}\n", record.escape_ascii())
    }
}
mod records_terminator_ {
    /// What `Records` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug)]
    pub enum RecordsTerminator {
        Record(::core::primitive::u64),
    }
    /// Until `#[on_connect]` sets the length.
    impl ::core::default::Default for RecordsTerminator {
        fn default() -> Self {
            Self::Record(0)
        }
    }
}
type RecordsTerminator = records_terminator_::RecordsTerminator;
const _: () = {
    use ::asyncore_runtime::{
        Channel, Frame, Io, Result, Settings, Until, largest_frame, reply,
    };
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
        const MAX_FRAME: ::core::primitive::usize = largest_frame::<
            Self,
        >(&[<Self as Settings>::LIMITS.max_length]);
        fn until<'a>(
            &'a self,
            at_: &'a RecordsTerminator,
        ) -> Until<'a, RecordsTerminator> {
            match at_ {
                RecordsTerminator::Record(len_) => Until::len(*len_),
            }
        }
        #[inline]
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            reply(Self::record(self, frame_.parse()?), io_)
        }
        fn on_connect(&mut self, io_: &mut Io<Self>) -> Result {
            Self::connected(self, io_);
            ::core::result::Result::Ok(())
        }
    }
};
