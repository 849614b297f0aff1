// cargo run --release --example line_server_expanded
use asyncore_runtime::Map;
struct Shout;
/// What `#[channel]` says of `Shout`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Shout {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
}
impl Shout {
    fn line(&mut self, line: &str) -> String {
        line.to_uppercase() + "\r\n"
    }
}
mod shout_terminator_ {
    /// What `Shout` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum ShoutTerminator {
        #[default]
        Line,
    }
}
type ShoutTerminator = shout_terminator_::ShoutTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Result, Until, reply};
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Line` | up to `b"\r\n"` | `max_frame` | `frame_timeout` | `line` | itself |
    #[automatically_derived]
    impl Channel for Shout {
        type Terminator = ShoutTerminator;
        fn until<'a>(&'a self, _: &'a ShoutTerminator) -> Until<'a, ShoutTerminator> {
            Until::bytes(b"\r\n")
        }
        #[inline]
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            reply(Self::line(self, frame_.parse()?), io_)
        }
    }
};
fn main() -> asyncore_examples::Result {
    let address = asyncore_examples::address_or("127.0.0.1:8080");
    let mut map = Map::new()?;
    let listener = map.listen(address, |_peer| Shout)?;
    println!("listening on {}", listener.local_addr());
    Ok(map.until_signal(asyncore_examples::DRAIN)?)
}
