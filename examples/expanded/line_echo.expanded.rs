// cargo run --release --example line_echo_expanded -- --workers 2
//! Each line comes back as it was: the least a handler can do, and what the benches load.
use asyncore_runtime::Io;
struct LineEcho;
/// What `#[channel]` says of `LineEcho`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for LineEcho {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
}
impl LineEcho {
    fn line(line: &[u8], io: &mut Io<Self>) {
        io.push(line);
        io.push(b"\r\n");
    }
}
mod line_echo_terminator_ {
    /// What `LineEcho` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum LineEchoTerminator {
        #[default]
        Line,
    }
}
type LineEchoTerminator = line_echo_terminator_::LineEchoTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Result, Until};
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Line` | up to `b"\r\n"` | `max_frame` | `frame_timeout` | `line` | itself |
    #[automatically_derived]
    impl Channel for LineEcho {
        type Terminator = LineEchoTerminator;
        fn until<'a>(
            &'a self,
            _: &'a LineEchoTerminator,
        ) -> Until<'a, LineEchoTerminator> {
            Until::bytes(b"\r\n")
        }
        #[inline]
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            Self::line(frame_.parse()?, io_);
            ::core::result::Result::Ok(())
        }
    }
};
fn main() -> asyncore_examples::Result {
    let (workers, at) = asyncore_examples::workers_or("127.0.0.1:8080")?;
    let workers = workers.listen(at, || |_peer| LineEcho)?;
    println!("listening on {}", workers.local_addrs() [0]);
    Ok(workers.until_signal(asyncore_examples::DRAIN)?)
}
