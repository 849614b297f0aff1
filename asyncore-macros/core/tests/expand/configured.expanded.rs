//! One of two that stand under `#[cfg]`: a start, a state, a field.
use asyncore_runtime::{Bytes, Io};
#[derive(Default)]
pub struct Ported {
    #[cfg(unix)]
    inbox: Vec<u8>,
    #[cfg(not(unix))]
    inbox: String,
}
/// What `#[channel]` says of `Ported`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Ported {
    /// From `#[on_read]` on the field.
    #[cfg(unix)]
    const COLLECTS: ::core::primitive::bool = true;
    #[cfg(unix)]
    fn collect(&mut self, data_: &[::core::primitive::u8]) {
        ::asyncore_runtime::Collect::collect(&mut self.inbox, data_);
    }
    #[cfg(unix)]
    fn take_back(&mut self, len_: ::core::primitive::usize) {
        ::asyncore_runtime::Collect::take_back(&mut self.inbox, len_);
    }
    /// From `#[on_read]` on the field.
    #[cfg(not(unix))]
    const COLLECTS: ::core::primitive::bool = true;
    #[cfg(not(unix))]
    fn collect(&mut self, data_: &[::core::primitive::u8]) {
        ::asyncore_runtime::Collect::collect(&mut self.inbox, data_);
    }
    #[cfg(not(unix))]
    fn take_back(&mut self, len_: ::core::primitive::usize) {
        ::asyncore_runtime::Collect::take_back(&mut self.inbox, len_);
    }
}
impl Ported {
    #[cfg(unix)]
    fn line(&mut self, line: &[u8], io: &mut Io<Self>) -> Vec<u8> {
        if line == b"block" {
            io.set_terminator(PortedTerminator::Block(4));
        }
        line.to_vec()
    }
    #[cfg(not(unix))]
    fn line(&mut self, line: &[u8]) -> Vec<u8> {
        line.to_vec()
    }
    fn block(&mut self) -> Bytes {
        std::mem::take(&mut self.inbox).into()
    }
}
mod ported_terminator_ {
    /// What `Ported` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum PortedTerminator {
        #[cfg(unix)]
        #[default]
        Line,
        #[cfg(not(unix))]
        #[default]
        Line,
        Block(::core::primitive::u64),
    }
}
type PortedTerminator = ported_terminator_::PortedTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Result, Settings, Until, ensure, reply};
    type State = PortedTerminator;
    const _: () = ensure(
        <Ported as Settings>::COLLECTS,
        "`fn block` takes no frame: mark a method or a field with `#[on_read]` for its data",
    );
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Line` | up to `b"\n"` | `max_frame` | `frame_timeout` | `line` | itself, `Block` |
    /// | `Line` | up to `b"\r\n"` | `max_frame` | `frame_timeout` | `line` | itself, `Block` |
    /// | `Block` | that many bytes | `max_length` | `frame_timeout` | `block` | `Line` |
    ///
    /// ```text
    ///       ● start
    /// ┌──▶ Line
    /// │     └╌╌╌╌╌╌┐
    /// │    Block ◀╌┘
    /// └─────┘
    ///
    /// ── next   ╌╌ set_terminator
    /// ```
    #[automatically_derived]
    impl Channel for Ported {
        type Terminator = PortedTerminator;
        fn until<'a>(&'a self, at_: &'a State) -> Until<'a, State> {
            match at_ {
                #[cfg(unix)]
                State::Line => Until::bytes(b"\n"),
                #[cfg(not(unix))]
                State::Line => Until::bytes(b"\r\n"),
                State::Block(len_) => Until::len(*len_).collected().then(State::Line),
            }
        }
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            match Io::terminator(io_) {
                #[cfg(unix)]
                State::Line => reply(Self::line(self, frame_.parse()?, io_), io_),
                #[cfg(not(unix))]
                State::Line => reply(Self::line(self, frame_.parse()?), io_),
                State::Block(_) => reply(Self::block(self), io_),
            }
        }
    }
};
