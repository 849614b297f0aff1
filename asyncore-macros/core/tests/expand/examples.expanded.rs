//! `#[example]`: a test, a block in the docs, a seed.
use asyncore_runtime::Io;
pub struct Echo;
/// What `#[channel]` says of `Echo`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Echo {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
}
impl Echo {
    /// Sends each line back.
    ///
    /// ```text
    /// in:  a\n
    /// out: a
    /// in:  b\nc\n
    /// out: bc
    /// ```
    fn line(line: &[u8]) -> &[u8] {
        line
    }
}
mod echo_terminator_ {
    /// What `Echo` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum EchoTerminator {
        #[default]
        Line,
    }
}
type EchoTerminator = echo_terminator_::EchoTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Result, Until, reply};
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Line` | up to `b"\n"` | `max_frame` | `frame_timeout` | `line`: Sends each line back. | itself |
    #[automatically_derived]
    impl Channel for Echo {
        type Terminator = EchoTerminator;
        /// What comes in in each `#[example]`: seeds for a fuzzer.
        const EXAMPLES: &'static [&'static [::core::primitive::u8]] = &[b"a\nb\nc\n"];
        fn until<'a>(&'a self, _: &'a EchoTerminator) -> Until<'a, EchoTerminator> {
            Until::bytes(b"\n")
        }
        #[inline]
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            reply(Self::line(frame_.parse()?), io_)
        }
    }
};
/// From `#[example]` on `fn line`.
#[cfg(test)]
#[::core::prelude::v1::test]
fn echo_line_example() {
    use ::asyncore_runtime::testing::Sample as _;
    ::asyncore_runtime::testing::Session::converse(
        &mut ::asyncore_runtime::testing::Session::<Echo>::of_example(),
        &[(b"a\n", b"a"), (b"b\nc\n", b"bc")],
    );
}
pub struct Counter {
    left: u32,
}
impl ::asyncore_runtime::Settings for Counter {}
impl Counter {
    /// ```text
    /// in:  a\n
    /// out: 1
    /// in:  b\n
    /// out: 0
    /// ```
    fn line(&mut self, io: &mut Io<Self>, _line: &str) -> String {
        self.left -= 1;
        if self.left == 0 {
            io.close_when_done();
        }
        format!("{} ", self.left)
    }
}
mod counter_terminator_ {
    /// What `Counter` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum CounterTerminator {
        #[default]
        Line,
    }
}
type CounterTerminator = counter_terminator_::CounterTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Result, Until, reply};
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Line` | up to `b"\n"` | `max_frame` | `frame_timeout` | `line` | itself |
    #[automatically_derived]
    impl Channel for Counter {
        type Terminator = CounterTerminator;
        /// What comes in in each `#[example]`: seeds for a fuzzer.
        const EXAMPLES: &'static [&'static [::core::primitive::u8]] = &[b"a\nb\n"];
        fn until<'a>(
            &'a self,
            _: &'a CounterTerminator,
        ) -> Until<'a, CounterTerminator> {
            Until::bytes(b"\n")
        }
        #[inline]
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            reply(Self::line(self, io_, frame_.parse()?), io_)
        }
    }
};
/// From `#[example]` on `fn line`.
#[cfg(test)]
#[::core::prelude::v1::test]
fn counter_line_example() {
    ::asyncore_runtime::testing::Session::converse(
        &mut ::asyncore_runtime::testing::Session::new(Counter { left: 2 }),
        &[(b"a\n", b"1 "), (b"b\n", b"0 ")],
    );
}
