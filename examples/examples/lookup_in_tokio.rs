// cargo run --release --example lookup_in_tokio   # then: printf 'localhost:80\r\n' | nc -q 1 127.0.0.1 8080
//! A map inside tokio, whose handlers answer with what a future comes to: each line is a name with a
//! port, and what comes back are its addresses, as tokio's resolver finds them. In its place could be
//! any async client, of a database or of HTTP.
use asyncore_runtime::{channel, Io, Map};
use std::io;
use std::time::Duration;
use tokio::io::unix::AsyncFd;

#[channel]
struct Lookup;

#[channel]
impl Lookup {
    /// The answers keep the order of the questions, in whatever order the lookups end.
    #[terminator(b"\r\n")]
    fn name(name: &str, io: &mut Io<Self>) {
        let (name, owed) = (name.to_owned(), io.owe());
        tokio::spawn(async move {
            let found = tokio::net::lookup_host(&name).await;
            let answer = match found {
                Ok(found) => found.map(|addr| addr.to_string()).collect::<Vec<_>>().join(" "),
                Err(error) => error.to_string(),
            };
            owed.answer(move |_lookup, _io| answer + "\r\n");
        });
    }
}

/// Runs the map in a task of tokio, until its last channel has closed.
async fn run(map: Map) -> io::Result<()> {
    #[allow(deprecated)]
    // in favour of an unsafe one: the map keeps its descriptor as long as it lives
    let mut map = AsyncFd::new(map)?;
    while !map.get_ref().is_empty() {
        let due = map.get_ref().next_deadline().map(tokio::time::Instant::from_std);
        let never = tokio::time::Instant::now() + Duration::from_secs(86_400);
        if let Ok(ready) = tokio::time::timeout_at(due.unwrap_or(never), map.readable()).await {
            // Before the pass: what becomes ready in it is not told again.
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
