// cargo run --release --example lookup_in_tokio_expanded   # then: printf 'localhost:80\r\n' | nc -q 1 127.0.0.1 8080
//! A map inside tokio, whose handlers answer with what a future comes to: each line is a name with a
//! port, and what comes back are its addresses, as tokio's resolver finds them. In its place could be
//! any async client, of a database or of HTTP.
use asyncore_runtime::{Io, Map};
use std::io;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
struct Lookup;
/// What `#[channel]` says of `Lookup`.
#[automatically_derived]
impl ::asyncore_runtime::Settings for Lookup {
    /// A struct without fields is its only value.
    const UNIT: ::core::option::Option<Self> = ::core::option::Option::Some(Self);
}
impl Lookup {
    /// The answers keep the order of the questions, in whatever order the lookups end.
    fn name(name: &str, io: &mut Io<Self>) {
        let (name, owed) = (name.to_owned(), io.owe());
        tokio::spawn(async move {
            let found = tokio::net::lookup_host(&name).await;
            let answer = match found {
                Ok(found) => {
                    found.map(|addr| addr.to_string()).collect::<Vec<_>>().join(" ")
                }
                Err(error) => error.to_string(),
            };
            owed.answer(move |_lookup, _io| answer + "\r\n");
        });
    }
}
mod lookup_terminator_ {
    /// What `Lookup` can wait for: a variant for each `#[terminator]` method.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    pub enum LookupTerminator {
        #[default]
        Name,
    }
}
type LookupTerminator = lookup_terminator_::LookupTerminator;
const _: () = {
    use ::asyncore_runtime::{Channel, Frame, Io, Result, Until};
    /// | state | its frame | limit | within | handler | then |
    /// |---|---|---|---|---|---|
    /// | `Name` | up to `b"\r\n"` | `max_frame` | `frame_timeout` | `name`: The answers keep the order of the questions, in whatever order the lookups end. | itself |
    #[automatically_derived]
    impl Channel for Lookup {
        type Terminator = LookupTerminator;
        fn until<'a>(&'a self, _: &'a LookupTerminator) -> Until<'a, LookupTerminator> {
            Until::bytes(b"\r\n")
        }
        #[inline]
        fn found_terminator(&mut self, frame_: Frame<'_>, io_: &mut Io<Self>) -> Result {
            Self::name(frame_.parse()?, io_);
            ::core::result::Result::Ok(())
        }
    }
};
/// Runs the map in a task of tokio, until its last channel has closed.
async fn run(map: Map) -> io::Result<()> {
    #[allow(deprecated)]
    let mut map = AsyncFd::new(map)?;
    while !map.get_ref().is_empty() {
        let due = map.get_ref().next_deadline().map(tokio::time::Instant::from_std);
        let never = tokio::time::Instant::now() + Duration::from_secs(86_400);
        if let Ok(ready) = tokio::time::timeout_at(due.unwrap_or(never), map.readable())
            .await
        {
            ready?.clear_ready();
        }
        map.get_mut().poll(Some(Duration::ZERO))?;
    }
    Ok(())
}
#[tokio::main(flavor = "current_thread")]
async fn main() -> asyncore_examples::Result {
    let address = asyncore_examples::address_or("127.0.0.1:8080");
    let mut map = Map::new()?;
    let listener = map.listen(address, |_peer| Lookup)?;
    println!("listening on {}", listener.local_addr());
    Ok(run(map).await?)
}
